// wrk, nginx and small helpers: everything that measures and nothing that knows kedge.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const kUnits = { us: 0.001, ms: 1, s: 1000, m: 60_000 };
const to_ms = (text) => Number.parseFloat(text) * kUnits[text.replace(/[\d.]/g, '')];

// One run of wrk. -> { rps, p50_ms, p99_ms }. Any answer but 2xx, and any socket error, makes the figure worthless, so it throws.
export async function wrk(url, { connections, seconds, token, script }) {
  const words = ['-t', String(Math.min(2, connections)), '-c', String(connections), '-d', `${seconds}s`, '--latency', '--timeout', '10s'];
  if (token) words.push('-H', `Authorization: Bearer ${token}`);
  if (script) words.push('-s', script);
  const { stdout } = await run('wrk', [...words, url]);
  assert.doesNotMatch(stdout, /Non-2xx|Socket errors/, `${url}: ${stdout}`);
  const find = (pattern) => pattern.exec(stdout)?.[1] ?? assert.fail(`wrk said: ${stdout}`);
  return { rps: Number(find(/Requests\/sec:\s+([\d.]+)/)), p50_ms: to_ms(find(/\s50%\s+(\S+)/)), p99_ms: to_ms(find(/\s99%\s+(\S+)/)) };
}

// A program that listens on a port, started and waited for. -> { stop }
export async function background(program, words, url) {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => { said += chunk; });
  const ended = new Promise((done) => child.on('exit', done));
  for (let n = 0; ; n += 1) {
    assert.ok(child.exitCode === null && n < 200, `${program} did not start: ${said}`);
    const up = await new Promise((done) => http.get(url, (answer) => { answer.resume(); done(true); }).on('error', () => done(false)));
    if (up) break;
    await sleep(25);
  }
  return { pid: child.pid, stop: async () => { child.kill('SIGTERM'); await ended; } };
}

// nginx as it would serve a file best: from memory's page cache, connections kept, no log.
export async function nginx(dir, port, file_name) {
  chmodSync(dir, 0o755);
  writeFileSync(join(dir, 'nginx.conf'), `
worker_processes auto;
pid ${dir}/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=16;
  keepalive_requests 100000000;
  default_type application/fhir+json;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi; uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
  server { listen 127.0.0.1:${port}; location / { root ${dir}; } }
}
`);
  return background('nginx', ['-c', join(dir, 'nginx.conf'), '-p', dir, '-e', 'stderr', '-g', 'daemon off;'], `http://127.0.0.1:${port}/${file_name}`);
}

export function memory_mb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) / 1024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

// Bytes below a folder; `only` picks files by their path.
export function bytes_below(dir, only = () => true) {
  let total = 0;
  for (const name of readdirSync(dir, { recursive: true })) {
    const info = statSync(join(dir, name), { throwIfNoEntry: false });
    if (info?.isFile() && only(name)) total += info.size;
  }
  return total;
}

export function table(head, rows) {
  const cells = [head, head.map(() => '---'), ...rows];
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
export const count = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1));
export const millis = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(0));
