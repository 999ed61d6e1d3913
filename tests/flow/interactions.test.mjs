// R4 http.html, one interaction after another, as a client sees them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closing, must, refused, send, serve } from './harness.mjs';
import { consent, observation, patient } from './samples.mjs';

const at_end = closing(after);
let server, doctor;
before(async () => {
  server = await serve(at_end);
  doctor = server.doctor('a');
});

test('create answers 201 with Location, ETag and Last-Modified, and ignores the client\'s id', async () => {
  const made = must(await doctor.post('Patient', patient('mine')), 201);
  assert.notEqual(made.json.id, 'mine');
  assert.equal(made.headers.location, `${server.base}/Patient/${made.json.id}/_history/1`);
  assert.equal(made.headers.etag, 'W/"1"');
  assert.ok(Date.parse(made.headers['last-modified']) > 0);
  assert.equal(made.json.meta.versionId, '1');
  const read = await doctor.must_get(`Patient/${made.json.id}`);
  assert.deepEqual(read, made.json);
});

test('update makes the next version, update-as-create the first, and the same content none', async () => {
  assert.equal((await doctor.put(patient('u1'))).status, 201);
  const second = must(await doctor.put(patient('u1', { gender: 'male' })), 200);
  assert.equal(second.headers.etag, 'W/"2"');
  assert.equal(must(await doctor.put(patient('u1', { gender: 'male' })), 200).headers.etag, 'W/"2"');
  refused(await doctor.send('PUT', 'Patient/u1', { headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(patient('u2')) }), 400);
  refused(await doctor.send('PUT', 'Patient/u1', { headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(observation('u1')) }), 400);
});

test('vread yields each version as it was, and history all of them, newest first', async () => {
  await doctor.must_put(patient('h1'));
  await doctor.must_put(patient('h1', { gender: 'male' }));
  must(await doctor.delete('Patient/h1'), 204);
  assert.equal((await doctor.must_get('Patient/h1/_history/1')).gender, 'female');
  assert.equal((await doctor.must_get('Patient/h1/_history/2')).gender, 'male');
  refused(await doctor.get('Patient/h1/_history/3'), 410);
  refused(await doctor.get('Patient/h1/_history/4'), 404);
  const history = await doctor.must_get('Patient/h1/_history');
  assert.equal(history.type, 'history');
  assert.deepEqual(history.entry.map((entry) => `${entry.request.method} ${entry.request.url}`), ['DELETE Patient/h1', 'PUT Patient/h1', 'PUT Patient/h1']);
  assert.deepEqual(history.entry.map((entry) => entry.resource?.gender), [undefined, 'male', 'female']);
});

test('history says how the first version came: a create let the server choose the id', async () => {
  const made = must(await doctor.post('Patient', { ...patient('x'), id: undefined }), 201).json;
  await doctor.must_put({ ...made, gender: 'male' });
  const { entry } = await doctor.must_get(`Patient/${made.id}/_history`);
  assert.deepEqual(entry.map((each) => `${each.request.method} ${each.request.url} ${each.response.status.slice(0, 3)}`), [`PUT Patient/${made.id} 200`, 'POST Patient 201']);
  const count = await doctor.must_get(`Patient/${made.id}/_history?_count=0`);
  assert.equal(count.total, 2);
  assert.equal(count.entry, undefined);
  refused(await doctor.get('Patient/nobody/_history?_count=0'), 404);
});

test('history answers 201 for the version that brought a deleted record back', async () => {
  const statuses = (bundle) => bundle.entry.map((each) => `${each.request.method} ${each.response.status.slice(0, 3)}`);
  await doctor.must_put(patient('revived'));
  must(await doctor.delete('Patient/revived'), 204);
  must(await doctor.put(patient('revived')), 201);
  must(await doctor.put(patient('revived', { gender: 'male' })), 200);
  const newest_first = ['PUT 200', 'PUT 201', 'DELETE 204', 'PUT 201'];
  assert.deepEqual(statuses(await doctor.must_get('Patient/revived/_history')), newest_first);
  const pages = [];
  for (let page = await doctor.must_get('Patient/revived/_history?_count=1'); ;) {
    pages.push(...statuses(page));
    const next = page.link.find((link) => link.relation === 'next');
    if (!next) break;
    page = await doctor.must_get(next.url.slice(`${server.base}/`.length));
  }
  assert.deepEqual(pages, newest_first);
});

