// The oracle: fhirpath.js, and the comparison of its answers with kedge's.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { known_difference } from './differences.mjs';
import { Generator, paths_of, random_of } from './generate.mjs';

const kTools = fileURLToPath(new URL('../../deploy/npm-tests/', import.meta.url));
export const kNoOracle = existsSync(join(kTools, 'node_modules/fhirpath')) ? false : 'fhirpath.js is not there: `npm ci` in deploy/npm-tests brings it';

let loaded;
function oracle() {
  if (!loaded) {
    const need = createRequire(join(kTools, 'package.json'));
    loaded = { engine: need('fhirpath'), model: need('fhirpath/fhir-context/r4') };
  }
  return loaded;
}

// The FHIRPath name of a JSON member, and the type to go on with.
function element_name(type, key) {
  const { model } = oracle();
  for (let at = 1; at < key.length; at += 1) {
    const choices = model.choiceTypePaths[`${type}.${key.slice(0, at)}`];
    const found = choices?.find((choice) => choice.toLowerCase() === key.slice(at).toLowerCase());
    if (found) return [key.slice(0, at), found];
  }
  const path = `${type}.${key}`, kind = model.path2Type[path];
  return [key, !kind || kind === 'BackboneElement' || kind === 'Element' ? model.pathsDefinedElsewhere[path] ?? path : kind];
}

// `{ values }` or `{ error }`. What fhirpath.js gives for one expression does not depend on the clock: now() and its like are not generated.
function ask_oracle(expression, resource) {
  const { engine, model } = oracle();
  try {
    return { values: JSON.parse(JSON.stringify(engine.evaluate(resource, expression, { resource }, model))) };
  } catch (error) {
    return { error: String(error.message ?? error).slice(0, 200) };
  }
}

function ask_kedge(program, expressions, file) {
  const run = spawnSync(program, ['fhirpath', '--lenient', '--batch', '-', file], { input: expressions.join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 30 });
  if (run.status !== 0) throw new Error(`kedge fhirpath --batch: exit ${run.status}: ${run.stderr.slice(0, 400)}`);
  const lines = run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
  if (lines.length !== expressions.length) throw new Error(`kedge gave ${lines.length} lines for ${expressions.length} expressions`);
  return lines.map((line) => (Array.isArray(line) ? { values: line } : line));
}

// fhirpath.js reckons with doubles, so the last digits may differ.
const near = (a, b) => a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-6);
const kInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const kQuantity = /^(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?) (.+)$/;

// A result of several units has one of them (N1 6.6.3: the finest), and which word of it is open: 2 'h' - 1 hour.
const kWords = { "'s'": 'second', "'min'": 'minute', "'h'": 'hour', "'d'": 'day', "'wk'": 'week', "'ms'": 'millisecond' };
const one_unit = (unit) => kWords[unit] ?? unit.replace(/s$/, '');

