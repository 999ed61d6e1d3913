// Invariant 7: nothing readable at rest. Every file below the data directory, and the log, is searched for what a patient would
// recognise, while the server runs, after kill -9, and after a clean stop.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { closing, fresh_dir, must, serve } from './harness.mjs';
import { consent, grant, kFamily, kGiven, kIdentifier, observation, patient, seed } from './samples.mjs';

const at_end = closing(after);
const kNote = 'Palaeontologically-anxious';
const kPhone = '+41-79-555-91919';

// Each needle as UTF-8, UTF-16, hex and base64 at its three alignments: a "sealed" field that is merely encoded is found too.
function forms(needle) {
  const bytes = Buffer.from(needle, 'utf8');
  const shifted = [0, 1, 2].map((pad) => {
    const text = Buffer.concat([Buffer.alloc(pad), bytes]).toString('base64').replace(/=+$/, '');
    // The first and last characters also hold neighbouring bits, so they are cut.
    return Buffer.from(text.slice(pad === 0 ? 0 : 4, -2));
  });
  return [bytes, Buffer.from(needle, 'utf16le'), Buffer.from(bytes.toString('hex')), ...shifted];
}

function files_below(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? files_below(path) : entry.isFile() ? [path] : [];
  });
}

function scan(server, needles) {
  const files = [...files_below(server.data), server.log_path];
  let bytes = 0;
  const hits = [];
  for (const path of files) {
    let content;
    try { content = readFileSync(path); } catch { continue; }  // a journal may vanish between listing and reading
    bytes += content.length;
    for (const needle of needles) {
      for (const form of forms(needle)) if (content.includes(form) || path.includes(needle)) hits.push(`${needle} in ${path}`);
    }
  }
  return { files: files.length, bytes, hits };
}

let server;
const needles = [kFamily, kGiven, kIdentifier, kNote, kPhone];
before(async () => {
  const data = fresh_dir();
  // Temporary files of the server and its libraries must lie in what is scanned.
  mkdirSync(join(data, 'tmp'));
  process.env.TMPDIR = process.env.SQLITE_TMPDIR = join(data, 'tmp');
  server = await serve(at_end, { data });
});

test('the scan finds what is there', () => {
  const { hits, files, bytes } = scan(server, ['SQLite format 3', 'root']);
  assert.ok(files > 2 && bytes > 0);
  assert.ok(hits.some((hit) => hit.startsWith('root')), 'the name root.key is found');
  assert.ok(forms('secret').some((form) => Buffer.from('xsecretx').includes(form)));
  for (const pad of ['', 'a', 'ab']) assert.ok(forms(kFamily).some((form) => Buffer.from(Buffer.from(`${pad}${kFamily}zz`).toString('base64')).includes(form)), `base64 after ${pad.length}`);
});

test('while serving, after writes, reads, searches, refusals and a Consent', async () => {
  await seed(server, { observations: 40 });
  const doctor = server.doctor('a');
  await doctor.must_put(patient('p1', { telecom: [{ system: 'phone', value: kPhone }], address: [{ line: [kNote], city: kNote }] }));
  for (let n = 0; n < 30; n += 1) await doctor.must_put(observation(`n${n}`, 'p1', '70', { note: [{ text: `${kNote} ${n}` }] }));
  await grant(server);
  must(await server.patient().post('Consent', consent('p1', 'Practitioner/dr-c', { status: 'proposed' })), 201);
  await doctor.get(`Patient?identifier=${kIdentifier}-p1`);
  await doctor.get(`Patient?family=${kFamily}`);  // refused or not: its text must not end up in a log
  await server.doctor('x').get(`Patient?identifier=${kIdentifier}-p1`);
  await doctor.delete('Observation/n0');
  await doctor.send('POST', 'Patient', { headers: { 'content-type': 'application/fhir+json' }, body: `{"resourceType":"Patient","name":"${kFamily}"}` });
  const found = scan(server, needles);
  assert.deepEqual(found.hits, []);
  assert.ok(found.bytes > 100_000, `${found.bytes} bytes looked at`);
});

test('after kill -9 in the midst of writing', async () => {
  const doctor = server.doctor('a');
  const writing = [...Array(64).keys()].map((n) => doctor.put(observation(`k${n}`, 'p1', '70', { note: [{ text: kNote }] })).catch(() => undefined));
  await Promise.race(writing);
  await server.kill();
  await Promise.all(writing);
  assert.deepEqual(scan(server, needles).hits, []);
});

test('after recovery and a clean stop', async () => {
  await server.start();
  assert.equal((await server.doctor('a').must_get('Patient/p1')).name[0].family, kFamily);
  await server.stop();
  assert.deepEqual(scan(server, needles).hits, []);
});
