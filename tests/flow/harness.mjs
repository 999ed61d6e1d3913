// Drives a kedge from outside, as its users do: a fresh data directory, `kedge keys init`, `kedge serve` on a free port, tokens from
// `kedge token`, and HTTP. KEDGE_BIN names the folder of the programs (default build/release/bin). No dependencies.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Anvil, chain_flags, deploy } from './anvil.mjs';

export const kRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const kBin = process.env.KEDGE_BIN ?? join(kRoot, 'build/release/bin');
export const kKedge = join(kBin, 'kedge');
export const kVerify = join(kBin, 'kedge-verify');
export const kFhirJson = 'application/fhir+json';
const kReadyMs = 30_000;
const kStopMs = 10_000;  // the outside contract: SIGTERM drains and exits within 10 s

// The path of public test data below KEDGE_TEST_DATA, or undefined: then the test skips and says what is missing.
export function test_data(relative) {
  const path = resolve(process.env.KEDGE_TEST_DATA ?? join(kRoot, '../shared/data'), relative);
  return existsSync(path) ? path : undefined;
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Asks until `probe` yields something true; fails with the last answer after timeout_ms.
export async function eventually(what, probe, timeout_ms = 15_000) {
  const deadline = Date.now() + timeout_ms;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    assert.ok(Date.now() < deadline, `${what} did not come true within ${timeout_ms} ms`);
    await sleep(50);
  }
}

export async function free_port() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

// One request. `target` is a path below /fhir ("Patient/1"), a path from the root ("/readyz"), or an absolute URL (a next link).
// -> { status, headers, text, json }; json is undefined when the body is none.
export function send(server, method, target, { headers = {}, body, agent = server.agent } = {}) {
  const url = new URL(/^https?:/.test(target) ? target : target.startsWith('/') ? server.origin + target : `${server.base}/${target}`);
  // Said aloud: for DELETE node would send a body without a length, which the server rightly reads as the next request.
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((done, failed) => {
    const request = http.request(url, { method, headers: { ...length, ...headers }, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        let json;
        try { json = text ? JSON.parse(text) : undefined; } catch { json = undefined; }
        done({ status: response.statusCode, headers: response.headers, text, json });
      });
    });
    request.on('error', failed);
    request.end(body);
  });
}

// A caller with a token. Every helper takes extra headers last and yields send()'s answer.
export class Client {
  constructor(server, token) {
    this.server = server;
    this.token = token;
  }
  send(method, target, { headers = {}, body } = {}) {
    const authorization = this.token ? { authorization: `Bearer ${this.token}` } : {};
    return send(this.server, method, target, { headers: { ...authorization, ...headers }, body });
  }
  get(target, headers) { return this.send('GET', target, { headers }); }
  delete(target, headers) { return this.send('DELETE', target, { headers }); }
  post(target, resource, headers) {
    return this.send('POST', target, { headers: { 'content-type': kFhirJson, ...headers }, body: JSON.stringify(resource) });
  }
  put(resource, headers) {
    return this.send('PUT', `${resource.resourceType}/${resource.id}`, { headers: { 'content-type': kFhirJson, ...headers }, body: JSON.stringify(resource) });
  }
  // As put and post, but anything else than success fails the test with what the server said.
  async must_put(resource, headers) { return must(await this.put(resource, headers), 200, 201).json; }
  async must_post(target, resource, headers) { return must(await this.post(target, resource, headers), 200, 201).json; }
  async must_get(target, headers) { return must(await this.get(target, headers), 200).json; }
}

// Fails, with the answer's own words, unless the status is one of `wanted`.
export function must(answer, ...wanted) {
  assert.ok(wanted.includes(answer.status), `status ${answer.status}, wanted ${wanted.join(' or ')}: ${answer.text.slice(0, 600)}`);
  return answer;
}

// The answer is an OperationOutcome with this status, and with this issue code when one is given.
export function refused(answer, status, code) {
  must(answer, ...[status].flat());
  assert.equal(answer.json?.resourceType, 'OperationOutcome', answer.text.slice(0, 300));
  assert.match(answer.headers['content-type'] ?? '', /application\/fhir\+json/);
  assert.ok(answer.json.issue?.length > 0);
  if (code) assert.equal(answer.json.issue[0].code, code, answer.text);
  return answer.json.issue[0];
}

export class Server {
  constructor(data, port, flags) {
    Object.assign(this, { data, port, flags, origin: `http://127.0.0.1:${port}`, tokens: new Map() });
    this.base = `${this.origin}/fhir`;
    this.log_path = `${data}.log`;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  }

  log() { return readFileSync(this.log_path, 'utf8'); }

