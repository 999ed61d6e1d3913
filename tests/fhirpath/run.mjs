#!/usr/bin/env node
// tests/fhirpath/run.mjs [--count N] [--seed N] [--show N]: random expressions, kedge beside fhirpath.js. Exit 1 on a difference that has no reason.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, kNoOracle, resource_files } from './oracle.mjs';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const { values: flags } = parseArgs({ options: { count: { type: 'string', default: '20000' }, seed: { type: 'string' }, show: { type: 'string', default: '20' } } });
const program = resolve(process.env.KEDGE_BIN ?? resolve(root, 'build/release/bin'), 'kedge');
const files = resource_files(process.env.KEDGE_TEST_DATA ?? resolve(root, '../shared/data'));
if (kNoOracle || files.length === 0) {
  console.error(kNoOracle || 'no R4 resources in KEDGE_TEST_DATA');
  process.exit(2);
}
const seed = Number(flags.seed ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}, ${files.length} resources`);
const report = compare({ program, files, count: Number(flags.count), seed });
for (const [reason, times] of [...report.known].sort((a, b) => b[1] - a[1])) console.log(`${String(times).padStart(6)}  ${reason}`);
for (const { expression, file, kedge, other } of report.unknown.slice(0, Number(flags.show))) {
  console.log(`\n${expression}\n  ${file}\n  kedge:       ${JSON.stringify(kedge).slice(0, 300)}\n  fhirpath.js: ${JSON.stringify(other).slice(0, 300)}`);
}
const known = [...report.known.values()].reduce((a, b) => a + b, 0);
console.log(`\n${report.compared} expressions (${report.filled} with a result, ${report.errors} errors): ${report.compared - known - report.unknown.length} equal, ${known} known differences, ${report.unknown.length} unknown`);
process.exit(report.unknown.length > 0 ? 1 : 0);
