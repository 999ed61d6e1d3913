// FHIR XML over the wire (R4 http.html#mime-type, xml.html), _summary and _elements (search.html#summary).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { closing, fresh_dir, kedge, must, refused, serve, test_data } from './harness.mjs';
import { bundle, entry, observation, patient } from './samples.mjs';

const kXml = 'application/fhir+xml';
const kNs = 'xmlns="http://hl7.org/fhir"';
const at_end = closing(after);
let server, doctor;
before(async () => {
  server = await serve(at_end);
  doctor = server.doctor('a');
  await doctor.must_put(patient());
});
const xml_patient = (id, more = '') => `<Patient ${kNs}><id value="${id}"/><active value="true"/><name><family value="Müller"/><given value="A"/><given id="g"><extension url="http://x.example/e"><valueDecimal value="1.10"/></extension></given></name>${more}</Patient>`;
const send_xml = (method, target, body, headers = {}) => doctor.send(method, target, { headers: { 'content-type': kXml, ...headers }, body });
const in_xml = (answer, ...status) => {
  must(answer, ...status);
  assert.match(answer.headers['content-type'], /^application\/fhir\+xml; charset=utf-8$/);
  assert.match(answer.text, /^<\?xml version="1.0" encoding="UTF-8"\?>/);
  return answer.text;
};
// An OperationOutcome in XML.
const refused_in_xml = (answer, status, says) => {
  const text = in_xml(answer, status);
  assert.match(text, /<OperationOutcome xmlns="http:\/\/hl7.org\/fhir"><issue><severity value="(error|fatal)"\/>/);
  if (says) assert.match(text, says);
  return text;
};
const peak_kb = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))[1]);

test('what is written as XML is read as JSON, and back', async () => {
  must(await send_xml('PUT', 'Patient/x1', xml_patient('x1')), 201);
  const read = must(await doctor.get('Patient/x1'), 200);
  assert.match(read.headers['content-type'], /application\/fhir\+json/);
  assert.ok(read.text.includes('"name":[{"family":"Müller","given":["A",null],"_given":[null,{"id":"g","extension":[{"url":"http://x.example/e","valueDecimal":1.10}]}]}]'), read.text);
  const text = in_xml(await doctor.get('Patient/x1', { accept: kXml }), 200);
  assert.ok(text.includes('<name><family value="Müller"/><given value="A"/><given id="g"><extension url="http://x.example/e"><valueDecimal value="1.10"/></extension></given></name>'), text);
  // Written back unchanged it is the same content, so no new version.
  const again = must(await send_xml('PUT', 'Patient/x1', text), 200);
  assert.equal(again.headers.etag, read.headers.etag);
});

test('a narrative with HTML\'s named characters: JSON as it was sent, XML with the characters, alone and in Bundles', async () => {
  const div = '<div xmlns="http://www.w3.org/1999/xhtml">a&nbsp;b &eacute; &amp;</div>';
  await doctor.must_put(patient('named', { text: { status: 'generated', div } }));
  assert.equal((await doctor.must_get('Patient/named')).text.div, div);
  for (const target of ['Patient/named', 'Patient?_id=named', 'Patient/named/_history']) {
    assert.ok(in_xml(await doctor.get(target, { accept: kXml }), 200).includes('>a\u00a0b é &amp;</div>'), target);
  }
  // XML itself knows no such name.
  refused(await send_xml('PUT', 'Patient/named', xml_patient('named').replace('<active', `<text><status value="generated"/>${div}</text><active`)), 400);
});

test('create answers in the form that was asked for', async () => {
  const made = await send_xml('POST', 'Patient', xml_patient('ignored'), { accept: kXml });
  assert.match(in_xml(made, 201), /<Patient xmlns="http:\/\/hl7.org\/fhir"><id value="[0-9a-f-]+"\/>/);
  const json = must(await send_xml('POST', 'Patient', xml_patient('ignored')), 201);
  assert.equal(json.json.resourceType, 'Patient');
  const outcome = await send_xml('POST', 'Patient', xml_patient('ignored'), { accept: kXml, prefer: 'return=OperationOutcome' });
  assert.match(in_xml(outcome, 201), /<OperationOutcome/);
  assert.equal(must(await send_xml('POST', 'Patient', xml_patient('ignored'), { accept: kXml, prefer: 'return=minimal' }), 201).text, '');
});

