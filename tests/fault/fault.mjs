// Kills a kedge under load again and again. See tests/fault/run.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { kedge, serve } from '../flow/harness.mjs';
import { patient } from '../flow/samples.mjs';
import { kPatients, Ledger, revoke_all, storm } from './load.mjs';
import { check_chain, check_consent, check_open, check_trail, check_writes } from './reckon.mjs';

const words = process.argv.slice(2);
const take = (flag) => {
  const at = words.indexOf(flag);
  return at < 0 ? undefined : words.splice(at, 2)[1];
};
const tap_path = take('--tap');
const seed = Number(take('--seed') ?? Date.now() % 1_000_000);
const rounds = Number(words[0]);
if (words.length !== 1 || !Number.isInteger(rounds) || rounds < 1 || Number.isNaN(seed)) {
  console.error('usage: tests/fault/run N [--seed S] [--tap FILE]');
  process.exit(2);
}

// mulberry32: the load's own choices repeat for a seed; when the kill meets the server does not, and need not.
let state = seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

const lines = [];
const tap = (line) => {
  lines.push(line);
  console.log(line);
};

async function round_of(server, n, older) {
  const ledger = new Ledger();
  await revoke_all(server);
  await storm(server, ledger, n, 100 + random() * 1400, random, () => server.kill());
  await server.start();
  await check_writes(server, ledger.writes);
  // A sample of what earlier rounds promised: a later crash must not take it either.
  await check_writes(server, Array.from({ length: Math.min(50, older.length) }, () => older[Math.floor(random() * older.length)]));
  await check_open(server, ledger.open);
  await check_trail(server, ledger.reads, { exactly_one: false });
  await check_trail(server, ledger.writes.filter((w) => !w.reference.includes('t')).map((w) => w.request), { exactly_one: true });
  await check_consent(server, ledger);
  await check_chain(server);
  assert.ok(ledger.writes.length > 0 && ledger.reads.length > 0, 'the load did nothing: nothing was tested');
  older.push(...ledger.writes);
  return `${ledger.writes.length} writes and ${ledger.reads.length} reads held, ${ledger.open.length} writes were under way, ${ledger.consent_state === 'inactive' ? 'a revocation held, ' : ''}ready again in ${server.ready_ms} ms`;
}

tap(`# seed ${seed}`);
const ends = [];
let failed = 0, done = 0;
const point = async (what, work) => {
  done += 1;
  try {
    tap(`ok ${done} - ${what}: ${await work()}`);
  } catch (error) {
    failed += 1;
    tap(`not ok ${done} - ${what}: ${String(error.message).split('\n')[0]}`);
  }
};
const server = await serve((end) => ends.push(end));
try {
  for (let n = 0; n < kPatients; n += 1) await server.doctor('a').must_put(patient(`f${n}`));
  const older = [];
  for (let n = 1; n <= rounds && failed === 0; n += 1) await point(`round ${n}`, () => round_of(server, n, older));
  await point('fsck after the last round', async () => {
    await server.stop();
    const run = kedge('fsck', '--data', server.data);
    assert.equal(run.code, 0, `${run.out}${run.err}`);
    return 'clean';
  });
} finally {
  tap(`1..${done}`);
  if (tap_path) writeFileSync(tap_path, lines.join('\n') + '\n');
  if (failed > 0) console.log(`the server's log: ${server.log().slice(-1500)}`);
  for (const end of ends) await end().catch((error) => console.log(`at the end: ${error.message.slice(0, 500)}`));
}
process.exit(failed > 0 ? 1 : 0);
