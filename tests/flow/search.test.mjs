// R4 search.html as far as kedge claims it: paging, strictness, POST _search, and that the CapabilityStatement tells the truth.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { all_pages, closing, must, refused, serve } from './harness.mjs';
import { kIdentifier, observation, patient, seed } from './samples.mjs';

const at_end = closing(after);
let server, doctor;
before(async () => {
  server = await serve(at_end);
  doctor = server.doctor('a');
  await seed(server, { observations: 25 });
  await seed(server, { id: 'p2', observations: 2 });
});

test('pages hold every match once, and the links are the server\'s own', async () => {
  const { resources, pages } = await all_pages(doctor, 'Observation?patient=Patient/p1&_count=10');
  assert.equal(pages, 3);
  assert.equal(new Set(resources.map((resource) => resource.id)).size, 25);
  assert.equal(resources.length, 25);
});

test('a write between two pages neither repeats nor drops what was there', async () => {
  const first = await doctor.must_get('Observation?patient=Patient/p2&_count=1');
  await doctor.must_put(observation('p2-late', 'p2'));
  const rest = await all_pages(doctor, first.link.find((link) => link.relation === 'next').url);
  const ids = [...first.entry.map((e) => e.resource.id), ...rest.resources.map((r) => r.id)];
  assert.deepEqual([...ids].sort(), ['p2-o1', 'p2-o2']);
  must(await doctor.delete('Observation/p2-late'), 204);
});

test('search by id, identifier, patient and subject, by GET and by POST', async () => {
  const ids = async (target) => (await all_pages(doctor, target)).resources.map((r) => r.id).sort();
  assert.deepEqual(await ids('Patient?_id=p1,p2'), ['p1', 'p2']);
  assert.deepEqual(await ids(`Patient?identifier=http://hospital.example/mrn|${kIdentifier}-p2`), ['p2']);
  assert.deepEqual(await ids(`Patient?identifier=${kIdentifier}-p2`), ['p2']);
  assert.deepEqual(await ids('Patient?identifier=http://elsewhere.example|x'), []);
  assert.deepEqual(await ids('Observation?subject=Patient/p2'), ['p2-o1', 'p2-o2']);
  assert.deepEqual(await ids('Observation?patient=p2'), ['p2-o1', 'p2-o2']);
  const posted = must(await doctor.send('POST', 'Observation/_search', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'patient=Patient%2Fp2&_count=1' }), 200);
  assert.equal(posted.json.entry.length, 1);
  assert.equal((await all_pages(doctor, posted.json.link.find((l) => l.relation === 'next').url)).resources.length, 1);
});

test('_lastUpdated bounds by time', async () => {
  assert.equal((await doctor.must_get('Observation?patient=p2&_lastUpdated=ge2000-01-01')).total, 2);
  assert.equal((await doctor.must_get('Observation?patient=p2&_lastUpdated=lt2000-01-01')).total, 0);
});

test('an unknown parameter is refused by name, or passed over when the client asks for it', async () => {
  const issue = refused(await doctor.get('Observation?patient=p2&colour=red'), 400);
  assert.match(issue.diagnostics, /colour/);
  const lenient = must(await doctor.get('Observation?patient=p2&colour=red', { prefer: 'handling=lenient' }), 200).json;
  assert.equal(lenient.total, 2);
  assert.ok(!lenient.link.find((link) => link.relation === 'self').url.includes('colour'));
  refused(await doctor.get('Observation?_count=x'), 400);
  refused(await doctor.get('Patient?identifier:nosuch=1'), 400);
});

test('a forged next link is refused', async () => {
  const first = await doctor.must_get('Observation?patient=Patient/p1&_count=10');
  const next = first.link.find((link) => link.relation === 'next').url;
  const at = next.length - 6;
  refused(await doctor.get(next.slice(0, at) + (next[at] === 'A' ? 'B' : 'A') + next.slice(at + 1)), [400, 404, 410]);
});

test('the CapabilityStatement is open, and claims what the server does', async () => {
  const statement = (await server.stranger().must_get('metadata'));
  assert.equal(statement.fhirVersion, '4.0.1');
  const rest = statement.rest[0];
  const of = (type) => rest.resource.find((resource) => resource.type === type);
  for (const type of ['Observation', 'Organization']) {
    for (const { name } of of(type).searchParam) {
      const value = { _lastUpdated: 'ge2000', date: 'ge2000', _id: 'p1' }[name] ?? 'p1';
      const answer = await doctor.get(`${type}?${name}=${value}`);
      assert.equal(answer.status, 200, `${type}?${name}: ${answer.text.slice(0, 200)}`);
    }
  }
  assert.deepEqual(of('AuditEvent').interaction.map((i) => i.code).filter((code) => /create|update|delete|patch/.test(code)), []);
  assert.equal(of('AuditEvent').versioning, 'versioned');
  assert.equal(of('Parameters').interaction, undefined);
  refused(await doctor.post('Parameters', { resourceType: 'Parameters' }), 404, 'not-supported');
  const transaction = { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: { resourceType: 'Parameters' }, request: { method: 'POST', url: 'Parameters' } }] };
  refused(await doctor.send('POST', '', { headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(transaction) }), 404, 'not-supported');
  assert.deepEqual(of('Observation').referencePolicy, ['literal', 'logical']);
  const elsewhere = observation('elsewhere', 'p1');
  await doctor.must_put({ ...elsewhere, performer: [{ reference: 'https://other.example/fhir/Practitioner/1' }, { identifier: { system: 'http://x.example', value: '1' } }] });
  const claimed = new Set(of('Patient').interaction.map((i) => i.code));
  const works = {
    read: async () => (await doctor.get('Patient/p1')).status === 200,
    vread: async () => (await doctor.get('Patient/p1/_history/1')).status === 200,
    'history-instance': async () => (await doctor.get('Patient/p1/_history')).status === 200,
    'history-type': async () => (await doctor.get('Patient/_history')).status === 200,
    'search-type': async () => (await doctor.get('Patient?_id=p1')).status === 200,
    create: async () => (await doctor.post('Patient', patient())).status === 201,
    update: async () => (await doctor.put(patient('cap'))).status < 300,
    delete: async () => (await doctor.delete('Patient/cap')).status === 204,
    patch: async () => (await doctor.send('PATCH', 'Patient/p1', { headers: { 'content-type': 'application/json-patch+json' }, body: '[]' })).status < 300,
  };
  for (const [code, works_now] of Object.entries(works)) assert.equal(await works_now(), claimed.has(code), code);
});

