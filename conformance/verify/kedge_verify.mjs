#!/usr/bin/env node
// A second verifier for what a kedge server hands out, written from anchoring/FORMAT.md and sharing no line with the first: two that
// agree are harder to fool than one. Node 18 and node:crypto, nothing else.
//
//   node kedge_verify.mjs [--key VKEY|FILE] [--ledger FILE] [--audit-anchor ADDRESS] [--log-id HEX] [--json] FILE...
//
// FILE: a Bundle of AuditEvents with proofs, its entries one a line, a proof, a proof and then its AuditEvent, or a consistency proof.
// Exit: 0 all proven, 1 any doubt, 2 wrong usage.
import { createHash, createHmac, createPublicKey, verify as verifySignature } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { receiptAnchors } from './ethereum.mjs';
import { Bytes, Doubt, Reader, Usage, base64, canonical, decimal, extension, hash64, hex, member, must, utf8 } from './reading.mjs';

const zeroes = Buffer.alloc(32);

// ---- hashes and trees (RFC 9162 section 2.1) ----
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const node = (left, right) => sha256(Buffer.of(1), left, right);
function climb(index, size, path, step) {
  let fn = index, sn = size - 1n;
  for (const p of path) {
    if (sn === 0n) return false;
    const left = (fn & 1n) === 1n || fn === sn;
    step(p, left);
    if (left) while ((fn & 1n) === 0n && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
    fn >>= 1n; sn >>= 1n;
  }
  return sn === 0n;
}
function included(index, size, leaf, path, root) {
  let r = leaf;
  return index < size && climb(index, size, path, (p, left) => { r = left ? node(p, r) : node(r, p); }) && r.equals(root);
}
function consistent(oldSize, oldRoot, size, root, path) {
  if (oldSize >= size) return oldSize === size && path.length === 0 && oldRoot.equals(root);
  if (oldSize === 0n) return path.length === 0;
  if (path.length === 0) return false;
  const whole = (oldSize & (oldSize - 1n)) === 0n;
  let fr = whole ? oldRoot : path[0], sr = fr, up = 0n;
  while ((((oldSize - 1n) >> up) & 1n) === 1n) up += 1n;
  return climb((oldSize - 1n) >> up, ((size - 1n) >> up) + 1n, whole ? path : path.slice(1), (p, left) => {
    if (left) { fr = node(p, fr); sr = node(p, sr); } else sr = node(sr, p);
  }) && fr.equals(oldRoot) && sr.equals(root);
}

// ---- signed notes and checkpoints (C2SP) ----
function verifierKey(text) {
  const [, name, id, key] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? [];
  must(name, 'a verifier key reads name+keyid+base64');
  const typed = base64(key);
  must(typed.length === 33 && typed[0] === 1, 'the key is not Ed25519');
  must(sha256(Buffer.from(`${name}\n`), typed).subarray(0, 4).toString('hex') === id, 'the key id does not fit');
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), typed.subarray(1)]);
  return { name, id, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}
function checkpoint(note, key) {
  const at = note.lastIndexOf('\n\n');
  must(at >= 0 && note.endsWith('\n') && at + 2 < note.length && !/[\u0000-\u0009\u000b-\u001f]/.test(note), 'the checkpoint is no signed note');
  const text = note.slice(0, at + 1);
  let good = !key;
  for (const line of key ? note.slice(at + 2, -1).split('\n') : []) {
    const [, name, signature] = /^— ([^\s+]+) (\S+)$/.exec(line) ?? [];
    must(name, 'a signature line that is none');
    const bytes = base64(signature);
    must(bytes.length >= 5, 'a signature line that is none');
    if (name !== key.name || bytes.subarray(0, 4).toString('hex') !== key.id) continue;
    must(verifySignature(null, Buffer.from(text), key.key, bytes.subarray(4)), 'the signature of the checkpoint does not verify');
    good = true;
  }
  must(good, `the checkpoint is not signed by ${key?.name}`);
  const [, origin, size, root] = /^([^\n]+)\n([^\n]*)\n([^\n]*)\n$/.exec(text) ?? [];
  must(origin && (!key || origin === key.name), 'the checkpoint is of another log, or is none');
  return { origin, size: decimal(size), root: hash64(root) };
}

