// What goes wrong between a server and its chain, one fault a test, on a real node (anvil from npm) behind a proxy. In each: reads never wait for
// the node, and at the end every grant, revocation and anchor stands on the chain exactly once.
//
// Shortened, so that the whole file takes a few minutes: the node is away for 8 s, not a minute (KEDGE_FLOW_OUTAGE_S=60 takes the minute), and
// --chain-resend-after-s is 2 s in place of 60, and in the test of fees --chain-bump-after-s 2 s in place of 180.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { keccak256 } from '../../conformance/verify/ethereum.mjs';
import { Anvil, deploy, kNoAnvil } from './anvil.mjs';
import { closing, eventually, fresh_dir, kedge, kKedge, must, send, serve, sleep } from './harness.mjs';
import { RpcProxy } from './rpc_proxy.mjs';
import { consent, parameter, patient } from './samples.mjs';

const at_end = closing(after);
const skip = kNoAnvil;
const kOutageMs = Number(process.env.KEDGE_FLOW_OUTAGE_S ?? 8) * 1000;
const kNodeTimeoutMs = 3000;
const kReadMs = 1000;  // far below one wait for the node
const topic = (text) => `0x${keccak256(Buffer.from(text)).toString('hex')}`;
const kGranted = topic('Granted(address,bytes32,bytes32,uint64,uint64)'), kRevoked = topic('Revoked(address,bytes32)');
const kAnchored = topic('Anchored(bytes32,uint64,bytes32)');

class World {
  // confirmations: blocks on top until one is final. mining: 'auto' (a block for each transaction) or s between blocks.
  static async make({ confirmations = 1, mining = 1, flags = [], witness = false, anchors = false } = {}) {
    const world = new World();
    world.node = await Anvil.start(at_end, { block_time: mining === 'auto' ? 0 : mining });
    world.proxy = await RpcProxy.start(at_end, world.node.url);
    const data = fresh_dir();
    assert.equal(kedge('keys', 'init', '--data', data).code, 0);
    await deploy(world.node, data, kedge);
    world.contracts = JSON.parse(readFileSync(join(data, 'contracts.json'), 'utf8'));
    world.server = await serve(at_end, { data, init: false, flags: ['--ledger', world.proxy.url, '--chain-finality', 'latest', '--chain-confirmations', String(confirmations),
      '--chain-grant-counts', 'mined', '--chain-timeout-ms', String(kNodeTimeoutMs), '--chain-stale-after-s', '5', '--chain-resend-after-s', '2',
      '--audit-anchor-interval-s', anchors ? '1' : '3600', ...(witness ? ['--chain-witness', world.node.url] : []), ...flags] });
    await world.server.doctor('a').must_put(patient('p1'));
    world.granted = [];
    world.revoked = 0;
    world.latencies = [];
    return world;
  }

  patient() { return this.server.patient(); }
  async grant(practitioner = `dr-${this.granted.length}`) {
    const stored = must(await this.patient().post('Consent', consent('p1', `Practitioner/${practitioner}`)), 201).json;
    this.granted.push(stored.id);
    return stored.id;
  }
  async revoke(id) {
    must(await this.patient().delete(`Consent/${id}`), 204);
    this.revoked += 1;
  }
  async state(id) { return parameter(await this.patient().must_get(`Consent/${id}/$ledger-status`), 'state'); }
  async waiting() { return Number(/^kedge_outbox_waiting (\d+)/m.exec((await send(this.server, 'GET', '/metrics')).text)?.[1]); }
  doctor(name) { return this.server.client('practitioner', `Practitioner/${name}`, { organization: 'Organization/z' }); }

