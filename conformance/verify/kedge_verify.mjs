#!/usr/bin/env node
// A second verifier for what a kedge server hands out, written from anchoring/FORMAT.md and sharing no line with the first: two that agree
// are harder to fool than one. Node 18 and node:crypto, nothing else. Exit: 0 all proven, 1 any doubt, 2 wrong usage.
import { createHash, createHmac, createPublicKey, verify as verifySignature } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { receiptEvents } from './ethereum.mjs';
import { base64, canonical, decimal, extension, hex, list, member, must, reader, utf8, values } from './reading.mjs';
// Trees: RFC 9162 section 2.1, as it defines them. The last hash of a path is the nearest to the root.
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const node = (left, right) => sha256(Buffer.of(1), left, right), below = (n) => { let k = 1n; while (2n * k < n) k *= 2n; return k; };
function rootOf(index, size, leaf, path) {
  must(index < size && (path.length > 0) === (size > 1n), 'it is not in the tree of the checkpoint');
  if (size === 1n) return leaf;
  const k = below(size), last = path.at(-1), rest = path.slice(0, -1);
  return index < k ? node(rootOf(index, k, leaf, rest), last) : node(last, rootOf(index - k, size - k, leaf, rest));
}
// The roots of the older and the newer tree. `known`: the older one's, where the path leaves it out.
function rootsOf(older, newer, path, known) {
  must(older < newer ? path.length > 0 : path.length === (known ? 0 : 1), 'the consistency proof has a wrong length');
  if (older === newer) return [known ?? path[0], known ?? path[0]];
  const k = below(newer), last = path.at(-1), rest = path.slice(0, -1), left = older <= k;
  const [o, n] = left ? rootsOf(older, k, rest, known) : rootsOf(older - k, newer - k, rest);
  return left ? [o, node(n, last)] : [node(last, o), node(last, n)];
}
function mustGrow(older, newer, path) {
  must(older.size <= newer.size, 'the older tree is larger');
  const [o, n] = older.size === 0n ? [older.root, path.length === 0 && newer.root] : rootsOf(older.size, newer.size, path, older.root);
  must(n && o.equals(older.root) && n.equals(newer.root), 'the newer tree does not contain the older: history was rewritten');
}
// Signed notes and checkpoints: C2SP.
function verifierKey(text) {
  const [, name, id, key] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? [], typed = base64(key ?? '', 33);
  must(typed[0] === 1 && sha256(Buffer.from(`${name}\n`), typed).subarray(0, 4).toString('hex') === id, 'a verifier key reads name+keyid+base64 of an Ed25519 key');
  return { name, id, key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: typed.subarray(1).toString('base64url') }, format: 'jwk' }) };
}
function checkpoint(note, key) {
  const [, text, signatures] = /^([^]*\n)\n((?:— [^\s+]+ \S+\n)+)$/.exec(note) ?? [], [, origin, size, root] = /^([^\n]+)\n([^\n]*)\n([^\n]*)\n$/.exec(text) ?? [];
  must(origin && !/[\u0000-\u0009\u000b-\u001f]/.test(note), 'the checkpoint is no signed note');
  const lines = signatures.slice(0, -1).split('\n').map((line) => line.split(' ')).map(([, name, signature]) => [name, base64(signature)]);
  const ours = key && lines.filter(([name, bytes]) => name === key.name && bytes.subarray(0, 4).toString('hex') === key.id);
  const signed = () => origin === key.name && ours.length > 0 && ours.every(([, bytes]) => verifySignature(null, Buffer.from(text), key.key, bytes.subarray(4)));
  must(!key || signed(), `the checkpoint is not signed by ${key?.name}`);
  return { origin, size: decimal(size), root: base64(root, 32) };
}
// Entries and proofs: FORMAT.md sections 1 and 8.
function decodeExtra(bytes) {
  const take = reader(bytes), [version, flags] = take(2), raw = take(82);
  must(version === 1 && flags < 8 && raw[0] === 1 && (raw[17] === 1 || raw[17] === 2), 'the proof or its entry is of another version or kind');
  const out = { raw, seq: raw.readBigUInt64BE(1), kind: raw[17], previous: raw.subarray(18, 50), commit: raw.subarray(50) };
  const salt = flags & 1 ? take(32) : undefined, event = flags & 2 ? take(take(4).readUInt32BE()) : undefined, anchor = flags & 4 ? take(173) : undefined;
  if (anchor) Object.assign(out, { logId: anchor.subarray(28, 60), size: anchor.readBigUInt64BE(60), path: Array.from({ length: take(1)[0] }, () => take(32)) });
  must(take.left() === 0 && (out.path ?? []).length <= 64, 'the proof is too long');
  return { ...out, salt, event };
}
function parseProof(text) {
  const at = text.indexOf('\n\n'), [kind, extra, index, ...path] = text.slice(0, Math.max(0, at)).split('\n');
  must(kind === 'c2sp.org/tlog-proof@v1' && extra?.startsWith('extra ') && index?.startsWith('index ') && path.length <= 63, 'it is no tlog-proof of kedge');
  return { extra: decodeExtra(base64(extra.slice(6))), index: decimal(index.slice(6)), path: path.map((one) => base64(one, 32)), note: text.slice(at + 2) };
}
// What the ledger says: FORMAT.md section 9. A record without a receipt:
function told(line) {
  const good = (fact) => must(fact, 'a member is not good'), whole = (name) => { good(Number.isSafeInteger(line[name]) && line[name] >= 0); return BigInt(line[name]); };
  good(/^(mined|final)$/.test(line.finality) && whole('chainId') >= 0n);
  const { event: says, state } = line, out = { contract: hex(line.contract, 20), block: whole('blockNumber'), final: line.finality === 'final', says, state };
  if (says !== 'state') out.tx = hex(line.txHash, 32);
  if (line.kind === undefined) return { ...out, logId: hex(line.logId, 32), size: whole('size'), root: hex(line.root, 32) };
  good(line.kind === 'consent' && /^(granted|revoked|state)$/.test(says) && (says !== 'state' || /^(none|active|revoked)$/.test(state)));
  if (says === 'granted') Object.assign(out, { terms: hex(line.termsHash, 32), from: whole('notBefore'), to: whole('notAfter') });
  return { ...out, subject: hex(line.subject, 20), id: hex(line.consentId, 32), time: whole('time'), changed: says === 'state' && state !== 'none' ? whole('changed') : 0n };
}
function readLedger(text, pins, ledger, doubts) {
  const take = ({ anchors = [], consents = [] }) => { ledger.anchors.push(...anchors); ledger.consents.push(...consents); };
  const record = (one) => (one.id ? { consents: [one].filter((r) => (pins.consents ?? r.contract).equals(r.contract)) }
    : { anchors: [one].filter((r) => (pins.anchor ?? r.contract).equals(r.contract) && (pins.logId ?? r.logId).equals(r.logId)) });
  for (const line of text.split(/\r?\n/).filter(Boolean).map((one) => JSON.parse(one))) {
    must(line.kind !== 'receipt' || pins.anchor || pins.consents, 'a saved receipt counts only with --audit-anchor or --consent-ledger');
    if (line.kind !== 'receipt') take(record(told(line)));
    else try { take(receiptEvents(line, pins)); } catch (e) { doubts.push(`a saved receipt: ${e.message}`); }
  }
}
// A Consent's state: what the server says, or what held at a time. That it was not revoked takes a record of the state at or after that time.
function judgeConsent(resource, records, at) {
  const served = member(resource, 'resourceType') === 'Consent', parts = served ? list(extension(resource, 'consent-ledger'), 'extension') : list(resource, 'parameter');
  const part = (name) => member(parts.find((one) => member(one, served ? 'url' : 'name') === name), 'valueString'), bytes = (name, n) => part(name) && hex(part(name), n);
  const state = part('state'), id = hex(part('consentId'), 32), terms = bytes('termsHash', 32), contract = bytes('contract', 20), tx = bytes('txHash', 32);
  const all = records.filter((r) => r.id.equals(id) && (contract ?? r.contract).equals(r.contract)), who = (r) => r.subject.toString('hex');
  const granting = all.filter((r) => r.says === 'granted' && (terms ?? r.terms).equals(r.terms) && (tx ?? r.tx).equals(r.tx));
  const subjects = new Set((granting.length > 0 ? granting : all).map(who));
  must(state && subjects.size === 1, 'it says no state, or the ledger mentions no such consent here, or one of several subjects');
  const ours = all.filter((r) => subjects.has(who(r))).sort((a, b) => Number(a.block - b.block)), grant = ours.filter((r) => r.says === 'granted').at(-1);
  must(ours.every((r) => r.says !== 'granted' || (terms ?? r.terms).equals(r.terms)), 'the ledger holds other terms for it');
  const time = at ?? ours.reduce((most, r) => (r.time > most ? r.time : most), 0n), before = (r) => r && (r.says === 'state' ? r.changed : r.time) <= time;
  const until = ours.filter((r) => r.says === 'state' && r.time >= time).sort((a, b) => Number(a.time - b.time))[0];
  const revoked = ours.find((r) => (r.says === 'revoked' || (r.says === 'state' && r.state === 'revoked')) && before(r));
  const found = revoked ? 'revoked' : before(grant) || (until?.state === 'active' && before(until)) ? 'active' : 'none';
  must(revoked || until, `${found}; but nothing here shows that it was not ${found === 'none' ? 'granted' : 'revoked'} by then`);
  must(at !== undefined || (/^(active|revoked|none)$/.test(state) ? state === found : (state === 'revoking') === (found !== 'none')), `the server says ${state}, the ledger ${found}`);
  return [(revoked ? [revoked] : [before(grant) && grant, until]).every((r) => !r || r.final) ? 4 : 3, `${found} at ${new Date(Number(time) * 1000).toISOString()}`];
}
const kTiers = ['NONE', 'CHAINED', 'SIGNED', 'ANCHORED', 'FINAL'], best = (anchors) => Math.max(0, ...anchors.map((a) => (a.final ? 4 : 3)));
class Audit {
  constructor(given) { Object.assign(this, given, { roots: new Map(), seen: new Map(), claims: [], count: 0, proven: 0 }); }
  head(note) {
    const head = checkpoint(note, this.key), known = this.roots.get(head.size) ?? head.root;
    must(known.equals(head.root), `two different trees of ${head.size} entries: the history was forked`);
    return this.roots.set(head.size, known), head;
  }
  ledgerTier(head, { logId, size, path }) {
    const of = this.anchors.filter((a) => (logId ?? a.logId).equals(a.logId)), same = of.filter((a) => a.size === head.size), later = of.filter((a) => a.size === size && size !== head.size);
    [...same, ...later].forEach((a) => mustGrow(head, a, a.size === head.size ? [] : path));
    return Math.max(this.key ? 2 : 1, best(same), best(later));
  }
  // The tier of one entry; resource is what the entry must commit to, or undefined to take what the proof holds.
  judge(proof, resource) {
    const { extra, index, path, note } = parseProof(proof), event = resource ? Buffer.from(canonical(resource)) : extra.event;
    const says = resource && member(resource, 'entity') === undefined && String(member(resource, 'outcomeDesc')).startsWith('The content was erased');
    const erased = !extra.salt && (says || event === undefined);
    must(extra.seq === index, 'the entry has another number than the proof');
    must(erased || (event && extra.salt && createHmac('sha256', extra.salt).update(event).digest().equals(extra.commit)), 'the event does not match the commitment in the log');
    must(erased || extra.kind !== 2 || (event[0] === 1 && (event.length - 1) % 61 === 0), 'it is no write set');
    const head = this.head(note);
    must(rootOf(index, head.size, sha256(Buffer.of(0), extra.raw), path).equals(head.root), 'it is not in the tree of the checkpoint');
    const tier = this.ledgerTier(head, extra);
    this.continuity(index, sha256(extra.raw), extra.previous);
    return [tier, `entry ${index}${erased ? ', erased' : ''}, in the tree of ${head.size} entries of ${head.origin}`];
  }
  continuity(seq, hash, previous) {
    const before = this.seen.get(seq - 1n)?.hash ?? (seq === 0n ? Buffer.alloc(32) : previous), after = this.seen.get(seq + 1n)?.previous ?? hash;
    this[seq > (this.last ?? seq) ? 'rises' : 'falls'] ||= this.last !== undefined;
    this.last = seq;
    if (this.seen.has(seq)) this.doubts.push(`entry ${seq} is here twice`);
    else if (!before.equals(previous) || !after.equals(hash)) this.doubts.push(`the chain is broken at entry ${seq}`);
    this.seen.set(seq, { hash, previous });
  }
  check(where, work) {
    const [tier, sentence] = (() => { try { return work(); } catch (e) { return [0, e.message]; } })();
    Object.assign(this, { count: this.count + 1, proven: this.proven + (tier > 1 ? 1 : 0) });
    this.tell({ where, proven: tier > 1, tier: kTiers[tier], sentence });
  }
  entry(where, entry) {
    const resource = member(entry, 'resource'), type = member(resource, 'resourceType'), proof = member(extension(entry, 'audit-proof'), 'valueBase64Binary');
    if (type !== 'OperationOutcome') this.check(where, () => { must(type === 'AuditEvent' && proof, 'it holds no AuditEvent, or no proof'); return this.judge(utf8(base64(proof)), resource); });
  }
  add(name, text) {
    if (text.startsWith('c2sp.org/tlog-proof@v1\n')) { this.flush(); this.waiting = { name, text }; }
    else if (text.startsWith('old ')) this.check(name, () => this.consistency(text));
    else values(text).forEach((value, line) => this.object(name, line, value));
  }
  object(name, line, value) {
    const type = member(value, 'resourceType'), claim = extension(member(value, 'meta'), 'audit-range'), proof = this.waiting?.text;
    if (type === 'AuditEvent' && proof) { this.waiting = undefined; this.check(name, () => this.judge(proof, value)); }
    else if (type === 'Consent' || type === 'Parameters') this.check(name, () => judgeConsent(value, this.consents, this.at));
    else if (type === undefined && member(value, 'resource')) this.entry(`${name} entry ${line}`, value);
    else must(type === 'Bundle', `a '${type}' cannot be checked here`);
    if (type === 'Bundle') list(value, 'entry').forEach((entry, at) => this.entry(`${name} entry ${at}`, entry));
    if (type === 'Bundle' && claim) this.claims.push(['low', 'high'].map((end) => decimal(canonical(claim.valueRange?.[end]?.value ?? ''))));
  }
  consistency(text) {
    const at = text.indexOf('\n\n'), [first, ...path] = text.slice(0, Math.max(0, at)).split('\n'), size = decimal(first.slice(4)), head = this.head(text.slice(at + 2));
    const older = this.anchors.filter((a) => a.size === size), newer = this.anchors.filter((a) => a.size === head.size);
    must(path.length <= 63 && older.length > 0 && newer.every((a) => a.root.equals(head.root)), 'no anchor of the old size is known, or another of the new one');
    older.forEach((a) => mustGrow(a, head, path.map((one) => base64(one, 32))));
    return [Math.min(best(older), best(newer) || (this.key ? 2 : 1)), `${size} entries are part of ${head.size}`];
  }
  flush() { const { name, text } = this.waiting ?? {}; this.waiting = undefined; if (text) this.check(name, () => this.judge(text)); }
  finish() {
    this.flush();
    if (this.rises && this.falls) this.doubts.push('the entries stand neither from old to new nor from new to old');
    const there = (low, high) => BigInt([...this.seen.keys()].filter((seq) => seq >= low && seq <= high).length);
    for (const [low, high] of this.claims) if (low > high || there(low, high) !== high - low + 1n) this.doubts.push(`the Bundle does not hold all entries from ${low} to ${high}, as it claims`);
    return this.count > 0 && this.proven === this.count && this.doubts.length === 0;
  }
}
function main() {
  const many = ['ledger', 'anchors'], names = ['key', 'audit-anchor', 'log-id', 'consent-ledger', 'at', ...many];
  const options = { json: { type: 'boolean' }, ...Object.fromEntries(names.map((name) => [name, { type: 'string', multiple: many.includes(name) }])) };
  const { values: given, positionals: files } = parseArgs({ allowPositionals: true, options }), doubts = [], ledger = { anchors: [], consents: [] };
  must(files.length > 0, `kedge_verify.mjs ${names.map((name) => `[--${name} ...]`).join(' ')} [--json] FILE...`);
  const texts = files.map((path) => [path, readFileSync(path)]), pin = (name, n) => given[name] && hex(given[name], n), at = given.at && BigInt(Math.floor(Date.parse(given.at) / 1000));
  const key = given.key && verifierKey((existsSync(given.key) ? utf8(readFileSync(given.key)) : given.key).trim());
  const pins = { anchor: pin('audit-anchor', 20), logId: pin('log-id', 32), consents: pin('consent-ledger', 20) };
  for (const path of many.flatMap((name) => given[name] ?? [])) readLedger(utf8(readFileSync(path)), pins, ledger, doubts);
  const tell = (line) => console.log(given.json ? JSON.stringify(line) : `${line.proven ? line.tier : 'DOUBT'} ${line.where}: ${line.sentence}`);
  const audit = new Audit({ key, at, doubts, tell, ...ledger });
  for (const [path, bytes] of texts) try { audit.add(path, utf8(bytes)); } catch (e) { doubts.push(`${path}: ${e.message}`); }
  const good = audit.finish(), { count: checked, proven } = audit;
  console.log(given.json ? JSON.stringify({ checked, proven, good, doubts }) : [...doubts.map((one) => `DOUBT ${one}`), `${proven} of ${checked} proven`].join('\n'));
  return good ? 0 : 1;
}
try { process.exitCode = main(); } catch (e) { console.error(`kedge_verify.mjs: ${e.message}`); process.exitCode = 2; }