// ---- entries and proofs (FORMAT.md sections 1 and 8) ----
const hashes = (n, from) => Array.from({ length: n }, () => from.raw(32));
function decodeExtra(bytes) {
  const b = new Bytes(bytes), version = b.u8(), flags = b.u8(), out = {};
  must(version === 1 && (flags & ~7) === 0, 'the proof is of another version');
  out.raw = b.raw(82);
  const e = new Bytes(out.raw);
  must(e.u8() === 1, 'the entry is of another version');
  Object.assign(out, { seq: e.u64(), time: e.u64(), kind: e.u8(), previous: e.raw(32), commit: e.raw(32) });
  must(out.kind === 1 || out.kind === 2, 'the entry is of an unknown kind');
  if (flags & 1) out.salt = b.raw(32);
  if (flags & 2) out.event = b.raw(b.u32());
  if (flags & 4) {
    b.raw(28);
    out.anchor = { logId: b.raw(32), size: b.u64() };
    b.raw(32 + 32 + 8 + 32 + 1);
    out.path = hashes(b.u8(), b);
    must(out.path.length <= 64, 'the path to the anchor is too long');
  }
  must(b.left === 0, 'the proof is too long');
  return out;
}
function parseProof(text) {
  const at = text.indexOf('\n\n'), lines = text.slice(0, at).split('\n');
  must(at > 0 && lines.shift() === 'c2sp.org/tlog-proof@v1' && lines[0]?.startsWith('extra '), 'it is no tlog-proof of kedge');
  const extra = decodeExtra(base64(lines.shift().slice(6))), index = lines.shift() ?? '';
  must(index.startsWith('index ') && lines.length <= 64, 'the index line is missing, or the path is too long');
  return { extra, index: decimal(index.slice(6)), path: lines.map(hash64), checkpoint: text.slice(at + 2) };
}

function readLedger(text, pins, doubts) {
  const out = [];
  for (const line of text.split(/\r?\n/).filter(Boolean)) {
    let record;
    try { record = JSON.parse(line); } catch { throw new Usage('--ledger: a line that is no JSON'); }
    if (record.kind === 'receipt') {
      if (!pins.contract) throw new Usage('--ledger: a saved receipt counts only with --audit-anchor');
      try { out.push(...receiptAnchors(record, pins)); } catch (e) { doubts.push(`a saved receipt: ${e.message}`); }
    } else if (record.kind === undefined) {
      try {
        [['contract', 20], ['txHash', 32]].forEach(([key, length]) => hex(record[key], length));
        must([record.chainId, record.size, record.blockNumber].every(Number.isSafeInteger) && /^(mined|final)$/.test(record.finality), 'a member is not good');
        const anchor = { logId: hex(record.logId, 32), size: BigInt(record.size), root: hex(record.root, 32), final: record.finality === 'final', block: BigInt(record.blockNumber) };
        if (!pins.contract || hex(record.contract).equals(pins.contract)) out.push(anchor);
      } catch (e) { throw new Usage(`--ledger: ${e.message}`); }
    }
  }
  return pins.logId ? out.filter((anchor) => anchor.logId.equals(pins.logId)) : out;
}

