// kedge-verify asks a real EVM node: what is anchored, what is final, what became of a consent; saves the receipts; and both verifiers
// check those without any node.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { keccak256 } from '../../conformance/verify/ethereum.mjs';
import { Anvil, kNoAnvil } from './anvil.mjs';
import { closing, eventually, free_port, kRoot, kVerify, serve } from './harness.mjs';
import { RpcProxy } from './rpc_proxy.mjs';
import { proof_parts } from './verify_files.mjs';
import { grant, parameter, seed } from './samples.mjs';

const skip = kNoAnvil, no_openssl = spawnSync('openssl', ['version']).status === 0 ? false : 'the openssl program is not there';
const at_end = closing(after);
const dir = mkdtempSync(join(tmpdir(), 'kedge-verify-node-'));
after(() => rmSync(dir, { recursive: true, force: true }));
let node, accounts, audit_anchor, consent_ledger, key, anchor, proof_path;

// ---- calls of the contracts, encoded by hand ----
const word = (v) => (typeof v === 'string' ? v.slice(2) : BigInt(v).toString(16)).padStart(64, '0');
const call = (signature, ...words) => `0x${keccak256(Buffer.from(signature)).subarray(0, 4).toString('hex')}${words.map(word).join('')}`;
const contract_json = (name) => JSON.parse(readFileSync(join(kRoot, `anchoring/contract/${name}.json`), 'utf8'));
async function mined(transaction) {
  const hash = await node.rpc('eth_sendTransaction', { from: accounts[0], gas: '0x200000', ...transaction });
  await node.mine();
  const receipt = await node.rpc('eth_getTransactionReceipt', hash);
  assert.equal(receipt.status, '0x1', JSON.stringify(receipt));
  return receipt;
}
async function deployed(name) {
  const { bytecode } = contract_json(name);
  return (await mined({ data: bytecode.startsWith('0x') ? bytecode : `0x${bytecode}` })).contractAddress;
}
// A patient's signature (EIP-712) by one of the node's own accounts.
async function signed(subject, primary, types, message) {
  const domain_types = [['name', 'string'], ['version', 'string'], ['chainId', 'uint256'], ['verifyingContract', 'address']].map(([name, type]) => ({ name, type }));
  const domain = { name: 'FhirConsentLedger', version: '1', chainId: 31337, verifyingContract: consent_ledger };
  return node.rpc('eth_signTypedData_v4', subject, { types: { EIP712Domain: domain_types, [primary]: types }, primaryType: primary, domain, message });
}
const typed = (text) => text.split(',').map((one) => { const [type, name] = one.split(' '); return { name, type }; });
const signature_tail = (signature) => `${word(65)}${signature.slice(2).padEnd(192, '0')}`;
async function send_grant(subject, consent_id, terms_hash) {
  const message = { subject, consentId: consent_id, termsHash: terms_hash, notBefore: 1000, notAfter: 281474976710655, deadline: 99999999999 };
  const signature = await signed(subject, 'Grant', typed('address subject,bytes32 consentId,bytes32 termsHash,uint64 notBefore,uint64 notAfter,uint64 deadline'), message);
  const signature_name = 'grant((address,bytes32,bytes32,uint64,uint64,uint64),bytes)';
  return mined({ to: consent_ledger, data: call(signature_name, subject, consent_id, terms_hash, 1000, 281474976710655, 99999999999, 7 * 32) + signature_tail(signature) });
}
async function send_revoke(subject, consent_id) {
  const signature = await signed(subject, 'Revoke', typed('address subject,bytes32 consentId'), { subject, consentId: consent_id });
  return mined({ to: consent_ledger, data: call('revoke(address,bytes32,bytes)', subject, consent_id, 3 * 32) + signature_tail(signature) });
}

