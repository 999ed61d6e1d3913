// fixture.mjs OUT: writes what the contract tests read: the public Merkle vectors (KEDGE_TEST_DATA/merkle) as ABI words, and the calldata
// that ethers made for the C++ tests (tests/anchoring/ledger/ethers_vectors.hpp). OUT belongs outside the tree: vectors are not committed.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = join(process.env.KEDGE_TEST_DATA ?? join(root, '../shared/data'), 'merkle/testdata');

function* files_below(dir) {
  for (const name of readdirSync(dir).sort()) {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) yield* files_below(path);
    else if (name.endsWith('.json')) yield path;
  }
}

// Sizes reach beyond 2^53, so their digits are kept as text.
function read_vector(path) {
  return JSON.parse(readFileSync(path, 'utf8').replace(/"(leafIdx|treeSize|size1|size2)":\s*(\d+)/g, '"$1": "$2"'));
}

const word = (number) => BigInt(number).toString(16).padStart(64, '0');
const hash = (base64) => Buffer.from(base64 ?? '', 'base64').toString('hex');

// abi.encode of a struct { four words; bytes32[] proof; bool good }: offset of the struct, its head, its array.
const encode = (four, proof, good) =>
  `0x${word(32)}${four.join('')}${word(6 * 32)}${word(good ? 1 : 0)}${word(proof.length)}${proof.join('')}`;

function read_kind(kind, four_of) {
  const out = [];
  let other = 0;
  for (const path of files_below(join(data, kind))) {
    const v = read_vector(path);
    const four = four_of(v);
    const proof = (v.proof ?? []).map(hash);
    // A hash of another length cannot be said in calldata of bytes32: refused by its type.
    if ([...four, ...proof].every((item) => item.length === 64)) out.push(encode(four, proof, !v.wantErr));
    else other += 1;
  }
  console.error(`${kind}: ${out.length} public vectors, ${other} more have a hash that is not 32 bytes`);
  return out;
}

function calldata() {
  const text = readFileSync(join(root, 'tests/anchoring/ledger/ethers_vectors.hpp'), 'utf8');
  const found = [...text.matchAll(/char\* (k\w+) =((?:\s*"[0-9a-f]+")+);/g)];
  return Object.fromEntries(found.map(([, name, pieces]) => [name, `0x${pieces.replace(/[^0-9a-f]/g, '')}`]));
}

const fixture = { calldata: calldata(), consistency: [], inclusion: [] };
if (existsSync(data)) {
  fixture.consistency = read_kind('consistency', (v) => [word(v.size1), hash(v.root1), word(v.size2), hash(v.root2)]);
  fixture.inclusion = read_kind('inclusion', (v) => [word(v.leafIdx), word(v.treeSize), hash(v.leafHash), hash(v.root)]);
}
fixture.vectors = fixture.consistency.length + fixture.inclusion.length;
writeFileSync(process.argv[2], JSON.stringify(fixture));