test('health, readiness, metrics and SMART configuration are served', async () => {
  must(await server.stranger().get('/healthz'), 200);
  must(await server.stranger().get('/readyz'), 200);
  assert.match(must(await server.stranger().get('/metrics'), 200).text, /^# (HELP|TYPE) /m);
  const smart = must(await server.stranger().get('.well-known/smart-configuration'), 200).json;
  assert.ok(smart.issuer);
  assert.equal(smart.token_endpoint, undefined);
});

test('the trail answers every way to write a reference or a token alike, and never an empty Bundle for what it cannot mean', async () => {
  const auditor = server.auditor(), self = server.client('patient', 'Patient/p1');
  must(await doctor.get('Patient/p1'), 200);
  const base = server.base.replace(/\/$/, '');
  const count = async (query, client = auditor) => (await client.must_get(`AuditEvent?date=lt${cut}&_summary=count&${query}`)).total;
  const cut = new Date(Date.now() + 1).toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));  // what the searches below add is later than that
  const same = async (first, others, client) => {
    const wanted = await count(first, client);
    assert.ok(wanted > 0, first);
    for (const other of others) assert.equal(await count(other, client), wanted, other);
  };
  const p1 = ['p1', `${base}/Patient/p1`];
  await same('patient=Patient/p1', [...p1.map((value) => `patient=${value}`), 'patient:Patient=p1', 'entity=Patient/p1', `entity=${base}/Patient/p1`, 'entity:Patient=p1', 'entity=p1', 'patient=nobody,p1']);
  await same('patient=Patient/p1', ['patient=p1', `patient=${base}/Patient/p1`], self);
  const who = 'Practitioner/dr-a';
  await same(`agent=${who}`, ['agent=dr-a', `agent=${base}/${who}`, 'agent:Practitioner=dr-a', `agent:Practitioner=${who}`]);
  assert.equal(await count('agent:Patient=dr-a'), 0);
  const interactions = 'http://hl7.org/fhir/restful-interaction', actions = 'http://hl7.org/fhir/audit-event-action';
  await same('subtype=read', [`subtype=${interactions}|read`, 'subtype=read,nonsense', `subtype=http://elsewhere|read,read`]);
  await same('action=U,R', [`action=${actions}|R,${actions}|U`]);
  await same('_count=0', [`subtype=${interactions}|`, `action=${actions}|`, 'outcome=http://hl7.org/fhir/audit-event-outcome|']);
  for (const query of ['subtype=http://elsewhere|read', 'subtype=|read', 'subtype=http://kedge.dev/fhir/CodeSystem/operation|read', 'action=http://elsewhere|R', 'action=|R', 'outcome=http://elsewhere|0']) {
    assert.equal(await count(query), 0, query);
  }
  for (const query of ['action=CR', 'action=c', 'outcome=1', 'agent:Patient=Practitioner/dr-a', 'patient=Patient/p1/_history/1', 'entity=Patient/p1/_history/1', 'patient=Practitioner/dr-a',
    'patient=https://elsewhere.example/fhir/Patient/p1', 'entity=https://elsewhere.example/fhir/Patient/p1', 'agent=urn:uuid:6c1b3dd3-6f3c-4f5b-9fb9-000000000001', 'entity=patient/p1', 'entity=%23p1',
    'agent:missing=true', 'agent.name=x', 'subtype:not=read', '_id=AuditEvent/x', 'action=R,', 'subtype=a|b|c']) {
    refused(await auditor.get(`AuditEvent?${query}`), 400);
  }
  refused(await auditor.get('AuditEvent?subtype:not=read', { prefer: 'handling=lenient' }), 400);
  refused(await self.get(`AuditEvent?patient=${base}/Patient/p2`), 403);
  const answer = must(await doctor.get('Patient/p1'), 200);
  assert.equal(await count_of_request(auditor, answer.headers['x-request-id']), 1);
});
const count_of_request = async (auditor, id) => (await auditor.must_get(`AuditEvent?entity=${id}&_summary=count`)).total;
