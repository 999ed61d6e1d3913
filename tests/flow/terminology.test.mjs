// Terminology operations, and definitions that are posted: they count from the answer of their write, and no longer after a delete.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { closing, kedge, kFhirJson, must, refused, serve } from './harness.mjs';
import { bundle, entry, patient } from './samples.mjs';

const at_end = closing(after);
const kZoo = 'http://x.example/zoo', kCats = 'http://x.example/cats', kProfile = 'http://x.example/with-name';
const zoo = { resourceType: 'CodeSystem', id: 'zoo', url: kZoo, version: '1', name: 'Zoo', status: 'active', content: 'complete', concept: [
  { code: 'animal', display: 'Animal', concept: [{ code: 'cat', display: 'Cat', concept: [{ code: 'lion' }] }, { code: 'dog', display: 'Dog' }] }] };
const cats = { resourceType: 'ValueSet', id: 'cats', url: kCats, name: 'Cats', status: 'active', compose: {
  include: [{ system: kZoo, filter: [{ property: 'concept', op: 'is-a', value: 'cat' }] }] } };
const map = { resourceType: 'ConceptMap', id: 'sounds', url: 'http://x.example/sounds', status: 'active', sourceUri: kCats, targetUri: 'http://x.example/noise', group: [
  { source: kZoo, target: 'http://x.example/noise', element: [{ code: 'cat', target: [{ code: 'meow', equivalence: 'equivalent' }] }] }] };
const element = (path, min, max, more = {}) => ({ id: path, path, min, max, definition: path, base: { path, min: 0, max }, ...more });
const profile = { resourceType: 'StructureDefinition', id: 'with-name', url: kProfile, name: 'WithName', status: 'active', kind: 'resource', abstract: false, type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient', derivation: 'constraint', snapshot: { element: [
    element('Patient', 0, '*'), element('Patient.name', 1, '*', { type: [{ code: 'HumanName' }] }),
    element('Patient.maritalStatus', 0, '1', { type: [{ code: 'CodeableConcept' }], binding: { strength: 'required', valueSet: kCats } })] } };
const married = (code) => ({ resourceType: 'Patient', meta: { profile: [kProfile] }, maritalStatus: { coding: [{ system: kZoo, code }] } });

let server, admin, doctor;
before(async () => {
  server = await serve(at_end);
  admin = server.client('admin', 'Practitioner/admin');
  doctor = server.doctor('a');
});

const parameters = (parts) => ({ resourceType: 'Parameters', parameter: parts });
const part = (answer, name) => {
  const found = answer.parameter.find((p) => p.name === name);
  return found && Object.entries(found).find(([key]) => key.startsWith('value'))?.[1];
};
const codes = (set) => (set.expansion.contains ?? []).map((c) => c.code);
const errors = (outcome) => outcome.issue.filter((i) => i.severity === 'error').map((i) => i.expression?.[0]);

test('R4 itself answers: expand, validate-code, lookup, subsumes, translate; GET and POST, JSON and XML', async () => {
  const gender = 'http://hl7.org/fhir/ValueSet/administrative-gender';
  const expanded = await doctor.must_get(`ValueSet/$expand?url=${gender}`);
  assert.deepEqual(codes(expanded), ['male', 'female', 'other', 'unknown']);
  assert.equal(expanded.expansion.total, 4);
  assert.match(expanded.expansion.identifier, /^urn:uuid:/);
  assert.deepEqual(codes(await doctor.must_post('ValueSet/$expand', parameters([{ name: 'url', valueUri: gender }, { name: 'count', valueInteger: 2 }]))), ['male', 'female']);
  const xml = must(await doctor.get(`ValueSet/$expand?url=${gender}&_format=xml`), 200);
  assert.match(xml.text, /<contains><system value="http:\/\/hl7.org\/fhir\/administrative-gender"\/>/);
  const sent = '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="url"/><valueUri value="' + gender + '"/></parameter><parameter><name value="coding"/><valueCoding>' +
    '<system value="http://hl7.org/fhir/administrative-gender"/><code value="male"/></valueCoding></parameter></Parameters>';
  const by_xml = must(await doctor.send('POST', 'ValueSet/$validate-code', { headers: { 'content-type': 'application/fhir+xml', accept: kFhirJson }, body: sent }), 200).json;
  assert.equal(part(by_xml, 'result'), true);
  const role = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
  assert.equal(part(await doctor.must_get(`CodeSystem/$lookup?system=${role}&code=FTH`), 'display'), 'father');
  assert.equal(part(await doctor.must_get(`CodeSystem/$subsumes?system=${role}&codeA=PRN&codeB=FTH`), 'outcome'), 'subsumes');
  assert.equal(part(await doctor.must_get(`CodeSystem/$validate-code?url=${role}&code=FTH&display=mother`), 'result'), false);
  const translated = await doctor.must_get('ConceptMap/$translate?url=http://hl7.org/fhir/ConceptMap/101&system=http://hl7.org/fhir/address-use&code=home');
  assert.equal(translated.parameter.find((p) => p.name === 'match').part.find((p) => p.name === 'concept').valueCoding.code, 'H');
});

