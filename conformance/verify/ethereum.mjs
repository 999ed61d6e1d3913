// Ethereum as far as a saved receipt needs it (anchoring/FORMAT.md section 9): keccak-256, RLP, Merkle-Patricia proofs, receipts.
import { isDeepStrictEqual } from 'node:util';
import { Bytes, hex, must } from './reading.mjs';

const kMask = (1n << 64n) - 1n, rotate = (v, n) => n === 0n ? v : ((v << n) | (v >> (64n - n))) & kMask;
const kRotations = [], kRounds = [];
for (let t = 0n, x = 1, y = 0; t < 24n; t += 1n, [x, y] = [y, (2 * x + 3 * y) % 5]) kRotations[x + 5 * y] = ((t + 1n) * (t + 2n) / 2n) % 64n;
for (let round = 0, lfsr = 1; round < 24; round += 1) {
  let constant = 0n;
  for (let j = 0n; j < 7n; j += 1n) {
    if (lfsr & 1) constant |= 1n << ((1n << j) - 1n);
    lfsr = (lfsr << 1) ^ (lfsr & 0x80 ? 0x171 : 0);
  }
  kRounds.push(constant);
}
export function keccak256(data) {
  const rate = 136, padded = Buffer.alloc((Math.floor(data.length / rate) + 1) * rate), s = new Array(25).fill(0n);
  padded.set(data); padded[data.length] ^= 1; padded[padded.length - 1] ^= 0x80;
  for (let at = 0; at < padded.length; at += rate) {
    for (let i = 0; i < rate / 8; i += 1) s[i] ^= padded.readBigUInt64LE(at + 8 * i);
    for (const constant of kRounds) {
      const c = [0, 1, 2, 3, 4].map((x) => s[x] ^ s[x + 5] ^ s[x + 10] ^ s[x + 15] ^ s[x + 20]), b = [];
      for (let i = 0; i < 25; i += 1) s[i] ^= c[(i + 4) % 5] ^ rotate(c[(i + 1) % 5], 1n);
      for (let x = 0; x < 5; x += 1) for (let y = 0; y < 5; y += 1) b[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(s[x + 5 * y], kRotations[x + 5 * y] ?? 0n);
      for (let i = 0; i < 25; i += 1) s[i] = b[i] ^ (~b[(i % 5 + 1) % 5 + i - i % 5] & kMask & b[(i % 5 + 2) % 5 + i - i % 5]);
      s[0] ^= constant;
    }
  }
  const out = Buffer.alloc(32);
  for (let i = 0; i < 4; i += 1) out.writeBigUInt64LE(s[i], 8 * i);
  return out;
}
function rlpItem(b) {
  const first = b.u8();
  if (first < 0x80) return b.bytes.subarray(b.at - 1, b.at);
  const list = first >= 0xc0;
  let length = first - (list ? 0xc0 : 0x80);
  if (length > 55) {
    const digits = b.raw(length - 55);
    length = Number(BigInt(`0x${digits.toString('hex')}`));
    must(digits[0] !== 0 && length > 55, 'an RLP length in a longer form');
  }
  const payload = b.raw(length);
  must(list || length !== 1 || first !== 0x81 || payload[0] >= 0x80, 'an RLP byte in a longer form');
  if (!list) return payload;
  const out = [], inner = new Bytes(payload);
  while (inner.left > 0) out.push(rlpItem(inner));
  return out;
}
function rlp(bytes) { const b = new Bytes(bytes), item = rlpItem(b); must(b.left === 0, 'bytes behind an RLP item'); return item; }
const number = (bytes) => { must(Buffer.isBuffer(bytes) && bytes.length <= 8 && bytes[0] !== 0, 'no RLP number'); return BigInt(`0x0${bytes.toString('hex')}`); };
const nibbles = (bytes) => [...bytes].flatMap((b) => [b >> 4, b & 15]);
function trieValue(root, index, nodes) {
  let key = nibbles(index === 0 ? [0x80] : index < 0x80 ? [index] : index < 0x100 ? [0x81, index] : [0x82, index >> 8, index & 255]);
  let used = 0, item = root;
  const value = (v) => { must(Buffer.isBuffer(v) && v.length > 0 && used === nodes.length, 'the trie proof does not end where it should'); return v; };
  for (;;) {
    if (Buffer.isBuffer(item)) {
      must(item.length === 32 && used < nodes.length && keccak256(nodes[used]).equals(item), 'a node of the trie proof is missing or another one');
      item = rlp(nodes[used++]);
    }
    if (item.length === 17) {
      if (key.length === 0) return value(item[16]);
      item = item[key.shift()];
    } else {
      must(Array.isArray(item) && item.length === 2, 'a node of the trie that is none');
      const path = nibbles(item[0]), kind = path[0], way = path.slice(kind & 1 ? 1 : 2);
      must(kind <= 3 && (kind & 1 || path[1] === 0) && isDeepStrictEqual(way, key.splice(0, way.length)), 'the trie leads elsewhere');
      item = item[1];
      if (kind & 2) { must(key.length === 0, 'the trie leads elsewhere'); return value(item); }
    }
  }
}
const topicOf = (text) => keccak256(Buffer.from(text));
const kAnchored = topicOf('Anchored(bytes32,uint64,bytes32)');
// The anchors in one saved receipt; throws a Doubt when anything between the block's hash and the event does not hold.
export function receiptAnchors(line, pins) {
  must(line.finality === 'mined' || line.finality === 'final', 'its finality is neither mined nor final');
  const header = rlp(hex(line.header)), index = line.transactionIndex, list = (all) => all.map((one) => hex(one));
  must(Number.isInteger(index) && index >= 0 && index < 65536, 'no good transactionIndex');
  const raw = trieValue(header[4], index, list(line.transactionProof)), receipt = trieValue(header[5], index, list(line.receiptProof));
  const transaction = rlp(raw[0] < 0x80 ? raw.subarray(1) : raw), [status, , , logs] = rlp(receipt[0] < 0x80 ? receipt.subarray(1) : receipt);
  must(raw[0] === 2 || raw[0] >= 0xc0, 'a transaction of another type');
  must(status.equals(Buffer.of(1)), 'the transaction failed');
  const out = logs.filter(([address, topics]) => address.equals(pins.contract) && topics[0]?.equals(kAnchored))
    .map(([, topics, data]) => ({ logId: topics[1], size: number(topics[2].subarray(topics[2].findIndex((b) => b !== 0))), root: data, final: line.finality === 'final',
      chainId: raw[0] === 2 ? number(transaction[0]) : (number(transaction[6]) - 35n) / 2n, block: number(header[8]) }));
  must(out.length > 0, 'no anchor of this contract is in it');
  return out;
}
