// The main line: refused without a Consent, permitted by one on the ledger, refused again at the very next request after revocation,
// and all of it in the audit trail.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { all_pages, closing, eventually, must, refused, serve } from './harness.mjs';
import { consent, grant, kFamily, organization, parameter, patient, seed } from './samples.mjs';

const at_end = closing(after);
let server, mine, other, self;
const ids = {};
before(async () => {
  server = await serve(at_end);
  [mine, other, self] = [server.doctor('a'), server.doctor('b'), server.patient('p1')];
  await mine.must_put(organization('a'));
  await seed(server, { observations: 5 });
});

test('the author organisation reads what it wrote, and so does the patient', async () => {
  assert.equal((await mine.must_get('Patient/p1')).name[0].family, kFamily);
  assert.equal((await self.must_get('Patient/p1')).name[0].family, kFamily);
  assert.equal((await all_pages(self, 'Observation?patient=Patient/p1')).resources.length, 5);
});

test('a doctor of another house is refused, and nothing tells that the record is there', async () => {
  const hidden = await other.get('Patient/p1');
  const absent = await other.get('Patient/p9');
  refused(hidden, 404, 'not-found');
  assert.equal(hidden.text.replaceAll('p1', 'p9'), absent.text);
  for (const target of ['Patient/p1/_history', 'Patient/p1/_history/1', 'Observation/p1-o1']) refused(await other.get(target), 404);
  for (const target of ['Observation?patient=Patient/p1', 'Patient?_id=p1', 'Patient', 'Observation?_total=accurate']) {
    const found = await other.must_get(target);
    assert.equal(found.total, 0, target);
    assert.equal(found.entry, undefined, target);
  }
  assert.ok(!(await other.get('Patient/_history')).text.includes(kFamily));
});

test('a proposal by the doctor changes nothing, and the doctor cannot grant to herself', async () => {
  refused(await other.post('Consent', consent()), 403, 'forbidden');
  must(await other.post('Consent', consent('p1', 'Practitioner/dr-b', { status: 'proposed' })), 201);
  refused(await other.get('Patient/p1'), 404);
});

test('the patient grants; once the ledger shows it the same request succeeds', async () => {
  ids.consent = (await grant(server)).id;
  assert.equal((await other.must_get('Patient/p1')).name[0].family, kFamily);
  const found = await all_pages(other, 'Observation?patient=Patient/p1');
  assert.equal(found.resources.length, 5);
  const shown = await self.must_get(`Consent/${ids.consent}/$ledger-status`);
  assert.match(parameter(shown, 'consentId'), /^0x[0-9a-f]{64}$/);
});

test('the grant is for that doctor and that purpose alone', async () => {
  refused(await server.doctor('c').get('Patient/p1'), 404);
  const research = server.client('practitioner', 'Practitioner/dr-b', { organization: 'Organization/b', purpose: 'HRESCH' });
  refused(await research.get('Patient/p1'), 404);
});

test('the patient revokes: the very next request is refused, and so is page 2 of a search begun before', async () => {
  const first = await other.must_get('Observation?patient=Patient/p1&_count=2');
  assert.equal(first.entry.length, 2);
  const next = first.link.find((link) => link.relation === 'next').url;
  const second = await other.must_get(next);
  assert.equal(second.entry.length, 2);
  const third = second.link.find((link) => link.relation === 'next').url;

  const revoked = { ...(await self.must_get(`Consent/${ids.consent}`)), status: 'inactive' };
  must(await self.put(revoked), 200);
  refused(await other.get('Patient/p1'), 404);
  for (const link of [next, third]) {
    const page = await other.get(link);
    assert.ok(!page.text.includes('p1-o'), `a page after the revocation: ${page.text.slice(0, 300)}`);
  }
  assert.equal((await other.must_get('Observation?patient=Patient/p1')).total, 0);
  await eventually('the revocation on the ledger', async () =>
    parameter(await self.must_get(`Consent/${ids.consent}/$ledger-status`), 'state') === 'revoked');
});

test('a next link is for the caller who got it', async () => {
  const first = await mine.must_get('Observation?patient=Patient/p1&_count=2');
  const next = first.link.find((link) => link.relation === 'next').url;
  const stolen = await server.doctor('c').get(next);
  assert.ok(!stolen.text.includes('p1-o'), stolen.text.slice(0, 300));
});

test('a deleted Consent permits nothing', async () => {
  const again = await grant(server);
  must(await other.get('Patient/p1'), 200);
  must(await self.delete(`Consent/${again.id}`), 204);
  refused(await other.get('Patient/p1'), 404);
});

test('the auditor finds every access of the doctor, granted and refused, and which Consent allowed it', async () => {
  const events = (await all_pages(server.auditor(), 'AuditEvent?agent=Practitioner/dr-b&patient=Patient/p1&_count=50')).resources;
  const reads = events.filter((event) => event.subtype[0].code === 'read' && event.entity.some((e) => e.what?.reference?.startsWith('Patient/p1')));
  const granted = reads.filter((event) => event.outcome === '0');
  const denied = reads.filter((event) => event.outcome === '4');
  assert.ok(granted.length >= 2, `${granted.length} granted reads`);
  assert.ok(denied.length >= 4, `${denied.length} refused reads`);
  const under = granted.flatMap((event) => event.agent).flatMap((agent) => agent.policy ?? []);
  assert.ok(under.some((policy) => policy.startsWith(`Consent/${ids.consent}`)), JSON.stringify(under));
});

test('every answer is in the trail under its request id', async () => {
  for (const target of ['Patient/p1', 'Patient/p9', 'Observation?patient=Patient/p1']) {
    const answer = await other.get(target);
    const id = answer.headers['x-request-id'];
    assert.ok(id, 'the answer names its request id');
    const found = await server.auditor().must_get(`AuditEvent?entity=${encodeURIComponent(id)}`);
    assert.equal(found.entry?.length, 1, target);
  }
});

test('the patient sees who looked, and not other patients\' trails', async () => {
  const report = await self.must_get('Patient/p1/$access-report');
  const lines = report.parameter.filter((line) => line.name === 'access').map((line) => line.part);
  const by_doctor = lines.filter((parts) => parts.some((part) => part.name === 'who' && part.valueString === 'Practitioner/dr-b'));
  assert.ok(by_doctor.some((parts) => parts.some((part) => part.name === 'outcome' && part.valueString === 'granted')));
  assert.ok(by_doctor.some((parts) => parts.some((part) => part.name === 'outcome' && part.valueString !== 'granted')), 'refusals are shown too');
  assert.ok(by_doctor.some((parts) => parts.some((part) => part.name === 'under' && part.valueString.startsWith('Consent/'))));
  await mine.must_put(patient('p2'));
  refused(await self.get('Patient/p2/$access-report'), [403, 404]);
  refused(await self.get('AuditEvent?patient=Patient/p2'), 403);
  refused(await other.get('AuditEvent'), 403);
  const own = (await all_pages(self, 'AuditEvent')).resources;
  assert.ok(own.length > 10);
  assert.ok(own.every((event) => event.entity.some((e) => e.what?.reference === 'Patient/p1')));
});
