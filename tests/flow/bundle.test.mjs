// R4 http.html#transaction: batch entries stand alone, a transaction stands or falls as one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closing, refused, serve } from './harness.mjs';
import { bundle, entry, observation, organization, patient } from './samples.mjs';

const at_end = closing(after);
let server, doctor;
before(async () => {
  server = await serve(at_end);
  doctor = server.doctor('a');
});
const without_id = ({ id, ...resource }) => resource;

test('a transaction resolves urn:uuid links, in any order of entries', async () => {
  const link = 'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66';
  const answer = await doctor.must_post('', bundle('transaction',
    entry('POST', 'Observation', { ...without_id(observation('x')), subject: { reference: link } }),
    entry('POST', 'Patient', without_id(patient('x')), { fullUrl: link })));
  assert.equal(answer.type, 'transaction-response');
  assert.deepEqual(answer.entry.map((e) => e.response.status.slice(0, 3)), ['201', '201']);
  const [made_observation, made_patient] = answer.entry.map((e) => e.response.location.replace(`${server.base}/`, '').replace(/\/_history.*/, ''));
  assert.equal((await doctor.must_get(made_observation)).subject.reference, made_patient);
});

test('a transaction resolves conditional references and ifNoneExist', async () => {
  await doctor.must_put({ ...organization('cond'), identifier: [{ system: 'http://cond.example', value: '1' }] });
  const make = () => doctor.must_post('', bundle('transaction',
    entry('POST', 'Organization', { resourceType: 'Organization', name: 'new', identifier: [{ system: 'http://cond.example', value: '2' }] },
      { ifNoneExist: 'identifier=http://cond.example|2', fullUrl: 'urn:uuid:7e8bc430-9c3a-11d9-9669-0800200c9a66' }),
    entry('POST', 'Patient', { ...without_id(patient('x')), managingOrganization: { reference: 'Organization?identifier=http://cond.example|1' },
      generalPractitioner: [{ reference: 'urn:uuid:7e8bc430-9c3a-11d9-9669-0800200c9a66' }] })));
  const first = await make(), second = await make();
  assert.deepEqual(first.entry.map((e) => e.response.status.slice(0, 3)), ['201', '201']);
  assert.deepEqual(second.entry.map((e) => e.response.status.slice(0, 3)), ['200', '201']);
  const made = await doctor.must_get(second.entry[1].response.location.replace(`${server.base}/`, ''));
  assert.equal(made.managingOrganization.reference, 'Organization/cond');
  assert.equal(`Organization/${(await doctor.must_get('Organization?identifier=http://cond.example|2')).entry[0].resource.id}`, made.generalPractitioner[0].reference);
});

test('one bad entry undoes the whole transaction, and the answer says which', async () => {
  const answer = await doctor.post('', bundle('transaction',
    entry('PUT', 'Patient/t-rollback', patient('t-rollback')),
    entry('PUT', 'Patient/t-rollback-2', { resourceType: 'Patient', id: 'other' })));
  const issue = refused(answer, 400);
  assert.match(JSON.stringify(issue), /entry\[1\]|entry 1/);
  refused(await doctor.get('Patient/t-rollback'), 404);
  const late = await doctor.post('', bundle('transaction',
    entry('PUT', 'Patient/t-rollback', patient('t-rollback')),
    entry('PUT', 'Patient/t-rollback-3', patient('t-rollback-3'), { ifMatch: 'W/"5"' })));
  refused(late, 412);
  refused(await doctor.get('Patient/t-rollback'), 404);
  assert.equal((await doctor.must_get('Patient?_id=t-rollback')).total, 0);
});

test('a conditional reference that matches nothing, or the same resource twice, fails the transaction', async () => {
  refused(await doctor.post('', bundle('transaction',
    entry('POST', 'Patient', { ...without_id(patient('x')), managingOrganization: { reference: 'Organization?identifier=http://cond.example|none' } }))), [400, 404, 412, 422]);
  refused(await doctor.post('', bundle('transaction', entry('PUT', 'Patient/twice', patient('twice')), entry('PUT', 'Patient/twice', patient('twice', { gender: 'male' })))), 400);
});

test('a transaction reads what it wrote, after it wrote it', async () => {
  const answer = await doctor.must_post('', bundle('transaction',
    entry('GET', 'Patient/t-read'), entry('PUT', 'Patient/t-read', patient('t-read')), entry('PUT', 'Patient/t-del', patient('t-del'))));
  assert.equal(answer.entry[0].resource.id, 't-read');
  const removed = await doctor.must_post('', bundle('transaction', entry('DELETE', 'Patient/t-del')));
  assert.equal(removed.entry[0].response.status.slice(0, 3), '204');
  refused(await doctor.get('Patient/t-del'), 410);
});

test('batch entries stand alone: one fails, the others hold', async () => {
  await doctor.must_put(patient('b0'));
  const answer = await doctor.must_post('', bundle('batch',
    entry('PUT', 'Patient/b1', patient('b1')), entry('GET', 'Patient/nobody'), entry('PUT', 'Patient/b2', { resourceType: 'Patient', id: 'other' }), entry('GET', 'Patient/b0/_history'),
    entry('PUT', 'AuditEvent/x', { resourceType: 'AuditEvent', id: 'x' })));
  assert.equal(answer.type, 'batch-response');
  assert.deepEqual(answer.entry.map((e) => e.response.status.slice(0, 3)).map((s, n) => (n === 3 ? s[0] : s)), ['201', '404', '400', '2', '405']);
  assert.equal(answer.entry[1].response.outcome.resourceType, 'OperationOutcome');
});

test('consent decides each entry of a batch and of a transaction', async () => {
  await doctor.must_put(patient('hidden'));
  const other = server.doctor('b');
  const batch = await other.must_post('', bundle('batch', entry('GET', 'Patient/hidden'), entry('GET', 'Patient?_id=hidden'), entry('DELETE', 'Patient/hidden')));
  assert.equal(batch.entry[0].response.status.slice(0, 3), '404');
  assert.equal(batch.entry[1].resource.total, 0);
  assert.equal(batch.entry[2].response.status.slice(0, 3), '404');
  const whole = await other.post('', bundle('transaction', entry('GET', 'Patient/hidden')));
  assert.ok(!whole.text.includes('Quetzalcoatlus'), whole.text.slice(0, 300));
  refused(await other.post('', bundle('transaction', entry('PUT', 'Patient/hidden', patient('hidden', { gender: 'male' })))), [403, 404]);
});

test('what is no Bundle of a kind that can be posted is refused', async () => {
  refused(await doctor.post('', patient('x')), 400);
  refused(await doctor.post('', bundle('searchset')), 400);
  refused(await doctor.post('', bundle('transaction', { resource: patient('x') })), [400, 422]);
  refused(await doctor.post('', bundle('transaction', entry('BREW', 'Patient', patient('x')))), [400, 405]);
});

test('every entry of a batch is in the trail under the request id', async () => {
  const answer = await doctor.send('POST', '', { headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(bundle('batch', entry('GET', 'Patient/b1'), entry('GET', 'Patient/hidden'))) });
  const events = await server.auditor().must_get(`AuditEvent?entity=${encodeURIComponent(answer.headers['x-request-id'])}`);
  const what = (events.entry ?? []).flatMap((e) => e.resource.entity).map((e) => e.what?.reference ?? '');
  for (const id of ['Patient/b1', 'Patient/hidden']) assert.ok(what.some((reference) => reference.startsWith(id)), `${id} in ${what}`);
});
