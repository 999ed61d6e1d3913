// R4 http.html#patch in its three forms, from outside: what it changes, what it refuses, and what the trail says of it.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { closing, fresh_dir, kedge, must, refused, serve } from './harness.mjs';
import { bundle, consent, entry, grant, observation, patient, seed } from './samples.mjs';

const kJsonPatch = 'application/json-patch+json', kXmlPatch = 'application/xml-patch+xml', kFhirXml = 'application/fhir+xml', kFhirJson = 'application/fhir+json';

const at_end = closing(after);
let server, doctor;
before(async () => {
  server = await serve(at_end);
  doctor = server.doctor('a');
});

const temporary = () => {
  const dir = fresh_dir();
  at_end(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

// One request with a patch; text stands as it is, all else is JSON.
const patch = (client, target, type, body, headers) =>
  client.send('PATCH', target, { headers: { 'content-type': type, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
// A FHIRPath Patch: operations as objects of their parts; `value` is a part without its name.
const parameters = (...operations) => ({
  resourceType: 'Parameters',
  parameter: operations.map(({ type, path, name, value, index, source, destination }) => ({
    name: 'operation',
    part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path },
      ...(name ? [{ name: 'name', valueString: name }] : []), ...(value ? [{ name: 'value', ...value }] : []),
      ...Object.entries({ index, source, destination }).filter(([, n]) => n !== undefined).map(([part, n]) => ({ name: part, valueInteger: n }))],
  })),
});
const diff = (operations) => `<diff xmlns:f="http://hl7.org/fhir" xmlns="http://hl7.org/fhir">${operations}</diff>`;

test('each form changes the resource as an update does', async () => {
  await doctor.must_put(patient('forms'));
  const first = must(await patch(doctor, 'Patient/forms', kJsonPatch, [{ op: 'test', path: '/gender', value: 'female' }, { op: 'replace', path: '/gender', value: 'male' },
    { op: 'add', path: '/identifier/0', value: { system: 'http://x.example', value: 'patched' } }]), 200);
  assert.equal(first.json.gender, 'male');
  assert.equal(first.json.meta.versionId, '2');
  assert.equal(first.headers.etag, 'W/"2"');
  assert.ok(Date.parse(first.headers['last-modified']) > 0);
  const second = must(await patch(doctor, 'Patient/forms', kFhirJson, parameters({ type: 'add', path: 'Patient', name: 'telecom', value: { valueContactPoint: { system: 'phone', value: '1' } } })), 200);
  assert.deepEqual(second.json.telecom, [{ system: 'phone', value: '1' }]);
  const third = must(await patch(doctor, 'Patient/forms', kXmlPatch, diff('<replace sel="f:Patient/f:birthDate/@value">1980-01-01</replace>')), 200);
  assert.equal(third.headers.etag, 'W/"4"');
  const read = await doctor.must_get('Patient/forms');
  assert.deepEqual(read, third.json);
  assert.deepEqual([read.gender, read.birthDate, read.telecom[0].value], ['male', '1980-01-01', '1']);
  assert.equal((await doctor.must_get('Patient?identifier=http://x.example|patched&_id=forms')).total, 1, 'the index follows');
  // What changes nothing makes no version.
  assert.equal(must(await patch(doctor, 'Patient/forms', kJsonPatch, []), 200).headers.etag, 'W/"4"');
});

test('clients that speak XML: a Parameters resource in XML, and the answer in XML', async () => {
  await doctor.must_put(patient('xml'));
  const body = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>
    <part><name value="type"/><valueCode value="replace"/></part><part><name value="path"/><valueString value="Patient.birthDate"/></part>
    <part><name value="value"/><valueDate value="1930-01-01"/></part></parameter></Parameters>`;
  const answer = must(await patch(doctor, 'Patient/xml', kFhirXml, body, { accept: kFhirXml }), 200);
  assert.match(answer.headers['content-type'], /application\/fhir\+xml/);
  assert.match(answer.text, /<birthDate value="1930-01-01"\/>/);
  const wrong = await patch(doctor, 'Patient/xml', kXmlPatch, diff('<remove sel="f:Patient/f:photo"/>'), { accept: kFhirXml });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /operation 1 \(remove\): nothing is selected/);
});

test('Prefer says what comes back', async () => {
  await doctor.must_put(patient('prefer'));
  const change = (gender) => [{ op: 'replace', path: '/gender', value: gender }];
  assert.equal(must(await patch(doctor, 'Patient/prefer', kJsonPatch, change('male'), { prefer: 'return=minimal' }), 200).text, '');
  assert.equal(must(await patch(doctor, 'Patient/prefer', kJsonPatch, change('other'), { prefer: 'return=OperationOutcome' }), 200).json.resourceType, 'OperationOutcome');
  assert.equal(must(await patch(doctor, 'Patient/prefer', kJsonPatch, change('unknown'), { prefer: 'return=representation' }), 200).json.gender, 'unknown');
});

test('what does not fit is 422 and changes nothing', async () => {
  await doctor.must_put(patient('whole'));
  const failed = refused(await patch(doctor, 'Patient/whole', kJsonPatch, [{ op: 'replace', path: '/gender', value: 'male' }, { op: 'test', path: '/birthDate', value: '2000' }]), 422, 'business-rule');
  assert.equal(failed.diagnostics, 'operation 2 (test): the test failed: another value stands there');
  assert.deepEqual(failed.expression, ['/birthDate']);
  const path = refused(await patch(doctor, 'Patient/whole', kFhirJson, parameters({ type: 'delete', path: 'Patient.gender' }, { type: 'replace', path: 'Patient.photo', value: { valueString: 'x' } })), 422, 'not-found');
  assert.match(path.diagnostics, /^operation 2 \(replace\): /);
  assert.deepEqual(path.expression, ['Patient.photo']);
  for (const [what, value] of [['gender', 'perhaps'], ['birthDate', 'yesterday'], ['colour', 'red'], ['id', 'another'], ['resourceType', 'Person'], ['contact', [{ gender: 'male' }]], ['name', 'text']]) {
    const answer = await patch(doctor, 'Patient/whole', kJsonPatch, [{ op: 'add', path: `/${what}`, value }]);
    refused(answer, 422);
  }
  const read = await doctor.must_get('Patient/whole');
  assert.equal(read.meta.versionId, '1');
  assert.equal(read.gender, 'female');
});

test('what is no patch is 400, what is another type 415 with Accept-Patch, what is too much 413', async () => {
  await doctor.must_put(patient('wrong'));
  for (const [type, body] of [[kJsonPatch, '{'], [kJsonPatch, '{}'], [kJsonPatch, '[{"op":"spam","path":"/a"}]'], [kFhirJson, patient('wrong')], [kFhirJson, parameters({ type: 'delete', path: 'Patient.name[' })],
    [kXmlPatch, '<diff>'], [kXmlPatch, '<!DOCTYPE x><diff/>'], [kFhirXml, '<Patient xmlns="http://hl7.org/fhir"/>']]) {
    refused(await patch(doctor, 'Patient/wrong', type, body), 400);
  }
  for (const type of ['application/json', 'text/plain', 'application/merge-patch+json', 'application/json-patch+json; charset=latin1', `${kFhirJson}; fhirVersion=3.0`]) {
    const answer = await patch(doctor, 'Patient/wrong', type, '[]');
    assert.match(refused(answer, 415).diagnostics, /application\/json-patch\+json, application\/xml-patch\+xml, application\/fhir\+json, application\/fhir\+xml/);
    assert.equal(answer.headers['accept-patch'], 'application/json-patch+json, application/xml-patch+xml, application/fhir+json, application/fhir+xml');
  }
  const many = Array(1001).fill({ op: 'test', path: '/gender', value: 'female' });
  assert.match(refused(await patch(doctor, 'Patient/wrong', kJsonPatch, many), 413).diagnostics, /1001 operations; the limit is 1000/);
  const bomb = [{ op: 'add', path: '/extension', value: [{ url: 'urn:x'.padEnd(1000, 'x') }] }, ...Array(40).fill({ op: 'copy', from: '/extension', path: '/extension/-' })];
  assert.match(refused(await patch(doctor, 'Patient/wrong', kJsonPatch, bomb), 413).diagnostics, /growth_bytes/);
});

test('404 for what is not there, 410 for what was deleted, 405 where R4 has no PATCH', async () => {
  refused(await patch(doctor, 'Patient/nobody', kJsonPatch, []), 404, 'not-found');
  await doctor.must_put(patient('gone'));
  must(await doctor.delete('Patient/gone'), 204);
  refused(await patch(doctor, 'Patient/gone', kJsonPatch, []), 410, 'deleted');
  const binary = await patch(doctor, 'Binary/b', kJsonPatch, []);
  refused(binary, 405);
  assert.doesNotMatch(binary.headers.allow, /PATCH/);
  refused(await patch(doctor, 'AuditEvent/x', kJsonPatch, []), 405);
  refused(await patch(server.stranger(), 'Patient/nobody', kJsonPatch, []), 401);
  const reader = server.client('practitioner', 'Practitioner/dr-a', { organization: 'Organization/a', scope: 'user/Patient.rs' });
  refused(await patch(reader, 'Patient/forms', kJsonPatch, []), 403);
});

test('If-Match: the version that was read, or 412', async () => {
  await doctor.must_put(patient('match'));
  const change = (gender) => [{ op: 'replace', path: '/gender', value: gender }];
  refused(await patch(doctor, 'Patient/match', kJsonPatch, change('male'), { 'if-match': 'W/"2"' }), 412, 'conflict');
  must(await patch(doctor, 'Patient/match', kJsonPatch, change('male'), { 'if-match': 'W/"1"' }), 200);
  refused(await patch(doctor, 'Patient/match', kJsonPatch, change('other'), { 'if-match': 'W/"1"' }), 412);
});

test('of forty patches at once, in all forms, none is lost', async () => {
  await doctor.must_put(patient('crowd'));
  const answers = await Promise.all([...Array(40).keys()].map((n) => {
    if (n % 3 === 0) return patch(doctor, 'Patient/crowd', kJsonPatch, [{ op: 'add', path: '/identifier/-', value: { value: `n${n}` } }]);
    if (n % 3 === 1) return patch(doctor, 'Patient/crowd', kFhirJson, parameters({ type: 'add', path: 'Patient', name: 'identifier', value: { valueIdentifier: { value: `n${n}` } } }));
    return patch(doctor, 'Patient/crowd', kXmlPatch, diff(`<add sel="f:Patient/f:identifier[last()]" pos="after"><identifier><value value="n${n}"/></identifier></add>`));
  }));
  for (const answer of answers) must(answer, 200);
  const read = await doctor.must_get('Patient/crowd');
  assert.equal(read.meta.versionId, '41');
  assert.deepEqual(read.identifier.slice(1).map((one) => Number(one.value.slice(1))).sort((a, b) => a - b), [...Array(40).keys()]);
  assert.equal(new Set(answers.map((answer) => answer.headers.etag)).size, 40);
});

test('conditional patch, update and delete', async () => {
  const system = 'http://conditional.example';
  const made = (id, value) => patient(id, { identifier: [{ system, value }] });
  const { id: _, ...without_id } = made('x', 'put');
  const change = [{ op: 'replace', path: '/gender', value: 'male' }];
  const where = (value) => `Patient?identifier=${system}|${value}`;
  refused(await patch(doctor, where('1'), kJsonPatch, change), 404);
  await doctor.must_put(made('c1', '1'));
  assert.equal(must(await patch(doctor, where('1'), kJsonPatch, change), 200).json.id, 'c1');
  await doctor.must_put(made('c2', '2'));
  await doctor.must_put(made('c3', '2'));
  refused(await patch(doctor, where('2'), kJsonPatch, change), 412, 'multiple-matches');

  const put = (target, resource) => doctor.send('PUT', target, { headers: { 'content-type': kFhirJson }, body: JSON.stringify(resource) });
  const created = must(await put(where('put'), without_id), 201);
  assert.ok(created.headers.location.includes(created.json.id));
  assert.equal(must(await put(where('put'), { ...without_id, gender: 'male' }), 200).json.id, created.json.id);
  refused(await put(where('put'), made('other', 'put')), 400);
  refused(await put(where('2'), without_id), 412, 'multiple-matches');
  assert.equal(must(await put(where('named'), made('named', 'named')), 201).json.id, 'named');

  must(await doctor.delete(where('none')), 204);
  refused(await doctor.delete(where('2')), 412, 'multiple-matches');
  must(await doctor.delete(where('1')), 204);
  refused(await doctor.get('Patient/c1'), 410);
  for (const answer of [await patch(doctor, 'Patient', kJsonPatch, change), await put('Patient', without_id), await doctor.delete('Patient'), await doctor.delete('Patient?_format=json'),
    await doctor.delete('Patient?colour=red')]) {
    refused(answer, 400);
  }
});

const binary = (type, body) => ({ resourceType: 'Binary', contentType: type, data: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)).toString('base64') });

test('in a batch each patch stands alone', async () => {
  await doctor.must_put(patient('batch'));
  const answer = await doctor.must_post('', bundle('batch',
    entry('PATCH', 'Patient/batch', parameters({ type: 'replace', path: 'Patient.gender', value: { valueCode: 'male' } })),
    entry('PATCH', 'Patient/batch', binary('text/plain', 'x')),
    entry('PATCH', 'Patient/none', binary(kJsonPatch, [])),
    entry('PATCH', 'Patient/batch', patient('batch'))));
  assert.deepEqual(answer.entry.map((one) => one.response.status.slice(0, 3)), ['200', '415', '404', '400']);
  const more = await doctor.must_post('', bundle('batch', entry('PATCH', 'Patient/batch', binary(kJsonPatch, [{ op: 'add', path: '/active', value: true }]), { ifMatch: 'W/"2"' }),
    entry('PATCH', 'Patient?_id=batch', binary(kXmlPatch, diff('<remove sel="f:Patient/f:birthDate"/>')))));
  assert.deepEqual(more.entry.map((one) => one.response.status.slice(0, 3)).filter((status) => status !== '412'), more.entry.length === 2 && more.entry[0].response.status.startsWith('412') ? ['200'] : ['200', '200']);
  assert.equal((await doctor.must_get('Patient/batch')).gender, 'male');
});

test('in a transaction patches stand or fall with the rest, and links are resolved in what they bring', async () => {
  await doctor.must_put(patient('trans'));
  const link = 'urn:uuid:8e8bc430-9c3a-11d9-9669-0800200c9a66';
  const organization = { resourceType: 'Organization', name: 'new' };
  const refer = parameters({ type: 'add', path: 'Patient', name: 'generalPractitioner', value: { valueReference: { reference: link } } });
  const done = await doctor.must_post('', bundle('transaction',
    entry('PATCH', 'Patient/trans', refer), entry('POST', 'Organization', organization, { fullUrl: link }),
    entry('PATCH', 'Patient?identifier=http://hospital.example/mrn|MRN-7731-UNMISTAKABLE-forms', binary(kJsonPatch, [{ op: 'add', path: '/active', value: true }]))));
  assert.deepEqual(done.entry.map((one) => one.response.status.slice(0, 3)), ['200', '201', '200']);
  assert.equal(done.entry[0].response.etag, 'W/"2"');
  const read = await doctor.must_get('Patient/trans');
  assert.match(done.entry[1].response.location, new RegExp(read.generalPractitioner[0].reference));
  assert.equal((await doctor.must_get('Patient/forms')).active, true);

  const change = binary(kJsonPatch, [{ op: 'replace', path: '/gender', value: 'male' }]);
  const fails = async (status, ...bad) => {
    const issue = refused(await doctor.post('', bundle('transaction', entry('PATCH', 'Patient/trans', change), ...bad)), status);
    assert.match(JSON.stringify(issue), /Bundle\.entry\[1\]/);
    assert.equal((await doctor.must_get('Patient/trans')).meta.versionId, '2');
  };
  await fails(422, entry('PATCH', 'Patient/forms', binary(kJsonPatch, [{ op: 'test', path: '/gender', value: 'x' }])));
  await fails(422, entry('PATCH', 'Patient/forms', binary(kJsonPatch, [{ op: 'replace', path: '/gender', value: 'x' }])));
  await fails(404, entry('PATCH', 'Patient/nobody', change));
  await fails(404, entry('PATCH', 'Patient?_id=nobody', change));
  await fails(412, entry('PATCH', 'Patient/forms', change, { ifMatch: 'W/"1"' }));
  await fails(415, entry('PATCH', 'Patient/forms', binary('text/plain', 'x')));
  await fails(400, entry('PATCH', 'Patient/forms', { resourceType: 'Basic', code: { text: 'x' } }));
  await fails(400, entry('PATCH', 'Patient/trans', change));
  await fails(405, entry('PATCH', 'Binary/b', change));

  const both = await doctor.must_post('', bundle('transaction', entry('PUT', 'Patient?_id=upsert', patient('upsert')), entry('DELETE', 'Patient?_id=nobody'), entry('DELETE', 'Patient?_id=trans')));
  assert.deepEqual(both.entry.map((one) => one.response.status.slice(0, 3)), ['201', '204', '204']);
  refused(await doctor.get('Patient/trans'), 410);
});

test('a narrative does not outlive the data it tells of', async () => {
  const text = (status) => ({ status, div: '<div xmlns="http://www.w3.org/1999/xhtml">female</div>' });
  const change = [{ op: 'replace', path: '/gender', value: 'male' }];
  await doctor.must_put(patient('n1', { text: text('generated') }));
  must(await patch(doctor, 'Patient/n1', kJsonPatch, [{ op: 'add', path: '/meta/tag', value: [{ system: 'urn:x', code: 'c' }] }]), 200);
  assert.ok((await doctor.must_get('Patient/n1')).text, 'a tag changes nothing that it says');
  assert.equal(must(await patch(doctor, 'Patient/n1', kJsonPatch, change), 200).json.text, undefined);
  await doctor.must_put(patient('n2', { text: text('additional') }));
  assert.match(refused(await patch(doctor, 'Patient/n2', kJsonPatch, change), 422, 'business-rule').diagnostics, /narrative/);
  const told = [...change, { op: 'replace', path: '/text/div', value: '<div xmlns="http://www.w3.org/1999/xhtml">male</div>' }];
  assert.match(must(await patch(doctor, 'Patient/n2', kJsonPatch, told), 200).json.text.div, />male</);
});

test('the server keeps versionId and lastUpdated to itself', async () => {
  await doctor.must_put(patient('meta'));
  const answer = must(await patch(doctor, 'Patient/meta', kJsonPatch, [{ op: 'replace', path: '/meta/versionId', value: '77' }, { op: 'replace', path: '/meta/lastUpdated', value: '2000-01-01T00:00:00Z' },
    { op: 'replace', path: '/gender', value: 'male' }]), 200);
  assert.equal(answer.json.meta.versionId, '2');
  assert.ok(answer.json.meta.lastUpdated > '2020');
});

test('consent decides: hidden is 404 as absent is, and a test cannot ask what may not be read', async () => {
  await seed(server, { id: 'p1', observations: 1 });
  const other = server.doctor('b');
  const hidden = await patch(other, 'Observation/p1-o1', kJsonPatch, [{ op: 'test', path: '/status', value: 'final' }]);
  const absent = await patch(other, 'Observation/p9-o1', kJsonPatch, [{ op: 'test', path: '/status', value: 'final' }]);
  refused(hidden, 404, 'not-found');
  assert.equal(hidden.text.replaceAll('p1', 'p9'), absent.text);
  // If-Match tells no more.
  assert.equal((await patch(other, 'Observation/p1-o1', kJsonPatch, [], { 'if-match': 'W/"9"' })).status, 404);
  refused(await patch(other, 'Observation?_id=p1-o1', kJsonPatch, []), 404);
  await grant(server);  // to read, not to write
  refused(await patch(other, 'Observation/p1-o1', kJsonPatch, [{ op: 'replace', path: '/status', value: 'amended' }]), 403, 'forbidden');
  assert.equal((await doctor.must_get('Observation/p1-o1')).meta.versionId, '1');
});

test('a patched Consent goes to the ledger as an updated one does', async () => {
  const self = server.patient('p1'), other = server.doctor('b');
  must(await other.get('Patient/p1'), 200);
  const stored = (await self.must_get('Consent?patient=Patient/p1')).entry.map((one) => one.resource).find((one) => one.status === 'active');
  refused(await patch(doctor, `Consent/${stored.id}`, kJsonPatch, [{ op: 'replace', path: '/status', value: 'inactive' }]), [403, 404]);
  // The ledger's extension is served and may be patched around; it is never stored.
  must(await patch(self, `Consent/${stored.id}`, kJsonPatch, [{ op: 'replace', path: '/status', value: 'inactive' }]), 200);
  refused(await other.get('Patient/p1'), 404);
  const proposed = must(await other.post('Consent', consent('p1', 'Practitioner/dr-b', { status: 'proposed' })), 201);
  const id = proposed.headers.location.replace(`${server.base}/`, '').replace(/\/_history.*/, '');
  refused(await patch(other, id, kFhirJson, parameters({ type: 'replace', path: 'Consent.status', value: { valueCode: 'active' } })), [403, 404]);
  must(await patch(self, id, kFhirJson, parameters({ type: 'replace', path: 'Consent.status', value: { valueCode: 'active' } })), 200);
});

test('every patch stands in the trail, the refused and the failed ones too', async () => {
  const trail = async (answer) => (await server.auditor().must_get(`AuditEvent?entity=${encodeURIComponent(answer.headers['x-request-id'])}`)).entry.map((one) => one.resource);
  await doctor.must_put(patient('trail'));
  await doctor.must_put(observation('trail-o', 'trail'));
  const done = must(await patch(doctor, 'Observation/trail-o', kJsonPatch, [{ op: 'replace', path: '/status', value: 'amended' }]), 200);
  const [event] = await trail(done);
  assert.equal(event.action, 'U');
  assert.equal(event.outcome, '0');
  assert.deepEqual(event.subtype.map((one) => one.code), ['update', 'patch']);
  for (const code of ['update', 'patch']) {
    const found = await server.auditor().must_get(`AuditEvent?subtype=${code}&_count=200`);
    assert.ok(found.entry.some((e) => e.resource.id === event.id), `found as ${code}`);
  }
  assert.ok(event.meta.profile[0].endsWith('PatientUpdate'));
  assert.ok(event.entity.some((one) => one.what.reference === 'Observation/trail-o/_history/2'), JSON.stringify(event.entity));
  assert.ok(event.entity.some((one) => one.what.reference === 'Patient/trail'));
  for (const [answer, status] of [
    [await patch(doctor, 'Observation/trail-o', kJsonPatch, [{ op: 'test', path: '/status', value: 'final' }]), 422],
    [await patch(server.doctor('b'), 'Observation/trail-o', kJsonPatch, []), 404],
    [await patch(doctor, 'Observation/trail-o', kJsonPatch, '{'), 400],
    [await patch(doctor, 'Observation/trail-o', 'text/plain', 'x'), 415],
    [await patch(doctor, 'Observation?_id=nobody', kJsonPatch, []), 404]]) {
    refused(answer, status);
    const [failed] = await trail(answer);
    assert.equal(failed.action, 'U', `${status}`);
    assert.equal(failed.outcome, '4');
    assert.match(failed.outcomeDesc, new RegExp(`^${status} `));
    if (!answer.text.includes('criteria')) assert.ok(failed.entity.some((one) => one.what.reference === 'Observation/trail-o'), JSON.stringify(failed.entity));
  }
  const file = join(temporary(), 'event.json');
  writeFileSync(file, JSON.stringify(event));
  assert.equal(kedge('validate', file).code, 0, 'its own AuditEvents are valid');
});

test('the CapabilityStatement claims it', async () => {
  const statement = await server.stranger().must_get('metadata');
  assert.deepEqual(statement.patchFormat, [kJsonPatch, kXmlPatch, kFhirJson, kFhirXml]);
  const of = (type) => statement.rest[0].resource.find((one) => one.type === type);
  const patches = (type) => of(type).interaction.some((one) => one.code === 'patch');
  assert.deepEqual([patches('Patient'), patches('Binary'), patches('AuditEvent')], [true, false, false]);
  assert.deepEqual([of('Patient').conditionalUpdate, of('Patient').conditionalDelete], [true, 'single']);
});

test('kedge patch works on files, in any form, and answers in the form of the resource', () => {
  const dir = temporary();
  const file = (name, content) => {
    const path = join(dir, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const resource = file('r.json', '{"resourceType":"Observation","status":"final","valueQuantity":{"value":1.10}}');
  const as_xml = file('r.xml', '<Observation xmlns="http://hl7.org/fhir"><status value="final"/><valueQuantity><value value="1.10"/></valueQuantity></Observation>');
  const wanted = '{"resourceType":"Observation","status":"amended","valueQuantity":{"value":1.10}}\n';
  const wanted_xml = '<?xml version="1.0" encoding="UTF-8"?><Observation xmlns="http://hl7.org/fhir"><status value="amended"/><valueQuantity><value value="1.10"/></valueQuantity></Observation>\n';
  for (const path of [file('p.json', [{ op: 'replace', path: '/status', value: 'amended' }]), file('fp.json', parameters({ type: 'replace', path: 'Observation.status', value: { valueCode: 'amended' } })),
    file('p.xml', diff('<replace sel="f:Observation/f:status/@value">amended</replace>'))]) {
    assert.deepEqual(kedge('patch', path, resource), { code: 0, out: wanted, err: '' });
    assert.deepEqual(kedge('patch', path, as_xml), { code: 0, out: wanted_xml, err: '' });
  }
  assert.match(kedge('patch', '--pretty', '-', resource, { input: '[]' }).out, /\n {2}"status": "final"/);
  const failed = kedge('patch', '-', resource, { input: '[{"op":"remove","path":"/subject"}]' });
  assert.equal(failed.code, 1);
  assert.deepEqual(JSON.parse(failed.out).issue[0], { severity: 'error', code: 'not-found', diagnostics: 'operation 1 (remove): nothing stands there', expression: ['/subject'] });
  assert.match(kedge('patch', '-', as_xml, { input: 'x' }).out, /<OperationOutcome xmlns="http:\/\/hl7.org\/fhir"><issue><severity value="error"\/>/);
  assert.equal(kedge('patch', '-', '-', { input: '' }).code, 2);
  assert.equal(kedge('patch', join(dir, 'absent'), resource).code, 1);
});
