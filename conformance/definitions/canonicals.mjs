// Compiles what R4 itself brings of terminology and profiles into one C++ include: its CodeSystems with all concepts, its ValueSets and
// ConceptMaps, and the profiles on resources that stand in profiles-others.json (vital signs ...).
//
//   node canonicals.mjs DEFINITIONS_DIR OUTPUT.inc
//
// Each resource is one line of JSON that the server parses when it is first asked for: 2,400 resources, of which a server uses some dozens.
// They lie in the program's read-only pages, so that what nobody asks for costs neither time nor memory.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json', 'conceptmaps.json', 'profiles-others.json'];
const HEAD = ['resourceType', 'id', 'url', 'version', 'name', 'title', 'status', 'experimental', 'date', 'publisher', 'copyright', 'immutable'];
const KEPT = {
  CodeSystem: ['caseSensitive', 'valueSet', 'hierarchyMeaning', 'content', 'supplements', 'filter', 'property', 'concept'],
  // An expansion that stands beside a compose is what somebody once computed; it is computed anew here.
  ValueSet: ['compose'],
  ConceptMap: ['sourceUri', 'sourceCanonical', 'targetUri', 'targetCanonical', 'group'],
  StructureDefinition: ['type', 'derivation', 'snapshot'],
};
const OF_ELEMENT = ['id', 'path', 'sliceName', 'slicing', 'min', 'max', 'base', 'type', 'binding', 'constraint'];
// These hold for everything and stand in the tables of compile.mjs.
const EVERYWHERE = new Set(['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'dom-6']);

const [, , inputDir, outputFile] = process.argv;
if (!inputDir || !outputFile) {
  console.error('usage: node canonicals.mjs DEFINITIONS_DIR OUTPUT.inc');
  process.exit(2);
}
const expect = (condition, message) => {
  if (!condition) throw new Error(`canonicals.mjs: ${message}`);
};
const pick = (from, names) => Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]));

function element(source) {
  const out = pick(source, OF_ELEMENT);
  for (const name of Object.keys(source)) if (/^(fixed|pattern)[A-Z]/.test(name)) out[name] = source[name];
  if (out.constraint) out.constraint = out.constraint.filter((c) => !EVERYWHERE.has(c.key)).map((c) => pick(c, ['key', 'severity', 'human', 'expression']));
  if (out.binding) out.binding = pick(out.binding, ['strength', 'valueSet']);
  return out;
}

// Extensions inside (who maintains it, how mature it is) say nothing of the content, but for translations, which R4 gives as designations too.
const without_extensions = (key, value) => (key === 'extension' ? undefined : typeof value === 'string' ? value.replaceAll('\r', '') : value);

const tables = { CodeSystem: new Map(), ValueSet: new Map(), ConceptMap: new Map(), StructureDefinition: new Map() };
for (const file of FILES) {
  for (const { resource } of JSON.parse(readFileSync(join(inputDir, file), 'utf8')).entry) {
    const table = tables[resource.resourceType];
    if (!table) continue;
    expect(resource.url && !table.has(resource.url), `${resource.resourceType} ${resource.url} stands twice or has no url`);
    const kept = pick(resource, [...HEAD, ...KEPT[resource.resourceType]]);
    if (kept.snapshot) kept.snapshot = { element: kept.snapshot.element.map(element) };
    table.set(resource.url, { url: resource.url, version: resource.version ?? '', text: JSON.stringify(kept, without_extensions), all: resource.valueSet });
  }
}
for (const [type, least] of [['CodeSystem', 1062], ['ValueSet', 1316], ['ConceptMap', 19], ['StructureDefinition', 44]]) {
  expect(tables[type].size === least, `${least} ${type}s expected, found ${tables[type].size}`);
}

// The fourth column: CodeSystem.valueSet, the set of all its codes, which need not stand as a resource of its own.
const quote = (text) => `${JSON.stringify(text)}sv`;
const lines = ['// Made by conformance/definitions/canonicals.mjs from HL7 FHIR R4 4.0.1; never edited by hand.'];
for (const [type, table] of Object.entries(tables)) {
  const rows = [...table.values()].sort((a, b) => (a.url < b.url ? -1 : 1));
  lines.push(`constexpr Canonical k${type}s[] = {`, ...rows.map((row) => `    {${quote(row.url)}, ${quote(row.version)}, ${quote(row.text)}, ${quote(row.all ?? '')}},`), '};');
}
writeFileSync(outputFile, `${lines.join('\n')}\n`);
