// Validation on write, $validate, and kedge validate: what is stored is valid R4, and every issue is told at once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { closing, kedge, kFhirJson, must, refused, serve, test_data } from './harness.mjs';
import { bundle, entry, observation, organization, patient } from './samples.mjs';

const at_end = closing(after);
const wrong = { resourceType: 'Patient', gender: 'm', birthDate: '2023-02-29', name: { family: 'x' }, colour: 'red' };
const places = (outcome) => outcome.issue.filter((issue) => issue.severity === 'error').map((issue) => issue.expression?.[0]).sort();
let server, doctor, folder;
before(async () => {
  server = await serve(at_end);
  doctor = server.doctor('a');
  folder = mkdtempSync(join(tmpdir(), 'kedge-validate-'));
  at_end(() => rmSync(folder, { recursive: true, force: true }));
});

test('a write is refused with 422 and every issue in one OperationOutcome', async () => {
  const answer = await doctor.post('Patient', wrong);
  refused(answer, 422);
  assert.deepEqual(places(answer.json), ['Patient.birthDate', 'Patient.colour', 'Patient.gender', 'Patient.name']);
  refused(await doctor.put({ ...wrong, id: 'w1' }), 422);
  refused(await doctor.get('Patient/w1'), 404);
});

test('a transaction tells the issues of all its entries; of a batch only the bad entry is refused', async () => {
  const bad = { ...observation('x'), status: 'done' };
  const answer = await doctor.post('', bundle('transaction', entry('POST', 'Organization', organization('t1')), entry('POST', 'Observation', bad), entry('POST', 'Patient', wrong)));
  refused(answer, 422);
  assert.ok(places(answer.json).includes('Bundle.entry[1].resource.status'), answer.text);
  assert.ok(places(answer.json).includes('Bundle.entry[2].resource.gender'), answer.text);
  const batch = await doctor.must_post('', bundle('batch', entry('POST', 'Organization', organization('b1')), entry('POST', 'Observation', bad)));
  assert.deepEqual(batch.entry.map((e) => e.response.status.slice(0, 3)), ['201', '422']);
  assert.deepEqual(places(batch.entry[1].response.outcome), ['Observation.status']);
});

test('warnings refuse nothing, and are told to who asks for an OperationOutcome', async () => {
  const odd = { ...patient('warn'), meta: { profile: ['http://nobody.example/StructureDefinition/unknown'] } };
  must(await doctor.put(odd), 200, 201);
  const told = await doctor.must_put({ ...odd, gender: 'male' }, { prefer: 'return=OperationOutcome' });
  assert.equal(told.resourceType, 'OperationOutcome');
  assert.ok(told.issue.some((issue) => issue.severity === 'warning' && /nobody\.example/.test(issue.diagnostics)), JSON.stringify(told));
});

test('$validate answers 200 with the outcome, on the type and on the instance, bare and in Parameters', async () => {
  const ask = (path, body) => doctor.send('POST', path, { headers: { 'content-type': kFhirJson }, body: JSON.stringify(body) });
  const bad = must(await ask('Patient/$validate', wrong), 200).json;
  assert.equal(bad.resourceType, 'OperationOutcome');
  assert.deepEqual(places(bad), ['Patient.birthDate', 'Patient.colour', 'Patient.gender', 'Patient.name']);
  assert.deepEqual(places(must(await ask('Patient/$validate', patient('x')), 200).json), []);
  const wrapped = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: wrong }, { name: 'mode', valueCode: 'create' }] };
  assert.deepEqual(places(must(await ask('Patient/$validate', wrapped), 200).json), places(bad));
  assert.deepEqual(places(must(await ask('Observation/$validate', patient('x')), 200).json), ['Patient.resourceType']);
  assert.deepEqual(places(must(await ask('Patient/p9/$validate?mode=update', patient('other')), 200).json), ['Patient.id']);
  assert.ok(must(await ask('Patient/$validate?profile=http://nobody.example/p', patient('x')), 200).json.issue.some((issue) => issue.code === 'not-found'));
  refused(await ask('Patient/$validate?mode=perhaps', patient('x')), 400);
  refused(await doctor.send('POST', 'Patient/$validate', { headers: { 'content-type': kFhirJson }, body: '{' }), 400);
  refused(await doctor.send('POST', 'Patient/$validate', { headers: { 'content-type': kFhirJson }, body: JSON.stringify({ resourceType: 'Parameters' }) }), 400, 'required');
  refused(await server.stranger().post('Patient/$validate', patient('x')), 401);
});

