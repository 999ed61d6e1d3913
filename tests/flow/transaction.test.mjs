// R4 http.html#trules: the order of a transaction, what its criteria find, and the conditions of its entries.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closing, must, refused, serve } from './harness.mjs';
import { bundle, entry, observation, organization, patient } from './samples.mjs';

const at_end = closing(after);
let server, doctor;
before(async () => {
  server = await serve(at_end);
  doctor = server.doctor('a');
});
const without_id = ({ id, ...resource }) => resource;
const marked = (value, more = {}) => ({ ...without_id(patient('x')), identifier: [{ system: 'urn:x', value }], ...more });
const transaction = (...entries) => doctor.post('', bundle('transaction', ...entries));
const statuses = (answer) => answer.entry.map((e) => e.response.status.slice(0, 3));
const made = (entry) => entry.response.location.replace(`${server.base}/`, '').replace(/\/_history.*/, '');
const put_where = (criteria, resource) => doctor.send('PUT', `Patient?${criteria}`, { headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(resource) });
const kLink = 'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66';
const delete_entry = (url, more = {}) => ({ request: { method: 'DELETE', url, ...more } });
const get_entry = (url, more = {}) => ({ request: { method: 'GET', url, ...more } });

test('a delete meets its ifMatch, as a request of its own does', async () => {
  await doctor.must_put(patient('del', { identifier: [{ system: 'urn:x', value: 'del' }] }));
  await doctor.must_put(patient('del', { identifier: [{ system: 'urn:x', value: 'del' }], gender: 'male' }));
  refused(await transaction(delete_entry('Patient/del', { ifMatch: 'W/"1"' })), 412);
  refused(await transaction(delete_entry('Patient?identifier=urn:x|del', { ifMatch: 'W/"99"' })), 412);
  refused(await transaction(delete_entry('Patient?identifier=urn:x|nobody', { ifMatch: 'W/"1"' })), 412);
  assert.match(JSON.stringify(refused(await transaction(delete_entry('Patient/del', { ifMatch: 'garbage' })), 400)), /Bundle\.entry\[0\]\.request\.ifMatch/);
  assert.equal((await doctor.must_get('Patient/del')).meta.versionId, '2');
  assert.deepEqual(statuses((await transaction(delete_entry('Patient/del', { ifMatch: 'W/"2"' }))).json), ['204']);
});

test('what the transaction deletes is found by none of its criteria', async () => {
  await doctor.must_put(patient('dx', { identifier: [{ system: 'urn:x', value: 'dx' }] }));
  const answer = (await transaction(delete_entry('Patient/dx'), entry('POST', 'Patient', marked('dx'), { ifNoneExist: 'identifier=urn:x|dx', fullUrl: kLink }),
    entry('POST', 'Observation', { ...without_id(observation('x')), subject: { reference: kLink } }))).json;
  assert.deepEqual(statuses(answer), ['204', '201', '201']);
  assert.notEqual(made(answer.entry[1]), 'Patient/dx');
  assert.equal((await doctor.must_get(made(answer.entry[2]))).subject.reference, made(answer.entry[1]));

  await doctor.must_put(patient('cd', { identifier: [{ system: 'urn:x', value: 'cd' }] }));
  refused(await transaction(delete_entry('Patient/cd'), entry('POST', 'Observation', { ...without_id(observation('x')), subject: { reference: 'Patient?identifier=urn:x|cd' } })), 412);
  assert.equal((await doctor.must_get('Patient/cd')).id, 'cd', 'nothing of it was done');
  refused(await transaction(delete_entry('Patient/cd'), entry('PUT', 'Patient?identifier=urn:x|cd', marked('cd'))), 400);
});

test('criteria that find nothing make one resource, however often they come', async () => {
  const once = { ifNoneExist: 'identifier=urn:x|dup' };
  const other = 'urn:uuid:7e8bc430-9c3a-11d9-9669-0800200c9a66';
  const answer = (await transaction(entry('POST', 'Patient', marked('dup'), once), entry('POST', 'Patient', marked('dup'), { ...once, fullUrl: other }),
    entry('POST', 'Observation', { ...without_id(observation('x')), subject: { reference: other } }))).json;
  assert.deepEqual(statuses(answer), ['201', '200', '201']);
  assert.equal(made(answer.entry[0]), made(answer.entry[1]));
  assert.equal((await doctor.must_get(made(answer.entry[2]))).subject.reference, made(answer.entry[0]));
  assert.equal((await doctor.must_get('Patient?identifier=urn:x|dup')).total, 1);
  const twice = await transaction(entry('PUT', 'Patient?identifier=urn:x|dup2', marked('dup2')), entry('PUT', 'Patient?identifier=urn:x|dup2', marked('dup2')));
  assert.equal(refused(twice, 400).code, 'duplicate');
});