test('history of a type and of the system hold it too', async () => {
  await doctor.must_put(patient('h2'));
  for (const target of ['Patient/_history?_count=1000', '_history?_count=1000']) {
    const found = await doctor.must_get(target);
    assert.equal(found.type, 'history');
    assert.ok(found.entry.some((entry) => entry.resource?.id === 'h2'), target);
  }
});

test('history _at gives the versions that were current at some point of the period', async () => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  const before = new Date().toISOString();
  await pause();
  await doctor.must_put(patient('at1'));
  await pause();
  const of_first = new Date().toISOString();
  await pause();
  await doctor.must_put(patient('at1', { gender: 'male' }));
  await pause();
  const of_second = new Date().toISOString();
  await pause();
  must(await doctor.delete('Patient/at1'), 204);
  await pause();
  const of_mark = new Date().toISOString();
  const versions = async (target, at) => {
    const found = await doctor.must_get(`${target}?_count=1000&_at=${at}`);
    const own = (found.entry ?? []).filter((entry) => entry.fullUrl.endsWith('/Patient/at1'));
    return own.map((entry) => entry.response.etag).join(' ');
  };
  const v = (...numbers) => numbers.map((number) => `W/"${number}"`).join(' ');
  const written = (await doctor.must_get('Patient/at1/_history')).entry.at(-1).response.lastModified;
  const [year, month, day] = [4, 7, 10].map((length) => before.slice(0, length));
  const over_midnight = before.slice(0, 10) !== of_mark.slice(0, 10);
  for (const target of ['Patient/at1/_history', 'Patient/_history', '_history']) {
    assert.equal(await versions(target, before), '', target);
    assert.equal(await versions(target, '2000'), '');
    assert.equal(await versions(target, written), v(1), 'the moment that lastUpdated tells');
    assert.equal(await versions(target, of_first), v(1));
    assert.equal(await versions(target, of_second), v(2));
    assert.equal(await versions(target, of_mark), v(3));
    assert.equal(await versions(target, Number(year) + 1), v(3), 'what is current stays so');
    for (const period of over_midnight ? [] : [year, month, day]) assert.equal(await versions(target, period), v(3, 2, 1), period);
  }
  for (const query of ['_at=2000&_at=2001', '_since=2000-01-01&_since=2001-01-01', '_count=1&_count=2', '_at=soon']) {
    for (const target of ['Patient/at1/_history', 'Patient/_history', '_history']) refused(await doctor.get(`${target}?${query}`), 400);
  }
});

test('delete: 204, then 410 for read, 404 for what never was; an update brings it back', async () => {
  await doctor.must_put(patient('d1'));
  must(await doctor.delete('Patient/d1'), 204);
  refused(await doctor.get('Patient/d1'), 410, 'deleted');
  refused(await doctor.get('Patient/never'), 404, 'not-found');
  must(await doctor.delete('Patient/d1'), 204);
  assert.equal((await doctor.must_get('Patient?_id=d1')).total, 0);
  assert.equal(must(await doctor.put(patient('d1')), 200, 201).headers.etag, 'W/"3"');
  must(await doctor.get('Patient/d1'), 200);
});

test('If-Match: only the holder of the current version writes', async () => {
  await doctor.must_put(patient('m1'));
  refused(await doctor.put(patient('m1', { gender: 'male' }), { 'if-match': 'W/"7"' }), 412, 'conflict');
  must(await doctor.put(patient('m1', { gender: 'male' }), { 'if-match': 'W/"1"' }), 200);
  refused(await doctor.put(patient('m1', { gender: 'other' }), { 'if-match': 'W/"1"' }), 412);
  refused(await doctor.delete('Patient/m1', { 'if-match': 'W/"1"' }), 412);
  must(await doctor.delete('Patient/m1', { 'if-match': 'W/"2"' }), 204);
});

