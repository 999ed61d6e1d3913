// Files for the verifiers, made and taken apart: proofs as a server writes them (anchoring/FORMAT.md section 8), and saved receipts of a
// made-up block (section 9). The trie is built here, so that neither verifier checks its own work.
import { keccak256 } from '../../conformance/verify/ethereum.mjs';

export function proof_parts(text) {
  const at = text.indexOf('\n\n'), lines = text.slice(0, at).split('\n');
  const extra = Buffer.from(lines[1].slice(6), 'base64'), checkpoint = text.slice(at + 2), [, size, root] = checkpoint.split('\n');
  const out = { seq: extra.readBigUInt64BE(3), checkpoint, size: BigInt(size), root: Buffer.from(root, 'base64'), anchor_path: [] };
  const flags = extra[1];
  let place = 84 + (flags & 1 ? 32 : 0);
  if (flags & 2) place += 4 + extra.readUInt32BE(place);
  if (!(flags & 4)) return out;
  const take = (n) => { place += n; return extra.subarray(place - n, place); }, hex = (n) => `0x${take(n).toString('hex')}`, u64 = () => take(8).readBigUInt64BE();
  out.anchor = { chainId: u64(), contract: hex(20), logId: hex(32), size: u64(), root: hex(32), txHash: hex(32), blockNumber: u64(), blockHash: hex(32) };
  out.anchor.finality = take(1)[0] === 1 ? 'final' : 'mined';
  for (let left = take(1)[0]; left > 0; left -= 1) out.anchor_path.push(take(32));
  return out;
}

export const with_proof = (entry, text) => ({ ...entry, extension: [{ ...entry.extension[0], valueBase64Binary: Buffer.from(text).toString('base64') }] });

export const ledger_line = (anchor) => `${JSON.stringify(anchor, (name, value) => typeof value === 'bigint' ? Number(value) : value)}\n`;

// ---- a block with saved receipts ----
const number = (n) => { const hex = BigInt(n).toString(16); return BigInt(n) === 0n ? Buffer.alloc(0) : Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'); };
function rlp(item) {
  if (!Array.isArray(item)) return item.length === 1 && item[0] < 0x80 ? item : Buffer.concat([head(0x80, item.length), item]);
  const inner = Buffer.concat(item.map(rlp));
  return Buffer.concat([head(0xc0, inner.length), inner]);
}
function head(base, length) {
  if (length <= 55) return Buffer.of(base + length);
  const digits = number(length);
  return Buffer.concat([Buffer.of(base + 55 + digits.length), digits]);
}
const nibbles = (bytes) => [...bytes].flatMap((b) => [b >> 4, b & 15]);
function compact(path, leaf) {
  const all = path.length % 2 ? [leaf ? 3 : 1, ...path] : [leaf ? 2 : 0, 0, ...path];
  return Buffer.from(Array.from({ length: all.length / 2 }, (_, i) => all[2 * i] << 4 | all[2 * i + 1]));
}
// Yellow Paper, appendix D. pairs: [key, value, whether it is the wanted one]. -> the item; nodes on the way to the wanted one are put into
// `way`, deepest first.
function trie(pairs, way) {
  const item = node(pairs, way);
  if (pairs.some(([, , wanted]) => wanted) && rlp(item).length >= 32) way.push(rlp(item));
  return item;
}
function node(pairs, way) {
  if (pairs.length === 1) return [compact(pairs[0][0], true), pairs[0][1]];
  let same = 0;
  while (pairs.every(([key]) => key[same] === pairs[0][0][same])) same += 1;
  const down = (some, n) => {
    const item = trie(some.map(([key, value, wanted]) => [key.slice(n), value, wanted]), way);
    return rlp(item).length < 32 ? item : keccak256(rlp(item));
  };
  if (same > 0) return [compact(pairs[0][0].slice(0, same), false), down(pairs, same)];
  const children = Array.from({ length: 16 }, (_, nibble) => pairs.filter(([key]) => key[0] === nibble));
  return [...children.map((some) => some.length === 0 ? Buffer.alloc(0) : down(some, 1)), Buffer.alloc(0)];
}
function proof_in_trie(values, index) {
  const way = [], root = trie(values.map((value, n) => [nibbles(rlp(number(n))), value, n === index]), way);
  if (rlp(root).length < 32) way.push(rlp(root));
  return { root: keccak256(rlp(root)), nodes: way.reverse() };
}

const bytes = (hex) => Buffer.from(hex.slice(2), 'hex');
const word = (n) => Buffer.from(BigInt(n).toString(16).padStart(64, '0'), 'hex');
const hex = (buffer) => `0x${buffer.toString('hex')}`;
// A signed transaction, made with ethers 6.17 (tests/anchoring/ethereum/transaction_test.cpp has it too).
const kTransaction = bytes('0x02f875844b45434507843b9aca008506fc23ac008301d4c09435353535353535353535353535353535353535358085deadbeef00c001a0eb'
  + 'f296f9e75770635a6d3ef06beabf287d141760eb256d4a9579f35758ab5fa9a022e1ff072cc054b96b36678eed7f3ce2a3ba3ebc9842dd3d4d6d9ed3fa185947');

// The receipt of an anchor() call in a made-up block of `count` transactions.
export function saved_receipt({ anchor, contract, index, count, failed = false }) {
  const topics = [keccak256(Buffer.from('Anchored(bytes32,uint64,bytes32)')), bytes(anchor.logId), word(anchor.size)];
  const receipt = (logs, n) => Buffer.concat([Buffer.of(2), rlp([failed ? Buffer.alloc(0) : Buffer.of(1), number(21000 * (n + 1)), Buffer.alloc(256), logs])]);
  const receipts = Array.from({ length: count }, (_, n) => receipt(n === index ? [[bytes(contract), topics, bytes(anchor.root)]] : [], n));
  const transactions = Array.from({ length: count }, (_, n) => n === index ? kTransaction : Buffer.concat([Buffer.of(2), rlp([number(7), number(n)])]));
  const [of_receipt, of_transaction] = [proof_in_trie(receipts, index), proof_in_trie(transactions, index)];
  const zero = (n) => Buffer.alloc(n), header = [zero(32), zero(32), zero(20), zero(32), of_transaction.root, of_receipt.root, zero(256), zero(0), number(4711), number(30000000), number(21000 * count), number(1763796000), zero(0), zero(32), zero(8), number(7)];
  return { kind: 'receipt', header: hex(rlp(header)), transactionIndex: index, transactionProof: of_transaction.nodes.map(hex), receiptProof: of_receipt.nodes.map(hex), finality: 'final' };
}