// ---- the audit itself ----
const kTiers = ['NONE', 'CHAINED', 'SIGNED', 'ANCHORED', 'FINAL'];
class Audit {
  constructor(key, anchors, doubts, tell) { Object.assign(this, { key, anchors, doubts, tell, roots: new Map(), seen: new Map(), claims: [], count: 0, proven: 0, rises: false, falls: false }); }
  head(note) {
    const head = checkpoint(note, this.key), known = this.roots.get(head.size);
    must(!known || known.equals(head.root), `two different trees of ${head.size} entries: the history was forked`);
    this.roots.set(head.size, head.root);
    return head;
  }
  ledger(head, extra) {
    let tier = this.key ? 2 : 1;
    for (const a of this.anchors.filter((one) => !extra.anchor || one.logId.equals(extra.anchor.logId))) {
      if (a.size === head.size) must(a.root.equals(head.root), 'the ledger holds another root: history was rewritten');
      else if (a.size === extra.anchor?.size) must(consistent(head.size, head.root, a.size, a.root, extra.path), 'it is not shown to be part of the anchored tree');
      else continue;
      tier = Math.max(tier, a.final ? 4 : 3);
    }
    return tier;
  }
  // The tier of one entry; content is what the entry must commit to, or undefined to take what the proof holds.
  judge(content, proof, says) {
    const { extra, index, path, checkpoint: note } = parseProof(proof);
    must(extra.seq === index, 'the entry has another number than the proof');
    const event = content ?? extra.event, erased = !extra.salt && (says || event === undefined);
    if (!erased) {
      must(event !== undefined && extra.salt, 'event or salt is missing: nothing to compare');
      must(createHmac('sha256', extra.salt).update(event).digest().equals(extra.commit), 'the event does not match the commitment in the log');
      if (extra.kind === 2) must(event[0] === 1 && (event.length - 1) % 61 === 0, 'it is no write set');
    }
    const head = this.head(note);
    must(included(index, head.size, sha256(Buffer.of(0), extra.raw), path, head.root), 'it is not in the tree of the checkpoint');
    const tier = this.ledger(head, extra);
    this.continuity(index, sha256(extra.raw), extra.previous);
    return [tier, `entry ${index}${erased ? ', erased' : ''}, in the tree of ${head.size} entries of ${head.origin}`];
  }
  continuity(seq, hash, previous) {
    const other = this.seen.get(seq), before = this.seen.get(seq - 1n), after = this.seen.get(seq + 1n);
    if (this.last !== undefined) this[seq > this.last ? 'rises' : 'falls'] = true;
    this.last = seq;
    if (other) return this.doubts.push(`entry ${seq} is here twice`);
    this.seen.set(seq, { hash, previous });
    if ((before && !before.hash.equals(previous)) || (after && !hash.equals(after.previous)) || (seq === 0n && !previous.equals(zeroes))) this.doubts.push(`the chain is broken at entry ${seq}`);
  }
  check(where, work) {
    this.count += 1;
    let tier = 0, sentence;
    try { [tier, sentence] = work(); } catch (e) { if (!(e instanceof Doubt)) throw e; sentence = e.message; }
    if (tier > 1) this.proven += 1;
    this.tell({ where, proven: tier > 1, tier: kTiers[tier], sentence });
  }
  entry(where, entry) {
    const resource = member(entry, 'resource'), type = member(resource, 'resourceType');
    if (type === 'OperationOutcome') return;
    this.check(where, () => {
      must(type === 'AuditEvent', 'it holds no AuditEvent');
      const carried = member(extension(entry, 'audit-proof'), 'valueBase64Binary');
      must(typeof carried === 'string', 'it carries no proof');
      return this.event(resource, utf8(base64(carried)));
    });
  }
  event(resource, proof) {
    const says = member(resource, 'entity') === undefined && String(member(resource, 'outcomeDesc')).startsWith('The content was erased');
    return this.judge(Buffer.from(canonical(resource)), proof, says);
  }
  add(name, text) {
    if (text.startsWith('c2sp.org/tlog-proof@v1\n')) { this.flush(); this.waiting = { name, text }; return; }
    if (text.startsWith('old ')) return this.check(name, () => this.consistency(text));
    const reader = new Reader(text);
    for (let line = 0; !reader.end(); line += 1) this.object(name, line, reader.value());
  }
  object(name, line, value) {
    const type = member(value, 'resourceType'), entries = member(value, 'entry');
    if (type === 'AuditEvent' && this.waiting) {
      const proof = this.waiting.text;
      this.waiting = undefined;
      this.check(name, () => this.event(value, proof));
    } else if (type === 'Bundle') {
      (Array.isArray(entries) ? entries : []).forEach((entry, at) => this.entry(`${name} entry ${at}`, entry));
      const claim = extension(member(value, 'meta'), 'audit-range');
      if (!claim) return;
      const [low, high] = ['low', 'high'].map((end) => decimal(member(member(member(claim, 'valueRange'), end), 'value')?.text));
      must(low <= high, 'the audit-range cannot be read');
      this.claims.push([low, high]);
    } else if (type === undefined && member(value, 'resource')) this.entry(`${name} entry ${line}`, value);
    else throw new Doubt(`a '${type}' cannot be checked here`);
  }
  consistency(text) {
    const at = text.indexOf('\n\n'), [first, ...path] = text.slice(0, at).split('\n'), oldSize = decimal(first.slice(4)), head = this.head(text.slice(at + 2));
    const older = this.anchors.filter((a) => a.size === oldSize), newer = this.anchors.filter((a) => a.size === head.size);
    must(at > 0 && path.length <= 63 && older.length > 0, 'no anchor of the old size is known');
    must(older.every((a) => consistent(oldSize, a.root, head.size, head.root, path.map(hash64))) && newer.every((a) => a.root.equals(head.root)), 'the newer tree does not contain the older');
    const best = (all) => Math.max(0, ...all.map((a) => a.final ? 4 : 3));
    return [Math.min(best(older), best(newer) || (this.key ? 2 : 1)), `${oldSize} entries are part of ${head.size}`];
  }
  flush() { if (this.waiting) { const { name, text } = this.waiting; this.waiting = undefined; this.check(name, () => this.judge(undefined, text, false)); } }
  finish() {
    this.flush();
    if (this.rises && this.falls) this.doubts.push('the entries stand neither from old to new nor from new to old');
    for (const [low, high] of this.claims) {
      const there = [...this.seen.keys()].filter((seq) => seq >= low && seq <= high).length;
      if (BigInt(there) !== high - low + 1n) this.doubts.push(`the Bundle claims the entries ${low} to ${high}, and holds ${there} of them`);
    }
    return this.count > 0 && this.proven === this.count && this.doubts.length === 0;
  }
}

