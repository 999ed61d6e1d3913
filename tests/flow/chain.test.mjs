// kedge on an EVM chain (anvil from npm): the operator's path, the story of consent unchanged, and what happens when the chain fails.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Anvil, deploy, kNoAnvil } from './anvil.mjs';
import { closing, eventually, fresh_dir, kedge, kVerify, must, refused, send, serve } from './harness.mjs';
import { consent, grant, parameter, patient } from './samples.mjs';

const at_end = closing(after);
const skip = kNoAnvil;

async function chain_server(node, { flags = [], confirmations = 1 } = {}) {
  const data = fresh_dir();
  assert.equal(kedge('keys', 'init', '--data', data).code, 0);
  const chain = (await deploy(node, data, kedge)).flatMap((word, n, all) => (word === '--chain-confirmations' || all[n - 1] === '--chain-confirmations' ? [] : [word]));
  chain.push('--chain-confirmations', String(confirmations));
  const server = await serve(at_end, { data, init: false, flags: [...chain, ...flags] });
  server.chain_flags = chain;
  await server.doctor('a').must_put(patient('p1'));
  return server;
}
const state_of = async (server, id) => parameter(await server.patient().must_get(`Consent/${id}/$ledger-status`), 'state');

test('the whole story of consent passes unchanged on a chain', { skip, timeout: 240_000 }, () => {
  const story = fileURLToPath(new URL('consent_story.test.mjs', import.meta.url));
  // Without node:test's own mark the child runs its tests as a run of its own.
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const run = spawnSync(process.execPath, ['--test', story], { encoding: 'utf8', env: { ...env, KEDGE_FLOW_LEDGER: 'anvil' } });
  assert.equal(run.status, 0, run.stdout.slice(-3000));
  assert.match(run.stdout, /# pass 11\n/);
});

let node, server;
before(async () => {
  if (skip) return;
  node = await Anvil.start(at_end);
  server = await chain_server(node, { flags: ['--chain-stale-after-s', '6', '--chain-timeout-ms', '1000', '--audit-anchor-interval-s', '1'] });
});

test('kedge ledger status says where the ledger is, what is final, and what the relayer has', { skip }, () => {
  const told = kedge('ledger', 'status', '--data', server.data);
  assert.equal(told.code, 0, told.err);
  assert.match(told.out, new RegExp(`ledger +${node.url}, chain id 31337`));
  assert.match(told.out, /head +block \d+ of .*, final up to block \d+/);
  assert.match(told.out, /relayer +0x[0-9a-fA-F]{40}, 99\.\d{6} ETH/);
});

test('a grant waits for the confirmation, a revocation does not wait for the chain', { skip }, async () => {
  const doctor = server.doctor('b');
  refused(await doctor.get('Patient/p1'), 404);
  const given = await grant(server);
  must(await doctor.get('Patient/p1'), 200);
  node.freeze();
  try {
    must(await server.patient().delete(`Consent/${given.id}`), 204);
    refused(await doctor.get('Patient/p1'), 404);
  } finally {
    node.thaw();
  }
  await eventually('the revocation on the chain', async () => (await state_of(server, given.id).catch(() => 'revoked')) === 'revoked');
});

test('the node is down: reads go on, then all but the own record is denied; it comes back and nothing is lost or doubled', { skip, timeout: 120_000 }, async () => {
  const doctor = server.doctor('b');
  await grant(server);
  must(await doctor.get('Patient/p1'), 200);
  node.freeze();
  const began = Date.now();
  must(await doctor.get('Patient/p1'), 200);
  assert.ok(Date.now() - began < 1000, 'a read does not wait for the node');
  const written = must(await server.patient('p1').post('Consent', consent('p1', 'Practitioner/dr-c')), 201).json;
  await eventually('staleness denies', async () => (await doctor.get('Patient/p1')).status !== 200, 20_000);
  must(await server.patient().get('Patient/p1'), 200);
  await eventually('readyz says what is wrong', async () => /but the ledger/.test((await send(server, 'GET', '/readyz')).text), 30_000);
  node.thaw();
  await eventually('the doctor is permitted again', async () => (await doctor.get('Patient/p1')).status === 200, 60_000);
  await eventually('the grant written meanwhile', async () => (await state_of(server, written.id)) === 'active', 60_000);
  // An anchor may still be on its way: each access is followed by one.
  await eventually('nothing waits', () => /waiting +0 transactions/.test(kedge('ledger', 'status', '--data', server.data).out), 30_000);
});

// The README's line for auditors, with what `kedge ledger status` tells them.
test('kedge-verify finds the trail FINAL on the chain, and doubts it against another log', { skip, timeout: 90_000 }, async () => {
  const { out } = kedge('ledger', 'status', '--data', server.data);
  const anchor = /AuditAnchor (0x[0-9a-fA-F]{40})/.exec(out)[1], log_id = /log id +(0x[0-9a-f]{64})/.exec(out)[1];
  const auditor = server.auditor();
  const key = /"verifierKey","valueString":"([^"]*)"/.exec((await auditor.get('AuditEvent/$verify-integrity')).text)[1];
  const trail = `${server.data}.trail.json`;
  const five = (await auditor.must_get('AuditEvent?patient=Patient/p1&_count=5')).entry.map((entry) => entry.resource.id);
  at_end(() => rmSync(trail, { force: true }));
  const verify = (...words) => spawnSync(kVerify, ['--key', key, '--rpc', node.url, '--audit-anchor', anchor, ...words, trail], { encoding: 'utf8' });
  // A Bundle proves as much as was known when it was asked for: again, until an anchor covers all five.
  await eventually('an anchor that covers the whole trail', async () => {
    writeFileSync(trail, (await auditor.get(`AuditEvent?_id=${five.join(',')}`)).text);
    return verify('--log-id', log_id).stdout.match(/^(ANCHORED|FINAL) +AuditEvent/gm)?.length === 5;
  }, 30_000);
  await node.mine(80);  // anvil calls a block final when two epochs of 32 blocks lie above it
  const run = verify('--log-id', log_id);
  assert.equal(run.status, 0, run.stdout + run.stderr);
  assert.equal(run.stdout.match(/^FINAL +AuditEvent/gm)?.length, 5, run.stdout);
  assert.doesNotMatch(verify('--log-id', `0x${'12'.repeat(32)}`).stdout, /FINAL|ANCHORED/);
});

