// See tests/bench/run. Prints tables of medians and ratios.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fresh_dir, kBin, must, serve, test_data } from '../flow/harness.mjs';
import { grant, patient } from '../flow/samples.mjs';
import { background, count, median, memory_mb, millis, nginx, table, wrk } from './measure.mjs';
import { other_figures } from './other_figures.mjs';

const words = process.argv.slice(2);
const take = (flag, fallback) => {
  const at = words.indexOf(flag);
  return at < 0 ? fallback : words.splice(at, 2)[1];
};
const reads_only = words.includes('--reads-only') && words.splice(words.indexOf('--reads-only'), 1).length > 0;
const quick = words.includes('--quick') && words.splice(words.indexOf('--quick'), 1).length > 0;
const rounds = Number(take('--rounds', quick ? 1 : 5)), seconds = Number(take('--seconds', quick ? 1 : 4));
const connections = take('--connections', '1,16,64').split(',').map(Number);
const out = take('--out');
if (words.length > 0 || ![rounds, seconds, ...connections].every((n) => Number.isInteger(n) && n > 0)) {
  console.error(`bench: wrong usage near '${words.join(' ')}'; tests/bench/run --help`);
  process.exit(2);
}

const ends = [];
const keep_end = (end) => ends.push(end);
const free_port = () => new Promise((done) => {
  const probe = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});

// 2 kB, as a Synthea patient is.
const record = patient('p1', {
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${'A narrative of some length, as most systems write one. '.repeat(27)}</div>` },
  telecom: [{ system: 'phone', value: '+41 79 555 01 02', use: 'mobile' }],
  address: [{ line: ['1 Long Street'], city: 'Springfield', postalCode: '12345', country: 'US' }],
});

async function start_all() {
  const server = await serve(keep_end);
  const author = server.doctor('a');
  await author.must_put(record);
  for (let n = 0; n < 20; n += 1) await author.must_put({ resourceType: 'Observation', id: `o${n}`, status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/p1' } });
  await grant(server);  // the measured reader is permitted by a Consent on the ledger, not by a short cut
  const reader = server.doctor('b');
  const body = must(await reader.get('Patient/p1'), 200).text;
  const files = mkdtempSync(join(tmpdir(), 'kedge-bench-'));
  ends.push(async () => rmSync(files, { recursive: true, force: true }));
  writeFileSync(join(files, 'patient.json'), body);

  const targets = [{ name: 'kedge audited', url: `${server.base}/Patient/p1`, token: reader.token }];
  const bench_serve = join(kBin, 'bench_serve');
  if (existsSync(bench_serve)) {
    await server.stop();  // so that the copy is whole
    const copies = [];
    for (const [mode, name] of [['audit-off', 'audit off'], ['neither', 'all of it off']]) {
      const data = fresh_dir();
      cpSync(server.data, data, { recursive: true });
      ends.push(async () => rmSync(data, { recursive: true, force: true }));
      copies.push({ mode, name, data });
    }
    await server.start();
    for (const { mode, name, data } of copies) {
      const port = await free_port();
      const twin = await background(bench_serve, [mode, 'serve', '--data', data, '--listen', `127.0.0.1:${port}`], `http://127.0.0.1:${port}/readyz`);
      ends.push(twin.stop);
      targets.push({ name, url: `http://127.0.0.1:${port}/fhir/Patient/p1`, token: reader.token });
    }
  }
  const bare_port = await free_port(), nginx_port = await free_port();
  ends.push((await background(join(kBin, 'bench_bare_listener'), [String(bare_port), join(files, 'patient.json')], `http://127.0.0.1:${bare_port}/`)).stop);
  targets.push({ name: 'bare listener', url: `http://127.0.0.1:${bare_port}/patient.json` });
  ends.push((await nginx(files, nginx_port, 'patient.json')).stop);
  targets.push({ name: 'nginx from a file', url: `http://127.0.0.1:${nginx_port}/patient.json` });
  return { server, targets, bytes: body.length };
}

// figures: Map of `name connections` -> [run of wrk, ...]
async function interleave(targets) {
  const figures = new Map();
  for (const target of targets) await wrk(target.url, { connections: 16, seconds: 1, token: target.token });  // warm
  for (let round = 1; round <= rounds; round += 1) {
    for (const c of connections) {
      for (const target of targets) {
        const key = `${target.name} ${c}`;
        if (!figures.has(key)) figures.set(key, []);
        figures.get(key).push(await wrk(target.url, { connections: c, seconds, token: target.token }));
      }
    }
    console.error(`round ${round} of ${rounds}`);
  }
  return figures;
}

function reads_table(targets, figures) {
  const mid = (name, c, what) => median(figures.get(`${name} ${c}`).map((figure) => figure[what]));
  const rows = [];
  for (const c of connections) {
    const own = mid(targets[0].name, c, 'rps');
    for (const { name } of targets) {
      const rps = mid(name, c, 'rps');
      rows.push([c, name, count(rps), millis(mid(name, c, 'p50_ms')), millis(mid(name, c, 'p99_ms')), name === targets[0].name ? '' : `${(own / rps).toFixed(2)}`]);
    }
  }
  return table(['connections', 'what', 'requests/s', 'p50 ms', 'p99 ms', 'kedge audited is, of it'], rows);
}

let code = 0;
try {
  const { server, targets, bytes } = await start_all();
  const memory_before = memory_mb(server.process.pid);
  const figures = await interleave(targets);
  const cpu = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown';
  const text = [
    `${cpus().length} cores (${cpu}); ${rounds} rounds of ${seconds} s, medians; GET of one Patient, ${bytes} bytes of JSON; wrk on the same machine.`,
    targets.some((t) => t.name === 'audit off') ? '' : 'bench_serve is not built here, so there is no row without audit.',
    reads_table(targets, figures),
    '',
    reads_only ? '' : await other_figures(server, { rounds, seconds, memory_before, keep_end, synthea: test_data('synthea/transactions') }),
  ].filter((line, n) => line || n !== 1).join('\n');
  console.log(text);
  if (out) writeFileSync(out, `${text}\n`);
} catch (error) {
  code = 1;
  console.error(`bench: ${error.stack}`);
} finally {
  for (const end of ends.reverse()) await end().catch((error) => console.error(`bench, at the end: ${error.message.slice(0, 300)}`));
}
process.exit(code);