before(async () => {
  if (skip) return;
  const server = await serve(at_end, { flags: ['--audit-anchor-interval-s', '1'] });
  await seed(server);
  await grant(server);
  const auditor = server.auditor();
  key = parameter(await auditor.must_get('AuditEvent/$verify-integrity'), 'verifierKey');
  const { id } = (await auditor.must_get('AuditEvent?patient=Patient/p1&_count=1')).entry[0].resource;
  let proof;
  await eventually('an anchor that covers the event', async () => {
    proof = (await auditor.get(`AuditEvent/${id}/$proof`)).text;
    return proof_parts(proof).anchor !== undefined;
  });
  anchor = proof_parts(proof).anchor;
  proof_path = join(dir, 'event.tlog-proof');
  writeFileSync(proof_path, proof);
  // The same head on a chain of its own: what a server with --ledger URL would have sent there.
  node = await Anvil.start(at_end, { block_time: 0, flags: ['--no-mining', '--slots-in-an-epoch', '2'] });
  accounts = await node.rpc('eth_accounts');
  audit_anchor = await deployed('AuditAnchor');
  consent_ledger = await deployed('ConsentLedger');
  await mined({ to: audit_anchor, data: call('open(bytes32)', anchor.logId) });
  // Other people's transactions share its block, so that the proofs have some way to go.
  for (const to of accounts.slice(1, 5)) await node.rpc('eth_sendTransaction', { from: accounts[9], to, value: '0x1' });
  await mined({ to: audit_anchor, data: call('anchor(bytes32,uint64,bytes32,bytes32[])', anchor.logId, anchor.size, anchor.root, 4 * 32, 0) });
});

function verify(...words) {
  const run = spawnSync(kVerify, ['--json', ...words], { encoding: 'utf8', timeout: 60_000 });
  const lines = run.stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return { code: run.status, lines, tier: lines[0]?.tier, text: `${run.stdout}${run.stderr}` };
}
const pins = () => ['--audit-anchor', audit_anchor, '--log-id', anchor.logId];
const ask = (...words) => verify('--rpc', node.url, ...pins(), ...words);

test('ANCHORED as soon as the block is mined, FINAL when it is finalized; with and without the key', { skip }, async () => {
  const mined_only = ask('--key', key, proof_path);
  assert.equal(mined_only.code, 0, mined_only.text);
  assert.equal(mined_only.tier, 'ANCHORED', mined_only.text);
  await node.mine(10);
  for (const words of [['--key', key], []]) {
    const final = ask(...words, proof_path);
    assert.equal(final.code, 0, final.text);
    assert.equal(final.tier, 'FINAL', final.text);
    assert.match(final.lines.at(-1).trusted.join(), /finalized up to/);
  }
});

test('what was saved needs no node: both verifiers check it up to the hash of the block', { skip }, () => {
  const path = join(dir, 'saved.jsonl');
  const saved = ask('--save', path, proof_path);
  assert.equal(saved.code, 0, saved.text);
  const line = JSON.parse(readFileSync(path, 'utf8').trim());
  assert.equal(line.kind, 'receipt');
  assert.ok(line.receiptProof.length >= 2, 'a block with several transactions');
  const words = ['--ledger', path, ...pins(), '--json', proof_path];
  for (const [program, list] of [[kVerify, words], [process.execPath, [join(kRoot, 'conformance/verify/kedge_verify.mjs'), ...words]]]) {
    const run = spawnSync(program, list, { encoding: 'utf8' });
    assert.equal(run.status, 0, `${program}: ${run.stdout}${run.stderr}`);
    assert.equal(JSON.parse(run.stdout.split('\n')[0]).tier, 'FINAL');
  }
});