test('sixteen writers with one If-Match: one wins', async () => {
  await doctor.must_put(patient('race'));
  const answers = await Promise.all([...Array(16).keys()].map((n) => doctor.put(patient('race', { multipleBirthInteger: n }), { 'if-match': 'W/"1"' })));
  assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
  assert.equal(answers.filter((answer) => answer.status === 412).length, 15);
});

test('sixteen creates with one If-None-Exist make one resource', async () => {
  const condition = { 'if-none-exist': 'identifier=http://race.example|one' };
  const body = { ...patient(), id: undefined, identifier: [{ system: 'http://race.example', value: 'one' }] };
  const answers = await Promise.all([...Array(16).keys()].map(() => doctor.post('Patient', body, condition)));
  assert.equal(answers.filter((answer) => answer.status === 201).length, 1);
  assert.equal(answers.filter((answer) => answer.status === 200).length, 15);
  assert.equal((await doctor.must_get('Patient?identifier=http://race.example|one')).total, 1);
  must(await doctor.post('Patient', body), 201);
  refused(await doctor.post('Patient', body, condition), 412, 'multiple-matches');
});

test('conditional read: 304 for what the client has', async () => {
  await doctor.must_put(patient('c1'));
  const read = must(await doctor.get('Patient/c1'), 200);
  const fresh = must(await doctor.get('Patient/c1', { 'if-none-match': read.headers.etag }), 304);
  assert.equal(fresh.text, '');
  must(await doctor.get('Patient/c1', { 'if-none-match': 'W/"9"' }), 200);
  must(await doctor.get('Patient/c1', { 'if-modified-since': read.headers['last-modified'] }), 304);
  must(await doctor.get('Patient/c1', { 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }), 200);
});

test('If-Modified-Since counts seconds: two versions within one are told apart by answering the second', async () => {
  const gender = async (value) => must(await doctor.put(patient('c2', { gender: value })), 200, 201).headers['last-modified'];
  // Until both fall into one second; a slow machine may need several turns.
  for (let n = 0, first, second; first === undefined || first !== second; ++n) {
    assert.ok(n < 20, 'no two writes within a second');
    first = await gender(n % 2 ? 'male' : 'female');
    second = await gender('other');
    if (first === second) assert.equal(must(await doctor.get('Patient/c2', { 'if-modified-since': first }), 200).json.gender, 'other');
  }
  const later = new Date(Date.now() + 60_000).toUTCString();
  must(await doctor.get('Patient/c2', { 'if-modified-since': later }), 304);
});

test('a Consent is never 304: its state on the ledger comes without a version; nor is an AuditEvent', async () => {
  await doctor.must_put(patient('c3'));
  const stored = must(await server.patient('c3').post('Consent', consent('c3')), 201);
  const headers = { 'if-none-match': stored.headers.etag };
  must(await server.patient('c3').get(`Consent/${stored.json.id}`, headers), 200);
  must(await server.patient('c3').get(`Consent/${stored.json.id}`, { 'if-modified-since': stored.headers['last-modified'] }), 200);
  const event = (await server.auditor().must_get('AuditEvent?_count=1')).entry[0].resource;
  must(await server.auditor().get(`AuditEvent/${event.id}`, { 'if-none-match': 'W/"1"' }), 200);
});

test('caches keep nothing of a patient for others, and ask again; what is open they may keep', async () => {
  const caching = (answer) => [answer.headers['cache-control'], answer.headers.vary];
  const asked = await doctor.put(patient('cache'));
  for (const answer of [asked, await doctor.get('Patient/cache'), await doctor.get('Patient/cache', { accept: 'application/fhir+xml' }), await doctor.get('Patient?_id=cache'),
    await doctor.get('Patient/cache', { 'if-none-match': asked.headers.etag }), await doctor.get('Patient/none'), await server.stranger().get('Patient/cache')]) {
    assert.deepEqual(caching(answer), ['private, no-cache', 'Accept, Authorization'], `${answer.status}`);
  }
  for (const target of ['metadata', '.well-known/smart-configuration']) assert.deepEqual(caching(await server.stranger().get(target)), ['public, max-age=60', 'Accept'], target);
});