  // Reads all the while that `work` runs, as the patient (always decided) and as a doctor (decided by the mirror): no read waits for the node.
  async reading(work) {
    let over = false;
    const doctor = this.doctor('dr-0');
    const reader = async (client) => {
      while (!over) {
        const began = performance.now();
        const answer = await client.get('Patient/p1');
        this.latencies.push(performance.now() - began);
        if (client === doctor) must(answer, 200, 403, 404);
        else must(answer, 200);
        await sleep(10);
      }
    };
    const readers = [reader(this.patient()), reader(doctor)];
    try {
      return await work();
    } finally {
      over = true;
      await Promise.all(readers);
      const sorted = [...this.latencies].sort((a, b) => a - b);
      console.log(`    ${sorted.length} reads meanwhile: median ${sorted[sorted.length >> 1].toFixed(1)} ms, slowest ${sorted.at(-1).toFixed(0)} ms`);
      assert.ok(sorted.at(-1) < kReadMs, `a read took ${sorted.at(-1)} ms: it waited for the node`);
    }
  }

  async logs(signature, address) { return this.node.rpc('eth_getLogs', { fromBlock: '0x0', toBlock: 'latest', address, topics: [signature] }); }
  // Every grant, revocation and anchor once; `active` says which grants stand.
  async settled({ mine = false } = {}) {
    await eventually('nothing waits', async () => {
      if (mine) await this.node.mine(1);
      return (await this.waiting()) === 0;
    }, 60_000);
    const unique = (logs) => assert.equal(new Set(logs.map((log) => log.topics.join())).size, logs.length, 'an event was said twice');
    let granted;
    await eventually('every grant on the chain', async () => {
      granted = await this.logs(kGranted, this.contracts.consentLedger);
      return granted.length >= this.granted.length;
    }, 30_000);
    unique(granted);
    assert.equal(granted.length, this.granted.length, 'each grant once');
    const revoked = await this.logs(kRevoked, this.contracts.consentLedger);
    unique(revoked);
    assert.equal(revoked.length, this.revoked, 'each revocation once');
    const sizes = (await this.logs(kAnchored, this.contracts.auditAnchor)).map((log) => BigInt(log.topics[2]));
    sizes.forEach((size, n) => assert.ok(n === 0 || size > sizes[n - 1], 'anchors only grow, each once'));
    assert.doesNotMatch(this.server.log(), /ALARM|history changed/);
    return { anchors: sizes.length };
  }
  async active(id, what = 'the grant counts') {
    await eventually(what, async () => (await this.state(id).catch(() => '')) === 'active', 60_000);
  }
  // The three places where an operator looks say what is wrong and what to do; the log once. The server asks the ledger each 10 s.
  async told(reason, what) {
    const metric = (name) => new RegExp(`^kedge_ledger_problem\\{reason="${name}"\\} 1$`, 'm');
    await eventually(`/readyz: ${reason}`, async () => {
      const ready = await send(this.server, 'GET', '/readyz');
      assert.equal(ready.status, 200, 'records are served, so the server stays in service');
      return what.test(ready.text);
    }, 30_000);
    const metrics = (await send(this.server, 'GET', '/metrics')).text;
    assert.match(metrics, metric(reason));
    for (const other of ['paused', 'no_answer', 'wrong_chain', 'low_balance']) if (other !== reason) assert.doesNotMatch(metrics, metric(other));
    const lines = this.server.log().split('\n').filter((line) => line.includes(' warning the ledger: ') && what.test(line));
    assert.equal(lines.length, 1, this.server.log());
    assert.match(await this.status(), new RegExp(`^problem +.*${what.source}`, 'm'));
  }
  // Not waited for in this thread: the proxy answers here.
  async status() { return (await promisify(execFile)(kKedge, ['ledger', 'status', '--data', this.server.data])).stdout; }
  async well() {
    await eventually('/readyz is well again', async () => (await send(this.server, 'GET', '/readyz')).text === 'ready\n', 30_000);
    assert.doesNotMatch((await send(this.server, 'GET', '/metrics')).text, /^kedge_ledger_problem\{.*\} 1$/m);
    assert.match(this.server.log(), / info the ledger is well again/);
  }
  // Transactions of ours in the node's pool, by the contract they call.
  async pool(to) {
    const { pending } = await this.node.rpc('txpool_content');
    return Object.values(pending).flatMap((by_nonce) => Object.values(by_nonce)).filter((txn) => !to || txn.to.toLowerCase() === to.toLowerCase());
  }
  async end() {
    await this.server.stop();
    await this.node.stop();
  }
}