test('what is not known, not held or not understood is said, with its name', async () => {
  const says = async (path, status, code, words) => assert.match(refused(await doctor.get(path), status, code).diagnostics, words);
  await says('ValueSet/$expand?url=http://x.example/none', 404, 'not-found', /x\.example\/none/);
  await says('ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/body-site', 501, 'not-supported', /snomed/);
  await says('CodeSystem/$lookup?system=http://loinc.org&code=1-8', 404, 'not-found', /loinc\.org/);
  await says('CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=none', 404, 'not-found', /'none'/);
  await says('ValueSet/$expand?url=http://x.example/none&colour=red', 400, 'not-supported', /colour/);
  await says('ValueSet/$expand?url=http://x.example/none&context=a', 501, 'not-supported', /context/);
  await says('ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/all-languages', 422, 'too-costly', /bcp:47/);
  await says('ValueSet/nobody/$expand', 404, 'not-found', /ValueSet\/nobody/);
  await says('CodeSystem/$find-matches', 501, 'not-supported', /find-matches/);
  refused(await doctor.post('ValueSet/$expand', cats), 400);
  refused(await server.stranger().get('ValueSet/$expand?url=x'), 401);
});

test('a posted value set answers, on the type and on the instance, and every asking is in the trail', async () => {
  for (const resource of [zoo, cats, map]) await admin.must_put(resource);
  assert.deepEqual(codes(await doctor.must_get(`ValueSet/$expand?url=${kCats}&excludeNested=true`)), ['cat', 'lion']);
  const answer = must(await doctor.get('ValueSet/cats/$expand?excludeNested=true'), 200);
  assert.deepEqual(codes(answer.json), ['cat', 'lion']);
  assert.equal(part(await doctor.must_get('CodeSystem/zoo/$subsumes?codeA=animal&codeB=lion'), 'outcome'), 'subsumes');
  assert.equal(part(await doctor.must_get('CodeSystem/zoo/$validate-code?code=bird'), 'result'), false);
  assert.equal(part(await doctor.must_get(`ConceptMap/sounds/$translate?system=${kZoo}&code=cat`), 'result'), true);
  assert.equal(part(await doctor.must_get(`ConceptMap/$translate?source=${kCats}&target=http://x.example/noise&system=${kZoo}&code=dog`), 'result'), false);
  const events = await server.auditor().must_get(`AuditEvent?entity=${encodeURIComponent(answer.headers['x-request-id'])}`);
  assert.ok(events.entry.every((e) => e.resource.subtype[1].code === 'expand'));
  assert.ok(JSON.stringify(events).includes('ValueSet/cats'));
  const named = must(await doctor.get(`ValueSet/$expand?url=${kCats}`), 200);
  const trail = await server.auditor().must_get(`AuditEvent?entity=${encodeURIComponent(named.headers['x-request-id'])}`);
  assert.ok(JSON.stringify(trail).includes('ValueSet/cats/_history/1'), 'the stored value set that answered is named');
  // A new version answers from the moment its write did.
  await admin.must_put({ ...cats, compose: { include: [{ system: kZoo, concept: [{ code: 'dog' }] }] } });
  assert.deepEqual(codes(await doctor.must_get(`ValueSet/$expand?url=${kCats}`)), ['dog']);
  await admin.must_put(cats);
});

test('a posted profile counts for $validate and for meta.profile at once, and no longer when it is deleted', async () => {
  const ask = async (resource) => errors(must(await doctor.post('Patient/$validate', resource), 200).json);
  const warned = must(await doctor.post('Patient/$validate', married('dog')), 200).json;
  assert.ok(warned.issue.some((i) => /not known here/.test(i.diagnostics)));
  refused(await doctor.put(profile), 403);  // who treats does not make the rules
  refused(await server.patient('p1').put(profile), 403);
  await admin.must_put(profile);
  assert.deepEqual(await ask(married('dog')), ['Patient.name', 'Patient.maritalStatus']);
  assert.deepEqual(await ask({ ...married('lion'), name: [{ family: 'x' }] }), []);
  refused(await doctor.put({ ...married('dog'), id: 'm1' }), 422);
  must(await doctor.put({ ...married('cat'), id: 'm1', name: [{ family: 'x' }] }), 201);
  must(await admin.delete('StructureDefinition/with-name'), 204);
  assert.deepEqual(await ask(married('dog')), []);
  await admin.must_put(profile);
});