test('restart: the mirror and the outbox take up where they stood', { skip, timeout: 60_000 }, async () => {
  const written = must(await server.patient().post('Consent', consent('p1', 'Practitioner/dr-d')), 201).json;
  await server.kill();
  await server.start();
  await eventually('the grant after the restart', async () => (await state_of(server, written.id)) === 'active', 30_000);
  must(await server.client('practitioner', 'Practitioner/dr-d', { organization: 'Organization/d' }).get('Patient/p1'), 200);
});

test('the server starts while the node is away, denies what needs the chain, and goes on when it is back', { skip, timeout: 90_000 }, async () => {
  const written = must(await server.patient().post('Consent', consent('p1', 'Practitioner/dr-e')), 201).json;
  node.freeze();
  try {
    await server.stop();  // within the ten seconds that SIGTERM promises
    await server.start();
    must(await server.patient().get('Patient/p1'), 200);
    assert.notEqual((await server.doctor('b').get('Patient/p1')).status, 200);
  } finally {
    node.thaw();
  }
  await eventually('the doctor is permitted again', async () => (await server.doctor('b').get('Patient/p1')).status === 200, 60_000);
  await eventually('the grant written before', async () => (await state_of(server, written.id)) === 'active', 60_000);
});

test('a chain with another id is not believed', { skip, timeout: 60_000 }, async () => {
  const other = await Anvil.start(at_end, { chain_id: 4242 });
  const words = ['serve', '--data', server.data, '--listen', '127.0.0.1:0', '--ledger', other.url];
  await server.stop();
  const run = kedge(...words, { timeout: 30_000 });
  assert.equal(run.code, 1, run.err);
  assert.match(run.err, /4242|chain/);
  await server.start();
});

for (const depth of [1, 8, 64]) {
  test(`a reorganisation ${depth} deep takes a grant away, and it comes back`, { skip, timeout: 180_000 }, async () => {
    const fork = await Anvil.start(at_end, { block_time: 0 });
    const own = await chain_server(fork, { flags: ['--chain-grant-counts', 'mined'], confirmations: 200 });
    await fork.mine(80);
    const given = await grant(own);
    const doctor = own.doctor('b');
    must(await doctor.get('Patient/p1'), 200);
    await fork.mine(depth - 1);
    await fork.rpc('anvil_reorg', depth, []);
    await eventually('the grant is gone with its block, or in another one already', async () => {
      const { status } = await doctor.get('Patient/p1');
      return status === 404 || (await state_of(own, given.id)) === 'active';
    });
    await eventually('the grant in another block', async () => {
      await fork.mine(1);
      return (await doctor.get('Patient/p1')).status === 200;
    }, 60_000);
    await own.stop();
  });
}

test('a directory moves from the embedded ledger to a chain: consents stay valid, anchors go on', { skip, timeout: 120_000 }, async () => {
  const own = await serve(at_end);
  await own.doctor('a').must_put(patient('p1'));
  await grant(own);
  must(await own.doctor('b').get('Patient/p1'), 200);
  await own.stop();
  const target = await Anvil.start(at_end);
  const flags = await deploy(target, own.data, kedge);
  const early = kedge('serve', '--data', own.data, '--listen', '127.0.0.1:0', ...flags, { timeout: 30_000 });
  assert.equal(early.code, 1);
  assert.match(early.err, /1 Consents are granted on another ledger.*kedge ledger migrate/s);
  const moved = kedge('ledger', 'migrate', '--data', own.data, ...flags, '--wait', '60');
  assert.equal(moved.code, 0, moved.err);
  assert.match(moved.err, /1 of 1 Consents are granted anew on chain id 31337/);
  assert.equal(kedge('fsck', '--data', own.data).code, 0);
  own.flags = flags;
  await own.start();
  must(await own.doctor('b').get('Patient/p1'), 200);
  refused(await own.doctor('c').get('Patient/p1'), 404);
  const exported = kedge('ledger', 'export', '--data', own.data);
  assert.equal(exported.code, 0, exported.err);
  assert.ok(exported.out.trim().split('\n').length >= 1);
});