function main(words) {
  const options = { files: [], ledger: [] }, named = { '--key': 'key', '--ledger': 'ledger', '--anchors': 'ledger', '--audit-anchor': 'contract', '--log-id': 'logId' };
  while (words.length > 0) {
    const word = words.shift(), name = named[word];
    if (word === '--json') options.json = true;
    else if (!name) { if (word.startsWith('-')) throw new Usage(`there is no option ${word}`); options.files.push(word); }
    else if (words.length === 0) throw new Usage(`${word} needs a value`);
    else if (name === 'ledger') options.ledger.push(words.shift());
    else options[name] = words.shift();
  }
  if (options.files.length === 0) throw new Usage('kedge_verify.mjs [--key VKEY|FILE] [--ledger FILE] [--audit-anchor ADDRESS] [--log-id HEX] [--json] FILE...');
  const read = (path) => { try { return readFileSync(path); } catch (e) { throw new Usage(e.message); } };
  const given = (work, name) => { try { return work(); } catch (e) { throw new Usage(`${name}: ${e.message}`); } };
  const key = options.key && given(() => verifierKey((existsSync(options.key) ? utf8(read(options.key)) : options.key).trim()), '--key');
  const pins = given(() => ({ contract: options.contract && hex(options.contract, 20), logId: options.logId && hex(options.logId, 32) }), '--audit-anchor, --log-id');
  const doubts = [], anchors = options.ledger.flatMap((path) => readLedger(read(path).toString(), pins, doubts));
  const audit = new Audit(key, anchors, doubts, (line) => console.log(options.json ? JSON.stringify(line) : `${line.proven ? line.tier : 'DOUBT'} ${line.where}: ${line.sentence}`));
  for (const path of options.files) {
    const bytes = read(path);
    try { audit.add(path, utf8(bytes)); } catch (e) { if (!(e instanceof Doubt)) throw e; doubts.push(`${path}: ${e.message}`); }
  }
  const good = audit.finish();
  console.log(options.json ? JSON.stringify({ checked: audit.count, proven: audit.proven, good, doubts }) : [...doubts.map((one) => `DOUBT ${one}`), `${audit.proven} of ${audit.count} proven`].join('\n'));
  return good ? 0 : 1;
}
try { process.exitCode = main(process.argv.slice(2)); } catch (e) {
  console.error(`kedge_verify.mjs: ${e.message}`);
  process.exitCode = e instanceof Usage ? 2 : 1;
}