test(`the node is away for ${kOutageMs / 1000} s, first refusing and then silent`, { skip, timeout: 60_000 + 4 * kOutageMs }, async () => {
  const world = await World.make({ anchors: true });
  await world.active(await world.grant());
  const doctor = world.doctor('dr-0');
  must(await doctor.get('Patient/p1'), 200);
  const gone = await world.grant();
  await world.reading(async () => {
    world.proxy.way = 'refuse';
    for (let n = 0; n < 4; n += 1) await world.grant();
    await world.revoke(gone);
    await sleep(kOutageMs / 2);
    world.proxy.way = 'hang';
    for (let n = 0; n < 4; n += 1) await world.grant();
    await eventually('what the mirror cannot know is denied', async () => (await doctor.get('Patient/p1')).status !== 200, 15_000);
    await sleep(kOutageMs / 2);
    await world.told('no_answer', /did not answer .*: what is written waits and nothing is lost; look after the node, or name a node of chain id 31337 with --ledger/);
    world.proxy.way = 'open';
    for (const id of world.granted) if (id !== gone) await world.active(id);
  });
  assert.ok((await world.settled()).anchors >= 1);
  must(await doctor.get('Patient/p1'), 200);
  await world.end();
});

test('the node answers late: within the patience, beyond it, and well again', { skip, timeout: 180_000 }, async () => {
  const world = await World.make({ anchors: true });
  await world.active(await world.grant());
  await world.reading(async () => {
    for (const late of [1000, kNodeTimeoutMs + 1000]) {
      world.proxy.delay_ms = late;
      for (let n = 0; n < 3; n += 1) await world.grant();
      await sleep(6000);
    }
    world.proxy.delay_ms = 0;
    for (const id of world.granted) await world.active(id);
  });
  await world.settled();
  await world.end();
});

test('the node comes back as another chain: nothing is sent there or believed from there', { skip, timeout: 120_000 }, async () => {
  const world = await World.make();
  await world.active(await world.grant());
  const other = await Anvil.start(at_end, { chain_id: 4242, block_time: 0 });
  const sent = [];
  await world.reading(async () => {
    const right = world.proxy.target;
    world.proxy.way = 'refuse';
    await sleep(1500);
    world.proxy.target = other.url;
    world.proxy.lie = (method, result) => { sent.push(method); return result; };
    world.proxy.way = 'open';
    await world.grant();
    await world.told('wrong_chain', /is on chain 4242, not on 31337: nothing is sent there or believed from there; name a node of chain id 31337 with --ledger/);
    await sleep(2000);
    assert.ok(!sent.includes('eth_sendRawTransaction'), 'nothing is sent to another chain');
    world.proxy.lie = undefined;
    world.proxy.target = right;
    for (const id of world.granted) await world.active(id);
  });
  await world.well();
  await world.settled();
  await world.end();
});

test('the relayer runs out of funds: it is told before and then, with whom to send it to, and all goes on', { skip, timeout: 120_000 }, async () => {
  const world = await World.make();
  await world.active(await world.grant());
  const relayer = /relayer +(0x[0-9a-fA-F]{40})/.exec(await world.status())[1];
  const balance = (gwei) => world.node.rpc('anvil_setBalance', relayer, `0x${(BigInt(gwei) * 10n ** 9n).toString(16)}`);
  await balance(10_000_000);  // 0.01 ether: a grant or two
  await world.told('low_balance', new RegExp(`the relayer ${relayer} has 0\\.0\\d{5} ETH left, less than a thousand grants cost now: send it more`));
  await world.active(await world.grant(), 'what can still be paid is sent');
  await balance(0);
  await world.reading(async () => {
    const id = await world.grant();
    await eventually('the log names who cannot pay', () => world.server.log().includes(`the relayer ${relayer} cannot pay for its transactions on chain 31337: send it funds`), 30_000);
    assert.equal(await world.state(id), 'queued');
    assert.equal(world.server.log().match(/warning the ledger: the relayer /g).length, 1, 'a balance that sinks is no news');
    await balance(10n ** 11n);
    await world.active(id);
  });
  await world.well();
  await world.settled();
  await world.end();
});