test('Accept with q-values, _format and _pretty', async () => {
  const form = async (accept, target = 'Patient/p1') => (must(await doctor.get(target, accept ? { accept } : {}), 200).headers['content-type'] ?? '').replace(/;.*/, '').replace('application/fhir+', '');
  assert.equal(await form(undefined), 'json');
  assert.equal(await form('*/*'), 'json');
  for (const type of [kXml, 'application/xml', 'text/xml', 'application/fhir+xml; fhirVersion=4.0']) assert.equal(await form(type), 'xml', type);
  assert.equal(await form('application/fhir+xml;q=0.9, application/fhir+json;q=0.5'), 'xml');
  assert.equal(await form('application/fhir+xml;q=0.4, application/fhir+json;q=0.5'), 'json');
  assert.equal(await form('application/fhir+xml, application/fhir+json'), 'json');
  assert.equal(await form('*/*, application/fhir+json;q=0, application/json;q=0, text/json;q=0'), 'xml');
  for (const format of ['xml', 'text/xml', 'application/xml', 'application/fhir+xml', 'application/fhir%2Bxml']) assert.equal(await form('application/fhir+json', `Patient/p1?_format=${format}`), 'xml', format);
  assert.equal(await form(kXml, 'Patient/p1?_format=json'), 'json');
  assert.match(in_xml(await doctor.get('Patient/p1?_format=xml&_pretty=true'), 200), /\n<Patient xmlns="http:\/\/hl7.org\/fhir">\n {2}<id value="p1"\/>\n/);
  refused(await doctor.get('Patient/p1?_format=turtle'), 406, 'not-supported');
  refused(await doctor.get('Patient/p1', { accept: 'text/turtle' }), 406, 'not-supported');
  refused(await doctor.send('PUT', 'Patient/p1', { headers: { 'content-type': 'text/turtle' }, body: 'x' }), 415, 'not-supported');
  refused_in_xml(await doctor.send('PUT', 'Patient/p1', { headers: { 'content-type': 'text/turtle', accept: kXml }, body: 'x' }), 415);
});

test('the links to further pages keep _format and _pretty of the URL', async () => {
  for (const n of [1, 2, 3]) await doctor.must_put(patient(`page${n}`));
  const next_of = (text) => /<relation value="next"\/>\s*<url value="([^"]+)"/.exec(text)?.[1].replaceAll('&amp;', '&').slice(`${server.base}/`.length);
  for (const target of ['Patient?_count=1', 'Patient/_history?_count=1', '_history?_count=1', 'AuditEvent?_count=1']) {
    const who = target.startsWith('Audit') ? server.auditor() : doctor;
    for (const asked of ['_format=xml&_pretty=true', '_format=application/fhir%2Bxml&_pretty=true']) {
      let page = in_xml(await who.get(`${target}&${asked}`), 200);
      for (let n = 0; n < 2; ++n) page = in_xml(await who.get(next_of(page)), 200);
      assert.match(page, /\n {2}<type value="(searchset|history)"\/>\n/);
    }
    const plain = must(await who.get(target), 200).json.link.find((link) => link.relation === 'next').url;
    assert.ok(!plain.includes('_format') && !plain.includes('_pretty'), plain);
  }
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const posted = in_xml(await doctor.send('POST', 'Patient/_search', { headers, body: '_count=1&_format=xml' }), 200);
  in_xml(await doctor.get(next_of(posted)), 200);
});

test('errors are OperationOutcomes in XML too, also for strangers', async () => {
  refused_in_xml(await doctor.get('Patient/nobody', { accept: kXml }), 404, /<code value="not-found"\/>/);
  refused_in_xml(await server.stranger().get('Patient/p1', { accept: kXml }), 401, /<code value="login"\/>/);
  refused_in_xml(await server.stranger().get('Patient/p1?_format=xml'), 401);
  refused_in_xml(await doctor.get('Patent/1', { accept: kXml }), 404);
  refused_in_xml(await doctor.delete('metadata', { accept: kXml }), 405);
  refused_in_xml(await doctor.get('Patient?colour=red&_format=xml'), 400);
  refused_in_xml(await doctor.get('Patient?colour%01=red&_format=xml'), 400);
});

test('validation and $validate speak of XML as of JSON', async () => {
  const wrong = `<Patient ${kNs}><gender value="purple"/></Patient>`;
  refused_in_xml(await send_xml('POST', 'Patient', wrong, { accept: kXml }), 422, /Patient\.gender/);
  const asked = in_xml(await send_xml('POST', 'Patient/$validate', wrong, { accept: kXml }), 200);
  assert.match(asked, /<expression value="Patient\.gender"\/>/);
});

