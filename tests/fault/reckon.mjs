// The reckoning after a restart: what was promised is there, what was answered is in the trail, and the chain holds.
import assert from 'node:assert/strict';
import { must } from '../flow/harness.mjs';

const kIdsPerQuery = 40;

async function each_limited(items, limit, work) {
  let next = 0;
  await Promise.all(Array.from({ length: limit }, async () => {
    while (next < items.length) await work(items[next++]);
  }));
}

export async function check_writes(server, writes) {
  const doctor = server.doctor('a');
  await each_limited(writes, 16, async ({ reference, version, value }) => {
    const answer = await doctor.get(`${reference}/_history/${version}`);
    assert.equal(answer.status, 200, `acknowledged and lost: ${reference} version ${version}: ${answer.status}`);
    assert.equal(answer.json.valueQuantity.value, value, `${reference} version ${version} holds another write's content`);
  });
}

// A write without an answer may be there or not; a transaction's entries go together.
export async function check_open(server, open) {
  const doctor = server.doctor('a');
  for (const { references } of open) {
    const statuses = await Promise.all(references.map(async (reference) => (await doctor.get(reference)).status));
    for (const status of statuses) assert.ok(status === 200 || status === 404, `${references}: ${statuses}`);
    assert.equal(new Set(statuses).size, 1, `half a transaction is there: ${references} ${statuses}`);
  }
}

// Every request id has events, and a write to one patient has exactly one.
export async function check_trail(server, requests, { exactly_one }) {
  const auditor = server.auditor();
  for (let at = 0; at < requests.length; at += kIdsPerQuery) {
    const ids = requests.slice(at, at + kIdsPerQuery);
    const found = must(await auditor.get(`AuditEvent?_count=1000&entity=${ids.map(encodeURIComponent).join(',')}`), 200).json;
    const counts = new Map(ids.map((id) => [id, 0]));
    for (const { resource } of found.entry ?? []) {
      for (const { what } of resource.entity) {
        const id = what?.identifier?.value;
        if (counts.has(id)) counts.set(id, counts.get(id) + 1);
      }
    }
    for (const [id, count] of counts) {
      assert.ok(count > 0, `answered, but not in the trail: request ${id}`);
      if (exactly_one) assert.equal(count, 1, `request ${id} is in the trail ${count} times`);
    }
  }
}

export async function check_consent(server, ledger) {
  if (ledger.consent_state !== 'inactive') return;
  const answer = await server.doctor('b').get('Patient/f0');
  assert.equal(answer.status, 404, `an acknowledged revocation did not outlive the server: ${answer.status}`);
}

export async function check_chain(server) {
  const report = must(await server.auditor().get('AuditEvent/$verify-integrity'), 200).json;
  assert.equal(report.parameter.find((part) => part.name === 'intact').valueBoolean, true, JSON.stringify(report).slice(0, 2000));
}
