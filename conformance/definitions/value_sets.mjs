// Expands the ValueSets that R4's bindings name, from the CodeSystems of the same package (R4 valueset.html#expansion).
// A set whose systems stand elsewhere (SNOMED CT, LOINC, BCP 47 ...) is told apart by `complete: false`: of such a set only the
// codes that are listed are known, and nothing may be refused for not being among them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'];

// url|version -> url
export const unversioned = (canonical) => canonical.split('|')[0];

export class Terminology {
  #sets = new Map();
  #systems = new Map();
  #expanded = new Map();

  constructor(inputDir) {
    const strip = (key, value) => (typeof value === 'string' ? value.replaceAll('\r', '') : value);
    for (const file of FILES) {
      for (const { resource } of JSON.parse(readFileSync(join(inputDir, file), 'utf8'), strip).entry) {
        if (resource.resourceType === 'ValueSet') this.#sets.set(resource.url, resource);
        if (resource.resourceType === 'CodeSystem') this.#systems.set(resource.url, resource);
      }
    }
  }

  // -> { url, title, complete, codes: Map("system code" -> { system, code }) }
  expand(canonical) {
    const url = unversioned(canonical);
    if (!this.#expanded.has(url)) {
      this.#expanded.set(url, { url, title: url, complete: false, codes: new Map() });  // ends a circle
      this.#expanded.set(url, this.#compose(url));
    }
    return this.#expanded.get(url);
  }

  #compose(url) {
    const set = this.#sets.get(url);
    const out = { url, title: set?.title ?? set?.name ?? url, complete: set?.compose !== undefined, codes: new Map() };
    for (const include of set?.compose?.include ?? []) {
      const part = this.#include(include);
      out.complete &&= part.complete;
      for (const [key, value] of part.codes) out.codes.set(key, value);
    }
    for (const exclude of set?.compose?.exclude ?? []) {
      const part = this.#include(exclude);
      out.complete &&= part.complete;
      for (const key of part.codes.keys()) out.codes.delete(key);
    }
    return out;
  }

  // The parts of one include are all to hold: the system's codes, met with those of each value set it names.
  #include(include) {
    const parts = (include.valueSet ?? []).map((canonical) => this.expand(canonical));
    if (include.system) parts.push(this.#fromSystem(include));
    const [first, ...others] = parts;
    const codes = new Map([...first.codes].filter(([key]) => others.every((other) => other.codes.has(key))));
    return { complete: parts.every((part) => part.complete), codes };
  }

  #fromSystem({ system, concept, filter }) {
    const of = (codes) => new Map(codes.map((code) => [`${system} ${code}`, { system, code }]));
    if (concept) return { complete: true, codes: of(concept.map((c) => c.code)) };
    const definition = this.#systems.get(system);
    if (!definition || definition.content !== 'complete') return { complete: false, codes: new Map() };
    const rows = flatten(definition);
    let codes = rows;
    let complete = true;
    for (const one of filter ?? []) {
      const test = filterTest(one, rows);
      if (test) codes = codes.filter(test);
      else complete = false;
    }
    return { complete, codes: complete ? of(codes.map((row) => row.code)) : new Map() };
  }
}

// Concepts with all their ancestors: by nesting, and by the property subsumedBy that HL7 v3's systems use.
function flatten(definition) {
  const rows = new Map();
  const visit = (concepts, parents) => {
    for (const concept of concepts ?? []) {
      const own = (concept.property ?? []).filter((p) => p.code === 'subsumedBy').map((p) => p.valueCode);
      rows.set(concept.code, { code: concept.code, parents: [...parents, ...own], property: concept.property ?? [] });
      visit(concept.concept, [concept.code]);
    }
  };
  visit(definition.concept, []);
  const ancestors = (row, seen = new Set()) => {
    for (const parent of row.parents) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      if (rows.has(parent)) ancestors(rows.get(parent), seen);
    }
    return seen;
  };
  return [...rows.values()].map((row) => ({ ...row, ancestors: ancestors(row) }));
}

// null: a filter that is not understood, so that the set counts as incomplete.
function filterTest({ property, op, value }) {
  const concept = property === 'concept' || property === 'code';
  if (concept && op === 'is-a') return (row) => row.code === value || row.ancestors.has(value);
  if (concept && op === 'descendent-of') return (row) => row.ancestors.has(value);
  if (concept && op === 'is-not-a') return (row) => row.code !== value && !row.ancestors.has(value);
  if (concept && op === 'in') return (row) => value.split(',').includes(row.code);
  if (op === '=') {
    return (row) => row.property.some((p) => p.code === property && String(Object.entries(p).find(([key]) => key.startsWith('value'))?.[1]) === value);
  }
  return null;
}
