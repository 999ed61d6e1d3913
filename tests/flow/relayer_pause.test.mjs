// An operator pauses the relayer: grants wait, revocations count at once, every place that an operator or auditor looks at says so and says
// what to do; it outlives kill -9; and after the resume all that waited is on the ledger once. On the embedded ledger and on a real node.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { keccak256 } from '../../conformance/verify/ethereum.mjs';
import { Anvil, deploy, kNoAnvil } from './anvil.mjs';
import { closing, eventually, fresh_dir, kedge, must, refused, send, serve, sleep } from './harness.mjs';
import { consent, grant, parameter, patient } from './samples.mjs';

const at_end = closing(after);
const kWhy = 'the key is looked at, ticket 4711';
const kWhatToDo = /`kedge ledger resume` sends what waits/;
const kGranted = `0x${keccak256(Buffer.from('Granted(address,bytes32,bytes32,uint64,uint64)')).toString('hex')}`;

async function make_server(node, { anchor_s = 1, more = [] } = {}) {
  const data = fresh_dir();
  assert.equal(kedge('keys', 'init', '--data', data).code, 0);
  const chain = node ? [...await deploy(node, data, kedge), '--chain-grant-counts', 'mined'] : [];
  const server = await serve(at_end, { data, init: false, flags: [...chain, '--audit-anchor-interval-s', String(anchor_s), ...more] });
  await server.doctor('a').must_put(patient('p1'));
  return server;
}
// Of the running server, or, with the server's own flags, of the stopped directory.
const ledger = (server, word, ...more) => kedge('ledger', word, '--data', server.data, ...more);
const chain_flags = (server) => server.flags.filter((word, n, all) => !/^--audit/.test(word) && !/^--audit/.test(all[n - 1] ?? ''));
const status_of = async (server, id) => server.patient().must_get(`Consent/${id}/$ledger-status`);
const state_of = async (server, id) => parameter(await status_of(server, id), 'state');
const relayer_of = (server) => /relayer +(0x[0-9a-fA-F]{40})/.exec(ledger(server, 'status').out)[1];
async function troubles(server) {
  const { text } = await send(server, 'GET', '/metrics');
  return [...text.matchAll(/^kedge_ledger_problem\{reason="(\w+)"\} 1$/gm)].map((match) => match[1]);
}
// What has reached the ledger, in a word that changes with each transaction.
const reached = async (server, node) => (node ? `${await node.rpc('eth_getTransactionCount', relayer_of(server), 'pending')}` : /head +block (\d+)/.exec(ledger(server, 'status').out)[1]);

