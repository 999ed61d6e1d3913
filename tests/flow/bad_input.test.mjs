// What a hostile or broken client sends: each gets the right status and an OperationOutcome that names the limit, and the others are
// served meanwhile.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { closing, kFhirJson, must, refused, serve, sleep } from './harness.mjs';
import { patient } from './samples.mjs';

const at_end = closing(after);
let server, doctor;
before(async () => {
  server = await serve(at_end);
  doctor = server.doctor('a');
  await doctor.must_put(patient());
});
const post = (body, headers = {}) => doctor.send('POST', 'Patient', { headers: { 'content-type': kFhirJson, ...headers }, body });

// Writes raw bytes and yields what came back until the server closed, or until wait_ms.
function raw(pieces, { wait_ms = 5000 } = {}) {
  return new Promise((done) => {
    const socket = net.connect(server.port, '127.0.0.1');
    let text = '';
    const finish = () => { socket.destroy(); done(text); };
    const timer = setTimeout(finish, wait_ms);
    socket.on('data', (chunk) => { text += chunk; });
    socket.on('close', () => { clearTimeout(timer); done(text); });
    socket.on('error', () => {});
    socket.on('connect', async () => {
      for (const piece of pieces) {
        await new Promise(setImmediate);  // Node reads only between two turns of its loop: an answer must get the chance to be seen
        if (socket.destroyed) break;
        if (!socket.write(piece)) await new Promise((drained) => { socket.once('drain', drained); socket.once('close', drained); });
      }
    });
  });
}
const status_of = (text) => Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]);

// Runs `attack` while another client reads; every one of its reads must be answered, and soon.
async function while_others_read(attack) {
  let running = true, slowest = 0, reads = 0;
  const reader = (async () => {
    while (running) {
      const began = Date.now();
      must(await doctor.get('Patient/p1'), 200);
      slowest = Math.max(slowest, Date.now() - began);
      reads += 1;
      await sleep(5);
    }
  })();
  try {
    return await attack();
  } finally {
    running = false;
    await reader;
    assert.ok(reads > 0);
    assert.ok(slowest < 3000, `a reader waited ${slowest} ms`);
  }
}

test('broken JSON in its many forms is 400 with the place', async () => {
  for (const body of ['', '{', '{"resourceType":"Patient"', '{"resourceType":"Patient",}', '[]', '"Patient"', 'null', '{"resourceType":"Patient","active":tru}', '{"resourceType":"Patient"} x',
    '\ufeff{"resourceType":"Patient"}', '{"resourceType":"Patient","gender":"\u0001"}', "{'resourceType':'Patient'}", '{"resourceType":"Patient","active":NaN}', '{"resourceType":"Patient","multipleBirthInteger":01}']) {
    refused(await post(body), 400);
  }
  refused(await post(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])), 400);
});

test('a duplicate key is refused, not guessed at', async () => {
  refused(await post('{"resourceType":"Patient","gender":"male","gender":"female"}'), 400);
});

test('a resource of another type, or of none', async () => {
  for (const body of ['{"resourceType":"Observation"}', '{"gender":"male"}', '{"resourceType":"Patent"}', '{"resourceType":1}']) refused(await post(body), [400, 404, 422]);
});

test('elements that R4 does not have, or of another kind, are refused with their expression', async () => {
  const issue = refused(await post('{"resourceType":"Patient","colour":"red"}'), [400, 422]);
  assert.match(JSON.stringify(issue), /colour/);
  refused(await post('{"resourceType":"Patient","name":{"family":"x"}}'), [400, 422]);
  refused(await post('{"resourceType":"Patient","active":"yes"}'), [400, 422]);
});

test('10,000 levels of nesting are refused by the named limit', async () => {
  for (const [open, close] of [['[', ']'], ['{"extension":[', ']}']]) {
    const issue = refused(await post(`{"resourceType":"Patient","contact":${open.repeat(10_000)}${close.repeat(10_000)}}`), [400, 413]);
    assert.match(issue.diagnostics, /dep|nest|\d/i);
  }
  refused(await post('['.repeat(1_000_000)), [400, 413]);
});

test('a body of 100 MB is refused by its announced length, and by its bytes when it announces none', { timeout: 60_000 }, async () => {
  await while_others_read(async () => {
    const head = `POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${doctor.token}\r\nContent-Type: ${kFhirJson}\r\n`;
    const announced = await raw([`${head}Content-Length: 104857600\r\n\r\n`]);
    assert.equal(status_of(announced), 413, announced.slice(0, 200));
    assert.match(announced, /OperationOutcome/);
    const chunk = `100000\r\n${' '.repeat(1 << 20)}\r\n`;
    const chunked = await raw([`${head}Transfer-Encoding: chunked\r\n\r\n`, ...Array(100).fill(chunk)], { wait_ms: 30_000 });
    assert.equal(status_of(chunked), 413, chunked.slice(0, 200));
  });
});

test('a flood of headers is 431', async () => {
  await while_others_read(async () => {
    for (const lines of [['X-A: '.padEnd(1 << 20, 'a')], [...Array(100_000).keys()].map((n) => `X-${n}: 1`)]) {
      const answer = await raw([`GET /fhir/metadata HTTP/1.1\r\nHost: x\r\n`, ...lines.map((line) => `${line}\r\n`), '\r\n']);
      assert.equal(status_of(answer), 431, answer.slice(0, 200));
      assert.match(answer, /OperationOutcome/);
    }
    assert.equal(status_of(await raw([`GET /fhir/${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`])) >= 400, true);
  });
});

