// Ethereum as far as a saved receipt needs it (anchoring/FORMAT.md section 9): keccak-256, RLP, Merkle-Patricia proofs, receipts.
import { hex, must, reader } from './reading.mjs';
const kMask = (1n << 64n) - 1n, rotate = (v, n) => ((v << n) | (v >> (64n - n))) & kMask;
export function keccak256(data) {
  const padded = Buffer.alloc((Math.floor(data.length / 136) + 1) * 136), s = new Array(25).fill(0n), out = Buffer.alloc(32);
  padded.set(data); padded[data.length] ^= 1; padded[padded.length - 1] ^= 0x80;
  for (let at = 0; at < padded.length; at += 136) {
    for (let i = 0; i < 17; i += 1) s[i] ^= padded.readBigUInt64LE(at + 8 * i);
    for (let round = 0, lfsr = 1; round < 24; round += 1) {
      const c = [0, 1, 2, 3, 4].map((x) => s[x] ^ s[x + 5] ^ s[x + 10] ^ s[x + 15] ^ s[x + 20]);
      for (let i = 0; i < 25; i += 1) s[i] ^= c[(i + 4) % 5] ^ rotate(c[(i + 1) % 5], 1n);
      for (let t = 1, x = 1, y = 0, v = s[1]; t <= 24; t += 1) {
        [x, y] = [y, (2 * x + 3 * y) % 5];
        [v, s[x + 5 * y]] = [s[x + 5 * y], rotate(v, BigInt(t * (t + 1) / 2 % 64))];
      }
      for (let y = 0; y < 25; y += 5) s.slice(y, y + 5).forEach((v, x, row) => { s[y + x] = v ^ (~row[(x + 1) % 5] & kMask & row[(x + 2) % 5]); });
      for (let j = 0n; j < 7n; j += 1n, lfsr = (lfsr << 1) ^ (lfsr & 0x80 ? 0x171 : 0)) if (lfsr & 1) s[0] ^= 1n << ((1n << j) - 1n);
    }
  }
  for (let i = 0; i < 4; i += 1) out.writeBigUInt64LE(s[i], 8 * i);
  return out;
}
// Texts as Buffers, lists as arrays; one encoding for each item.
function rlpItem(take) {
  const [first] = take(1), list = first >= 0xc0, short = first - (list ? 0xc0 : 0x80);
  if (first < 0x80) return Buffer.of(first);
  const digits = short > 55 ? take(short - 55) : undefined, length = digits ? Number(`0x${digits.toString('hex')}`) : short, payload = take(length);
  must(digits ? digits[0] !== 0 && length > 55 : list || length !== 1 || payload[0] >= 0x80, 'an RLP length or byte in a longer form');
  if (!list) return payload;
  const out = [], inner = reader(payload);
  while (inner.left() > 0) out.push(rlpItem(inner));
  return out;
}
function rlp(bytes) { const take = reader(bytes), item = rlpItem(take); must(take.left() === 0, 'bytes behind an RLP item'); return item; }
const number = (b) => { must(Buffer.isBuffer(b) && b.length <= 8 && b[0] !== 0, 'no RLP number'); return BigInt(`0x0${b.toString('hex')}`); };
const nibbles = (bytes) => [...bytes].flatMap((b) => [b >> 4, b & 15]);
// The value that the nodes lead to, from the root to the key RLP(index): none missing, none left over.
function trieValue(root, index, nodes) {
  const key = nibbles(index === 0 ? [0x80] : index < 0x80 ? [index] : index < 0x100 ? [0x81, index] : [0x82, index >> 8, index & 255]);
  for (let used = 0, item = root; ;) {
    if (Buffer.isBuffer(item)) {
      must(item.length === 32 && used < nodes.length && keccak256(nodes[used]).equals(item), 'a node of the trie proof is missing or another one');
      item = rlp(nodes[used++]);
    }
    const pair = item.length === 2, path = pair ? nibbles(item[0]) : [], kind = path[0], way = path.slice(kind & 1 ? 1 : 2);
    must(Array.isArray(item) && (item.length === 17 || (pair && kind <= 3 && (kind & 1 || path[1] === 0))), 'a node of the trie that is none');
    must(key.splice(0, way.length).join() === way.join(), 'the trie leads elsewhere');
    const ends = pair ? kind >= 2 : key.length === 0;
    item = item[pair ? 1 : ends ? 16 : key.shift()];
    must(!ends || (key.length === 0 && Buffer.isBuffer(item) && item.length > 0 && used === nodes.length), 'the trie proof does not end where it should');
    if (ends) return item;
  }
}
const topic = (text) => keccak256(Buffer.from(text)).toString('hex'), kAnchored = topic('Anchored(bytes32,uint64,bytes32)');
const kRevoked = topic('Revoked(address,bytes32)'), kGranted = topic('Granted(address,bytes32,bytes32,uint64,uint64)');
// The anchors and consents in a saved receipt, of the contracts and log that the auditor named.
export function receiptEvents(line, pins) {
  const header = rlp(hex(line.header)), index = line.transactionIndex, nodes = (all) => all.map((one) => hex(one)), anchors = [], consents = [];
  must(/^(mined|final)$/.test(line.finality) && Number.isInteger(index) && index >= 0 && index < 65536 && header.length >= 15, 'no good finality, transactionIndex or header');
  const raw = trieValue(header[4], index, nodes(line.transactionProof)), receipt = trieValue(header[5], index, nodes(line.receiptProof));
  const transaction = rlp(raw[0] === 2 ? raw.subarray(1) : raw), [status, , , logs] = rlp(receipt[0] < 0x80 ? receipt.subarray(1) : receipt);
  must(transaction.length === (raw[0] === 2 ? 12 : 9) && status.equals(Buffer.of(1)), 'the transaction failed, or is of another type');
  const seen = { final: line.finality === 'final', block: number(header[8]), time: number(header[11]), tx: keccak256(raw) };
  for (const [contract, [kind, one, two], data] of logs) {
    const event = kind?.toString('hex'), says = event === kGranted ? 'granted' : event === kRevoked ? 'revoked' : undefined;
    const ours = event === kAnchored && pins.anchor?.equals(contract) && (pins.logId ?? one).equals(one);
    if (ours) anchors.push({ ...seen, logId: one, size: BigInt(`0x${two.toString('hex')}`), root: data });
    if (says && pins.consents?.equals(contract)) consents.push({ ...seen, contract, says, subject: one.subarray(12), id: two, terms: data.subarray(0, 32) });
  }
  must(anchors.length + consents.length > 0, 'no event of the named contracts and log is in it');
  return { anchors, consents };
}