for (const kind of ['the embedded ledger', 'a node']) {
  test(`${kind}: pause, kill -9, resume`, { skip: kind === 'a node' && kNoAnvil, timeout: 180_000 }, async () => {
    const node = kind === 'a node' ? await Anvil.start(at_end) : undefined;
    const server = await make_server(node);
    const self = server.patient(), [old, fresh] = [server.doctor('b'), server.doctor('c')];
    const given = await grant(server);
    must(await old.get('Patient/p1'), 200);
    assert.deepEqual(await troubles(server), []);

    const paused = ledger(server, 'pause', '--why', kWhy);
    assert.equal(paused.code, 0, paused.err);
    assert.match(paused.out, /^the relayer is paused since .*\(the key is looked at, ticket 4711\)/);
    assert.match(paused.out, kWhatToDo);
    const again = ledger(server, 'pause', '--why', 'other words');
    assert.equal(again.code, 0, again.err);
    assert.match(again.out, /^nothing changed: the relayer is paused since .*ticket 4711/);
    const since = /since (\S+)/.exec(paused.out)[1];
    if (node) await sleep(1500);  // what was sent before is mined
    const before = await reached(server, node);

    // A grant waits, a revocation counts, records are served.
    const waiting = must(await self.post('Consent', consent('p1', 'Practitioner/dr-c')), 201).json;
    must(await self.put({ ...consent(), id: given.id, status: 'inactive' }), 200);
    refused(await old.get('Patient/p1'), 404);
    refused(await fresh.get('Patient/p1'), 404);
    must(await self.get('Patient/p1'), 200);

    const everything_says_so = async () => {
      const ready = await send(server, 'GET', '/readyz');
      assert.equal(ready.status, 200);
      assert.match(ready.text, new RegExp(`^ready, but the ledger: the relayer is paused since ${since}`));
      assert.match(ready.text, kWhatToDo);
      assert.ok(!ready.text.includes('4711'), 'the operator\'s own words are not for everybody');
      assert.deepEqual(await troubles(server), ['paused']);
      const told = ledger(server, 'status').out;
      assert.match(told, new RegExp(`problem +the relayer is paused since ${since} \\(the key is looked at, ticket 4711\\)`));
      assert.match(told, kWhatToDo);
      const shown = await status_of(server, waiting.id);
      assert.equal(parameter(shown, 'state'), 'queued');
      assert.match(parameter(shown, 'reason'), /the relayer is paused since .* by an operator: this waits/);
      assert.equal(parameter(shown, 'txHash'), undefined, 'nothing is signed');
      const revoking = await status_of(server, given.id);
      assert.equal(parameter(revoking, 'state'), 'revoking');
      assert.match(parameter(revoking, 'reason'), /paused .*the revocation counts here already/);
      refused(await fresh.get('Patient/p1'), 404);
      refused(await old.get('Patient/p1'), 404);
    };
    await everything_says_so();
    const warnings = () => server.log().match(/ warning the relayer is paused since [^\n]*ticket 4711[^\n]*`kedge ledger resume` sends what waits/g)?.length;
    assert.equal(warnings(), 1, server.log());
    const resent = ledger(server, 'resend');
    assert.equal(resent.code, 1);
    assert.match(resent.err, /paused since .*nothing was sent.*kedge ledger resume/);

    await server.kill();
    await server.start();
    await everything_says_so();
    assert.equal(warnings(), 2, 'once when it began, once when the server started');
    await sleep(3000);  // several passes and anchors
    assert.equal(warnings(), 2, 'and not with every pass');
    assert.equal(await reached(server, node), before, 'nothing reached the ledger');

    // Stopped in good order: the last anchor waits, too, and the directory says the same without a server.
    await server.stop();
    const offline = ledger(server, 'status', ...chain_flags(server));
    assert.equal(offline.code, 0, offline.err);
    assert.match(offline.out, /problem +the relayer is paused/);
    assert.match(ledger(server, 'pause', ...chain_flags(server)).out, /^nothing changed: the relayer is paused/);
    await server.start();
    await everything_says_so();
    assert.equal(await reached(server, node), before, 'nothing reached the ledger');

    const entries = Number(/^kedge_audit_entries (\d+)/m.exec((await send(server, 'GET', '/metrics')).text)[1]);
    const resumed = ledger(server, 'resume');
    assert.equal(resumed.code, 0, resumed.err);
    assert.match(resumed.out, /^the relayer is resumed; \d+ transactions waited, sent now/);
    await eventually('the grant counts', async () => (await fresh.get('Patient/p1')).status === 200, 30_000);
    await eventually('the ledger shows both', async () => (await state_of(server, waiting.id)) === 'active' && (await state_of(server, given.id)) === 'revoked', 30_000);
    refused(await old.get('Patient/p1'), 404);
    assert.equal(parameter(await status_of(server, waiting.id), 'reason'), undefined);
    await eventually('an anchor of what was written meanwhile', () => Number(/last anchor +(\d+) audit entries, (?:mined|final)/.exec(ledger(server, 'status').out)?.[1]) >= entries, 30_000);
    assert.deepEqual(await troubles(server), []);
    assert.equal((await send(server, 'GET', '/readyz')).text, 'ready\n');
    assert.match(server.log(), / info the relayer is resumed: what waits is sent/);
    const twice = ledger(server, 'resume');
    assert.equal(twice.code, 0);
    assert.match(twice.out, /^nothing changed: the relayer is not paused/);
    if (node) {
      const logs = await node.rpc('eth_getLogs', { fromBlock: '0x0', toBlock: 'latest', topics: [kGranted] });
      assert.equal(logs.length, 2, 'each grant once');
      assert.equal(new Set(logs.map((log) => log.topics.join())).size, 2);
    }

    // The auditor sees who did what: one entry for each change, none for what changed nothing.
    const auditor = server.auditor();
    const trail = async (subtype) => ((await auditor.must_get(`AuditEvent?subtype=${subtype}`)).entry ?? []).map((entry) => entry.resource);
    const [pause, ...more] = await trail('ledger-pause');
    assert.equal(more.length, 0);
    assert.equal(pause.outcomeDesc, `relayer paused: ${kWhy}`);
    assert.equal(pause.agent[0].who.display, 'operator');
    assert.match(pause.entity[0].name, /^relayer 0x[0-9a-fA-F]{40} on chain id \d+$/);
    const [resume, ...others] = await trail('ledger-resume');
    assert.equal(others.length, 0);
    assert.match(resume.outcomeDesc, new RegExp(`paused since ${since}`));
    await server.stop();
    const checked = kedge('fsck', '--data', server.data);
    assert.equal(checked.code, 0, checked.out + checked.err);
  });
}