test('a wrong resource is refused with line, column and place', async () => {
  for (const [body, says] of [
    [`<Patient ${kNs}>\n <colour value="red"/></Patient>`, /line 2.*colour/],
    [`<Patient ${kNs}><gender value="male"/><active value="true"/></Patient>`, /too late/],
    [`<Patient ${kNs}><name><given value=""/></name></Patient>`, /empty/],
    ['<Patient/>', /namespace/],
    [`<Patient ${kNs}>`, /line 1/],
    ['{"resourceType":"Patient"}', /line 1/],
    ['', /empty/],
  ]) {
    assert.match(refused(await send_xml('POST', 'Patient', body), 400).diagnostics, says, body);
  }
  assert.deepEqual(refused(await send_xml('POST', 'Patient', `<Patient ${kNs}><name><given colour="x"/></name></Patient>`), 400).expression, ['Patient.name[0].given[0]']);
  refused(await send_xml('POST', 'Patient', `<Organization ${kNs}/>`), 400);
  refused(await doctor.send('POST', 'Patient', { headers: { 'content-type': 'application/fhir+xml; charset=latin1' }, body: xml_patient('x') }), 415);
});

test('external entities and billion laughs are refused with 400, fast and in bounded memory', async () => {
  const before_kb = peak_kb();
  const levels = Array.from({ length: 20 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
  for (const dtd of [
    '<!DOCTYPE Patient [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE Patient SYSTEM "http://127.0.0.1:1/x.dtd">',
    `<!DOCTYPE Patient [<!ENTITY l0 "lol">${levels}<!ENTITY x "&l20;">]>`,
    `<!DOCTYPE Patient [<!ENTITY x "${'a'.repeat(100_000)}">]>`,
  ]) {
    const began = Date.now();
    const issue = refused(await send_xml('POST', 'Patient', `${dtd}<Patient ${kNs}><gender value="&x;"/></Patient>`), 400);
    assert.match(issue.diagnostics, /DOCTYPE/);
    assert.ok(!JSON.stringify(issue).includes('root:'));
    assert.ok(Date.now() - began < 2000);
  }
  refused(await send_xml('POST', 'Patient', `<Patient ${kNs}><text><div xmlns="http://www.w3.org/1999/xhtml">${'<b>'.repeat(200_000)}`), [400, 413]);
  refused(await send_xml('POST', 'Patient', `<Patient ${kNs}><active ${Array.from({ length: 50_000 }, (_, n) => `a${n}="1"`).join(' ')}/></Patient>`), 413);
  assert.ok(peak_kb() - before_kb < 200_000, `memory grew by ${peak_kb() - before_kb} kB`);
  must(await doctor.get('Patient/p1'), 200);
});

test('a batch and a transaction in XML', async () => {
  const in_bundle = (type, entries) => `<Bundle ${kNs}><type value="${type}"/>${entries.map(([method, url, resource]) => `<entry>${resource ? `<resource>${resource.replace(` ${kNs}`, '')}</resource>` : ''}<request><method value="${method}"/><url value="${url}"/></request></entry>`).join('')}</Bundle>`;
  const batch = in_xml(await send_xml('POST', '', in_bundle('batch', [['PUT', 'Patient/xb1', xml_patient('xb1')], ['GET', 'Patient/p1?_format=xml&amp;_pretty=true'], ['GET', 'Patient/nobody']]), { accept: kXml }), 200);
  assert.match(batch, /<type value="batch-response"\/>/);
  assert.deepEqual([...batch.matchAll(/<status value="(\d+)/g)].map((m) => m[1]), ['201', '200', '404']);
  assert.match(batch, /<resource><Patient><id value="p1"\/>/);
  assert.match(batch, /<outcome><OperationOutcome><issue>/);
  const done = must(await send_xml('POST', '', in_bundle('transaction', [['PUT', 'Patient/xt1', xml_patient('xt1')], ['GET', 'Patient/p1']])), 200).json;
  assert.equal(done.type, 'transaction-response');
  await doctor.must_get('Patient/xt1');
  // Entries are JSON inside whatever the request's own Accept says.
  const mixed = await doctor.must_post('', bundle('batch', entry('GET', 'Patient/p1?_format=xml')));
  assert.equal(mixed.entry[0].resource.id, 'p1');
});

test('search, history, paging, capabilities and the audit trail in XML', async () => {
  for (let n = 0; n < 3; n += 1) await doctor.must_put(observation(`xs${n}`));
  const found = in_xml(await doctor.get('Observation?patient=p1&_count=2', { accept: kXml }), 200);
  assert.match(found, /<type value="searchset"\/>/);
  assert.equal(found.match(/<Observation>/g).length, 2);
  const next = /<relation value="next"\/><url value="([^"]+)"/.exec(found)[1].replaceAll('&amp;', '&');
  assert.equal(in_xml(await doctor.get(next, { accept: kXml }), 200).match(/<Observation>/g).length, 1);
  const posted = await doctor.send('POST', 'Observation/_search', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'patient=p1&_format=xml' });
  assert.equal(in_xml(posted, 200).match(/<Observation>/g).length, 3);
  assert.match(in_xml(await doctor.get('Patient/p1/_history?_format=xml'), 200), /<type value="history"\/>/);
  assert.match(in_xml(await doctor.get('Patient/p1/_history/1?_format=xml'), 200), /<versionId value="1"\/>/);
  const metadata = in_xml(await server.stranger().get('metadata?_format=xml'), 200);
  for (const format of ['application/fhir+json', 'json', 'application/fhir+xml', 'xml']) assert.ok(metadata.includes(`<format value="${format}"/>`), format);
  const trail = in_xml(await server.auditor().get('AuditEvent?_count=2', { accept: kXml }), 200);
  assert.equal(trail.match(/<AuditEvent>/g).length, 2);
  const id = /<AuditEvent><id value="([^"]+)"/.exec(trail)[1];
  const event = in_xml(await server.auditor().get(`AuditEvent/${id}`, { accept: kXml }), 200);
  assert.match(event, /<agent>/);
  assert.equal(must(await doctor.get('Patient/p1', { accept: kXml, 'if-none-match': 'W/"1"' }), 304).text, '');
  assert.equal(must(await doctor.send('HEAD', 'Patient/p1', { headers: { accept: kXml } }), 200).text, '');
});