for (const what of ['an anchor', 'a grant and an anchor']) {
  for (const depth of [1, 8, 64]) {
    test(`a reorganisation ${depth} deep takes ${what} away, and all comes back once`, { skip, timeout: 180_000 }, async () => {
      const world = await World.make({ mining: 'auto', confirmations: 200, anchors: true });
      const { node } = world;
      await world.active(await world.grant());
      // The log registers itself before it anchors: from here on what goes to AuditAnchor is an anchor.
      await eventually('the first anchor', async () => (await world.logs(kAnchored, world.contracts.auditAnchor)).length > 0, 30_000);
      await node.mine(80);
      await node.rpc('evm_setAutomine', false);
      // What was sent before is mined, so that the block below holds just this.
      await node.mine(1);
      const first = (await world.logs(kAnchored, world.contracts.auditAnchor)).length;
      if (what !== 'an anchor') await world.grant();
      await eventually('it is in the pool', async () => {
        must(await world.patient().get('Patient/p1'), 200);
        const anchored = (await world.pool(world.contracts.auditAnchor)).length > 0;
        return anchored && (what === 'an anchor' || (await world.pool(world.contracts.consentLedger)).length > 0);
      }, 20_000);
      await node.mine(1);
      await sleep(1500);  // so that the server has seen it
      await node.mine(depth - 1);
      const anchored = await world.logs(kAnchored, world.contracts.auditAnchor), before = anchored.length;
      assert.ok(before > first, 'the block holds an anchor');
      await node.rpc('anvil_reorg', depth, []);
      // By its block: the next anchor may have been in the pool, and then stands in one of the new blocks.
      const gone = anchored.at(-1).blockHash;
      assert.ok(!(await world.logs(kAnchored, world.contracts.auditAnchor)).some((log) => log.blockHash === gone), 'the reorganisation took the anchor');
      await world.reading(async () => {
        await eventually('both stand again', async () => {
          await node.mine(1);
          const anchors = (await world.logs(kAnchored, world.contracts.auditAnchor)).length;
          return anchors >= before && (await world.logs(kGranted, world.contracts.consentLedger)).length === world.granted.length;
        }, 60_000);
      });
      await node.rpc('evm_setAutomine', true);
      await world.settled({ mine: true });
      for (const id of world.granted) await world.active(id);
      await world.end();
    });
  }
}

test('the node drops a transaction: it is given to it again', { skip, timeout: 120_000 }, async () => {
  const world = await World.make({ mining: 'auto' });
  await world.active(await world.grant());
  await world.node.mine(3);
  await world.node.rpc('evm_setAutomine', false);
  await world.grant();
  const [dropped] = await eventually('the grant in the pool', async () => { const all = await world.pool(); return all.length > 0 && all; });
  await world.grant();
  await eventually('the next behind it', async () => (await world.pool()).length === 2);
  await world.node.rpc('anvil_dropTransaction', dropped.hash);
  assert.ok(!(await world.pool()).some((txn) => txn.hash === dropped.hash));
  await world.reading(() => eventually('it is there again', async () => (await world.pool()).some((txn) => txn.hash === dropped.hash), 30_000));
  await world.node.rpc('evm_setAutomine', true);
  await world.settled({ mine: true });
  for (const id of world.granted) await world.active(id);
  await world.end();
});

