// Random FHIRPath over a real resource. Every expression knows the type it aims at, so that most of them mean something; one in twenty
// choices takes another type on purpose, because errors are to be compared too.

// mulberry32: small, and the same on every machine.
export function random_of(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    below: (n) => Math.floor(next() * n),
    pick: (list) => list[Math.floor(next() * list.length)],
    chance: (p) => next() < p,
  };
}

const kDates = /^\d{4}(-\d\d(-\d\d)?)?$/, kDateTimes = /^\d{4}-\d\d-\d\dT/, kTimes = /^\d\d:\d\d:\d\d/;

function kind_of(value, key) {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'number';
  if (typeof value !== 'string') return value.value !== undefined && (value.unit || value.code) ? 'quantity' : 'object';
  if (kDateTimes.test(value)) return 'datetime';
  if (/date|period|start|end|time|on$/i.test(key) && kDates.test(value)) return 'date';
  if (kTimes.test(value)) return 'time';
  return 'string';
}

// The paths of a resource by the kind of what lies there: "name.given" and, in another list, "name[0].given[1]".
export function paths_of(resource, element_name) {
  const found = { many: {}, one: {}, members: new Set() };
  const add = (list, kind, path) => (list[kind] ??= new Set()).add(path);
  const walk = (object, type, path, exact, depth) => {
    for (const [key, child] of Object.entries(object)) {
      if (key === 'resourceType' || key.startsWith('_') || key === 'div' || child === null) continue;
      const [name, below] = element_name(type, key);
      if (depth === 0) found.members.add(name);
      const items = Array.isArray(child) ? child : [child];
      items.forEach((item, i) => {
        if (item === null) return;
        const kind = kind_of(item, key), where = Array.isArray(child) ? `${exact}${name}[${i}]` : `${exact}${name}`;
        add(found.many, kind, path + name);
        if (i < 4) add(found.one, kind, where);
        if (typeof item === 'object' && depth < 5 && i < 4) walk(item, item.resourceType ?? below, `${path}${name}.`, `${where}.`, depth + 1);
      });
    }
  };
  walk(resource, resource.resourceType, '', '', 0);
  const listed = (map) => Object.fromEntries(Object.entries(map).map(([kind, set]) => [kind, [...set]]));
  return { many: listed(found.many), one: listed(found.one), members: [...found.members] };
}

const kUnits = ["'mg'", "'g'", "'kg'", "'cm'", "'m'", "'1'", "'%'", "'s'", "'min'", "'h'", "'d'", "'wk'", "'mL'", "'L'", "'[in_i]'", "'mm[Hg]'", "'kg/m2'", "'mmol/L'"];
const kCalendar = ['year', 'years', 'month', 'months', 'week', 'weeks', 'day', 'days', 'hour', 'hours', 'minute', 'minutes', 'second', 'seconds', 'millisecond', 'milliseconds'];
const kTypes = ['string', 'String', 'System.String', 'FHIR.string', 'code', 'uri', 'integer', 'Integer', 'decimal', 'Decimal', 'boolean', 'Boolean', 'date', 'dateTime', 'instant', 'HumanName', 'Quantity', 'System.Quantity', 'CodeableConcept', 'Coding', 'Period', 'Reference', 'Identifier', 'Extension', 'BackboneElement', 'Element', 'Patient', 'Observation', 'Resource', 'DomainResource'];
const kWords = ['', 'a', 'abc', 'Peter', 'é', 'A b', ' x ', 'http://loinc.org', '1', '1.50', '-3', 'true', 'no', '2020-01-02', '10:30', "4 'mg'", '<b>&"', 'a,b;c', 'ÅÄö', '0x', '١'];
const kPatterns = ['a', '^[A-Z]', '\\\\d+', '.*', '(a|b)c?', '[0-9]{2,}', 'x$', '\\\\s'];

export class Generator {
  constructor(random, paths) {
    this.random = random;
    this.paths = paths;
  }

  make() {
    const r = this.random;
    return this[r.pick(['bool', 'bool', 'int', 'dec', 'str', 'str', 'temporal', 'qty', 'any', 'any'])](2 + r.below(3));
  }

