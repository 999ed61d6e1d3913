// A real EVM node for tests: anvil from the npm package that deploy/npm-contracts pins, on a free loopback port.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import net from 'node:net';

const kModules = fileURLToPath(new URL('../../deploy/npm-contracts/node_modules/@foundry-rs', import.meta.url));

// The program's path, or undefined: then the test skips and says what is missing.
export function anvil_program() {
  const package_name = existsSync(kModules) ? readdirSync(kModules).find((name) => name.startsWith('anvil-')) : undefined;
  const path = package_name && join(kModules, package_name, 'bin/anvil');
  return path && existsSync(path) ? path : undefined;
}
export const kNoAnvil = anvil_program() ? false : 'anvil is not there: `npm ci` in deploy/npm-contracts brings it';

const free_port = () => new Promise((done) => {
  const probe = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});

export class Anvil {
  // block_time: s between blocks; 0: a block for each transaction at once.
  static async start(at_end, { block_time = 1, chain_id = 31337, flags = [] } = {}) {
    const node = new Anvil();
    node.port = await free_port();
    node.words = ['--port', String(node.port), '--chain-id', String(chain_id), '--silent', ...(block_time > 0 ? ['--block-time', String(block_time)] : []), ...flags];
    at_end(() => node.stop());
    return node.up();
  }
  get url() { return `http://127.0.0.1:${this.port}`; }

  async up() {
    this.process = spawn(anvil_program(), this.words, { stdio: 'ignore' });
    for (let tries = 0; tries < 200; tries += 1) {
      try {
        await this.rpc('eth_blockNumber');
        return this;
      } catch {
        await new Promise((done) => setTimeout(done, 50));
      }
    }
    return assert.fail('anvil did not start');
  }
  async stop() {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((done) => this.process.on('exit', done));
    this.process.kill('SIGKILL');
    await gone;
  }
  // Holds still: connections stay open and nothing answers.
  freeze() { this.process.kill('SIGSTOP'); }
  thaw() { this.process.kill('SIGCONT'); }

  async rpc(method, ...params) {
    const answer = await fetch(this.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
    const { result, error } = await answer.json();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }
  fund(address, ether = 100n) { return this.rpc('anvil_setBalance', address, `0x${(ether * 10n ** 18n).toString(16)}`); }
  mine(blocks = 1) { return this.rpc('anvil_mine', `0x${blocks.toString(16)}`); }
}

// Puts the contracts on the node with the directory's own relayer key, funded. -> the flags for kedge serve.
export async function deploy(node, data, kedge) {
  const poor = kedge('contracts', 'deploy', '--data', data, '--rpc', node.url);
  assert.equal(poor.code, 1, 'a relayer without ether deploys nothing');
  const relayer = /from (0x[0-9a-fA-F]{40})/.exec(poor.err)?.[1];
  assert.ok(relayer, poor.err);
  await node.fund(relayer);
  const made = kedge('contracts', 'deploy', '--data', data, '--rpc', node.url);
  assert.equal(made.code, 0, made.err);
  return chain_flags(node);
}
export const chain_flags = (node) => ['--ledger', node.url, '--chain-finality', 'latest', '--chain-confirmations', '1'];