test('of two versions of a posted profile the newest active one counts, unless the canonical names the other', async () => {
  const version = (id, number, status, path) => ({ ...profile, id, url: `${kProfile}-versions`, version: number, status, snapshot: { element: [
    { id: 'Patient', path: 'Patient', min: 0, max: '*', definition: 'x', base: { path: 'Patient', min: 0, max: '*' } },
    { id: `Patient.${path}`, path: `Patient.${path}`, min: 1, max: '1', definition: 'x', base: { path: `Patient.${path}`, min: 0, max: '1' }, type: [{ code: 'code' }] }] } });
  const ask = async (canonical) => errors(must(await doctor.post(`Patient/$validate?profile=${encodeURIComponent(canonical)}`, { resourceType: 'Patient', active: true }), 200).json);
  await admin.must_put(version('v1', '1.0', 'active', 'gender'));
  await admin.must_put(version('v2', '1.10', 'active', 'birthDate'));
  await admin.must_put(version('v3', '2.0', 'draft', 'language'));
  assert.deepEqual(await ask(`${kProfile}-versions`), ['Patient.birthDate']);
  assert.deepEqual(await ask(`${kProfile}-versions|1.0`), ['Patient.gender']);
  assert.deepEqual(await ask(`${kProfile}-versions|2.0`), ['Patient.language']);
  assert.deepEqual(await ask(`${kProfile}-versions|9`), ['Patient']);
  must(await admin.delete('StructureDefinition/v2'), 204);
  assert.deepEqual(await ask(`${kProfile}-versions`), ['Patient.gender']);
});

test('a response is held against a posted questionnaire, as long as that is stored', async () => {
  const questionnaire = { resourceType: 'Questionnaire', id: 'q1', url: 'http://x.example/Questionnaire/q1', status: 'active', item: [
    { linkId: 'a', type: 'boolean', required: true }, { linkId: 'b', type: 'integer', enableWhen: [{ question: 'a', operator: '=', answerBoolean: true }] }] };
  const response = (...item) => ({ resourceType: 'QuestionnaireResponse', questionnaire: questionnaire.url, status: 'completed', subject: { reference: 'Patient/p1' }, item });
  const ask = async (resource) => errors(must(await doctor.post('QuestionnaireResponse/$validate', resource), 200).json);
  const odd = response({ linkId: 'b', answer: [{ valueString: 'x' }] });
  assert.deepEqual(await ask(odd), []);
  refused(await doctor.put(questionnaire), 403);
  await admin.must_put(questionnaire);
  assert.deepEqual((await ask(odd)).sort(), ['QuestionnaireResponse.item', 'QuestionnaireResponse.item[0]', 'QuestionnaireResponse.item[0].answer[0].value']);
  assert.deepEqual(await ask(response({ linkId: 'a', answer: [{ valueBoolean: true }] }, { linkId: 'b', answer: [{ valueInteger: 3 }] })), []);
  must(await admin.delete('Questionnaire/q1'), 204);
  assert.deepEqual(await ask(odd), []);
});

test('what is stored counts after a restart too, and what was deleted does not', async () => {
  must(await admin.delete('ConceptMap/sounds'), 204);
  await server.stop();
  await server.start();
  assert.deepEqual(codes(await doctor.must_get(`ValueSet/$expand?url=${kCats}&excludeNested=true`)), ['cat', 'lion']);
  refused(await doctor.put({ ...married('dog'), id: 'm2' }), 422);
  refused(await doctor.get(`ConceptMap/$translate?url=${map.url}&system=${kZoo}&code=cat`), 404);
});