test('what the server writes is valid by the schema of R4', async (t) => {
  const schema = test_data('r4-xsd/fhir-single.xsd');
  if (!schema) return t.skip('no R4 schemas in KEDGE_TEST_DATA');
  if (spawnSync('xmllint', ['--version']).error) return t.skip('xmllint is missing (Debian: libxml2-utils)');
  const dir = fresh_dir();
  const files = [];
  for (const target of ['metadata', 'Patient/x1', 'Patient/nobody', 'Observation?patient=p1', 'Patient/p1/_history', 'Observation?_summary=true', 'Observation?_elements=status']) {
    files.push(join(dir, `${files.length}.xml`));
    writeFileSync(files.at(-1), in_xml(await doctor.get(target, { accept: kXml }), 200, 404));
  }
  files.push(join(dir, 'trail.xml'));
  writeFileSync(files.at(-1), in_xml(await server.auditor().get('AuditEvent?_count=20', { accept: kXml }), 200));
  const run = spawnSync('xmllint', ['--nonet', '--noout', '--schema', schema, ...files], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
});

test('a stored resource that XML cannot hold is 406 in XML and served in JSON; writes say what they did', async () => {
  const loose = (await serve(at_end, { flags: ['--validation', 'off'] })).doctor('a');
  const control = { ...patient('ctl'), name: [{ family: 'a\u0001b' }] };
  const made = must(await loose.put(control, { accept: kXml }), 201);
  assert.match(made.headers['content-type'], /fhir\+json/);
  refused_in_xml(await loose.get('Patient/ctl', { accept: kXml }), 406, /U\+0001/);
  assert.equal((await loose.must_get('Patient/ctl')).name[0].family, 'a\u0001b');
  // A page tells of it in its place, and holds the others.
  must(await loose.put({ ...patient('fffe'), name: [{ family: 'a\ufffeb' }] }), 201);
  must(await loose.put(patient('fine')), 201);
  const found = in_xml(await loose.get('Patient', { accept: kXml }), 200);
  assert.match(found, /<id value="fine"\/>/);
  assert.match(found, /<resource><OperationOutcome>.*Patient\/fffe cannot be written as XML.*U\+FFFE.*<\/OperationOutcome><\/resource><search><mode value="outcome"\/>/);
  const past = in_xml(await loose.get('Patient/fffe/_history', { accept: kXml }), 200);
  assert.match(past, /<entry><fullUrl value="[^"]*Patient\/fffe"\/><request>.*<\/request><response>.*<outcome><OperationOutcome>.*U\+FFFE/);
});

test('_summary and _elements shorten and mark', async () => {
  const tag = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED', display: 'subsetted' }];
  await doctor.must_put({ ...observation('sum'), text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' }, note: [{ text: 'n' }] });
  const keys = (resource) => Object.keys(resource).sort().join(' ');
  const summary = await doctor.must_get('Observation/sum?_summary=true');
  assert.equal(keys(summary), 'code effectiveDateTime id meta resourceType status subject valueQuantity');
  assert.deepEqual(summary.meta.tag, tag);
  assert.equal(keys(await doctor.must_get('Observation/sum?_summary=text')), 'code id meta resourceType status text');
  const data = await doctor.must_get('Observation/sum?_summary=data');
  assert.ok(data.note && !data.text && data.meta.tag);
  const whole = await doctor.must_get('Observation/sum?_summary=false');
  assert.ok(whole.note && whole.text && !whole.meta.tag);
  assert.equal(keys(await doctor.must_get('Observation/sum/_history/1?_elements=subject')), 'code id meta resourceType status subject');
  for (const target of ['Observation?_id=sum&_elements=note', 'Observation/sum/_history?_elements=note']) {
    const [first] = (await doctor.must_get(target)).entry;
    assert.equal(keys(first.resource), 'code id meta note resourceType status', target);
  }
  const page = await doctor.must_get('Observation?_count=1&_elements=status');
  const second = await doctor.must_get(page.link.find((link) => link.relation === 'next').url);
  assert.deepEqual(second.entry[0].resource.meta.tag, tag);
  refused(await doctor.get('Observation/sum?_summary=maybe'), 400);
  refused(await doctor.get('Observation/sum?_summary=count'), 400);
  refused(await doctor.get('Observation/sum?_elements=colour'), 400);
  refused(await doctor.get('Observation?_summary=true&_elements=status'), 400);
  assert.match(in_xml(await doctor.get('Observation/sum?_summary=text&_format=xml'), 200), /<code value="SUBSETTED"\/>/);
});

test('what was read shortened does not take the place of the whole', async () => {
  const short = await doctor.must_get('Observation/sum?_summary=true');
  for (const refusal of [await doctor.put(short), await doctor.post('', bundle('transaction', entry('PUT', 'Observation/sum', short)))]) {
    const issue = refused(refusal, 422, 'business-rule');
    assert.match(issue.diagnostics, /SUBSETTED/);
    assert.match(issue.expression[0], /meta\.tag$/);
  }
  assert.ok((await doctor.must_get('Observation/sum')).note);
  const { tag, ...meta } = short.meta;
  must(await doctor.put({ ...short, meta }), 200);  // who takes the tag away means it
  must(await doctor.put({ ...short, id: 'sum-copy' }), 201);  // nothing is lost by it, nor by what follows
  must(await doctor.put({ ...short, id: 'sum-copy', status: 'amended' }), 200);
});

test('_summary=count tells what consent lets the caller see, and nothing else', async () => {
  const other = server.doctor('b');
  const count = async (client, target) => {
    const answer = await client.must_get(target);
    assert.equal(answer.entry, undefined);
    return answer.total;
  };
  const all = (await doctor.must_get('Observation?_count=100&_total=accurate')).total;
  assert.ok(all >= 3);
  assert.equal(await count(doctor, 'Observation?_summary=count'), all);
  assert.equal(await count(other, 'Observation?_summary=count'), 0);
  assert.equal(await count(doctor, 'Patient/p1/_history?_summary=count'), 1);
  refused(await other.get('Patient/p1/_history?_summary=count'), 404);
  refused(await other.get('Patient/p1?_summary=true'), 404);
  assert.ok(await count(server.auditor(), 'AuditEvent?_summary=count') > 0);
  const short = await server.auditor().must_get('AuditEvent?_count=1&_summary=true');
  assert.equal(short.entry[0].extension, undefined, 'a proof is of the whole event');
});

test('kedge convert turns one form into the other', async () => {
  const json = '{"resourceType":"Patient","id":"c","active":true,"multipleBirthInteger":2}';
  const made = kedge('convert', '--to', 'xml', '-', { input: json });
  assert.equal(made.code, 0, made.err);
  assert.equal(made.out, `<?xml version="1.0" encoding="UTF-8"?><Patient ${kNs}><id value="c"/><active value="true"/><multipleBirthInteger value="2"/></Patient>\n`);
  const file = join(fresh_dir(), 'p.xml');
  writeFileSync(file, made.out);
  assert.equal(kedge('convert', '--to', 'json', file).out, `${json}\n`);
  assert.match(kedge('convert', '--to', 'json', '--pretty', file).out, /\n {2}"id": "c"/);
  const wrong = kedge('convert', '--to', 'xml', '-', { input: '{"resourceType":"Patient","colour":"red"}' });
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /Patient\.colour/);
  assert.equal(kedge('convert', '--to', 'yaml', '-', { input: json }).code, 2);
  assert.equal(kedge('convert', '--to', 'xml', join(fresh_dir(), 'absent')).code, 1);
  assert.match(kedge('convert', '--to', 'json', '-', { input: '<!DOCTYPE x><Patient/>' }).err, /DOCTYPE/);
});