test('a conditional reference finds what the transaction itself writes, in any order of entries', async () => {
  const by_patient = { ...without_id(observation('x')), subject: { reference: 'Patient?identifier=urn:x|chain' } };
  const of_organization = marked('chain', { managingOrganization: { reference: 'Organization?identifier=urn:o|chain' } });
  const root = { ...without_id(organization('x')), identifier: [{ system: 'urn:o', value: 'chain' }] };
  const answer = (await transaction(entry('POST', 'Observation', by_patient), entry('POST', 'Patient', of_organization), entry('POST', 'Organization', root, { ifNoneExist: 'identifier=urn:o|chain' }))).json;
  assert.deepEqual(statuses(answer), ['201', '201', '201']);
  assert.equal((await doctor.must_get(made(answer.entry[0]))).subject.reference, made(answer.entry[1]));
  assert.equal((await doctor.must_get(made(answer.entry[1]))).managingOrganization.reference, made(answer.entry[2]));
});

test('a conditional reference that means two things when all is written fails the transaction', async () => {
  await doctor.must_put(patient('amb', { identifier: [{ system: 'urn:x', value: 'amb' }] }));
  const issue = refused(await transaction(entry('POST', 'Observation', { ...without_id(observation('x')), subject: { reference: 'Patient?identifier=urn:x|amb' } }),
    entry('POST', 'Patient', marked('amb'))), 412);
  assert.match(issue.diagnostics, /more than one Patient/);
  assert.equal((await doctor.must_get('Patient?identifier=urn:x|amb')).total, 1);
});

test('entries that wait for each other behind more than sixteen others are refused with the limit', async () => {
  const chain = (length) => Array.from({ length }, (_, n) => entry('POST', 'Organization', { resourceType: 'Organization', name: `o${n}`, identifier: [{ system: `urn:deep${length}`, value: String(n) }],
    ...(n + 1 < length ? { partOf: { reference: `Organization?identifier=urn:deep${length}|${n + 1}` } } : {}) }));
  assert.equal((await transaction(...chain(16))).status, 200);
  assert.match(JSON.stringify(refused(await transaction(...chain(18)), 413)), /more than 16/);
  assert.equal((await transaction(...chain(40).reverse())).status, 200, 'in the order of their references they need no waiting');
});

test('a link to the version that an entry makes finds that version, also when the entry changes nothing', async () => {
  await doctor.must_put(patient('vx'));
  const provenance = { resourceType: 'Provenance', target: [{ reference: `${kLink}/_history/1` }], recorded: '2024-01-01T00:00:00Z', agent: [{ who: { display: 'x' } }] };
  const answer = (await transaction(entry('PUT', 'Patient/vx', patient('vx'), { fullUrl: kLink }), entry('POST', 'Provenance', provenance))).json;
  const target = (await doctor.must_get(made(answer.entry[1]))).target[0].reference;
  assert.equal(`W/"${target.split('/').pop()}"`, answer.entry[0].response.etag);
  assert.equal((await doctor.must_get(target)).id, 'vx');
});

test('If-None-Match on a write keeps what is there', async () => {
  await doctor.must_put(patient('inm'));
  const put = (id, headers) => doctor.put(patient(id, { gender: 'male' }), headers);
  refused(await put('inm', { 'if-none-match': '*' }), 412);
  refused(await put('inm', { 'if-none-match': 'W/"1"' }), 412);
  refused(await put('inm', { 'if-none-match': 'nonsense' }), 400);
  refused(await put('inm', { 'if-match': '' }), 400);
  refused(await transaction(entry('PUT', 'Patient/inm', patient('inm', { gender: 'male' }), { ifNoneMatch: '*' })), 412);
  const batch = await doctor.must_post('', bundle('batch', entry('PUT', 'Patient/inm', patient('inm', { gender: 'male' }), { ifNoneMatch: '*' })));
  assert.deepEqual(statuses(batch), ['412']);
  assert.equal((await doctor.must_get('Patient/inm')).gender, 'female');
  assert.equal((await put('inm-new', { 'if-none-match': '*' })).status, 201);
  assert.equal((await put('inm', { 'if-none-match': 'W/"7"' })).status, 200);
});

test('a deleted resource is brought back with the version of its deletion', async () => {
  await doctor.must_put(patient('back'));
  const gone = await doctor.delete('Patient/back');
  refused(await doctor.put(patient('back'), { 'if-match': 'W/"1"' }), 412);
  refused(await doctor.put(patient('back'), { 'if-match': '*' }), 412);
  assert.equal((await doctor.put(patient('back'), { 'if-match': gone.headers.etag })).status, 201);
});

test('a conditional update as create takes the place of nothing', async () => {
  await doctor.must_put(patient('held'));
  refused(await put_where('identifier=urn:x|no-such', patient('held', { gender: 'male' })), 409);
  assert.equal((await doctor.must_get('Patient/held')).gender, 'female');
  assert.equal((await put_where('identifier=urn:x|no-such', patient('held-new'))).status, 201);
});