test('a body with a Content-Encoding is 415, and says what is read', async () => {
  const headers = { 'content-type': 'application/fhir+json', 'content-encoding': 'gzip' };
  const answer = await doctor.send('PUT', 'Patient/gz', { headers, body: 'x' });
  assert.match(refused(answer, 415, 'not-supported').diagnostics, /Content-Encoding: gzip/);
  assert.equal(answer.headers['accept-encoding'], 'identity');
});

test('Prefer: return decides the body of a write', async () => {
  const write = (how, gender) => doctor.put(patient('pref', { gender }), { prefer: `return=${how}` });
  assert.equal((await write('minimal', 'male')).text, '');
  assert.equal((await write('representation', 'female')).json.resourceType, 'Patient');
  assert.equal((await write('OperationOutcome', 'other')).json.resourceType, 'OperationOutcome');
  const gone = must(await doctor.delete('Patient/pref', { prefer: 'return=OperationOutcome' }), 200);
  assert.equal(gone.json.resourceType, 'OperationOutcome');
  for (const how of ['minimal', 'representation']) {
    await doctor.must_put(patient('pref'));
    const bare = must(await doctor.delete('Patient/pref', { prefer: `return=${how}` }), 204);
    assert.equal(bare.text, '');
    assert.equal(bare.headers['content-type'], undefined);
  }
});

test('what went in comes out: decimals as written, extensions, primitive extensions', async () => {
  const text = '{"resourceType":"Observation","id":"exact","status":"final","code":{"text":"x","extension":[{"url":"http://a.example/e","valueDecimal":1.10}]},' +
    '"subject":{"reference":"Patient/c1"},"effectiveDateTime":"2024-02-03T04:05:06.700+01:00","valueQuantity":{"value":72.500,"unit":"kg"},' +
    '"note":[{"text":"a \\u00e9 \\ud83d\\ude00","_text":{"id":"n1"}}]}';
  must(await doctor.send('PUT', 'Observation/exact', { headers: { 'content-type': 'application/fhir+json' }, body: text }), 201);
  const read = must(await doctor.get('Observation/exact'), 200);
  for (const piece of ['"value":72.500', '"valueDecimal":1.10', '2024-02-03T04:05:06.700+01:00', '"_text":{"id":"n1"}']) assert.ok(read.text.includes(piece), piece);
  assert.equal(read.json.note[0].text, 'a é 😀');
});

test('_pretty and _format', async () => {
  assert.ok((await doctor.get('Patient/c1?_pretty=true')).text.includes('\n  '));
  must(await doctor.get('Patient/c1?_format=json'), 200);
  refused(await doctor.get('Patient/c1?_format=turtle'), 406);
  refused(await doctor.get('Patient/c1', { accept: 'text/turtle' }), 406);
  refused(await doctor.send('POST', 'Patient', { headers: { 'content-type': 'text/turtle' }, body: 'x' }), 415);
  refused(await doctor.send('POST', 'Patient', { body: '{}' }), 415);
});

test('HEAD answers as GET without a body', async () => {
  const head = must(await doctor.send('HEAD', 'Patient/c1'), 200);
  assert.equal(head.text, '');
  assert.equal(head.headers.etag, 'W/"1"');
});

test('without a token: 401 with WWW-Authenticate; with a bad one the reason', async () => {
  const none = await server.stranger().get('Patient/c1');
  refused(none, 401, 'login');
  assert.equal(none.headers['www-authenticate'], 'Bearer realm="kedge"');
  const bad = await send(server, 'GET', 'Patient/c1', { headers: { authorization: `Bearer ${doctor.token}x` } });
  refused(bad, 401);
  assert.match(bad.headers['www-authenticate'], /error="invalid_token"/);
  const [head, body] = doctor.token.split('.');
  refused(await send(server, 'GET', 'Patient/c1', { headers: { authorization: `Bearer ${head}.${body}.` } }), 401);
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
  refused(await send(server, 'GET', 'Patient/c1', { headers: { authorization: `Bearer ${unsigned}` } }), 401);
});