test('definitions that nobody could use are refused, alone and in a transaction, with the place', async () => {
  const { snapshot, ...bare } = profile;
  const differential = { ...bare, id: 'bare', url: 'http://x.example/bare', differential: snapshot };
  assert.match(refused(await admin.put(differential), 422, 'required').diagnostics, /snapshot/);
  assert.ok(errors(must(await admin.post('StructureDefinition/$validate', differential), 200).json).includes('StructureDefinition.snapshot'));
  const answer = await admin.post('', bundle('transaction', entry('PUT', 'StructureDefinition/bare', differential)));
  assert.match(refused(answer, 422).expression[0], /Bundle\.entry\[0\]\.resource\.snapshot/);
  const broken = structuredClone(profile);
  broken.id = 'broken';
  broken.snapshot.element[0].constraint = [{ key: 'x-1', severity: 'error', human: 'x', expression: 'name.where(' }];
  const issue = refused(await admin.put(broken), 422);
  assert.match(issue.diagnostics, /no FHIRPath/);
  assert.match(issue.expression[0], /snapshot\.element\[0\]\.constraint\[0\]\.expression/);
  // In one transaction all count when it is answered.
  const other = { ...cats, id: 'dogs', url: 'http://x.example/dogs', compose: { include: [{ system: kZoo, concept: [{ code: 'dog' }] }] } };
  await admin.must_post('', bundle('transaction', entry('PUT', 'ValueSet/dogs', other)));
  assert.deepEqual(codes(await doctor.must_get('ValueSet/$expand?url=http://x.example/dogs')), ['dog']);
});

test('readers are never stopped by a writer: expansions go on while value sets are written', async () => {
  const writes = (async () => {
    for (let i = 0; i < 40; ++i) await admin.must_put({ ...cats, id: `w${i % 5}`, url: `http://x.example/w${i % 5}`, title: `t${i}` });
  })();
  let reads = 0, done = false;
  writes.finally(() => { done = true; });
  while (!done || reads < 20) {
    assert.deepEqual(codes(await doctor.must_get(`ValueSet/$expand?url=${kCats}&excludeNested=true`)), ['cat', 'lion']);
    reads += 1;
  }
  await writes;
});

test('R4\'s own profiles are known: vital signs are checked', async () => {
  const weight = (unit) => ({ resourceType: 'Observation', meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bodyweight'] }, status: 'final',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] }, subject: { reference: 'Patient/1' }, effectiveDateTime: '2020-01-01',
    valueQuantity: { value: 1, unit, system: 'http://unitsofmeasure.org', code: unit } });
  assert.deepEqual(errors(must(await doctor.post('Observation/$validate', weight('kg')), 200).json), []);
  assert.deepEqual(errors(must(await doctor.post('Observation/$validate', weight('mm[Hg]')), 200).json).length, 1);
});

test('metadata tells the operations, and mode=terminology nothing that is stored', async () => {
  const statement = await doctor.must_get('metadata');
  const of = (type) => statement.rest[0].resource.find((r) => r.type === type).operation.map((o) => o.name);
  for (const [type, names] of [['ValueSet', ['expand', 'validate-code']], ['CodeSystem', ['lookup', 'subsumes', 'validate-code']], ['ConceptMap', ['translate']]]) {
    for (const name of names) assert.ok(of(type).includes(name), `${type}/$${name}`);
  }
  assert.ok(!of('Patient').includes('expand'));
  const told = must(await server.stranger().get('metadata?mode=terminology'), 200).json;
  assert.equal(told.resourceType, 'TerminologyCapabilities');
  const systems = told.codeSystem.map((s) => s.uri);
  assert.ok(systems.length >= 1058 && systems.includes('http://hl7.org/fhir/administrative-gender'));
  assert.ok(!systems.includes(kZoo) && !systems.includes('http://snomed.info/sct'));
  assert.deepEqual(errors(must(await doctor.post('TerminologyCapabilities/$validate', told), 200).json), []);
  refused(await server.stranger().get('metadata?mode=perhaps'), 400);
});

test('kedge validate --package and --package at the server read the value sets and code systems of a package', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kedge-terminology-'));
  at_end(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'package'));
  for (const resource of [zoo, cats, profile]) writeFileSync(join(folder, 'package', `${resource.resourceType}-${resource.id}.json`), JSON.stringify(resource));
  const tgz = join(folder, 'zoo.tgz'), file = join(folder, 'p.json');
  execFileSync('tar', ['-czf', tgz, '-C', folder, 'package']);
  writeFileSync(file, JSON.stringify({ ...married('dog'), name: [{ family: 'x' }] }));
  const offline = kedge('validate', '--package', tgz, '--text', file);
  assert.equal(offline.code, 1, offline.out + offline.err);
  assert.match(offline.out, /'dog' is not in the value set http:\/\/x\.example\/cats/);
  const packaged = await serve(at_end, { flags: ['--package', tgz] });
  const told = await packaged.doctor('a').must_get(`ValueSet/$expand?url=${kCats}&excludeNested=true`);
  assert.deepEqual(codes(told), ['cat', 'lion']);
  const listed = must(await packaged.stranger().get('metadata?mode=terminology'), 200).json.codeSystem.map((s) => s.uri);
  assert.ok(listed.includes(kZoo));
  // The same patient without the profile: nothing of the package is asked.
  must(await packaged.doctor('a').put(patient('plain')), 201);
});