export function same(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return near(a, b);
  if (typeof a === 'string' && typeof b === 'string') {
    if (a === b) return true;
    // The same moment in another zone.
    if (kInstant.test(a) && kInstant.test(b)) return Date.parse(a.replace('-00:00', 'Z')) === Date.parse(b.replace('-00:00', 'Z'));
    const x = kQuantity.exec(a), y = kQuantity.exec(b);
    if (x && y) return one_unit(x[2]) === one_unit(y[2]) && near(Number(x[1]), Number(y[1]));
    return a !== '' && b !== '' && /^-?\d/.test(a) && /^-?[\d.]+(e-?\d+)?$/.test(a) && /^-?[\d.]+(e-?\d+)?$/.test(b) && near(Number(a), Number(b));
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

// children() and descendants() have no order (N1 5.8).
function same_answer(kedge, other, expression) {
  if (kedge.error !== undefined || other.error !== undefined) return kedge.error !== undefined && other.error !== undefined;
  if (kedge.values.length !== other.values.length) return false;
  if (kedge.values.every((value, i) => same(value, other.values[i]))) return true;
  if (!/children\(\)|descendants\(\)|repeat\(/.test(expression)) return false;
  const left = [...other.values];
  return kedge.values.every((value) => {
    const at = left.findIndex((candidate) => same(value, candidate));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

// The R4 resources of the test data, small enough that an expression takes no time.
export function resource_files(data, most_bytes = 60_000) {
  const folders = ['r4-examples/json', 'fhirpath/fhirpath.js-resources-r4'].map((name) => join(data, name)).filter((path) => existsSync(path));
  return folders.flatMap((folder) => readdirSync(folder).sort().filter((name) => name.endsWith('.json')).map((name) => join(folder, name)))
    .filter((path) => { const text = readFileSync(path, 'utf8'); return text.length < most_bytes && /"resourceType"/.test(text); });
}

// The parts of an expression that can stand alone: what is in parentheses, with the calls behind it, and each argument.
function parts_of(expression) {
  const out = new Set(), open = [];
  const closing = new Map();
  let quoted = false;
  for (let i = 0; i < expression.length; i += 1) {
    const c = expression[i];
    if (c === '\\') i += 1;
    else if (c === "'") quoted = !quoted;
    else if (!quoted && c === '(') open.push(i);
    else if (!quoted && c === ')') closing.set(open.pop(), i);
  }
  for (const [from, to] of closing) {
    out.add(expression.slice(from + 1, to));
    out.add(expression.slice(from, to + 1));
    // The calls behind: `(x).first().count()` has three parts that begin here.
    for (let end = to + 1; ;) {
      const more = /^(\.[a-zA-Z]+(?=\()|\.[a-zA-Z]+|\[\d+\])/.exec(expression.slice(end));
      if (!more) break;
      end += more[0].length;
      if (expression[end] === '(' && closing.has(end)) end = closing.get(end) + 1;
      out.add(expression.slice(from, end));
    }
  }
  out.delete(expression);
  return [...out].filter((part) => part !== '' && !part.includes('$'));
}

// The shortest part that the engines answer otherwise: what is to be explained is in it, not in what stands around it.
function shortest_difference(program, file, resource, expression, whole) {
  const parts = parts_of(expression).sort((a, b) => a.length - b.length);
  const answers = parts.length > 0 ? ask_kedge(program, parts, file) : [];
  for (const [i, part] of parts.entries()) {
    const other = ask_oracle(part, resource);
    if (!same_answer(answers[i], other, part)) return { expression: part, kedge: answers[i], other };
  }
  return { expression, ...whole };
}

// Runs `count` expressions over random resources. Tells of the differences that nothing in differences.mjs explains.
// -> { compared, errors, filled, known: Map(reason -> count), unknown: [{ expression, file, kedge, other }] }
export function compare({ program, files, count, seed, per_resource = 250, most_unknown = Infinity }) {
  const random = random_of(seed);
  const report = { compared: 0, errors: 0, filled: 0, known: new Map(), unknown: [] };
  while (report.compared < count && report.unknown.length < most_unknown) {
    const file = random.pick(files);
    const resource = JSON.parse(readFileSync(file, 'utf8'));
    const generator = new Generator(random, paths_of(resource, element_name));
    const expressions = Array.from({ length: Math.min(per_resource, count - report.compared) }, () => generator.make());
    const answers = ask_kedge(program, expressions, file);
    expressions.forEach((expression, i) => {
      const other = ask_oracle(expression, resource), kedge = answers[i];
      report.compared += 1;
      report.errors += other.error === undefined ? 0 : 1;
      report.filled += other.values?.length > 0 ? 1 : 0;
      if (same_answer(kedge, other, expression)) return;
      const small = shortest_difference(program, file, resource, expression, { kedge, other });
      const reason = known_difference(small) ?? known_difference({ expression, kedge, other });
      if (reason) report.known.set(reason, (report.known.get(reason) ?? 0) + 1);
      else report.unknown.push({ ...small, file, from: expression });
    });
  }
  return report;
}
