// count_results.mjs DIR: sums what tests/run left in DIR and prints the closing line `N passed, N failed, N skipped`.
// Exit 1 when anything failed, or when a runner's own report is missing or cut short: silence is not success.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { read_tap } from './tap.mjs';

const dir = process.argv[2];
const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const add = (state, name) => {
  totals[state] += 1;
  if (state === 'failed') failures.push(name);
};

// Elements of a small XML that a tool wrote: [attributes text, body]. No nesting of the same name occurs in JUnit files.
function elements(xml, name) {
  const found = [];
  const pattern = new RegExp(`<${name}\\b([^>]*?)(?:/>|>([\\s\\S]*?)</${name}>)`, 'g');
  for (const match of xml.matchAll(pattern)) found.push([match[1], match[2] ?? '']);
  return found;
}
const attribute = (text, name) => new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? '';

// A GoogleTest program counts by its cases. When ctest saw it fail and no case did (a crash, a leak, a time-out), that is one failure more.
function count_gtest(label, path, program_failed) {
  let failed_cases = 0;
  for (const [attributes, body] of elements(readFileSync(path, 'utf8'), 'testcase')) {
    const name = `${label}: ${attribute(attributes, 'classname')}.${attribute(attributes, 'name')}`;
    if (/<failure\b/.test(body)) failed_cases += 1;
    const state = /<failure\b/.test(body) ? 'failed'
      : attribute(attributes, 'result') === 'skipped' || attribute(attributes, 'status') === 'notrun' ? 'skipped' : 'passed';
    add(state, name);
  }
  if (program_failed && failed_cases === 0) add('failed', `${label}: the program failed outside its cases`);
}

function count_ctest(preset) {
  const report = join(dir, preset, 'ctest.xml');
  if (!existsSync(report)) return add('failed', `${preset}: ctest left no report`);
  for (const [attributes, body] of elements(readFileSync(report, 'utf8'), 'testcase')) {
    const name = attribute(attributes, 'name');
    const status = attribute(attributes, 'status');
    const failed = status === 'fail' || /<failure\b/.test(body);
    const cases = join(dir, preset, 'gtest', `${name}.xml`);
    if (existsSync(cases)) count_gtest(`${preset} ${name}`, cases, failed);
    else add(failed ? 'failed' : status === 'run' ? 'passed' : 'skipped', `${preset} ${name}`);
  }
}

function count_tap(file) {
  const { leaves, complete } = read_tap(readFileSync(join(dir, file), 'utf8'));
  for (const leaf of leaves) add(leaf.state, `${file}: ${leaf.name}`);
  if (!complete) add('failed', `${file}: the runner stopped before its end`);
}

for (const entry of readdirSync(dir, { withFileTypes: true })) {
  if (entry.isDirectory()) count_ctest(entry.name);
  else if (entry.name.endsWith('.tap')) count_tap(entry.name);
}
for (const name of failures) console.log(`FAILED ${name}`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);
