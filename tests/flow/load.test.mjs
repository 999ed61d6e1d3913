// Real bundles (Synthea) go in without one rejected entry, and come out as they went in.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { all_pages, closing, kedge, kFhirJson, must, serve, test_data } from './harness.mjs';

const at_end = closing(after);
const dir = test_data('synthea/transactions');
const skip = dir ? false : 'KEDGE_TEST_DATA has no synthea/transactions';
const kSyntheaId = 'https://github.com/synthetichealth/synthea';

let server, loader;
before(async () => {
  if (!dir) return;
  server = await serve(at_end);
  loader = server.client('system', 'Device/loader', { organization: 'Organization/synthea' });
});
const files = dir ? readdirSync(dir).filter((name) => name.endsWith('.json')).sort() : [];
const read_bundle = (name) => JSON.parse(readFileSync(join(dir, name), 'utf8'));

test('kedge load takes a directory of bundles without one rejected entry', { skip, timeout: 300_000 }, async () => {
  const run = kedge('load', dir, '--url', server.base, { env: { ...process.env, KEDGE_TOKEN: loader.token }, timeout: 280_000 });
  assert.equal(run.code, 0, `${run.out}\n${run.err}`.slice(-3000));
  const patients = files.map(read_bundle).filter((bundle) => bundle.type === 'transaction');
  assert.equal((await all_pages(loader, 'Patient?_count=100')).resources.length, patients.length);
  for (const bundle of patients) {
    const source = bundle.entry.map((entry) => entry.resource);
    const person = source.find((resource) => resource.resourceType === 'Patient');
    const id = person.identifier.find((one) => one.system === kSyntheaId).value;
    const stored = (await loader.must_get(`Patient?identifier=${kSyntheaId}|${id}`)).entry[0].resource;
    for (const type of ['Observation', 'Condition', 'Encounter']) {
      const found = await all_pages(loader, `${type}?patient=Patient/${stored.id}&_count=500`);
      assert.equal(found.resources.length, source.filter((resource) => resource.resourceType === type).length, `${type} of ${id}`);
    }
  }
});

test('loading it again adds no patient', { skip, timeout: 300_000 }, async () => {
  const before_count = (await all_pages(loader, 'Organization?_count=500')).resources.length;
  const run = kedge('load', join(dir, files[0]), '--url', server.base, { env: { ...process.env, KEDGE_TOKEN: loader.token }, timeout: 280_000 });
  assert.equal(run.code, 0, run.err.slice(-2000));
  assert.equal((await all_pages(loader, 'Organization?_count=500')).resources.length, before_count);
});

// What the server may set or rewrite is put aside: the id, meta's version and time, and references that were links in the bundle.
function settle(resource) {
  const { id, meta, ...rest } = resource;
  const { versionId, lastUpdated, ...kept } = meta ?? {};
  return { ...rest, ...(Object.keys(kept).length > 0 ? { meta: kept } : {}) };
}
// Type?identifier=... became Type/id; which one is checked by the first test of bundle.test.mjs.
const loosen = (value) => JSON.parse(JSON.stringify(value), (key, inner) =>
  key === 'reference' && typeof inner === 'string' ? inner.replace(/^(Practitioner|Organization|Location)[?/].*/, '$1') : inner);

test('every resource of a transaction reads back equal', { skip, timeout: 300_000 }, async () => {
  let compared = 0;
  for (const name of files.filter((file) => !file.startsWith('0-')).slice(0, 3)) {
    const bundle = read_bundle(name);
    const answer = must(await loader.send('POST', '', { headers: { 'content-type': kFhirJson }, body: JSON.stringify(bundle) }), 200).json;
    assert.equal(answer.entry.length, bundle.entry.length);
    const stored_at = answer.entry.map((entry) => entry.response.location.replace(`${server.base}/`, '').replace(/\/_history\/.*/, ''));
    const became = new Map(bundle.entry.map((entry, n) => [entry.fullUrl, stored_at[n]]));
    // Links alone: an identifier that holds the same urn:uuid is a name of its own and stays.
    const expected = JSON.parse(JSON.stringify(bundle.entry.map((entry) => entry.resource)),
      (key, value) => (key === 'reference' && became.get(value)) || value);
    for (let n = 0; n < expected.length; n += 1) {
      assert.match(answer.entry[n].response.status, /^201/);
      assert.deepEqual(loosen(settle(await loader.must_get(stored_at[n]))), loosen(settle(expected[n])), `${name} entry ${n}`);
      compared += 1;
    }
  }
  assert.ok(compared > 500, `${compared} resources compared`);
});