  // Path of the kind, if the resource has one.
  path(kind, one) {
    const list = (one ? this.paths.one : this.paths.many)[kind];
    return list?.length ? this.random.pick(list) : undefined;
  }
  // `{}`, something of another type, or what was asked.
  or_odd(text, depth) {
    if (this.random.chance(0.03)) return '{}';
    return this.random.chance(0.04) && depth > 0 ? this.any(depth - 1) : text;
  }
  quoted(text) { return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`; }
  type() { return this.random.pick(kTypes); }

  int_literal() {
    const r = this.random;
    const n = r.pick([0, 1, 2, 3, 5, 7, 10, 12, 100, 255, 2147483647, r.below(1000)]);
    return r.chance(0.2) ? `(-${n})` : `${n}`;
  }
  dec_literal() {
    const r = this.random;
    const text = r.pick(['0.0', '1.0', '1.5', '2.50', '0.001', '3.14159', '100.25', '0.1', '0.2', '1.587', `${r.below(100)}.${r.below(1000)}`]);
    return r.chance(0.2) ? `(-${text})` : text;
  }
  date_literal() { const r = this.random; return r.pick(['@2020', '@2020-02', '@2020-02-29', '@2019-12-31', '@1974-12-25', '@2021-01', `@${1950 + r.below(80)}-0${1 + r.below(9)}-${10 + r.below(18)}`]); }
  date_time_literal() {
    return this.random.pick(['@2020T', '@2020-02T', '@2020-02-29T', '@2020-02-29T10', '@2020-02-29T10:30', '@2020-02-29T10:30:15', '@2020-02-29T10:30:15.250', '@2020-02-29T10:30:15Z', '@2020-02-29T23:30:15+01:00', '@2020-03-01T00:30:15.5-05:00', '@1974-12-25T14:35:45-05:00']);
  }
  time_literal() { return this.random.pick(['@T10', '@T10:30', '@T10:30:15', '@T23:59:59.999', '@T00:00:00', '@T08:05:01.5']); }
  qty_literal() {
    const r = this.random, n = r.pick(['1', '2', '4.0', '0.5', '10', '1000', '100', '3', '12', '24', '60']);
    return r.chance(0.5) ? `${n} ${r.pick(kUnits)}` : `${n} ${r.pick(kCalendar)}`;
  }

  bool(depth) {
    const r = this.random;
    if (depth <= 0) return r.pick(['true', 'false', this.path('bool', true) ?? 'true', '{}']);
    const d = depth - 1;
    return this.or_odd(r.pick([
      () => `(${this.bool(d)} ${r.pick(['and', 'or', 'xor', 'implies'])} ${this.bool(d)})`,
      () => `(${this.bool(d)}).not()`,
      () => { const of = r.pick(['int', 'dec', 'str', 'temporal', 'qty']); return `(${this[of](d)} ${r.pick(['=', '!=', '~', '!~', '<', '<=', '>', '>='])} ${this[of](d)})`; },
      () => `(${this.many(d)} ${r.pick(['=', '~', '!=', '!~'])} ${this.many(d)})`,
      () => `(${r.pick([this.str(d), this.int(d), this.qty(d), this.temporal(d)])} in (${this.many(d)}))`,
      () => `((${this.many(d)}) contains ${this.str(d)})`,
      () => `${this.many(d)}.${r.pick(['exists()', 'empty()', 'isDistinct()', 'hasValue()', 'exists($this = $this)'])}`,
      () => `(${this.many(d)}).${r.pick(['all', 'exists'])}(${this.item_bool(d)})`,
      () => `(${this.many(d)}).select(${this.item_bool(d)}).${r.pick(['allTrue()', 'anyTrue()', 'allFalse()', 'anyFalse()'])}`,
      () => `(${this.many(d)}).${r.pick(['subsetOf', 'supersetOf'])}(${this.many(d)})`,
      () => `(${this.str(d)}).${r.pick(['startsWith', 'endsWith', 'contains'])}(${this.str(d)})`,
      () => `(${this.str(d)}).${r.pick(['matches', 'matchesFull'])}('${r.pick(kPatterns)}')`,
      () => `(${r.pick([this.str(d), this.int(d), this.dec(d), this.temporal(d), this.qty(d), this.bool(d)])}).convertsTo${r.pick(['Integer', 'Decimal', 'String', 'Boolean', 'Date', 'DateTime', 'Time', 'Quantity'])}()`,
      () => `(${this.one(d)} is ${this.type()})`,
      () => `(${this.one(d)}).is(${this.type()})`,
      () => `iif(${this.bool(d)}, ${this.bool(d)}, ${this.bool(d)})`,
      () => `(${r.pick([this.str(d), this.int(d), this.dec(d)])}).toBoolean()`,
    ])(), d);
  }
  // A criterion that looks at $this.
  item_bool(depth) {
    const r = this.random;
    return r.pick([
      () => `$this is ${this.type()}`, () => `$index ${r.pick(['<', '>', '=', '>='])} ${r.below(4)}`, () => `${r.pick(['use', 'system', 'value', 'code', 'id', 'url', 'display', 'unit'])}.exists()`,
      () => `$this = ${this.str(depth - 1)}`, () => `use = ${r.pick(["'official'", "'usual'", "'home'"])}`, () => `children().count() > ${r.below(4)}`, () => '$this.hasValue()', () => 'iif($this is string, $this.length() > 3, false)', () => this.bool(depth - 1),
    ])();
  }

  int(depth) {
    const r = this.random;
    if (depth <= 0) return this.int_literal();
    const d = depth - 1;
    return this.or_odd(r.pick([
      () => this.int_literal(),
      () => `(${this.int(d)} ${r.pick(['+', '-', '*', 'div', 'mod'])} ${this.int(d)})`,
      () => `(${this.many(d)}).count()`,
      () => `(${this.str(d)}).length()`,
      () => `(${this.str(d)}).${r.pick(['indexOf', 'lastIndexOf'])}(${this.str(d)})`,
      () => `(${r.pick([this.dec(d), this.int(d)])}).${r.pick(['ceiling', 'floor', 'truncate'])}()`,
      () => `(${this.int(d)}).abs()`,
      () => `(${r.pick([this.str(d), this.bool(d), this.int(d)])}).toInteger()`,
      () => `(${this.many(d)}).select($index).${r.pick(['first', 'last'])}()`,
      () => `(${this.many(d)}).aggregate($total + 1, ${r.below(3)})`,
      () => `iif(${this.bool(d)}, ${this.int(d)}, ${this.int(d)})`,
      () => `(-${this.int(d)})`,
    ])(), d);
  }
  dec(depth) {
    const r = this.random;
    if (depth <= 0) return r.chance(0.4) ? this.path('number', true) ?? this.dec_literal() : this.dec_literal();
    const d = depth - 1;
    return this.or_odd(r.pick([
      () => this.dec_literal(),
      () => `(${this.dec(d)} ${r.pick(['+', '-', '*', '/', 'div', 'mod'])} ${r.pick([this.dec(d), this.int(d)])})`,
      () => `(${this.int(d)} / ${this.int(d)})`,
      () => `(${this.dec(d)}).round(${r.below(4)})`,
      () => `(${this.dec(d)}).${r.pick(['abs', 'sqrt', 'ln', 'exp'])}()`,
      () => `(${this.dec(d)}).power(${r.pick(['2', '3', '0.5', '-1', '0'])})`,
      () => `(${this.dec(d)}).log(${r.pick(['2', '10', '10.0'])})`,
      () => `(${r.pick([this.str(d), this.int(d), this.bool(d)])}).toDecimal()`,
      () => `(${r.pick([this.dec_literal(), this.dec_literal(), this.int_literal()])}).${r.pick(['lowBoundary', 'highBoundary'])}(${r.pick(['', '0', '1', '3', '6'])})`,
      () => `(${this.dec(d)} | ${this.dec(d)} | ${this.int(d)}).${r.pick(['sum', 'min', 'max', 'avg'])}()`,
    ])(), d);
  }
  str(depth) {
    const r = this.random;
    if (depth <= 0) return r.chance(0.5) ? this.path('string', true) ?? this.quoted(r.pick(kWords)) : this.quoted(r.pick(kWords));
    const d = depth - 1;
    return this.or_odd(r.pick([
      () => this.str(0), () => this.str(0),
      () => `(${this.str(d)} ${r.pick(['&', '&', '+'])} ${this.str(d)})`,
      () => `(${this.str(d)}).substring(${r.pick(['0', '1', '2', '100', '-1'])}${r.chance(0.5) ? `, ${r.pick(['0', '1', '3', '-1', '50'])}` : ''})`,
      () => `(${this.str(d)}).${r.pick(['upper', 'lower', 'trim'])}()`,
      () => `(${this.str(d)}).replace(${this.str(d)}, ${this.str(d)})`,
      () => `(${this.str(d)}).replaceMatches('${r.pick(kPatterns)}', ${r.pick(["'-'", "''", "'[$0]'"])})`,
      () => `(${r.pick([this.int(d), this.dec(d), this.bool(d), this.temporal(d), this.qty(d), this.str(d)])}).toString()`,
      () => `(${this.path('string') ?? "('b' | 'a')"}).join(${r.pick(["','", "''", ''])})`,
      () => `(${this.str(d)}).split(${r.pick(["','", "' '", "'a'"])}).${r.pick(['first()', 'last()', 'count().toString()'])}`,
      () => { const form = r.pick(['base64', 'urlbase64', 'hex']); const made = `(${this.str(d)}).encode('${form}')`; return r.chance(0.5) ? made : `${made}.decode('${form}')`; },
      () => `(${this.str(d)}).${r.pick(['escape', 'unescape'])}('${r.pick(['html', 'json'])}')`,
      () => `(${this.str(d)}).toChars().${r.pick(['first()', 'last()', "join('.')"])}`,
      () => `iif(${this.bool(d)}, ${this.str(d)}, ${this.str(d)})`,
      () => `(${this.one(d)}).type().${r.pick(['name', 'namespace'])}`,
    ])(), d);
  }
  temporal(depth) {
    const r = this.random;
    const literal = () => r.pick([() => this.date_literal(), () => this.date_time_literal(), () => this.time_literal(), () => this.path('date', true) ?? this.date_literal(), () => this.path('datetime', true) ?? this.date_time_literal()])();
    if (depth <= 0) return literal();
    const d = depth - 1;
    return this.or_odd(r.pick([
      literal, literal,
      () => `(${this.temporal(d)} ${r.pick(['+', '-'])} ${r.pick(['1', '2', '3', '7', '12', '0', '1.5', '25', '36'])} ${r.pick(kCalendar)})`,
      () => `(${this.temporal(d)}).${r.pick(['toDate', 'toDateTime', 'toTime'])}()`,
      () => `(${r.pick(kWords.map((w) => this.quoted(w)))}).${r.pick(['toDate', 'toDateTime', 'toTime'])}()`,
      () => `(${this.temporal(d)}).${r.pick(['lowBoundary', 'highBoundary'])}(${r.pick(['', '4', '6', '8', '17', '9'])})`,
    ])(), d);
  }
  qty(depth) {
    const r = this.random;
    if (depth <= 0) return r.chance(0.4) ? this.path('quantity', true) ?? this.qty_literal() : this.qty_literal();
    const d = depth - 1;
    return this.or_odd(r.pick([
      () => this.qty_literal(),
      () => `(${this.qty(d)} ${r.pick(['+', '-'])} ${this.qty(d)})`,
      () => `(${this.qty(d)} ${r.pick(['*', '/'])} ${this.int_literal()})`,
      () => `(${r.pick([this.str(d), this.int(d), this.dec(d)])}).toQuantity()`,
      () => `(${this.qty(d)}).toQuantity(${r.pick(["'g'", "'s'", "'m'", "'years'", "'min'"])})`,
      () => `(${this.qty(d)}).abs()`,
    ])(), d);
  }

  one(depth) {
    const r = this.random;
    const kinds = Object.keys(this.paths.one);
    return r.chance(0.6) ? this.path(r.pick(kinds), true) : r.pick([() => this.int(depth - 1), () => this.str(depth - 1), () => this.temporal(depth - 1), () => this.qty(depth - 1), () => this.bool(depth - 1), () => this.dec(depth - 1)])();
  }
  many(depth) {
    const r = this.random;
    const path = () => this.path(r.pick(Object.keys(this.paths.many)));
    if (depth <= 0) return r.chance(0.8) ? path() : r.pick(this.paths.members);
    const d = depth - 1;
    return r.pick([
      path, path,
      () => `(${this.many(d)}).where(${this.item_bool(d)})`,
      () => `(${this.many(d)}).select(${r.pick(['$this', 'children()', 'id', 'value', 'code', 'system', 'extension', '$index', this.item_bool(d)])})`,
      () => `(${this.many(d)} | ${this.many(d)})`,
      () => `(${this.many(d)}).${r.pick(['union', 'combine', 'intersect', 'exclude'])}(${this.many(d)})`,
      () => `(${this.many(d)}).${r.pick(['first()', 'last()', 'tail()', 'distinct()', 'skip(1)', 'take(2)', 'ofType(string)', 'ofType(Quantity)', 'ofType(Coding)'])}`,
      () => `(${this.many(d)}).ofType(${this.type()})`,
      () => `(${this.many(d)}).repeat(${r.pick(['item', 'children()', 'contains', 'extension', 'concept'])})`,
      () => `(${this.many(d)}).${r.pick(['children()', 'descendants()'])}`,
      () => `(${this.many(d)})[${r.below(3)}]`,
      () => `(${this.many(d)}).extension(${r.pick(["'http://hl7.org/fhir/StructureDefinition/patient-birthTime'", "'x'"])})`,
      () => `(${this.one(d)} as ${this.type()})`,
      () => `(${this.int(d)} | ${this.dec(d)} | ${this.str(d)} | ${this.temporal(d)})`,
    ])();
  }
  any(depth) { return this.many(depth); }
}