test('another contract, another log, no node, and a node whose ledger holds another root', { skip }, async () => {
  const doubt = (run, why) => assert.equal(run.code, 1, `${why}: ${run.text}`);
  doubt(verify('--rpc', node.url, '--audit-anchor', consent_ledger, '--log-id', anchor.logId, proof_path), 'another contract');
  doubt(verify('--rpc', node.url, '--audit-anchor', audit_anchor, '--log-id', `0x${'12'.repeat(32)}`, proof_path), 'another log, and no key');
  doubt(verify('--rpc', `http://127.0.0.1:${await free_port()}`, ...pins(), '--key', key, proof_path), 'nobody answers');
  const other = `0x${'34'.repeat(32)}`;
  assert.equal(verify('--rpc', node.url, proof_path).code, 2, 'which contract counts must be said');
  // A rewritten history under the same size, anchored on a chain that the auditor believes.
  const twin = await Anvil.start(at_end, { block_time: 0, flags: ['--no-mining', '--slots-in-an-epoch', '2'] });
  const first = node;
  node = twin;
  const contract = await deployed('AuditAnchor');
  await mined({ to: contract, data: call('open(bytes32)', anchor.logId) });
  await mined({ to: contract, data: call('anchor(bytes32,uint64,bytes32,bytes32[])', anchor.logId, anchor.size, other, 4 * 32, 0) });
  const forked = verify('--rpc', twin.url, '--audit-anchor', contract, '--log-id', anchor.logId, '--key', key, proof_path);
  node = first;
  doubt(forked, 'another root');
  assert.match(forked.text, /history was rewritten|not shown to be part/);
});

// A node of the auditor's own, behind a certificate that no public authority signed.
test('a node behind TLS is believed by the authority that the auditor names, and by no other', { skip: skip || no_openssl }, async () => {
  const made = (name, subject) => {
    const [key_path, cert] = [join(dir, `${name}.key`), join(dir, `${name}.pem`)];
    const run = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-keyout', key_path, '-out', cert,
      '-subj', '/CN=kedge test', '-addext', `subjectAltName=${subject}`], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    return { cert, tls: { key: readFileSync(key_path), cert: readFileSync(cert) } };
  };
  const right = made('right', 'IP:127.0.0.1'), other = made('other', 'IP:127.0.0.1'), misnamed = made('misnamed', 'DNS:somewhere.else');
  const through = async (identity, ...words) => {
    const proxy = await RpcProxy.start(at_end, node.url, identity.tls);
    // Not spawnSync: the proxy answers from this process.
    const run = await new Promise((done) => execFile(kVerify, ['--json', '--rpc', proxy.url, ...pins(), '--key', key, ...words, proof_path], (error, stdout, stderr) => done({ code: error?.code ?? 0, text: stdout + stderr })));
    return { ...run, asked: proxy.asked, tier: /"tier":"(\w+)"/.exec(run.text)?.[1] };
  };
  const good = await through(right, '--ca-file', right.cert);
  assert.deepEqual([good.code, good.tier], [0, 'FINAL'], good.text);
  for (const [why, bad] of Object.entries({
    'no authority named': await through(right),
    'another authority': await through(right, '--ca-file', other.cert),
    'a certificate of another host': await through(misnamed, '--ca-file', misnamed.cert),
  })) {
    assert.equal(bad.code, 1, `${why}: ${bad.text}`);
    assert.notEqual(bad.tier, 'FINAL', why);
    assert.equal(bad.asked, 0, `${why}: nothing was asked`);
  }
  const missing = await through(right, '--ca-file', join(dir, 'none.pem'));
  assert.notEqual(missing.code, 0, missing.text);
});