  async start() {
    const log = openSync(this.log_path, 'a');
    this.process = spawn(kKedge, ['serve', '--data', this.data, '--listen', `127.0.0.1:${this.port}`, ...this.flags], { stdio: ['ignore', log, log] });
    closeSync(log);
    this.exited = new Promise((done) => this.process.on('exit', (code, signal) => done({ code, signal })));
    const began = Date.now();
    let gone;
    this.exited.then((how) => { gone = how; });
    for (;;) {
      assert.ok(!gone, `the server stopped while starting (${JSON.stringify(gone)}):\n${this.log().slice(-2000)}`);
      assert.ok(Date.now() - began < kReadyMs, `the server was not ready after ${kReadyMs} ms:\n${this.log().slice(-2000)}`);
      try {
        if ((await send(this, 'GET', '/readyz')).status === 200) break;
      } catch {
        // not listening yet
      }
      await sleep(5);
    }
    this.ready_ms = Date.now() - began;
    return this;
  }

  // SIGTERM, as an operator stops it. Fails when it takes longer than it promises or does not end well.
  async stop() {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGTERM');
    const how = await Promise.race([this.exited, sleep(kStopMs + 2000).then(() => undefined)]);
    if (!how) {
      await this.kill();
      assert.fail(`SIGTERM did not stop the server within ${kStopMs} ms`);
    }
    this.agent.destroy();
    assert.deepEqual(how, { code: 0, signal: null }, `the server ended badly:\n${this.log().slice(-2000)}`);
  }
  // As a power failure would.
  async kill() {
    this.process.kill('SIGKILL');
    await this.exited;
    this.agent.destroy();
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  }

  token(role, subject, { organization, purpose = role === 'practitioner' || role === 'system' ? 'TREAT' : undefined, scope, ttl } = {}) {
    const words = ['token', '--data', this.data, '--role', role, '--subject', subject];
    if (organization) words.push('--organization', organization);
    if (purpose) words.push('--purpose', purpose);
    if (scope !== undefined) words.push('--scope', scope);
    if (ttl) words.push('--ttl', ttl);
    const key = words.join(' ');
    if (!this.tokens.has(key)) this.tokens.set(key, execFileSync(kKedge, words, { encoding: 'utf8' }).trim());
    return this.tokens.get(key);
  }
  client(role, subject, options) { return new Client(this, this.token(role, subject, options)); }
  stranger() { return new Client(this, undefined); }
  // The callers that most flows need.
  doctor(name = 'a') { return this.client('practitioner', `Practitioner/dr-${name}`, { organization: `Organization/${name}` }); }
  patient(id = 'p1') { return this.client('patient', `Patient/${id}`); }
  auditor() { return this.client('auditor', 'Practitioner/auditor'); }

  cleanup() {
    rmSync(this.data, { recursive: true, force: true });
    rmSync(this.log_path, { force: true });
  }
}

// kedge WORDS..., to its end. -> { code, out, err }
export function kedge(...words) {
  const options = typeof words.at(-1) === 'object' ? words.pop() : {};
  const run = spawnSync(kKedge, words, { encoding: 'utf8', maxBuffer: 256 << 20, ...options });
  if (run.error) throw run.error;  // not there (KEDGE_BIN?), or its time is over
  return { code: run.status, out: run.stdout, err: run.stderr };
}

export function fresh_dir() {
  const parent = process.env.KEDGE_FLOW_DIR ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'kedge-flow-'));
}

// `const at_end = closing(after)` at the top of a test file: what is handed to at_end() is called when the file is done, last first.
// (node:test takes an after() that is registered inside a before() for one of that hook's own.)
export function closing(after) {
  const ends = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return (end) => ends.push(end);
}

// A started server. at_end stops it, which is itself a check, and removes its data.
export const kOnChain = process.env.KEDGE_FLOW_LEDGER === 'anvil';
let node;

export async function serve(at_end, { flags = [], data = fresh_dir(), init = true } = {}) {
  if (init) {
    const made = kedge('keys', 'init', '--data', data);
    assert.equal(made.code, 0, `kedge keys init: ${made.err}`);
  }
  // Any flow can be run on a chain in place of the embedded ledger: KEDGE_FLOW_LEDGER=anvil node --test tests/flow/consent_story.test.mjs
  if (kOnChain) {
    // One node for all servers of a flow: a copy of a data directory goes on with the contracts that it names.
    node ??= await Anvil.start(at_end);
    flags = [...flags, ...(existsSync(join(data, 'contracts.json')) ? chain_flags(node) : await deploy(node, data, kedge))];
  }
  const server = new Server(data, await free_port(), flags);
  at_end(async () => {
    try {
      await server.stop();
    } finally {
      server.agent.destroy();
      server.cleanup();
    }
  });
  return server.start();
}

// Every match of a search, page by page. -> { resources, pages, total }
export async function all_pages(client, target) {
  const resources = [];
  let pages = 0, total, next = target;
  while (next) {
    const bundle = await client.must_get(next);
    assert.equal(bundle.resourceType, 'Bundle');
    total ??= bundle.total;
    resources.push(...(bundle.entry ?? []).map((entry) => entry.resource));
    next = bundle.link?.find((link) => link.relation === 'next')?.url;
    pages += 1;
    assert.ok(pages < 1000, 'paging does not end');
  }
  return { resources, pages, total };
}
