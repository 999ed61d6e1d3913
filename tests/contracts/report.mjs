// report.mjs DIR DRIFT FORGE_RC compare|update [TAP]: reads what forge said (DIR/gas.json, DIR/rest.json), prints failures, skips, the
// table of gas and the closing line `N passed, N failed, N skipped`. Exit 1 when anything failed or did not run: silence is not success.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// What arXiv 2511.17464 (one contract for each patient, Sepolia) names for the same act.
const kPaper = { grant: 78331, revoke: 31204 };
const kLeastTests = 60;

const [dir, drift, forge_rc, gas_mode, tap] = process.argv.slice(2);
const results = [{ name: 'committed ABI and bytecode are what the sources give', state: drift === '0' ? 'passed' : 'failed' }];
const gas = {};

function read_forge(file) {
  const path = join(dir, file);
  // Before its JSON forge may print lines of its own; the suites stand in the last line.
  const line = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').at(-1) : '';
  let suites;
  try {
    suites = JSON.parse(line);
  } catch {
    results.push({ name: `forge gave no results (${file})`, state: 'failed', why: line.slice(0, 2000) });
    return;
  }
  for (const [suite, { test_results }] of Object.entries(suites)) {
    for (const [test, { status, reason, counterexample, gas_snapshots }] of Object.entries(test_results)) {
      const state = { Success: 'passed', Skipped: 'skipped' }[status] ?? 'failed';
      const why = [reason, counterexample && JSON.stringify(counterexample).slice(0, 2000)].filter(Boolean).join(' ');
      results.push({ name: `${suite.split(':').at(-1)}.${test}`, state, why });
      Object.assign(gas, gas_snapshots?.contracts);
    }
  }
}

// The remembered figures change only by a commit that shows it.
function compare_gas() {
  const path = join(dirname(fileURLToPath(import.meta.url)), 'gas.json');
  const text = `${JSON.stringify(Object.fromEntries(Object.entries(gas).map(([name, used]) => [name, Number(used)]).sort()), null, 2)}\n`;
  if (gas_mode === 'update') writeFileSync(path, text);
  const remembered = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  console.log('\ngas of a whole transaction          now  remembered  arXiv 2511.17464');
  for (const [name, used] of Object.entries(JSON.parse(text))) {
    console.log(`${name.padEnd(33)}${String(used).padStart(6)}${String(remembered[name] ?? '-').padStart(12)}${String(kPaper[name] ?? '').padStart(18)}`);
  }
  const same = existsSync(path) && readFileSync(path, 'utf8') === text;
  results.push({ name: 'gas is as remembered', state: same ? 'passed' : 'failed', why: 'look at the table; tests/contracts/run --update-gas remembers it' });
}

read_forge('gas.json');
read_forge('rest.json');
compare_gas();
const count = (state) => results.filter((result) => result.state === state).length;
if (forge_rc !== '0' && count('failed') === 0) results.push({ name: `forge ended with ${forge_rc}`, state: 'failed' });
if (results.length < kLeastTests) results.push({ name: `only ${results.length} tests ran`, state: 'failed' });

console.log();
for (const { name, state, why } of results) {
  if (state !== 'passed') console.log(`${state.toUpperCase()} ${name}${why ? `: ${why}` : ''}`);
}
if (tap) {
  const point = ({ name, state }, at) => `${state === 'failed' ? 'not ok' : 'ok'} ${at + 1} - contracts ${name.replace(/[#\n]/g, ' ')}${state === 'skipped' ? ' # SKIP' : ''}`;
  writeFileSync(tap, `TAP version 13\n${results.map(point).join('\n')}\n1..${results.length}\n`);
}
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
process.exit(count('failed') > 0 ? 1 : 0);
