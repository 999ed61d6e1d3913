// Two verifiers, written twice, over the same files of a real server: kedge-verify (C++) and conformance/verify/kedge_verify.mjs. What is
// good is good for both, and whatever is changed, both refuse.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { receiptEvents } from '../../conformance/verify/ethereum.mjs';
import { closing, eventually, kRoot, kVerify, serve } from './harness.mjs';
import { first_tree, ledger_line, proof_parts, saved_receipt, with_proof } from './verify_files.mjs';
import { grant, parameter, seed } from './samples.mjs';

const at_end = closing(after);
const dir = mkdtempSync(join(tmpdir(), 'kedge-verify-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const kSecond = join(kRoot, 'conformance/verify/kedge_verify.mjs');
let auditor, key, bundle, proof, anchor;

const copy = (value) => JSON.parse(JSON.stringify(value));
const proof_of = (entry) => Buffer.from(entry.extension[0].valueBase64Binary, 'base64').toString('utf8');

before(async () => {
  const server = await serve(at_end, { flags: ['--audit-anchor-interval-s', '1'] });
  await seed(server);
  await grant(server);
  await server.doctor('b').get('Patient/p1');
  await server.doctor('c').get('Patient/p1');
  auditor = server.auditor();
  key = parameter(await auditor.must_get('AuditEvent/$verify-integrity'), 'verifierKey');
  const id = (await auditor.must_get('AuditEvent?patient=Patient/p1&_count=1')).entry[0].resource.id;
  // The proof names its anchor once the ledger has taken one that covers the event.
  await eventually('an anchor that covers the event', async () => {
    proof = (await auditor.get(`AuditEvent/${id}/$proof`)).text;
    return proof_parts(proof).anchor !== undefined;
  });
  bundle = await auditor.must_get('AuditEvent?patient=Patient/p1&_count=100');
  assert.ok(bundle.entry.length >= 5);
  anchor = proof_parts(proof).anchor;
});

// Both verifiers over the same files. -> { codes, text }; { name: content } in order, and options besides the key.
let runs = 0;
function both(files, options = {}) {
  const paths = Object.entries(files).map(([name, content]) => {
    const path = join(dir, `${runs}-${name}`);
    writeFileSync(path, Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  });
  const words = options.key === null ? [] : ['--key', options.key ?? key];
  if (options.ledger !== undefined) {
    const path = join(dir, `${runs}-ledger.jsonl`);
    writeFileSync(path, options.ledger);
    words.push('--ledger', path);
  }
  runs += 1;
  words.push(...(options.words ?? []), '--json', ...paths);
  const outcome = [[kVerify, words], [process.execPath, [kSecond, ...words]]].map(([program, list]) => spawnSync(program, list, { encoding: 'utf8' }));
  return { codes: outcome.map((one) => one.status), text: outcome.map((one) => `${one.stdout}${one.stderr}`.slice(-1500)).join('\n--\n'), out: outcome.map((one) => one.stdout) };
}
function agree(code, files, options, why = '') {
  const run = both(files, options);
  assert.deepEqual(run.codes, [code, code], `${why}: ${run.text}`);
  return run;
}
// The tiers of each file's items, from the JSON lines; the same for both.
function tiers(run) {
  const lists = run.out.map((out) => out.trim().split('\n').map((line) => JSON.parse(line)).filter((line) => 'tier' in line).map((line) => line.tier));
  assert.deepEqual(lists[0], lists[1], run.text);
  return lists[0];
}

test('what is good is good for both, with the same tiers', () => {
  const ledger = ledger_line(anchor);
  assert.deepEqual(new Set(tiers(agree(0, { 'bundle.json': bundle }))), new Set(['SIGNED']));
  assert.deepEqual(tiers(agree(0, { 'one.tlog-proof': proof })), ['SIGNED']);
  assert.deepEqual(tiers(agree(0, { 'one.tlog-proof': proof }, { ledger: ledger_line({ ...anchor, finality: 'final' }) })), ['FINAL']);
  assert.deepEqual(tiers(agree(0, { 'one.tlog-proof': proof }, { ledger: ledger_line({ ...anchor, finality: 'mined' }) })), ['ANCHORED']);
  assert.deepEqual(tiers(agree(0, { 'one.tlog-proof': proof }, { ledger, key: null })).length, 1, 'the ledger stands in for the key');
  agree(0, { 'bundle.json': bundle }, { ledger });
  agree(0, { 'lines.ndjson': bundle.entry.map((entry) => JSON.stringify(entry)).join('\n') });
  agree(0, { 'pretty.json': JSON.stringify(bundle, null, 2) });
  agree(0, { 'a.tlog-proof': proof_of(bundle.entry[0]), 'a.json': bundle.entry[0].resource });
});

test('without key and ledger nothing is proven, and wrong usage is 2', () => {
  assert.deepEqual(tiers(agree(1, { 'one.tlog-proof': proof }, { key: null })), ['CHAINED']);
  agree(2, {});
  agree(2, { 'one.tlog-proof': proof }, { key: 'nonsense' });
  agree(2, { 'one.tlog-proof': proof }, { words: ['--nonsense'] });
  agree(2, { 'one.tlog-proof': proof }, { ledger: '{"kind":"receipt"}\n' });
  agree(2, { 'one.tlog-proof': proof }, { ledger: '{"chainId":1}\n' });
});

test('every member of an event, changed or taken away, is refused by both', () => {
  let tried = 0;
  const walk = (value, visit, path = []) => {
    if (path.length > 0) visit(path);
    if (value && typeof value === 'object') for (const name of Object.keys(value)) walk(value[name], visit, [...path, name]);
  };
  const at = (value, path) => path.slice(0, -1).reduce((inner, name) => inner[name], value);
  const { resource } = bundle.entry[1], paths = [];
  walk(resource, (path) => paths.push(path));
  // One run for each member: taken away; and for each text, one letter changed. Runs cost time, so every third path of a long list.
  paths.forEach((path, n) => {
    if (path.length > 1 && n % 3 !== 0) return;
    for (const way of ['remove', 'change']) {
      const changed = copy(bundle.entry[1]), holder = at(changed.resource, path), name = path.at(-1);
      if (way === 'remove') Array.isArray(holder) ? holder.splice(Number(name), 1) : delete holder[name];
      else if (typeof holder[name] === 'string') holder[name] = `${holder[name].slice(0, -1)}${holder[name].endsWith('0') ? '1' : '0'}`;
      else if (typeof holder[name] === 'boolean') holder[name] = !holder[name];
      else return;
      agree(1, { 'x.json': { resourceType: 'Bundle', entry: [bundle.entry[0], changed] } }, {}, `${way} ${path.join('.')}`);
      tried += 1;
    }
  });
  assert.ok(tried > 20, `${tried} changes tried`);
});

test('every part of a proof, changed, is refused by both', () => {
  const entry = bundle.entry[1], text = proof_of(entry), lines = text.split('\n'), empty = lines.indexOf('');
  const refuse = (changed, why) => agree(1, { 'x.json': { resourceType: 'Bundle', entry: [with_proof(entry, changed)] } }, {}, why);
  // Each field of the entry and its salt: version, number, time, kind, link, commitment, salt.
  const extra = Buffer.from(lines[1].slice(6), 'base64');
  for (const [field, offset] of Object.entries({ proofVersion: 0, flags: 1, version: 2, seq: 10, time: 18, kind: 19, previous: 20, commit: 60, salt: 84, saltEnd: 115 })) {
    const bytes = Buffer.from(extra);
    bytes[offset] ^= 1;
    refuse([lines[0], `extra ${bytes.toString('base64')}`, ...lines.slice(2)].join('\n'), field);
  }
  for (const [what, bytes] of Object.entries({ cut: extra.subarray(0, -1), longer: Buffer.concat([extra, Buffer.of(0)]) })) {
    refuse([lines[0], `extra ${bytes.toString('base64')}`, ...lines.slice(2)].join('\n'), what);
  }
  // Each line of the text: changed, dropped, doubled; neighbours swapped.
  for (let n = 0; n < lines.length - 1; n += 1) {
    if (lines[n] === '') continue;
    const letter = lines[n].length >> 1, other = lines[n][letter] === 'A' ? 'B' : 'A';
    const changed = lines[n].slice(0, letter) + other + lines[n].slice(letter + 1);
    // The middle of the extra line is the server's own word on an anchor, which nobody believes; its other fields had their turn above.
    if (n !== 1) refuse([...lines.slice(0, n), changed, ...lines.slice(n + 1)].join('\n'), `line ${n} changed`);
    refuse([...lines.slice(0, n), ...lines.slice(n + 1)].join('\n'), `line ${n} dropped`);
    if (n < empty) refuse([...lines.slice(0, n), lines[n], ...lines.slice(n)].join('\n'), `line ${n} doubled`);
  }
  if (empty > 5) refuse([...lines.slice(0, 3), lines[4], lines[3], ...lines.slice(5)].join('\n'), 'path swapped');
  for (const cut of [10, 40, text.length >> 1, text.length - 1, text.length - 20]) refuse(text.slice(0, cut), `cut at ${cut}`);
  refuse(proof_of(bundle.entry[0]), 'the proof of another event');
});

test('entries dropped from a claimed range, doubled, swapped, or a file cut short', () => {
  const seqs = bundle.entry.map((entry) => proof_parts(proof_of(entry)).seq);
  const n = seqs.findIndex((seq, at) => at > 0 && seqs[at - 1] === seq + 1n);
  assert.ok(n > 0, 'two entries next to each other');
  const [newer, older] = [bundle.entry[n - 1], bundle.entry[n]];
  const claim = { extension: [{ url: 'http://kedge.dev/fhir/StructureDefinition/audit-range', valueRange: { low: { value: Number(seqs[n]) }, high: { value: Number(seqs[n - 1]) } } }] };
  const range = (...entry) => ({ resourceType: 'Bundle', meta: claim, entry });
  agree(0, { 'range.json': range(newer, older) });
  agree(1, { 'dropped.json': range(newer) });
  agree(1, { 'doubled.json': range(newer, older, older) });
  agree(1, { 'swapped.json': { resourceType: 'Bundle', entry: [bundle.entry[1], bundle.entry[0], bundle.entry[2]] } });
  agree(1, { 'nothing.json': { resourceType: 'Bundle', entry: [] } });
  const text = JSON.stringify(bundle);
  for (const cut of [1, 30, text.length >> 1, text.length - 1]) agree(1, { 'cut.json': text.slice(0, cut) }, {}, `cut at ${cut}`);
  agree(1, { 'repeated.json': text.replace('"resource":', '"resource":{"resourceType":"AuditEvent"},"resource":') });
  agree(1, { 'stripped.json': { ...bundle, entry: bundle.entry.map(({ resource }) => ({ resource })) } });
});

test('another key, another log, another ledger', async () => {
  const twin = await serve(at_end);
  await seed(twin);
  const other_auditor = twin.auditor();
  const other_key = parameter(await other_auditor.must_get('AuditEvent/$verify-integrity'), 'verifierKey');
  const other_bundle = await other_auditor.must_get('AuditEvent?patient=Patient/p1&_count=3');
  agree(0, { 'twin.json': other_bundle }, { key: other_key });
  agree(1, { 'bundle.json': bundle }, { key: other_key }, 'a forked log with a key of its own');
  agree(1, { 'bundle.json': bundle, 'twin.json': other_bundle }, {}, 'a foreign event among good ones');
  const broken = Buffer.from(anchor.root.slice(2), 'hex');
  broken[5] ^= 1;
  agree(1, { 'one.tlog-proof': proof }, { ledger: ledger_line({ ...anchor, root: `0x${broken.toString('hex')}` }) }, 'the ledger holds another root');
  const elsewhere = tiers(agree(0, { 'one.tlog-proof': proof }, { ledger: ledger_line({ ...anchor, logId: `0x${'11'.repeat(32)}` }) }));
  assert.deepEqual(elsewhere, ['SIGNED'], 'the anchor of another log says nothing of this one');
});

test('a consistency proof between two trees', () => {
  const parts = proof_parts(proof_of(bundle.entry.at(-1)));
  const { old_size, old_root, path } = first_tree(parts);
  assert.ok(old_size < parts.size && path.length > 0, `${old_size} of ${parts.size} entries`);
  const file = (size, hashes, note = parts.checkpoint) => ({ 'grown.txt': `old ${size}\n${hashes.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${note}` });
  const told = (root, more = {}) => ({ ledger: ledger_line({ ...anchor, size: old_size, root: `0x${root.toString('hex')}`, ...more }) });
  const flip = (hash) => Buffer.from(hash.map((byte, n) => n === 7 ? byte ^ 1 : byte));
  assert.deepEqual(tiers(agree(0, file(old_size, path), told(old_root))), ['SIGNED'], 'the newer tree is signed, not anchored');
  agree(1, file(old_size, path), {}, 'nothing says what the older tree was');
  agree(1, file(old_size, path), told(flip(old_root)), 'another older tree');
  agree(1, file(old_size + 1n, path), told(old_root), 'another size');
  path.forEach((_, n) => {
    agree(1, file(old_size, path.map((hash, at) => at === n ? flip(hash) : hash)), told(old_root), `hash ${n} changed`);
    agree(1, file(old_size, path.filter((_hash, at) => at !== n)), told(old_root), `hash ${n} dropped`);
  });
  agree(1, file(old_size, [...path, path[0]]), told(old_root), 'a hash too many');
  agree(1, file(old_size, path, parts.checkpoint.replace(/\n(\d+)\n/, (_, size) => `\n${BigInt(size) + 1n}\n`)), told(old_root), 'another newer tree');
});

test('a saved receipt: each member changed, and both refuse', () => {
  const contract = `0x${'c0'.repeat(20)}`, words = ['--audit-anchor', contract];
  for (const [index, count] of [[0, 1], [1, 3], [130, 140]]) {
    const saved = saved_receipt({ anchor, contract, index, count });
    assert.equal(receiptEvents(saved, { anchor: Buffer.from(contract.slice(2), 'hex') }).anchors[0].size, BigInt(anchor.size));
    const run = agree(0, { 'one.tlog-proof': proof }, { ledger: JSON.stringify(saved), words }, `${index} of ${count}`);
    assert.deepEqual(tiers(run), ['FINAL']);
  }
  const saved = saved_receipt({ anchor, contract, index: 1, count: 3 });
  const flip = (hex, at) => `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}`;
  const refuse = (change, why) => agree(1, { 'one.tlog-proof': proof }, { ledger: JSON.stringify({ ...saved, ...change }), words }, why);
  for (const member of ['transactionProof', 'receiptProof']) {
    saved[member].forEach((node, n) => refuse({ [member]: [...saved[member].slice(0, n), flip(node, node.length - 4), ...saved[member].slice(n + 1)] }, `${member} ${n}`));
    refuse({ [member]: saved[member].slice(0, -1) }, `${member} cut`);
    refuse({ [member]: [...saved[member], saved[member][0]] }, `${member} longer`);
    refuse({ [member]: [...saved[member]].reverse() }, `${member} reversed`);
  }
  refuse({ transactionIndex: 0 }, 'another transaction');
  refuse({ header: flip(saved.header, 300) }, 'the header');
  refuse({ header: saved.header.slice(0, -2) }, 'a header cut short');
  refuse(saved_receipt({ anchor, contract: `0x${'c1'.repeat(20)}`, index: 1, count: 3 }), 'another contract sent the event');
  refuse(saved_receipt({ anchor, contract, index: 1, count: 3, failed: true }), 'the transaction failed');
  const rewritten = { ...anchor, root: `0x${'00'.repeat(32)}` };
  refuse(saved_receipt({ anchor: rewritten, contract, index: 1, count: 3 }), 'another root was anchored');
});