test('criteria stand for a reference in a transaction only', async () => {
  const stray = { ...without_id(observation('x')), subject: { reference: 'Patient?identifier=urn:x|anyone' } };
  refused(await doctor.post('Observation', stray), 422);
  assert.deepEqual(statuses(await doctor.must_post('', bundle('batch', entry('POST', 'Observation', stray)))), ['422']);
  const kept = bundle('collection', { fullUrl: kLink, resource: { ...stray, id: 'inner' } });
  const stored = await doctor.post('Bundle', kept);
  assert.equal(stored.status, 201, stored.text);
});

test('a read in a transaction is conditional, says what was deleted, and what it does not take', async () => {
  await doctor.must_put(patient('rd'));
  const { meta } = await doctor.must_get('Patient/rd');
  const answer = (await transaction(get_entry('Patient/rd', { ifNoneMatch: `W/"${meta.versionId}"` }), get_entry('Patient/rd', { ifModifiedSince: meta.lastUpdated }),
    get_entry('Patient/rd', { ifModifiedSince: '2001-01-01T00:00:00Z' }))).json;
  assert.deepEqual(statuses(answer), ['304', '304', '200']);
  assert.equal(answer.entry[0].resource, undefined);
  for (const url of ['Patient/rd/_history/1', 'Patient/rd/_history', 'Patient/_history', 'Patient/rd?_summary=true', '_history', 'metadata', '?_id=rd']) {
    const issue = refused(await transaction(get_entry(url)), [400, 501]);
    assert.match(issue.diagnostics, /in a transaction/i, url);
  }
  refused(await transaction(get_entry('Parameters/x')), 404);
  await doctor.delete('Patient/rd');
  refused(await transaction(get_entry('Patient/rd')), 410);
});

test('a batch reads conditionally, and says when to the millisecond', async () => {
  const put = await doctor.must_put(patient('ms'));
  const answer = await doctor.must_post('', bundle('batch', get_entry('Patient/ms'), get_entry('Patient/ms', { ifModifiedSince: '2100-01-01T00:00:00Z' }), get_entry('Patient/ms', { ifModifiedSince: '2001-01-01T00:00:00Z' })));
  assert.deepEqual(statuses(answer), ['200', '304', '200']);
  assert.equal(answer.entry[0].response.lastModified, put.meta?.lastUpdated ?? answer.entry[0].resource.meta.lastUpdated);
});

test('in a batch HEAD has no content, and a wanted OperationOutcome is the outcome', async () => {
  await doctor.must_put(patient('bo'));
  const answer = await doctor.must_post('', bundle('batch', { request: { method: 'HEAD', url: 'Patient/bo' } }, entry('PUT', 'Patient/bo', patient('bo', { gender: 'male' })), get_entry('Patient/bo')),
    { prefer: 'return=OperationOutcome' });
  assert.deepEqual(statuses(answer), ['200', '200', '200']);
  assert.deepEqual(answer.entry.map((e) => e.resource?.resourceType), [undefined, undefined, 'Patient']);
  assert.equal(answer.entry[1].response.outcome?.resourceType, 'OperationOutcome');
});

test('in a transaction a wanted OperationOutcome is each write\'s outcome, a wanted representation its resource', async () => {
  const put = (id) => bundle('transaction', entry('PUT', `Observation/${id}`, observation(id)), entry('GET', `Observation/${id}`));
  const outcome = must(await doctor.post('', put('prefers-o'), { prefer: 'return=OperationOutcome' }), 200).json.entry;
  assert.equal(outcome[0].response.outcome.resourceType, 'OperationOutcome');
  assert.equal(outcome[0].resource, undefined);
  assert.equal(outcome[1].response.outcome, undefined);
  assert.equal(outcome[1].resource.id, 'prefers-o');
  const whole = must(await doctor.post('', put('prefers-r'), { prefer: 'return=representation' }), 200).json.entry;
  assert.deepEqual([whole[0].response.outcome, whole[0].resource.id], [undefined, 'prefers-r']);
});

test('criteria that are none are told as the entry\'s, not as a part of its resource', async () => {
  const issue = refused(await transaction(entry('POST', 'Patient', marked('x'), { ifNoneExist: 'no-such-parameter=1' })), 400);
  assert.deepEqual(issue.expression, ['Bundle.entry[0]']);
  assert.match(issue.diagnostics, /no-such-parameter/);
});

test('who may not write a resource learns nothing of its version by conditions', async () => {
  await doctor.must_put(patient('closed'));
  const other = server.doctor('b');
  const answers = [];
  for (const headers of [{}, { 'if-match': 'W/"1"' }, { 'if-match': 'W/"9"' }, { 'if-none-match': 'W/"1"' }, { 'if-none-match': '*' }]) {
    answers.push((await other.put(patient('closed', { gender: 'male' }), headers)).status);
    answers.push((await other.send('DELETE', 'Patient/closed', { headers })).status);
  }
  assert.deepEqual(new Set(answers.filter((_, n) => n % 2 === 0)).size, 1, String(answers));
  assert.deepEqual(new Set(answers.filter((_, n) => n % 2 === 1)).size, 1, String(answers));
});
