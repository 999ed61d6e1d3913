// An auditor saves a Bundle of AuditEvents and checks it elsewhere, without the server: kedge-verify names the row that was changed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { closing, eventually, kVerify, refused, serve } from './harness.mjs';
import { grant, parameter, seed } from './samples.mjs';

const at_end = closing(after);
let server, auditor, key, bundle;
const dir = mkdtempSync(join(tmpdir(), 'kedge-proof-'));
after(() => rmSync(dir, { recursive: true, force: true }));
before(async () => {
  server = await serve(at_end);
  await seed(server);
  await grant(server);
  await server.doctor('b').get('Patient/p1');
  await server.doctor('c').get('Patient/p1');
  auditor = server.auditor();
  const report = await auditor.must_get('AuditEvent/$verify-integrity');
  key = parameter(report, 'verifierKey');
  assert.equal(report.parameter.find((part) => part.name === 'intact').valueBoolean, true);
  assert.ok(Number(parameter(report, 'checked')) > 5);
  bundle = await auditor.must_get('AuditEvent?patient=Patient/p1&_count=100');
  assert.ok(bundle.entry.length >= 5);
});

// kedge-verify over a saved file. -> { code, text }
function verify(name, content, ...flags) {
  const path = join(dir, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const run = spawnSync(kVerify, ['--key', key, ...flags, path], { encoding: 'utf8' });
  return { code: run.status, text: `${run.stdout}${run.stderr}` };
}
const copy = (value) => JSON.parse(JSON.stringify(value));

test('the saved Bundle verifies offline', () => {
  const run = verify('bundle.json', bundle);
  assert.equal(run.code, 0, run.text);
  assert.match(run.text, new RegExp(String(bundle.entry.length)));
});

test('it verifies when the server is gone, and after its bytes were pretty-printed', () => {
  assert.equal(verify('pretty.json', JSON.stringify(bundle, null, 2)).code, 0);
});

test('one changed event is found and named, whatever was changed', () => {
  const changes = {
    outcome: (event) => { event.outcome = event.outcome === '0' ? '4' : '0'; },
    time: (event) => { event.recorded = event.recorded.replace(/\d(?=\d{3}Z$|Z$)/, (d) => String((Number(d) + 1) % 10)); },
    who: (event) => { event.agent.find((agent) => agent.requestor).who.reference = 'Practitioner/innocent'; },
    what: (event) => { event.entity[0].what = { reference: 'Patient/other' }; },
    added: (event) => { event.outcomeDesc = 'nothing happened'; },
  };
  for (const [what, change] of Object.entries(changes)) {
    const tampered = copy(bundle);
    const event = tampered.entry[2].resource;
    change(event);
    assert.notDeepEqual(event, bundle.entry[2].resource, what);
    const run = verify(`tampered-${what}.json`, tampered);
    assert.equal(run.code, 1, `${what}: ${run.text}`);
    assert.ok(run.text.includes(event.id), `${what}: the changed event is named: ${run.text}`);
  }
});

test('a proof moved to another event, cut, or taken away is found', () => {
  const swapped = copy(bundle);
  [swapped.entry[0].extension, swapped.entry[1].extension] = [swapped.entry[1].extension, swapped.entry[0].extension];
  assert.equal(verify('swapped.json', swapped).code, 1);
  const stripped = copy(bundle);
  delete stripped.entry[0].extension;
  assert.notEqual(verify('stripped.json', stripped).code, 0);
});

// A vkey is name+keyid+base64(0x01 || key), and base64 has '+' too: only the first two '+' divide it (C2SP signed-note).
function vkey(text) {
  const [, name, id, material] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  return { name, id, material: Buffer.from(material, 'base64') };
}
const vkey_text = ({ name, id, material }) => `${name}+${id}+${material.toString('base64')}`;
const verify_with = (vkey) => spawnSync(kVerify, ['--key', vkey, join(dir, 'bundle.json')], { encoding: 'utf8' });

test('another log\'s key does not verify it', () => {
  const { name } = vkey(key);
  const material = Buffer.concat([Buffer.from([1]), generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)]);
  const id = createHash('sha256').update(`${name}\n`).update(material).digest('hex').slice(0, 8);
  const run = verify_with(vkey_text({ name, id, material }));
  assert.equal(run.status, 1, run.stdout + run.stderr);
});