test('another program uses the relayer key: what it took is numbered anew', { skip, timeout: 120_000 }, async () => {
  const world = await World.make();
  await world.active(await world.grant());
  const { node } = world;
  const [{ transactionHash: hash }] = await world.logs(kGranted, world.contracts.consentLedger);
  const { from: relayer } = await node.rpc('eth_getTransactionByHash', hash);
  world.proxy.way = 'refuse';
  for (let n = 0; n < 3; n += 1) await world.grant();
  await node.rpc('anvil_impersonateAccount', relayer);
  for (let n = 0; n < 2; n += 1) await node.rpc('eth_sendTransaction', { from: relayer, to: relayer, value: '0x1' });
  await sleep(2500);
  await world.reading(async () => {
    world.proxy.way = 'open';
    for (const id of world.granted) await world.active(id);
    // And a count that jumps while all is well: a nonce gap, as after a restored chain.
    await node.rpc('anvil_setNonce', relayer, `0x${(Number(await node.rpc('eth_getTransactionCount', relayer, 'latest')) + 5).toString(16)}`);
    await world.active(await world.grant(), 'a grant beyond the gap');
  });
  await world.settled();
  assert.match(world.server.log(), /numbered anew/);
  await world.end();
});

test('fees spike: a replacement raises both fields, and one of the two is mined', { skip, timeout: 120_000 }, async () => {
  const world = await World.make({ mining: 'auto', flags: ['--chain-bump-after-s', '2'] });
  await world.active(await world.grant());
  await world.node.mine(3);
  await world.node.rpc('evm_setAutomine', false);
  await world.grant();
  const [first] = await eventually('the grant in the pool', async () => { const all = await world.pool(); return all.length > 0 && all; });
  const dear = BigInt(first.maxFeePerGas) * 4n;
  await world.node.rpc('anvil_setNextBlockBaseFeePerGas', `0x${dear.toString(16)}`);
  await world.node.mine(1);
  assert.equal((await world.logs(kGranted, world.contracts.consentLedger)).length, 1, 'too dear for what it offers');
  await world.reading(async () => {
    const second = await eventually('a replacement', async () => (await world.pool()).find((txn) => txn.nonce === first.nonce && txn.hash !== first.hash), 30_000);
    for (const fee of ['maxFeePerGas', 'maxPriorityFeePerGas']) {
      assert.ok(BigInt(second[fee]) * 10n >= BigInt(first[fee]) * 11n, `${fee} rose from ${BigInt(first[fee])} to ${BigInt(second[fee])}`);
    }
    await eventually('it is mined at the high price', async () => {
      await world.node.mine(1);
      return (await world.logs(kGranted, world.contracts.consentLedger)).length === 2;
    }, 60_000);
  });
  await world.node.rpc('evm_setAutomine', true);
  await world.settled({ mine: true });
  for (const id of world.granted) await world.active(id);
  await world.end();
});

const kLies = {
  'another transaction': (receipt) => ({ ...receipt, transactionHash: `0x${'12'.repeat(32)}` }),
  'another status': (receipt) => ({ ...receipt, status: receipt.status === '0x1' ? '0x0' : '0x1' }),
  'no events': (receipt) => ({ ...receipt, logs: [] }),
  'failure without events': (receipt) => ({ ...receipt, status: '0x0', logs: [] }),
  'another block': (receipt) => ({ ...receipt, blockHash: `0x${'34'.repeat(32)}` }),
};
for (const witness of [false, true]) {
  test(`the node lies about receipts, ${witness ? 'a witness stands by' : 'alone'}`, { skip, timeout: 240_000 }, async () => {
    const world = await World.make({ witness, anchors: true });
    await world.active(await world.grant());
    for (const [name, lie] of Object.entries(kLies)) {
      world.proxy.lie = (method, result) => (method === 'eth_getTransactionReceipt' && result ? lie(result) : result);
      await world.reading(async () => {
        const id = await world.grant();
        await eventually(`${name}: the grant is on the chain`, async () => (await world.logs(kGranted, world.contracts.consentLedger)).length === world.granted.length, 30_000);
        await sleep(2000);
        // A lie in the receipt alone contradicts the block or its events, so that it takes no witness.
        assert.ok((await world.waiting()) > 0, `${name} was believed`);
        assert.notEqual(await world.state(id), 'refused', `${name}: a lie took the grant away`);
        world.proxy.lie = undefined;
        await world.active(id);
      });
      await world.settled();
    }
    await world.end();
  });
}