test('a token\'s scopes bound it', async () => {
  const reader = server.client('practitioner', 'Practitioner/dr-a', { organization: 'Organization/a', scope: 'user/Patient.r' });
  must(await reader.get('Patient/c1'), 200);
  refused(await reader.get('Observation/exact'), 403, 'forbidden');
  refused(await reader.get('Patient'), 403);
  refused(await reader.put(patient('c1', { gender: 'male' })), 403);
});

test('a token that may write and not read learns nothing by criteria or echoes', async () => {
  const as = (scope) => server.client('practitioner', 'Practitioner/dr-a', { organization: 'Organization/a', scope });
  const scoped = patient('scoped', { identifier: [{ system: 'urn:x', value: 'scoped' }] });
  await doctor.must_put(scoped);
  const criteria = { 'if-none-exist': 'identifier=urn:x|scoped' };
  refused(await as('user/Patient.c').post('Patient', scoped, criteria), 403, 'forbidden');
  refused(await as('user/Patient.cu').send('PUT', 'Patient?identifier=urn:x|scoped', { headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(scoped) }), 403);
  refused(await as('user/Patient.d').delete('Patient?identifier=urn:x|scoped'), 403);
  const linked = { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: { ...observation('scoped-o'), subject: { reference: 'Patient?identifier=urn:x|scoped' } }, request: { method: 'PUT', url: 'Observation/scoped-o' } }] };
  refused(await as('user/Observation.cu').post('', linked), 403);

  const found = must(await as('user/Patient.cs').post('Patient', scoped, criteria), 200);
  assert.deepEqual([found.text, found.headers.location], ['', `${server.base}/Patient/scoped/_history/1`]);
  const patch = { headers: { 'content-type': 'application/json-patch+json' }, body: JSON.stringify([{ op: 'replace', path: '/gender', value: 'other' }]) };
  assert.equal(must(await as('user/Patient.u').send('PATCH', 'Patient/scoped', patch), 200).text, '');
  assert.equal(must(await as('user/Patient.ru').send('PATCH', 'Patient/scoped', patch), 200).json.gender, 'other');
  assert.equal(must(await as('user/Patient.c').post('Patient', scoped), 201).text, '');
});

test('AuditEvent search counts as R4 says, and refuses what it would misread', async () => {
  const auditor = server.auditor();
  const whole = await auditor.must_get('AuditEvent?patient=Patient/h1&_total=accurate&_count=1000');
  const count = await auditor.must_get('AuditEvent?patient=Patient/h1&_count=0&_total=none');
  assert.equal(count.total, whole.total);
  assert.equal(count.entry, undefined);
  assert.equal(count.link.find((link) => link.relation === 'next'), undefined);
  assert.ok((await auditor.must_get('AuditEvent?date=ge2000-01-01&date=lt2100-01-01&_count=1')).entry.length === 1);
  const lenient = must(await auditor.get('AuditEvent?colour=a&colour=b&_count=99999', { prefer: 'handling=lenient' }), 200).json;
  assert.match(lenient.link.find((link) => link.relation === 'self').url, /\/AuditEvent\?_count=1000$/);
  for (const query of ['_count=-1', '_count=x', '_total=many', 'agent=Practitioner/a&agent=Practitioner/b', 'agent=Practitioner/a&agent:Patient=Patient/b', 'entity=Patient/h1&entity=Patient/h2']) {
    refused(await auditor.get(`AuditEvent?${query}`), 400);
  }
});

test('AuditEvents are kedge\'s own: 405 with Allow', async () => {
  const events = await server.auditor().must_get('AuditEvent?_count=1');
  const event = events.entry[0].resource;
  for (const [method, target] of [['PUT', `AuditEvent/${event.id}`], ['DELETE', `AuditEvent/${event.id}`], ['POST', 'AuditEvent']]) {
    for (const client of [server.auditor(), doctor, server.client('admin', 'Practitioner/root')]) {
      const answer = await client.send(method, target, { headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(event) });
      refused(answer, 405);
      assert.match(answer.headers.allow, /^GET, HEAD/);
    }
  }
});
