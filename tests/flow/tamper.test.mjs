// A thieving operator with the files (and, as the server runs for him too, with the keys): whatever is changed, deleted, swapped, truncated
// or rewritten among audit entries and records, `kedge fsck` says which, and an auditor's kedge-verify does not accept what comes out of it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { closing, eventually, fresh_dir, kedge, kOnChain, kVerify, serve } from './harness.mjs';
import { proof_parts } from './verify_files.mjs';
import { observation, parameter, seed } from './samples.mjs';

const at_end = closing(after);
const work = mkdtempSync(join(tmpdir(), 'kedge-tamper-'));
after(() => rmSync(work, { recursive: true, force: true }));
let server, key, early, late, log_dir, older;

const proof_of = (entry) => Buffer.from(entry.extension[0].valueBase64Binary, 'base64').toString('utf8');
const trail = (auditor) => auditor.must_get('AuditEvent?patient=Patient/p1&_count=100');
function verify(...bundles) {
  const paths = bundles.map((bundle, n) => {
    const path = join(work, `bundle-${n}.json`);
    writeFileSync(path, JSON.stringify(bundle));
    return path;
  });
  const run = spawnSync(kVerify, ['--key', key, ...paths], { encoding: 'utf8' });
  return { code: run.status, text: `${run.stdout}${run.stderr}` };
}

before(async () => {
  server = await serve(at_end);
  await seed(server, { observations: 4 });
  const auditor = server.auditor();
  key = parameter(await auditor.must_get('AuditEvent/$verify-integrity'), 'verifierKey');
  early = await trail(auditor);
  await server.stop();
  older = fresh_dir();
  cpSync(server.data, older, { recursive: true });
  at_end(() => rmSync(older, { recursive: true, force: true }));
  await server.start();
  await server.doctor('a').must_put(observation('p1-o1', 'p1', '73.00'));
  await server.doctor('a').must_put(observation('p1-o9', 'p1', '74.00'));
  late = await trail(server.auditor());
  await server.stop();
  if (kOnChain) {  // what the stop anchored is mined before anything is tried
    await server.start();
    await eventually('the anchor of the last stop', async () => {
      const lines = (await server.auditor().get('AuditEvent/$anchors')).text.trim().split('\n').filter(Boolean);
      return lines.some((line) => JSON.parse(line).size >= late.entry.length);
    });
    await server.stop();
  }
  const segment = readdirSync(server.data, { recursive: true }).find((name) => name.endsWith('segment-00000000.log'));
  log_dir = join(server.data, segment, '..');
});

function fsck(data = server.data) {
  const run = kedge('fsck', '--data', data);
  return { code: run.code, text: `${run.out}${run.err}` };
}
// fsck after `change` finds something that matches; everything is as before afterwards. Derived files are rebuilt, so the whole is kept.
function finds(what, change, wanted) {
  const kept = join(work, 'kept');
  rmSync(kept, { recursive: true, force: true });
  cpSync(server.data, kept, { recursive: true, preserveTimestamps: true });
  change();
  const found = fsck();
  rmSync(server.data, { recursive: true, force: true });
  cpSync(kept, server.data, { recursive: true, preserveTimestamps: true });
  assert.equal(found.code, 1, `${what}: ${found.text}`);
  assert.match(found.text, wanted, what);
}
const segment_path = () => join(log_dir, 'segment-00000000.log');
// The frames of the first segment: where each begins, how long it is, and whether it is an entry's or a group's (anchoring/FORMAT.md section 2).
function frames() {
  const bytes = readFileSync(segment_path()), out = [];
  let entry = 0;
  for (let at = 64; at + 5 <= bytes.length && bytes.readUInt32BE(at) > 0;) {
    const length = 5 + bytes.readUInt32BE(at), is_entry = bytes[at + 4] === 1;
    out.push({ at, length, entry: is_entry ? entry++ : undefined });
    at += length;
  }
  return out;
}
function rewrite(path, change) {
  chmodSync(path, 0o600);
  const bytes = readFileSync(path);
  writeFileSync(path, change(bytes) ?? bytes);
}

test('before anything is changed: fsck is clean, and what the auditor saved is proven', () => {
  const clean = fsck();
  assert.equal(clean.code, 0, clean.text);
  for (const bundles of [[early], [late]]) assert.equal(verify(...bundles).code, 0);
  assert.ok(frames().filter((frame) => frame.entry !== undefined).length >= 10);
});

test('a byte anywhere in an audit entry: fsck names the entry', () => {
  const all = frames().filter((frame) => frame.entry !== undefined);
  for (const frame of [all[0], all[all.length >> 1], all.at(-2)]) {
    for (const offset of [0, 4, 5, 20, frame.length >> 1, frame.length - 1]) {
      finds(`entry ${frame.entry}, byte ${offset}`, () => rewrite(segment_path(), (bytes) => { bytes[frame.at + offset] ^= 1; }), new RegExp(`entr(y|ies) ${frame.entry}\\b`));
    }
  }
});

