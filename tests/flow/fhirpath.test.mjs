// $fhirpath, as the FHIRPath Lab calls it: typed results by context, traces, variables, and limits that answer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closing, kFhirJson, must, refused, serve } from './harness.mjs';

const at_end = closing(after);
const kJson = 'http://fhir.forms-lab.com/StructureDefinition/json-value';
const kXml = 'http://fhir.forms-lab.com/StructureDefinition/xml-value';
const kPath = 'http://fhir.forms-lab.com/StructureDefinition/resource-path';
const peter = {
  resourceType: 'Patient', id: 'example', active: true, gender: 'male', birthDate: '1974-12-25',
  _birthDate: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '1974-12-25T14:35:45-05:00' }] },
  name: [{ use: 'official', family: 'Chalmers', given: ['Peter', 'James'] }, { use: 'usual', given: ['Jim'] }],
  contact: [{ name: { family: 'du Marché' }, gender: 'female' }],
};
let server, doctor;
before(async () => {
  server = await serve(at_end);
  doctor = server.doctor('a');
});

const text = (name, value) => ({ name, valueString: value });
const body = (expression, resource, ...more) => ({ resourceType: 'Parameters', parameter: [text('expression', expression), { name: 'resource', resource }, ...more] });
const ask = (parameters, headers = {}) => doctor.send('POST', '$fhirpath', { headers: { 'content-type': kFhirJson, ...headers }, body: typeof parameters === 'string' ? parameters : JSON.stringify(parameters) });
const results = (answer) => must(answer, 200).json.parameter.filter((p) => p.name === 'result');
const parts = async (expression, ...more) => results(await ask(body(expression, peter, ...more)))[0].part ?? [];
const extension = (part, url) => part.extension?.find((e) => e.url === url)?.valueString;
const about = (answer) => Object.fromEntries(must(answer, 200).json.parameter.find((p) => p.name === 'parameters').part.map((p) => [p.name, p]));

test('each value stands in its own type, with its place in the resource', async () => {
  assert.deepEqual((await parts('name.given')).map((p) => [p.name, p.valueString, extension(p, kPath)]),
    [['string', 'Peter', 'Patient.name[0].given[0]'], ['string', 'James', 'Patient.name[0].given[1]'], ['string', 'Jim', 'Patient.name[1].given[0]']]);
  assert.deepEqual(await parts("gender | 'x' | 1 | 1.50 | true | @2020-01 | @T10:00:00 | 4 'mg' | 2 years"), [
    { extension: [{ url: kPath, valueString: 'Patient.gender' }], name: 'code', valueCode: 'male' },
    { name: 'string', valueString: 'x' }, { name: 'integer', valueInteger: 1 }, { name: 'decimal', valueDecimal: 1.5 }, { name: 'boolean', valueBoolean: true },
    { name: 'date', valueDate: '2020-01' }, { name: 'time', valueTime: '10:00:00' },
    { name: 'Quantity', valueQuantity: { value: 4, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } }, { name: 'Quantity', valueQuantity: { value: 2, unit: 'years' } },
  ]);
  const [born] = await parts('birthDate');
  assert.deepEqual([born.valueDate, born._birthDate, born._valueDate], ['1974-12-25', undefined, peter._birthDate]);
  const [name] = await parts('name.first()');
  assert.deepEqual([name.name, name.valueHumanName], ['HumanName', peter.name[0]]);
  const [contact] = await parts('contact');
  assert.deepEqual([contact.name, JSON.parse(extension(contact, kJson))], ['Patient.contact', peter.contact[0]]);
  const [whole] = await parts('$this');
  assert.deepEqual([whole.name, whole.resource], ['Patient', peter]);
  assert.deepEqual((await parts("''"))[0], { name: 'empty-string' });
  assert.deepEqual(await parts('deceased'), []);
  // What System knows and FHIR does not: an hour without a zone.
  const [hour] = await parts('@2020-01-01T10');
  assert.deepEqual([hour.name, JSON.parse(extension(hour, kJson))], ['dateTime', '2020-01-01T10']);
});

test('an expression runs once for each item of the context; traces and variables', async () => {
  const answer = await ask(body("given.trace('trc', first()).join(' ') & %sign & %when.toString() & %nothing.count().toString()", peter, text('context', 'name'),
    { name: 'variables', part: [text('sign', '!'), { name: 'when', valueDate: '2020-01-02' }, { name: 'nothing' }] }));
  assert.deepEqual(results(answer).map((r) => [r.valueString, r.part[0].valueString]), [['Patient.name[0]', 'Peter James!2020-01-020'], ['Patient.name[1]', 'Jim!2020-01-020']]);
  const [trace] = results(answer)[0].part.filter((p) => p.name === 'trace');
  assert.equal(trace.valueString, 'trc');
  assert.deepEqual(trace.part.map((p) => [p.name, p.valueString, extension(p, kPath)]), [['string', 'Peter', 'Patient.name[0].given[0]'], ['string', 'James', 'Patient.name[0].given[1]']]);
  const of = about(answer);
  assert.match(of.evaluator.valueString, /^kedge \S+ \(R4\)$/);
  assert.deepEqual([of.expression.valueString.slice(0, 5), of.context.valueString, of.resource.resource.id, of.variables.part.length], ['given', 'name', 'example', 3]);
  const tree = JSON.parse(of.parseDebugTree.valueString);
  assert.deepEqual([tree.ExpressionType, tree.Name, tree.Arguments.length, tree.Line], ['BinaryExpression', '&', 2, 1]);
  assert.deepEqual((await parts('%v.family | %v.ofType(HumanName).count()', { name: 'variables', part: [{ name: 'v', valueHumanName: { family: 'F' } }] })).map((p) => p.valueString ?? p.valueInteger), ['F', 1]);
  assert.deepEqual((await parts('%o.name', { name: 'variables', part: [{ name: 'o', resource: { resourceType: 'Organization', name: 'N' } }] })).map((p) => p.valueString), ['N']);
});

