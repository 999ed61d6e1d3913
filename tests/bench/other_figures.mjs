// What is not a plain read: create, search, load of whole records, verification, start, memory, bytes on disk.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kedge, kVerify, serve } from '../flow/harness.mjs';
import { parameter } from '../flow/samples.mjs';
import { bytes_below, count, median, memory_mb, millis, table, wrk } from './measure.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const is_audit = (path) => /(^|\/)(audit|log|chain|trail)/.test(path);

async function medians(rounds, one) {
  const runs = [];
  for (let n = 0; n < rounds; n += 1) runs.push(await one());
  return Object.fromEntries(Object.keys(runs[0]).map((what) => [what, median(runs.map((run) => run[what]))]));
}
const per_wrk = ({ rps, p50_ms, p99_ms }) => `${count(rps)} /s, p50 ${millis(p50_ms)} ms, p99 ${millis(p99_ms)} ms`;

async function chain_size(server) {
  return Number(parameter(await server.auditor().must_get('AuditEvent/$verify-integrity'), 'to'));
}

// Synthea's patients as transactions into a server of their own, so that bytes on disk are theirs alone.
async function load_figures(synthea, keep_end) {
  if (!synthea) return [['load of transaction bundles', 'skipped: KEDGE_TEST_DATA has no synthea/transactions']];
  const server = await serve(keep_end);
  const loader = server.client('system', 'Device/loader', { organization: 'Organization/synthea' });
  let resources = 0, source_bytes = 0;
  for (const name of readdirSync(synthea)) {
    const text = readFileSync(join(synthea, name), 'utf8');
    resources += JSON.parse(text).entry.length;
    source_bytes += JSON.stringify(JSON.parse(text)).length;
  }
  await loader.must_put({ resourceType: 'Organization', id: 'first', name: 'first' });  // so that there is a chain to measure from
  const empty = { audit: bytes_below(server.data, is_audit), rest: bytes_below(server.data, (path) => !is_audit(path)), events: await chain_size(server) };
  const began = process.hrtime.bigint();
  const run = kedge('load', synthea, '--url', server.base, { env: { ...process.env, KEDGE_TOKEN: loader.token } });
  const load_s = Number(process.hrtime.bigint() - began) / 1e9;
  if (run.code !== 0) return [['load of transaction bundles', `failed: ${run.err.slice(-200)}`]];
  const memory = memory_mb(server.process.pid);
  const events = await chain_size(server);
  await server.stop();  // journals are folded in, so that sizes are those at rest
  const audit = bytes_below(server.data, is_audit) - empty.audit, rest = bytes_below(server.data, (path) => !is_audit(path)) - empty.rest;
  return [
    ['load of Synthea transaction bundles', `${count(resources / load_s)} resources/s (${resources} in ${load_s.toFixed(1)} s)`],
    ['memory after that load', `${memory.now.toFixed(0)} MB resident, ${memory.peak.toFixed(0)} MB at its peak`],
    ['bytes on disk per resource', `${count(rest / resources)} with its index and consent's facts, of ${count(source_bytes / resources)} of JSON`],
    ['bytes on disk per audit entry', `${count(audit / (events - empty.events))} (${events - empty.events} entries)`],
  ];
}

async function verification(server, rounds) {
  const events = await chain_size(server);
  const online = await medians(rounds, async () => {
    const began = performance.now();
    await chain_size(server);
    return { ms: performance.now() - began };
  });
  const dir = mkdtempSync(join(tmpdir(), 'kedge-bench-verify-'));
  try {
    const bundle = await server.auditor().must_get('AuditEvent?_count=1000');
    const key = parameter(await server.auditor().must_get('AuditEvent/$verify-integrity?from=0&to=1'), 'verifierKey');
    const path = join(dir, 'bundle.json');
    writeFileSync(path, JSON.stringify(bundle));
    const offline = await medians(rounds, async () => {
      const began = performance.now();
      const run = spawnSync(kVerify, ['--key', key, path], { encoding: 'utf8' });
      if (run.status !== 0) throw new Error(`kedge-verify: ${run.stdout}${run.stderr}`);
      return { ms: performance.now() - began };
    });
    return [
      ['verification of the whole chain, in the server', `${count(events / (online.ms / 1000))} entries/s (${events} in ${millis(online.ms)} ms)`],
      ['kedge-verify of a saved Bundle', `${bundle.entry.length} events in ${millis(offline.ms)} ms, the program's start included`],
    ];
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function start_time(server, rounds) {
  const times = [];
  for (let n = 0; n < Math.max(3, rounds); n += 1) {
    await server.stop();
    await server.start();
    times.push(server.ready_ms);
  }
  return [['start to /readyz', `${millis(median(times))} ms`]];
}

export async function other_figures(server, { rounds, seconds, memory_before, keep_end, synthea }) {
  const author = server.doctor('a');
  const rows = [];
  const memory = memory_mb(server.process.pid);
  rows.push(['memory', `${memory_before.now.toFixed(0)} MB resident after start, ${memory.now.toFixed(0)} MB after the reads above`]);
  for (const c of [1, 16]) {
    const search = await medians(rounds, () => wrk(`${server.base}/Observation?patient=Patient/p1&_count=20`, { connections: c, seconds, token: author.token }));
    rows.push([`search of one patient's 20 Observations, ${c} connections`, per_wrk(search)]);
  }
  for (const c of [1, 16, 64]) {
    const create = await medians(rounds, () => wrk(`${server.base}/Observation`, { connections: c, seconds, token: author.token, script: join(here, 'create.lua') }));
    rows.push([`create, ${c} connections`, per_wrk(create)]);
  }
  rows.push(...await verification(server, rounds), ...await start_time(server, rounds), ...await load_figures(synthea, keep_end));
  return table(['what', 'figure'], rows);
}