test('a stopped directory: paused and resumed without a server', { timeout: 60_000 }, async () => {
  const server = await make_server();
  await server.stop();
  const paused = ledger(server, 'pause', '--why', kWhy);
  assert.equal(paused.code, 0, paused.err);
  await server.start();
  const stored = await server.patient().must_post('Consent', consent());
  assert.equal(await state_of(server, stored.id), 'queued');
  assert.deepEqual(await troubles(server), ['paused']);
  await server.stop();
  const resumed = ledger(server, 'resume');
  assert.equal(resumed.code, 0, resumed.err);
  assert.match(resumed.out, /transactions? waited, sent now/);
  await server.start();
  await eventually('the grant', async () => (await state_of(server, stored.id)) === 'active');
  for (const words of [['--why', 'two\nlines'], ['--why', 'x'.repeat(501)]]) {
    const wrong = ledger(server, 'pause', ...words);
    assert.equal(wrong.code, 2, wrong.out);
    assert.match(wrong.err, /--why: the reason of a pause/);
  }
  assert.deepEqual(await troubles(server), []);
});

test('what was sent before the pause is followed, not replaced and not sent again', { skip: kNoAnvil, timeout: 120_000 }, async () => {
  const node = await Anvil.start(at_end, { block_time: 0 });
  const server = await make_server(node, { anchor_s: 3600, more: ['--chain-resend-after-s', '1', '--chain-bump-after-s', '2'] });
  const pool = async () => Object.values((await node.rpc('txpool_content')).pending).flatMap((by_nonce) => Object.values(by_nonce)).map((txn) => txn.hash).sort();
  await node.rpc('evm_setAutomine', false);
  const first = await server.patient().must_post('Consent', consent('p1', 'Practitioner/dr-b'));
  await eventually('the first in the pool', async () => (await pool()).length === 1);
  const second = await server.patient().must_post('Consent', consent('p1', 'Practitioner/dr-c'));
  const sent = await eventually('the second behind it', async () => { const all = await pool(); return all.length === 2 && all; });
  assert.equal(ledger(server, 'pause').code, 0);
  const hash = parameter(await status_of(server, second.id), 'txHash');
  assert.equal(await state_of(server, second.id), 'sent');
  await sleep(5000);
  assert.deepEqual(await pool(), sent, 'no replacement that offers more');
  await node.rpc('anvil_dropTransaction', hash);
  await sleep(4000);
  assert.equal((await pool()).length, 1, 'what the node dropped is not given to it again');
  await node.mine(1);
  await eventually('the first is mined and counts, although the relayer is paused', async () => (await state_of(server, first.id)) === 'active', 30_000);
  must(await server.doctor('b').get('Patient/p1'), 200);
  refused(await server.doctor('c').get('Patient/p1'), 404);
  const resumed = ledger(server, 'resume');
  assert.equal(resumed.code, 0, resumed.err);
  await eventually('the second is there again', async () => (await pool()).length === 1, 30_000);
  await node.rpc('evm_setAutomine', true);
  await node.mine(1);
  await eventually('the second counts', async () => (await server.doctor('c').get('Patient/p1')).status === 200, 30_000);
});

test('kedge ledger migrate does not begin while the relayer is paused', { skip: kNoAnvil, timeout: 60_000 }, async () => {
  const server = await make_server();
  await grant(server);
  await server.stop();
  const target = await Anvil.start(at_end);
  const flags = await deploy(target, server.data, kedge);
  assert.equal(ledger(server, 'pause').code, 0);
  const refusal = ledger(server, 'migrate', ...flags, '--wait', '20');
  assert.equal(refusal.code, 1, refusal.out);
  assert.match(refusal.err, /paused since .*nothing was moved.*kedge ledger resume/);
  assert.equal(ledger(server, 'resume').code, 0);
  assert.equal(ledger(server, 'migrate', ...flags, '--wait', '30').code, 0);
  server.flags = flags;
  await server.start();
  must(await server.doctor('b').get('Patient/p1'), 200);
});
