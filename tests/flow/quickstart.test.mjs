// deploy/quickstart, and the lines it prints: they are pasted into a shell here, as a newcomer does.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { closing, eventually, free_port, fresh_dir, kBin, kRoot, sleep } from './harness.mjs';

const at_end = closing(after);
// It builds the release preset, so it is tried when that is what is being tested and is built already.
const skip = resolve(kBin) === join(kRoot, 'build/release/bin') && existsSync(join(kBin, 'kedge')) ? false : 'KEDGE_BIN is not build/release/bin of this tree';

let shown = '', running, data, port;
async function start() {
  shown = '';
  const began = Date.now();
  running = spawn(join(kRoot, 'deploy/quickstart'), ['--port', String(port), '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [running.stdout, running.stderr]) stream.on('data', (chunk) => { shown += chunk; });
  const ended = new Promise((done) => running.on('exit', done));
  await eventually('quickstart serves', () => {
    assert.equal(running.exitCode, null, shown.slice(-2000));
    return shown.includes('Ctrl-C stops the server.');
  }, 120_000);
  return { seconds: (Date.now() - began) / 1000, stop: async () => { running.kill('SIGINT'); return Promise.race([ended, sleep(12_000).then(() => 'still there')]); } };
}
let first;
before(async () => {
  if (skip) return;
  data = join(fresh_dir(), 'demo');
  port = await free_port();
  at_end(() => { running?.kill('SIGTERM'); rmSync(join(data, '..'), { recursive: true, force: true }); });
  first = await start();
});

test('the printed lines tell the story: refused, granted, answered, revoked, refused, and all of it in the trail', { skip }, () => {
  const lines = shown.split('\n');
  const script = lines.slice(lines.findIndex((line) => line.startsWith('export FHIR=')), lines.findIndex((line) => line.startsWith('Ctrl-C'))).join('\n');
  const out = execFileSync('bash', ['-u', '-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  assert.deepEqual([...out.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => match[1]), ['404', '200', '204', '404'], out.slice(0, 3000));
  assert.match(out, /CapabilityStatement/);
  assert.match(out, /"name":"state","valueString":"active"/);
  assert.match(out, /"resourceType": "AuditEvent"/);
  assert.match(out, /granted/);
  assert.match(out, /refused or failed/);
  assert.match(out.split('\n').slice(-4).join('\n'), /proven/);
});

test('Ctrl-C stops it, and the second start takes seconds and loads nothing again', { skip }, async () => {
  assert.notEqual(await first.stop(), 'still there');
  const second = await start();
  assert.match(shown, /The demo population is there already/);
  assert.ok(second.seconds < 30, `${second.seconds} s`);
  await second.stop();
});