test('an audit entry cut out, zeroed, swapped or written over by another: fsck names it', () => {
  const all = frames().filter((frame) => frame.entry !== undefined), one = all[3], two = all.find((frame) => frame.entry > 3 && frame.length === one.length);
  // A log that no longer opens is refused as a whole, before fsck walks through it.
  const name = /entr(y|ies) 3\b|the audit log is truncated: its last checkpoint covers \d+ entries/;
  finds('cut out', () => rewrite(segment_path(), (bytes) => Buffer.concat([bytes.subarray(0, one.at), bytes.subarray(one.at + one.length)])), name);
  finds('zeroed', () => rewrite(segment_path(), (bytes) => { bytes.fill(0, one.at, one.at + one.length); }), name);
  assert.ok(two, 'two entries of one length');
  finds('swapped', () => rewrite(segment_path(), (bytes) => {
    const kept = Buffer.from(bytes.subarray(one.at, one.at + one.length));
    bytes.copy(bytes, one.at, two.at, two.at + two.length);
    kept.copy(bytes, two.at);
  }), name);
  finds('replayed', () => rewrite(segment_path(), (bytes) => { bytes.copy(bytes, one.at, two.at, two.at + two.length); }), name);
});

test('the log cut short, emptied or gone: fsck says which entries a checkpoint still covers', () => {
  const all = frames().filter((frame) => frame.entry !== undefined), last = all.at(-1), middle = all[all.length >> 1];
  for (const frame of [last, middle, all[1]]) {
    finds(`cut at entry ${frame.entry}`, () => rewrite(segment_path(), (bytes) => bytes.subarray(0, frame.at)), /truncat/);
  }
  finds('emptied', () => rewrite(segment_path(), () => Buffer.alloc(0)), /entries 0\.\.\d+: the log is truncated/);
  finds('gone', () => rmSync(segment_path()), /entries 0\.\.\d+: the log is truncated/);
  finds('checkpoints cut', () => rewrite(join(log_dir, 'checkpoints'), (bytes) => bytes.subarray(0, 200)), /checkpoint/);
  finds('a checkpoint changed', () => rewrite(join(log_dir, 'checkpoints'), (bytes) => { bytes[320 + 30] ^= 1; }), /checkpoint/);
});

// The files of the record store in one of the two copies of the data.
const store_files = (data) => readdirSync(data).filter((name) => /^records\.db/.test(name));

test('the records rolled back to an older copy: fsck names each version that is missing or not what was written', () => {
  finds('older records.db', () => {
    for (const name of store_files(server.data)) rmSync(join(server.data, name));
    for (const name of store_files(older)) cpSync(join(older, name), join(server.data, name));
  }, /record [0-9a-f]{32} version \d+ \(seq \d+\) was written, says the audit chain, but is missing from the store/);
});

test('the audit log rolled back beside newer records: fsck names each record that it never saw written', () => {
  finds('older log', () => {
    rmSync(log_dir, { recursive: true });
    cpSync(join(older, log_dir.slice(server.data.length)), log_dir, { recursive: true });
  }, /stands in the store, but the audit chain never saw it written|anchors\.db holds|the ledger holds/);
});

test('a page of records.db put in place of another, zeroed, or taken from an older copy: fsck says so', () => {
  const path = join(server.data, 'records.db'), size = statSync(path).size, page = 8192, pages = Math.floor(size / page);
  assert.ok(pages >= 3);
  const named = (n) => new RegExp(`records\\.db: page ${n + 1} \\(from byte ${n * page} on, ${page} bytes\\) does not open`);
  for (const n of [1, pages >> 1, pages - 1]) {
    finds(`page ${n} zeroed`, () => rewrite(path, (bytes) => { bytes.fill(0, n * page, (n + 1) * page); }), named(n));
    finds(`page ${n} replaced`, () => rewrite(path, (bytes) => { bytes.copy(bytes, n * page, ((n + 1) % pages || 1) * page, (((n + 1) % pages || 1) + 1) * page); }), named(n));
  }
});

test('everything rolled back and lived through again, with all keys: the auditor sees the fork', async () => {
  if (kOnChain) {  // what the embedded ledger of the same directory cannot say, the chain does
    await assert.rejects(serve(at_end, { data: older, init: false }), /anchored|ledger/);
    return;
  }
  // Nobody inside can tell: the older copy is whole, and the server signs on from there as if nothing had been.
  const twin = await serve(at_end, { data: older, init: false });
  await twin.doctor('a').must_put(observation('p1-o7', 'p1', '71.00'));
  await twin.doctor('c').get('Patient/p1');
  await twin.doctor('c').get('Patient/p1');
  const rewritten = await trail(twin.auditor());
  await twin.stop();
  assert.equal(fsck(older).code, 0);
  assert.equal(verify(early).code, 0);
  assert.equal(verify(rewritten).code, 0, 'consistent in itself');
  const both = verify(late, rewritten);
  assert.equal(both.code, 1, both.text);
  assert.match(both.text, /forked/);
  const lost = late.entry.filter((entry) => !rewritten.entry.some((other) => other.resource.id === entry.resource.id)).map((entry) => proof_parts(proof_of(entry)).seq);
  assert.ok(lost.length >= 2);
  assert.ok(lost.some((seq) => both.text.includes(`entry ${seq}`)), both.text);
});

test('what the auditor saved stays proven, and the untouched server starts again', async () => {
  assert.equal(fsck().code, 0);
  await server.start();
  const now = await trail(server.auditor());
  assert.equal(verify(late).code, 0);
  assert.equal(verify(now).code, 0);
});
