// What validation asks of an element beyond its name and types: invariants, bindings, reference targets, modifier and summary flags.
import { unversioned } from './value_sets.mjs';

const STRUCTURE = 'http://hl7.org/fhir/StructureDefinition/';
const STRENGTHS = { required: 'required', extensible: 'extensible' };  // of the others nothing can be refused
// These two hold for everything and are part of the structural walk; in the tables they would be 8,000 rows.
const EVERYWHERE = new Set(['ele-1', 'ext-1']);

export class Rules {
  #terminology;
  #constraints = [];       // { key, error, human, expression }
  #constraintPlaces = new Map();
  #constraintPool = [];    // indexes into #constraints
  #poolPlaces = new Map();
  #valueSets = new Map();  // url -> expansion

  constructor(terminology) {
    this.#terminology = terminology;
  }

  // A span of the constraint pool: [first, count].
  constraints(element) {
    const own = (element.constraint ?? []).filter((c) => !EVERYWHERE.has(c.key)).map((c) => this.#constraint(c));
    const key = own.join(' ');
    if (!this.#poolPlaces.has(key)) {
      this.#poolPlaces.set(key, this.#constraintPool.length);
      this.#constraintPool.push(...own);
    }
    return [this.#poolPlaces.get(key), own.length];
  }
  #constraint({ key, severity, human, expression }) {
    if (!expression) throw new Error(`the invariant ${key} has no expression`);
    const place = `${key} ${expression}`;
    if (!this.#constraintPlaces.has(place)) {
      this.#constraintPlaces.set(place, this.#constraints.length);
      this.#constraints.push({ key, error: severity === 'error', human, expression });
    }
    return this.#constraintPlaces.get(place);
  }

  // -> { strength, url } of the value set, or null.
  binding(element) {
    const strength = STRENGTHS[element.binding?.strength];
    if (!strength || !element.binding.valueSet) return null;
    const url = unversioned(element.binding.valueSet);
    if (!this.#valueSets.has(url)) this.#valueSets.set(url, this.#terminology.expand(url));
    return { strength, url };
  }

  // The resource types that a Reference here may point to; empty: any.
  targets(element) {
    const profiles = (element.type ?? []).filter((t) => t.code === 'Reference').flatMap((t) => t.targetProfile ?? []);
    const names = profiles.map((p) => p.slice(STRUCTURE.length));
    return names.includes('Resource') ? [] : names.sort();
  }

  // Is a Quantity here a SimpleQuantity (R4 datatypes.html#SimpleQuantity)? No element takes both.
  isSimpleQuantity(element) {
    const profiles = (element.type ?? []).filter((t) => t.code === 'Quantity').map((t) => (t.profile ?? []).join(' '));
    const simple = profiles.filter((p) => p === `${STRUCTURE}SimpleQuantity`).length;
    if (simple > 0 && simple !== profiles.length) throw new Error(`${element.path} takes a Quantity and a SimpleQuantity`);
    return simple > 0;
  }

  get allConstraints() { return this.#constraints; }
  get pool() { return this.#constraintPool; }
  get valueSets() { return [...this.#valueSets.values()].sort((a, b) => (a.url < b.url ? -1 : 1)); }
}