test('restart by kill -9 in each state: queued, sent, mined, dropped', { skip, timeout: 240_000 }, async () => {
  const world = await World.make({ mining: 'auto', confirmations: 5 });
  const { node, server, proxy } = world;
  await world.active(await world.grant());
  const restart = async () => {
    await server.kill();
    await server.start();
    must(await world.patient().get('Patient/p1'), 200);
  };
  const in_pool = () => eventually('the grant in the pool', async () => { const all = await world.pool(); return all.length > 0 && all; });

  proxy.way = 'refuse';
  await world.grant();
  await world.grant();
  await restart();  // queued
  proxy.way = 'open';
  for (const id of world.granted) await world.active(id, 'queued, then restarted');
  await node.mine(6);

  await node.rpc('evm_setAutomine', false);
  await world.grant();
  await in_pool();
  await restart();  // sent
  await node.mine(1);
  await world.active(world.granted.at(-1), 'sent, then restarted');
  await restart();  // mined, and not final
  await node.mine(6);

  await world.grant();
  const [txn] = await in_pool();
  await node.rpc('anvil_dropTransaction', txn.hash);
  await restart();  // dropped
  await in_pool();
  await node.mine(6);
  await world.active(world.granted.at(-1), 'dropped, then restarted');

  await node.rpc('evm_setAutomine', true);
  await world.settled({ mine: true });
  await world.end();
});

test('500 grants that waited for the node become few transactions', { skip, timeout: 240_000 }, async () => {
  const world = await World.make();
  await world.active(await world.grant());
  const [single] = await world.logs(kGranted, world.contracts.consentLedger);
  const gas_of = async (hash) => Number((await world.node.rpc('eth_getTransactionReceipt', hash)).gasUsed);
  const alone = await gas_of(single.transactionHash);
  world.proxy.way = 'refuse';
  const began = performance.now();
  for (let n = 0; n < 500; n += 20) await Promise.all(Array.from({ length: 20 }, (_, i) => world.grant(`dr-w${n + i}`)));
  const written_ms = performance.now() - began;
  const some = world.granted.slice(100, 110);
  for (const id of some) await world.revoke(id);  // behind their grants
  await world.reading(async () => {
    world.proxy.way = 'open';
    await eventually('all on the chain', async () => (await world.logs(kGranted, world.contracts.consentLedger)).length === world.granted.length, 60_000);
    await eventually('the revocations, too', async () => (await world.logs(kRevoked, world.contracts.consentLedger)).length === some.length, 30_000);
  });
  await world.settled();
  const hashes = new Set((await world.logs(kGranted, world.contracts.consentLedger)).map((log) => log.transactionHash));
  hashes.delete(single.transactionHash);
  let gas = 0;
  for (const hash of hashes) gas += await gas_of(hash);
  console.log(`    500 grants written in ${(written_ms / 1000).toFixed(1)} s became ${hashes.size} transactions: ${Math.round(gas / 500)} gas a grant, alone ${alone}`);
  assert.ok(hashes.size <= 10, `${hashes.size} transactions`);
  assert.ok(gas / 500 < 40_000 + 0, 'the ceiling of a grant in a batch');
  for (const id of [world.granted[1], world.granted[250], world.granted.at(-1)]) await world.active(id);
  for (const id of some) assert.notEqual(await world.state(id).catch(() => 'revoked'), 'active');
  await world.end();
});
