// Random inputs and what the npm package `ethers` makes of them, a JSON line each, for ethers_test.cpp.
//   node ethers_vectors.mjs SEED COUNT        COUNT of each kind
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../deploy/npm-contracts/', import.meta.url));
const { ethers } = require('ethers');
const contract = (name) => new ethers.Interface(JSON.parse(readFileSync(new URL(`../../../anchoring/contract/${name}.json`, import.meta.url))).abi);
const consent_ledger = contract('ConsentLedger'), audit_anchor = contract('AuditAnchor');

const [seed, count] = [process.argv[2], Number(process.argv[3])];
let drawn = 0, pool = Buffer.alloc(0);
function bytes(n) {
  while (pool.length < n) pool = Buffer.concat([pool, createHash('sha512').update(`${seed} ${drawn++}`).digest()]);
  const out = pool.subarray(0, n);
  pool = pool.subarray(n);
  return out;
}
const below = (n) => Number(BigInt(`0x${bytes(8).toString('hex')}`) % BigInt(n));
const hex = (b) => `0x${b.toString('hex')}`;
const hash = () => hex(bytes(32));
// Lengths and numbers at their borders more often than chance would have it.
const length = () => [0, 1, 31, 32, 33, 55, 56, 135, 136, 137, 255, 256, below(80), below(80), below(2000)][below(15)];
const blob = () => hex(bytes(length()));
const number = (bits) => {
  const wide = BigInt(`0x${bytes(32).toString('hex')}`) >> BigInt(256 - 1 - below(bits));
  return [0n, 1n, 127n, 128n, 255n, 256n, (1n << BigInt(bits)) - 1n, wide, wide, wide, wide][below(11)];
};
const address = () => ethers.getAddress(hex(bytes(20)));
const list = (most, one) => Array.from({ length: below(most + 1) }, one);
const text = (v) => JSON.parse(JSON.stringify(v, (_, one) => (typeof one === 'bigint' ? one.toString() : one)));
const say = (kind, line) => console.log(JSON.stringify(text({ kind, ...line })));

const grant = () => ({ subject: address(), consentId: hash(), termsHash: hash(), notBefore: number(64), notAfter: number(64), deadline: number(64) });
const revocation = () => ({ subject: address(), consentId: hash() });
const signature = () => hex(bytes(below(4) === 0 ? length() : 65));
const nested = (depth) => (depth === 0 || below(3) === 0 ? blob() : list(5, () => nested(depth - 1)));

const calls = {
  request: () => [hash(), hash(), number(64)],
  grant: () => [grant(), signature()],
  grantBatch: () => [list(5, grant), list(5, signature)],
  revoke: () => [address(), hash(), signature()],
  applyBatch: () => [list(4, revocation), list(4, grant), list(8, signature)],
};
const anchor_calls = {
  open: () => [hash()],
  rotateOwner: () => [hash(), address()],
  anchor: () => [hash(), number(64), hash(), list(24, hash)],
};
const views = [[consent_ledger, 'status', () => [address(), hash()]], [audit_anchor, 'head', () => [hash()]],
  [audit_anchor, 'included', () => [hash(), number(64), hash(), list(24, hash)]]];
const events = {
  Requested: () => [address(), hash(), hash(), number(64)],
  Granted: () => [address(), hash(), hash(), number(64), number(64)],
  Revoked: () => [address(), hash()],
  Skipped: () => [address(), hash(), 1 + below(5)],
};
const pick = (of) => Object.keys(of)[below(Object.keys(of).length)];
const types = {
  Grant: ['address subject', 'bytes32 consentId', 'bytes32 termsHash', 'uint64 notBefore', 'uint64 notAfter', 'uint64 deadline'],
  Revoke: ['address subject', 'bytes32 consentId'],
};
const typed = (name) => ({ [name]: types[name].map((one) => { const [type, field] = one.split(' '); return { type, name: field }; }) });

const kinds = {
  keccak() { const data = blob(); return { data, out: ethers.keccak256(data) }; },
  rlp() { const item = nested(4); return { item, out: ethers.encodeRlp(item) }; },
  call() { const name = pick(calls), values = calls[name](); return { name, values, out: consent_ledger.encodeFunctionData(name, values) }; },
  anchor_call() { const name = pick(anchor_calls), values = anchor_calls[name](); return { name, values, out: audit_anchor.encodeFunctionData(name, values) }; },
  view() { const [of, name, make] = views[below(3)], values = make(); return { name, values, out: of.encodeFunctionData(name, values) }; },
  event() { const name = pick(events), values = events[name](); return { name, values, out: consent_ledger.encodeEventLog(name, values) }; },
  typed() {
    const name = pick(types), value = name === 'Grant' ? grant() : revocation();
    const domain = { name: 'FhirConsentLedger', version: '1', chainId: number(64), verifyingContract: address() }, secret = hash();
    const digest = ethers.TypedDataEncoder.hash(domain, typed(name), value), key = new ethers.SigningKey(secret);
    return { name, value, domain, secret, digest, signature: key.sign(digest).serialized, address: ethers.computeAddress(key) };
  },
  transaction() {
    const legacy = below(3) === 0, secret = hash(), key = new ethers.SigningKey(secret);
    const most = number(64), tip = most === 0n ? 0n : number(64) % (most + 1n);
    // ethers reads a legacy v as a number: above 2^50 it is not exact.
    // kedge takes chain ids up to 2^63 - 19.
    const chainId = 1n + (number(64) % (legacy ? 1n << 50n : (1n << 63n) - 19n));
    const t = { type: legacy ? 0 : 2, chainId, nonce: below(2 ** 40), gasLimit: 1n + number(63), to: below(9) === 0 ? null : address(), value: number(256), data: blob(),
      ...(legacy ? { gasPrice: most } : { maxFeePerGas: most, maxPriorityFeePerGas: tip, accessList: list(3, () => ({ address: address(), storageKeys: list(3, hash) })) }) };
    const signed = ethers.Transaction.from(t);
    signed.signature = key.sign(signed.unsignedHash);
    return { ...t, secret, unsigned: signed.unsignedHash, raw: signed.serialized, hash: signed.hash, from: signed.from };
  },
  recover() {
    const key = new ethers.SigningKey(hash()), digest = hash(), s = key.sign(digest);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const high = (order - BigInt(s.s)).toString(16).padStart(64, '0');
    return { digest, r: s.r, s: s.s, high: `0x${high}`, parity: s.yParity, signature: s.serialized, address: ethers.recoverAddress(digest, s) };
  },
  address() {
    const deployer = address(), nonce = below(4) === 0 ? below(300) : below(2 ** 48);
    return { address: deployer, lower: deployer.toLowerCase(), nonce, created: ethers.getCreateAddress({ from: deployer, nonce }) };
  },
};
for (let n = 0; n < count; n += 1) for (const [kind, make] of Object.entries(kinds)) say(kind, make());