test('a thousand half-open connections hold up nobody and are closed in the end', { timeout: 60_000 }, async () => {
  const sockets = [];
  await while_others_read(async () => {
    for (let n = 0; n < 1000; n += 1) {
      const socket = net.connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.on('connect', () => socket.write('GET /fhir/Patient/p1 HTTP/1.1\r\nHost: '));
      socket.closed_by_server = new Promise((done) => socket.on('close', done));
      socket.resume();
      sockets.push(socket);
    }
    await sleep(500);
    // 10 s for a header, and some for a busy machine.
    const closed = await Promise.race([Promise.all(sockets.map((socket) => socket.closed_by_server)).then(() => true), sleep(30_000).then(() => false)]);
    assert.ok(closed, 'connections that never finish their header are closed');
  });
  sockets.forEach((socket) => socket.destroy());
});

test('what is no HTTP is 400 or closed, and request smuggling is refused', async () => {
  for (const text of ['\x00\x01\x02\x03\r\n\r\n', 'GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'GET /fhir/metadata HTTP/1.1\r\n\r\n', 'GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n']) {
    const answer = await raw([text], { wait_ms: 3000 });
    assert.ok(answer === '' || status_of(answer) >= 400, `${JSON.stringify(text)}: ${answer.slice(0, 100)}`);
  }
  const both = await raw([`POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /fhir/metadata HTTP/1.1\r\nHost: x\r\n\r\n`], { wait_ms: 3000 });
  assert.equal(status_of(both), 400, both.slice(0, 200));
  assert.equal(both.match(/^HTTP\/1/gm).length, 1, 'the hidden second request is not answered');
  const lengths = await raw([`POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`], { wait_ms: 3000 });
  assert.equal(status_of(lengths), 400);
});

test('wrong media types, ids and types', async () => {
  refused(await post(JSON.stringify(patient()), { 'content-type': 'text/plain' }), 415);
  refused(await post(JSON.stringify(patient()), { 'content-type': 'not a type' }), 415);
  refused(await doctor.get('Patient/under_score'), 400);
  refused(await doctor.get(`Patient/${'a'.repeat(65)}`), 400);
  refused(await doctor.get('Patient/%2e%2e%2f%2e%2e'), [400, 404]);
  refused(await doctor.get('Patient/a%00b'), [400, 404]);
  refused(await doctor.get('Patient/%zz'), 400);
  refused(await doctor.get('Patent/1'), 404, 'not-supported');
  refused(await doctor.get('patient/1'), 404);
  refused(await doctor.get('Patient/p1/$nonsense'), [404, 501]);
  refused(await doctor.get('Patient/p1/_history/one'), [400, 404]);
  refused(await doctor.send('PATCH', 'Patient/p1', { headers: { 'content-type': 'application/merge-patch+json' }, body: '{}' }), 415);
  refused(await doctor.send('DELETE', 'Patient'), 400);  // by criteria alone, and there are none
  refused(await doctor.send('TRACE', 'Patient/p1'), [405, 501, 400]);
});

test('a wrong id in a resource is refused with its expression', async () => {
  const answer = await doctor.send('PUT', 'Patient/ok', { headers: { 'content-type': kFhirJson }, body: JSON.stringify(patient('not_ok')) });
  refused(answer, 400);
});

test('odd conditions are refused, not ignored', async () => {
  refused(await doctor.put(patient('p1', { gender: 'male' }), { 'if-match': 'nonsense' }), [400, 412]);
  refused(await doctor.post('Patient', patient(), { 'if-none-exist': '' }), 400);
  refused(await doctor.post('Patient', patient(), { 'if-none-exist': 'colour=red' }), 400);
  refused(await doctor.get('Patient?_count=-1'), 400);
  refused(await doctor.get(`Patient?_id=${'a,'.repeat(20_000)}`), [400, 413, 414, 431]);
});

test('after all of it the server is well, and did not grow without bound', async () => {
  must(await doctor.get('Patient/p1'), 200);
  assert.equal(server.process.exitCode, null);
  const { readFileSync } = await import('node:fs');
  const peak_kb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))[1]);
  assert.ok(peak_kb < 1_500_000, `peak resident memory ${peak_kb} kB`);
});

// What a client sent is shown in part; a cut inside a character would make the OperationOutcome, and the trail that keeps it, no text.
test('what is shown of a request is cut between characters, never inside one', async () => {
  const long = '%C3%A4'.repeat(40);
  for (const shift of ['', 'x']) {
    for (const target of [`Patient/_history?${shift}${long}`, `AuditEvent?${shift}${long}=1`, `AuditEvent?${shift}${long}:exact=1`, `${shift}${long}/1`, `AuditEvent/$consistency?${shift}${long}=1`,
      `AuditEvent/$verify-integrity?${shift}${long}=1`, `Patient/p1/$access-report?${shift}${long}=1`, `Patient/$${shift}${long}`, 'Patient/_history?%FF', '%FF/1', 'Patient?%FF=1']) {
      const answer = await server.auditor().get(target);
      assert.ok(answer.status >= 400, `${target}: ${answer.status}`);
      assert.ok(!answer.text.includes('\ufffd'), `${target}: ${answer.text.slice(0, 300)}`);
    }
  }
  const trail = await server.auditor().get('AuditEvent?_count=100');
  assert.ok(!trail.text.includes('\ufffd'));
  assert.equal((await server.auditor().get('AuditEvent?_count=100&_format=xml')).status, 200);
});