test('$validate with mode=delete says who may, and nothing of what is hidden', async () => {
  await doctor.must_put(patient('d1'));
  const ask = (who, id) => who.send('POST', `Patient/${id}/$validate?mode=delete`, { headers: { 'content-type': kFhirJson }, body: JSON.stringify({ resourceType: 'Parameters' }) });
  assert.deepEqual(places(must(await ask(doctor, 'd1'), 200).json), []);
  refused(await ask(doctor, 'nobody'), 404);
  refused(await ask(server.doctor('b'), 'd1'), 404);
  must(await doctor.get('Patient/d1'), 200);
});

test('$validate is in the trail, and in the CapabilityStatement', async () => {
  const answer = must(await doctor.post('Patient/$validate', patient('x')), 200);
  const events = await server.auditor().must_get(`AuditEvent?entity=${encodeURIComponent(answer.headers['x-request-id'])}`);
  assert.ok(events.entry?.some((e) => e.resource.subtype?.map((one) => one.code).join() === 'operation,validate'), JSON.stringify(events));
  for (const code of ['validate', 'operation']) {
    const found = await server.auditor().must_get(`AuditEvent?subtype=${code}&_count=200`);
    assert.ok(found.entry.some((e) => e.resource.id === events.entry[0].resource.id), `found as ${code}`);
  }
  const statement = await doctor.must_get('metadata');
  const of = (type) => statement.rest[0].resource.find((r) => r.type === type).operation.map((o) => o.name);
  assert.ok(of('Patient').includes('validate'));
  assert.ok(!of('AuditEvent').includes('validate'));
  assert.deepEqual(places(must(await doctor.post('CapabilityStatement/$validate', statement), 200).json), [], 'its own CapabilityStatement is valid');
  const event = events.entry[0].resource;
  const issues = must(await doctor.post('Bundle/$validate', { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111', resource: event }] }), 200).json;
  assert.deepEqual(places(issues), [], `its own AuditEvents are valid: ${JSON.stringify(issues)}`);
});

test('validation = warn takes what on refuses, off does not look', async () => {
  for (const mode of ['warn', 'off']) {
    const lax = await serve(at_end, { flags: ['--validation', mode] });
    const answer = must(await lax.doctor('a').put({ ...patient('w'), gender: 'm' }, { prefer: 'return=OperationOutcome' }), 201);
    assert.equal(answer.json.issue.some((issue) => issue.expression?.[0] === 'Patient.gender'), mode === 'warn');
    await lax.stop();
  }
});

test('kedge validate: an outcome per file, exit 1 on any error', () => {
  const file = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const good = file('good.json', patient('x')), bad = file('bad.json', wrong), broken = file('broken.json', '{');
  const fine = kedge('validate', good);
  assert.equal(fine.code, 0, fine.err);
  assert.equal(JSON.parse(fine.out).resourceType, 'OperationOutcome');
  const mixed = kedge('validate', good, bad, broken, join(folder, 'absent.json'));
  assert.equal(mixed.code, 1);
  const outcomes = mixed.out.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(outcomes.map((outcome) => outcome.issue[0].severity), ['warning', 'error', 'error', 'error']);
  assert.deepEqual(places(outcomes[1]), ['Patient.birthDate', 'Patient.colour', 'Patient.gender', 'Patient.name']);
  assert.match(kedge('validate', '--text', bad).out, /bad\.json: error: Patient\.gender: 'm' is not in the value set/);
  assert.equal(kedge('validate').code, 2);
  assert.equal(kedge('validate', '--package', bad, good).code, 2);
});

test('profiles of a package count on write and in kedge validate', { skip: test_data('us-core') ? false : 'no us-core in KEDGE_TEST_DATA' }, async () => {
  const archive = test_data('us-core/hl7.fhir.us.core-6.1.0.tgz');
  const url = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';
  const path = join(folder, 'us.json');
  writeFileSync(path, JSON.stringify({ ...patient('x'), gender: undefined }));
  const told = kedge('validate', '--package', archive, '--profile', url, path);
  assert.equal(told.code, 1, told.err);
  assert.deepEqual(places(JSON.parse(told.out)), ['Patient.gender']);
  const american = await serve(at_end, { flags: ['--package', archive] });
  const answer = await american.doctor('a').put({ ...patient('x'), gender: undefined, meta: { profile: [url] } });
  refused(answer, 422);
  assert.deepEqual(places(answer.json), ['Patient.gender']);
  must(await american.doctor('a').put({ ...patient('x'), meta: { profile: [url] } }), 201);
  await american.stop();
});