test('a key with one bit changed is no key: its id says so', () => {
  const parts = vkey(key);
  assert.equal(vkey_text(parts), key);
  parts.material[10] ^= 1;
  const run = verify_with(vkey_text(parts));
  assert.equal(run.status, 2, run.stdout + run.stderr);
  assert.match(run.stderr, /key/);
});

test('wrong usage is 2 and says what to do', () => {
  const run = spawnSync(kVerify, [], { encoding: 'utf8' });
  assert.equal(run.status, 2);
  assert.ok(run.stderr.length > 20);
});

test('$proof of one event verifies by itself', async () => {
  const event = bundle.entry[0].resource;
  const answer = await auditor.get(`AuditEvent/${event.id}/$proof`);
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.text, /c2sp\.org\/tlog-proof@v1/);
  const proof = answer.json?.resourceType === 'Binary' ? Buffer.from(answer.json.data, 'base64').toString('utf8') : answer.text;
  const run = verify('proof.txt', proof);
  assert.equal(run.code, 0, run.text);
});

test('what is of the whole log: a write set, consistency of two trees, the anchors', async () => {
  const index = async (id) => Number(/^index (\d+)$/m.exec((await auditor.get(`AuditEvent/${id}/$proof`)).text)[1]);
  const create = (await auditor.must_get('AuditEvent?action=C&_count=1')).entry?.[0] ?? (await auditor.must_get('AuditEvent?action=U&_count=1')).entry[0];
  const at = await index(create.resource.id);
  const set = await auditor.get(`AuditEvent/$proof?entry=${at + 1}`);
  assert.equal(set.status, 200, set.text);
  const shown = verify('writes.txt', set.text);
  assert.equal(shown.code, 0, shown.text);
  assert.match(shown.text, /write set|record [0-9a-f]{32}/);
  const event = await auditor.get(`AuditEvent/$proof?entry=${at}`);
  assert.equal(verify('entry.txt', event.text).code, 1, 'an event is not in the proof of its entry');
  assert.equal(verify('entry.json', create.resource, join(dir, 'entry.txt')).code, 0, 'and with its event it verifies');

  await server.stop();  // the last anchor goes out with SIGTERM
  await server.start();
  const anchors = await eventually('an anchor that is final', async () => {
    const answer = await auditor.get('AuditEvent/$anchors');
    assert.equal(answer.status, 200, answer.text);
    return answer.text.trim() && answer;
  });
  const sizes = anchors.text.trim().split('\n').map((line) => JSON.parse(line).size);
  assert.ok(sizes.length >= 1, anchors.text);
  writeFileSync(join(dir, 'anchors.jsonl'), anchors.text);
  const grown = await auditor.get(`AuditEvent/$consistency?from=${sizes[0]}`);
  assert.equal(grown.status, 200, grown.text);
  const held = verify('grown.txt', grown.text, '--ledger', join(dir, 'anchors.jsonl'));
  assert.equal(held.code, 0, held.text);
  const to = await auditor.get(`AuditEvent/$consistency?from=1&to=${sizes[0]}`);
  assert.match(to.text, /^old 1\n/);
  refused(await auditor.get('AuditEvent/$consistency'), 400);
  refused(await auditor.get('AuditEvent/$consistency?from=5&to=2'), 400);
  refused(await auditor.get('AuditEvent/$consistency?from=99999999'), 400);
  refused(await auditor.get('AuditEvent/$proof?entry=x'), 400);
  refused(await auditor.get('AuditEvent/$anchors?from=1'), 400);
  for (const path of ['$proof?entry=1', '$consistency?from=1', '$anchors']) {
    refused(await server.doctor('c').get(`AuditEvent/${path}`), 403);
    refused(await server.patient().get(`AuditEvent/${path}`), 403);
  }
});

test('proofs are for auditors and for the patient concerned', async () => {
  const { id } = bundle.entry[0].resource;
  assert.equal((await server.patient().get(`AuditEvent/${id}/$proof`)).status, 200);
  refused(await server.doctor('c').get(`AuditEvent/${id}/$proof`), [403, 404]);
  refused(await server.doctor('c').get('AuditEvent/$verify-integrity'), 403);
});