test("a consent's state, now and at a time", { skip }, async () => {
  const [subject] = accounts, consent_id = `0x${'c1'.repeat(32)}`, terms_hash = `0x${'7e'.repeat(32)}`;
  const claim = (state) => {
    const path = join(dir, `${state}.json`);
    const parameters = Object.entries({ state, consentId: consent_id, termsHash: terms_hash, contract: consent_ledger });
    writeFileSync(path, JSON.stringify({ resourceType: 'Parameters', parameter: parameters.map(([name, valueString]) => ({ name, valueString })) }));
    return path;
  };
  const state = (claimed, ...words) => verify('--rpc', node.url, '--consent-ledger', consent_ledger, ...words, claim(claimed));
  assert.equal(state('active').code, 1, 'nothing of it is on the ledger yet');
  const granted = await send_grant(subject, consent_id, terms_hash);
  assert.equal(state('active').tier, 'ANCHORED');
  await node.mine(10);
  const active = state('active');
  assert.deepEqual([active.code, active.tier], [0, 'FINAL'], active.text);
  assert.match(active.lines[0].sentence, new RegExp(`granted in block ${Number(granted.blockNumber)}`));
  assert.equal(state('revoked').code, 1);
  const instant = new Date(Number((await node.rpc('eth_getBlockByNumber', granted.blockNumber, false)).timestamp) * 1000).toISOString();
  await node.rpc('evm_increaseTime', 100);
  await send_revoke(subject, consent_id);
  assert.equal(state('active').code, 1, 'the server hides a revocation');
  assert.equal(state('revoked').code, 0);
  const then = state('revoked', '--at', instant);
  assert.equal(then.code, 0, then.text);
  assert.match(then.lines[0].sentence, /^active at/);
  // The same from files, by both verifiers: what was saved shows the grant and the revocation; that nothing happened takes a state.
  const receipts = join(dir, 'consents.jsonl');
  verify('--rpc', node.url, '--consent-ledger', consent_ledger, '--save', receipts, claim('revoked'));
  assert.ok(readFileSync(receipts, 'utf8').trim().split('\n').length >= 2, 'the grant and the revocation');
  const time_of = async (block) => Number((await node.rpc('eth_getBlockByNumber', block, false)).timestamp);
  const shown = { chainId: 31337, contract: consent_ledger, subject, consentId: consent_id, blockNumber: Number(granted.blockNumber), finality: 'final', time: await time_of(granted.blockNumber) };
  const told = (...lines) => { const path = join(dir, `told-${lines.length}.jsonl`); writeFileSync(path, lines.map((line) => JSON.stringify({ kind: 'consent', ...shown, ...line })).join('\n')); return path; };
  const was_granted = { event: 'granted', termsHash: terms_hash, notBefore: 1000, notAfter: 281474976710655, txHash: granted.transactionHash };
  const was_active = { event: 'state', state: 'active', changed: shown.time };
  const both = (code, ledger, claimed, ...words) => {
    const list = ['--ledger', ledger, '--consent-ledger', consent_ledger, ...words, '--json', claim(claimed)];
    const runs = [[kVerify, list], [process.execPath, [join(kRoot, 'conformance/verify/kedge_verify.mjs'), ...list]]].map(([program, all]) => spawnSync(program, all, { encoding: 'utf8' }));
    assert.deepEqual(runs.map((run) => run.status), [code, code], runs.map((run) => run.stdout + run.stderr).join('\n--\n'));
    if (code === 2) return [];
    const [a, b] = runs.map((run) => JSON.parse(run.stdout.split('\n')[0]));
    assert.deepEqual([a.tier, a.proven], [b.tier, b.proven], JSON.stringify([a, b]));
    return [a.sentence, b.sentence];
  };
  for (const sentence of both(0, receipts, 'revoked')) assert.match(sentence, /^revoked at/);
  both(1, receipts, 'active');
  both(1, receipts, 'none');
  both(1, receipts, 'active', '--at', instant);  // granted, and nothing shows that it stood
  for (const sentence of both(0, told(was_granted, was_active), 'revoked', '--at', instant)) assert.match(sentence, /^active at/);
  both(0, told(was_granted, was_active), 'active');
  both(1, told(was_granted), 'active');
  both(1, told({ ...was_granted, termsHash: `0x${'00'.repeat(32)}` }, was_active), 'active');
  both(1, told(was_granted, was_active, { ...was_granted, subject: accounts[3] }), 'active');  // two subjects, and nothing tells whose is meant
  both(1, told({ ...was_active, consentId: `0x${'00'.repeat(32)}` }), 'active');
  both(2, told({ ...was_active, changed: undefined }), 'active');
});