test('the resource as text, in an extension, as XML; XML asked and answered', async () => {
  const xml = '<Patient xmlns="http://hl7.org/fhir"><birthDate value="2001"/></Patient>';
  const forms = [text('resource', JSON.stringify(peter)), text('resource', xml), { name: 'resource', extension: [{ url: kJson, valueString: JSON.stringify(peter) }] }, { name: 'resource', extension: [{ url: kXml, valueString: xml }] }];
  for (const form of forms) {
    const answer = await ask({ resourceType: 'Parameters', parameter: [text('expression', 'birthDate'), form] });
    assert.match(results(answer)[0].part[0].valueDate, /^(1974-12-25|2001)$/);
  }
  const parameters = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="expression"/><valueString value="birthDate &lt; today()"/></parameter><parameter><name value="resource"/><resource>${xml}</resource></parameter></Parameters>`;
  const answer = must(await ask(parameters, { 'content-type': 'application/fhir+xml', accept: 'application/fhir+xml' }), 200);
  assert.match(answer.text, /<name value="result"\/><part><name value="boolean"\/><valueBoolean value="true"\/>/);
});

test('validate tells of what R4 does not define, and answers all the same', async () => {
  const wrong = await ask(body('name.givne', peter, { name: 'validate', valueBoolean: true }));
  assert.deepEqual(results(wrong)[0].part, undefined);
  assert.match(about(wrong).parseDebug.valueString, /givne/);
  assert.equal(about(await ask(body('name.given', peter, { name: 'validate', valueBoolean: true }))).parseDebug, undefined);
  assert.match(about(await ask(body('givne', peter, { name: 'validate', valueBoolean: true }, text('context', 'name')))).parseDebug.valueString, /givne/);
});

test('what is wrong is told in an OperationOutcome', async () => {
  assert.match(refused(await ask(body('name.', peter)), 400, 'invalid').diagnostics, /expression.*line 1, column 6/);
  assert.match(refused(await ask(body('name', peter, text('context', 'nope('))), 400).diagnostics, /^context/);
  refused(await ask(body('name', peter, text('context', '1 + 1'))), 400);
  assert.match(refused(await ask(body('name.given + 1', peter)), 400).diagnostics, /one item/);
  assert.match(refused(await ask(body('%nobody', peter)), 400).diagnostics, /%nobody/);
  refused(await ask({ resourceType: 'Parameters', parameter: [{ name: 'resource', resource: peter }] }), 400, 'required');
  refused(await ask({ resourceType: 'Parameters', parameter: [text('expression', '1')] }), 400, 'required');
  refused(await ask({ resourceType: 'Parameters', parameter: [text('expression', '1'), text('resource', '{')] }), 400);
  refused(await ask({ resourceType: 'Parameters', parameter: [text('expression', '1'), text('resource', 'http://127.0.0.1:1/Patient/1')] }), 501, 'not-supported');
  refused(await ask(peter), 400);
  refused(await server.stranger().post('$fhirpath', body('1', peter)), 401);
  refused(await doctor.get('$fhirpath?expression=1'), 405);
});

test('limits on time, steps and size each answer', async () => {
  const many = { resourceType: 'Basic', extension: Array.from({ length: 3000 }, (_, i) => ({ url: `http://x/${i}`, valueString: 'x'.repeat(100) })) };
  const costly = async (expression) => refused(await ask(body(expression, many)), 413, 'too-costly').diagnostics;
  assert.match(await costly('extension.select(%resource)'), /larger than/);
  assert.match(await costly("extension.trace('t', %resource)"), /larger than/);
  assert.match(await costly('(1 | 2).repeatAll($this | 3)'), /limit/);
  assert.match(await costly('extension.select(%resource.descendants().count())'), /limit/);
  assert.match(refused(await ask(body('1', { ...peter, implicitRules: 'x'.repeat(5 << 20) })), 413).diagnostics, /4194304 bytes/);
  const began = Date.now();
  assert.match(await costly("extension.select(value.matches('(x+x+)+y'))"), /regex_ms|time_ms/);
  assert.ok(Date.now() - began < 5000);
  assert.match(await costly('extension.where(%resource.extension.exists(value = %context.extension.last().value & \'y\')).count()'), /limit/);
});

test('$fhirpath is in the trail, without the resource, and in the CapabilityStatement', async () => {
  const answer = must(await ask(body('name.family', peter)), 200);
  const events = await server.auditor().must_get(`AuditEvent?entity=${encodeURIComponent(answer.headers['x-request-id'])}`);
  const event = events.entry?.[0].resource;
  assert.equal(event?.subtype?.[1]?.code, 'fhirpath', JSON.stringify(events));
  const query = event.entity.map((e) => Buffer.from(e.query ?? '', 'base64').toString()).join('');
  assert.match(query, /POST .*\$fhirpath/);
  assert.doesNotMatch(query, /Chalmers/);
  const statement = await doctor.must_get('metadata');
  assert.ok(statement.rest[0].operation.some((o) => o.name === 'fhirpath'));
  assert.deepEqual(must(await doctor.post('CapabilityStatement/$validate', statement), 200).json.issue.filter((i) => i.severity === 'error'), []);
});
