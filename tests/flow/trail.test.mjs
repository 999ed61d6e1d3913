// What the trail says of an access: which record, of which patient, and what was asked. Who looks into it later has nothing else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closing, kedge, must, refused, serve } from './harness.mjs';
import { bundle, consent, entry, grant, observation, patient, seed } from './samples.mjs';

const at_end = closing(after);
let server, doctor, auditor;
before(async () => {
  server = await serve(at_end);
  doctor = server.doctor('a');
  auditor = server.auditor();
  await seed(server, { observations: 3 });
  await seed(server, { id: 'p2', observations: 1 });
});

// The events of one answer, whoever they concern.
const events_of = async (answer) => {
  const found = await auditor.must_get(`AuditEvent?entity=${answer.headers['x-request-id']}`);
  return (found.entry ?? []).map((one) => one.resource);
};
const whats = (event) => event.entity.map((one) => one.what?.reference).filter(Boolean);
const about = (events, id) => events.find((event) => whats(event).includes(`Patient/${id}`));
const query_of = (event) => Buffer.from(event.entity.find((one) => one.query).query, 'base64').toString();

test('a write that changes nothing names the record all the same', async () => {
  const same = must(await doctor.put(observation('p1-o1')), 200);
  assert.equal(same.headers.etag, 'W/"1"');
  assert.deepEqual(whats((await events_of(same))[0]), ['Observation/p1-o1/_history/1', 'Patient/p1']);

  await doctor.must_put(observation('p1-gone'));
  must(await doctor.delete('Observation/p1-gone'), 204);
  const again = must(await doctor.delete('Observation/p1-gone'), 204);
  assert.deepEqual(whats((await events_of(again))[0]), ['Observation/p1-gone', 'Patient/p1']);
});

test('a condition that does not hold and a refused write name it too', async () => {
  const late = must(await doctor.put(observation('p1-o1', 'p1', '80'), { 'if-match': 'W/"7"' }), 412);
  assert.deepEqual(whats((await events_of(late))[0]), ['Observation/p1-o1', 'Patient/p1']);
  const stranger = must(await server.doctor('z').delete('Observation/p1-o1'), 404);
  assert.deepEqual(whats((await events_of(stranger))[0]), ['Observation/p1-o1', 'Patient/p1']);
});

test('a record that is moved to another patient is named in the trail of both', async () => {
  await doctor.must_put(observation('moving'));
  const moved = must(await doctor.put(observation('moving', 'p2')), 200);
  const events = await events_of(moved);
  for (const id of ['p1', 'p2']) assert.deepEqual(whats(about(events, id)), ['Observation/moving/_history/2', `Patient/${id}`]);
  const own = await server.patient('p1').must_get('AuditEvent?entity=Observation/moving&action=U');
  assert.equal(own.entry.length, 1);
});

test('a further page needs the scopes of its search, and the trail says what it is a page of', async () => {
  const first = await doctor.must_get('Observation?patient=Patient/p1&_count=1');
  const history = await doctor.must_get('Observation/p1-o1/_history?_count=1&_since=2000-01-01');
  const next = first.link.find((link) => link.relation === 'next').url;
  const as = (scope) => server.client('practitioner', 'Practitioner/dr-a', { organization: 'Organization/a', scope });
  refused(await as('user/Patient.rs').get(next), 403, 'forbidden');
  refused(await as('user/Observation.r').get(next), 403, 'forbidden');
  const page = must(await as('user/Observation.s').get(next), 200);
  const event = about(await events_of(page), 'p1');
  assert.equal(query_of(event).split('\n')[1], 'GET Observation?patient=Patient%2Fp1&_count=1');
  assert.equal(history.total, 1);

  await doctor.must_put(observation('p1-o1', 'p1', '81'));
  const versions = (await doctor.must_get('Observation/p1-o1/_history?_count=1')).link.find((link) => link.relation === 'next').url;
  refused(await as('user/Observation.s').get(versions), 403, 'forbidden');
  const rest = must(await as('user/Observation.rs').get(versions), 200);
  assert.equal(rest.json.entry[0].resource.meta.versionId, '1');

  const trail = await auditor.must_get('AuditEvent?_count=1');
  const more = trail.link.find((link) => link.relation === 'next').url;
  refused(await server.client('auditor', 'Practitioner/auditor', { scope: 'user/Patient.rs' }).get(more), 403, 'forbidden');
  must(await auditor.get(more), 200);
});

test('a search inside a transaction is in the trail as it was asked', async () => {
  const answer = must(await doctor.post('', bundle('transaction', entry('GET', 'Observation?patient=p2'), entry('GET', 'Patient?_id=p1'))), 200);
  const events = await events_of(answer);
  for (const event of events.filter((one) => one.action === 'E')) {
    assert.deepEqual(query_of(event).split('\n').slice(1), ['GET Observation?patient=p2', 'GET Patient?_id=p1']);
  }
  assert.ok(about(events, 'p2'));
});

// `keys erase` refuses an id without a key: it tells from outside whether one came into being.
const erase = (id, ...more) => kedge('keys', 'erase', '--data', server.data, '--patient', `Patient/${id}`, '--yes', ...more);

test('what is refused or finds nothing makes no keys for a patient whom nobody knows', async () => {
  refused(await server.patient('p1').post('Observation', observation(undefined, 'nobody')), 403);
  refused(await server.doctor('z').put(consent('nobody')), [400, 403]);
  must(await auditor.get('Patient/nobody/$access-report'), 200);
  const run = erase('nobody', '--audit-key');
  assert.equal(run.code, 1, run.out);
  assert.match(run.err, /no such patient key/);
  // The attempt is in the trail, and found by the id that it named.
  const found = await auditor.must_get('AuditEvent?patient=Patient/nobody&action=C');
  assert.ok(found.entry.length >= 1);
});

test('what an erasure left is as absent; the audit key lives on until it is erased too', async () => {
  await doctor.must_put(patient('p3'));
  await doctor.must_put(observation('p3-o1', 'p3'));
  const given = await grant(server, { id: 'p3' });
  assert.equal(erase('p3').code, 0);
  const patched = { headers: { 'content-type': 'application/json-patch+json' }, body: '[]' };
  for (const [method, target, what] of [['GET', 'Observation/p3-o1'], ['DELETE', 'Observation/p3-o1'], ['PATCH', 'Observation/p3-o1', patched], ['GET', `Consent/${given.id}/$ledger-status`],
    ['POST', 'Observation/p3-o1/$validate?mode=delete']]) {
    refused(await doctor.send(method, target, what), 404, 'not-found');
  }
  refused(await doctor.put(observation('p3-o1', 'p3')), 410);

  const looked = must(await server.patient('p3').get('AuditEvent?_count=1'), 200);
  const [event] = await events_of(looked);
  assert.equal(event.action, 'E');
  assert.equal(erase('p3', '--audit-key').code, 0);
  const stub = await auditor.must_get(`AuditEvent/${event.id}`);
  assert.match(stub.outcomeDesc, /erased/);
  const later = must(await server.patient('p3').get('AuditEvent?_count=1'), 200);
  assert.equal((await events_of(later))[0].action, 'E');  // under the tenant's key from now on
  const report = await auditor.must_get('AuditEvent/$verify-integrity');
  assert.equal(report.parameter.find((part) => part.name === 'intact').valueBoolean, true);
});
