// compile.mjs [--check]: compiles the contracts with the pinned npm solc and writes ConsentLedger.json and AuditAnchor.json beside this
// file: ABI, bytecode, a hash of every source, compiler and settings. With --check it writes nothing and tells whether the committed
// files are what these sources give. Exit 0 done, 1 failed or drifted, 2 wrong usage.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const kContracts = ['ConsentLedger', 'AuditAnchor'];
const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, '../../deploy/npm-contracts/node_modules');

// tests/contracts/foundry.toml says the same; a test compares the bytecode. No metadata in the bytecode, so that it depends on nothing
// but code, compiler and settings. Cancun: the oldest version that OpenZeppelin 5.7 runs on.
const kSettings = {
  optimizer: { enabled: true, runs: 200 },
  viaIR: true,
  evmVersion: 'cancun',
  metadata: { bytecodeHash: 'none', appendCBOR: false },
};

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

function load_solc() {
  if (existsSync(join(modules, 'solc'))) return createRequire(join(modules, 'solc/package.json'))('solc');
  console.error('compile.mjs: no solc here. Run: (cd deploy/npm-contracts && npm ci --ignore-scripts)');
  process.exit(1);
}

// Every source by its name: ours, and what they import.
function collect_sources() {
  const sources = new Map();
  const add = (name) => {
    if (sources.has(name)) return;
    const path = name.startsWith('@') ? join(modules, name) : join(here, '../..', name);
    const content = readFileSync(path, 'utf8');
    sources.set(name, content);
    for (const [, wanted] of content.matchAll(/^import [^;]*?"([^"]+)";/gm)) {
      add(wanted.startsWith('.') ? join(dirname(name), wanted) : wanted);
    }
  };
  for (const file of readdirSync(here).filter((name) => name.endsWith('.sol')).sort()) add(`anchoring/contract/${file}`);
  return new Map([...sources].sort(([a], [b]) => (a < b ? -1 : 1)));
}

// solc -> { contract name: the text of its JSON file }. Warnings stop it as errors do.
function compile(solc, sources) {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries([...sources].map(([name, content]) => [name, { content }])),
    settings: { ...kSettings, outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const told = (output.errors ?? []).filter(({ severity }) => severity !== 'info');
  for (const { formattedMessage } of told) console.error(formattedMessage);
  if (told.length > 0) process.exit(1);
  const hashes = Object.fromEntries([...sources].map(([name, content]) => [name, sha256(content)]));
  return Object.fromEntries(kContracts.map((contract) => {
    const { abi, evm } = output.contracts[`anchoring/contract/${contract}.sol`][contract];
    const file = {
      contract,
      compiler: solc.version(),
      settings: kSettings,
      sourceHash: sha256(JSON.stringify(hashes)),
      sources: hashes,
      abi,
      bytecode: `0x${evm.bytecode.object}`,
    };
    return [contract, `${JSON.stringify(file, null, 2)}\n`];
  }));
}

const args = process.argv.slice(2);
if (args.length > 1 || (args.length === 1 && args[0] !== '--check')) {
  console.error('usage: compile.mjs [--check]');
  process.exit(2);
}
const files = compile(load_solc(), collect_sources());
let drifted = 0;
for (const [contract, text] of Object.entries(files)) {
  const path = join(here, `${contract}.json`);
  if (args.length === 0) {
    writeFileSync(path, text);
    console.log(`wrote ${contract}.json, ${(JSON.parse(text).bytecode.length - 2) / 2} bytes of bytecode`);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`${contract}.json is not what the sources give. Run anchoring/contract/compile.mjs and commit it.`);
    drifted += 1;
  } else {
    console.log(`${contract}.json is what the sources give`);
  }
}
process.exit(drifted > 0 ? 1 : 0);
