// The mixed load of one round. Everything that the server acknowledged is written down; what was under way when it died is written
// down apart, for there both outcomes are right, but only whole.
import { setTimeout as sleep } from 'node:timers/promises';
import { all_pages } from '../flow/harness.mjs';
import { bundle, consent, entry, observation } from '../flow/samples.mjs';

export class Ledger {
  writes = [];         // acknowledged: { reference, version, value, request }
  reads = [];          // answered: request ids
  open = [];           // writes that got no answer: { references: [...] } of one transaction, or a single write
  consent_state;       // of the toggled Consent, as last acknowledged: undefined while a change is under way
  count = 0;
}

const kWriters = 4, kReaders = 4, kPatients = 4;
export const patient_of = (n) => `f${n % kPatients}`;
export { kPatients };

// Marks a number that comes back in the resource, so that a read can tell which write it sees.
const weighed = (id, n, value) => observation(id, patient_of(n), String(value));
const version_of = (answer) => Number(/W\/"(\d+)"/.exec(answer.headers.etag)[1]);

async function writer(server, ledger, name, random, running) {
  const doctor = server.doctor('a');
  for (let n = 0; running(); n += 1) {
    const id = `${name}-${n}`, value = 10_000 + n;
    if (n % 5 === 4) await transaction(doctor, ledger, name, n);
    else if (n % 5 === 3 && n > 5) await put(doctor, ledger, weighed(`${name}-${n - 3}`, n - 3, value + 1));
    else await put(doctor, ledger, weighed(id, n, value));
    if (random() < 0.05) await sleep(3);
  }
}

async function put(doctor, ledger, resource) {
  const reference = `Observation/${resource.id}`;
  try {
    const answer = await doctor.put(resource);
    // Refused because it cannot now (503) is a right answer; it promises nothing.
    if (answer.status === 503) return;
    if (answer.status !== 200 && answer.status !== 201) throw new Unexpected(`PUT ${reference}: ${answer.status} ${answer.text.slice(0, 300)}`);
    ledger.writes.push({ reference, version: version_of(answer), value: resource.valueQuantity.value, request: answer.headers['x-request-id'] });
  } catch (error) {
    if (error instanceof Unexpected) throw error;
    ledger.open.push({ references: [reference] });
  }
}

async function transaction(doctor, ledger, name, n) {
  const resources = [0, 1, 2].map((k) => weighed(`${name}-${n}t${k}`, n, 20_000 + n));
  const references = resources.map((one) => `Observation/${one.id}`);
  try {
    const answer = await doctor.post('', bundle('transaction', ...resources.map((one, k) => entry('PUT', references[k], one))));
    if (answer.status === 503) return;
    if (answer.status !== 200) throw new Unexpected(`transaction: ${answer.status} ${answer.text.slice(0, 300)}`);
    for (const [k, reference] of references.entries()) {
      ledger.writes.push({ reference, version: 1, value: resources[k].valueQuantity.value, request: answer.headers['x-request-id'] });
    }
  } catch (error) {
    if (error instanceof Unexpected) throw error;
    ledger.open.push({ references });
  }
}

async function reader(server, ledger, name, random, running) {
  const doctor = server.doctor('a');
  while (running()) {
    const known = ledger.writes.length;
    const target = random() < 0.2 ? `Observation?patient=${patient_of(Math.floor(random() * kPatients))}&_count=3`
      : known === 0 ? 'Patient/f0' : ledger.writes[Math.floor(random() * known)].reference;
    try {
      const answer = await doctor.get(target);
      if (answer.status === 503) continue;
      if (answer.status !== 200) throw new Unexpected(`GET ${target}: ${answer.status} ${answer.text.slice(0, 300)}`);
      ledger.reads.push(answer.headers['x-request-id']);
    } catch (error) {
      if (error instanceof Unexpected) throw error;
    }
  }
}

// Grants and revokes in turn. An acknowledged revocation counts for ever, whatever happens to the server.
async function toggler(server, ledger, running) {
  const self = server.patient('f0');
  const change = async (send, wanted, state) => {
    const before = ledger.consent_state;
    ledger.consent_state = undefined;
    try {
      const answer = await send();
      if (answer.status !== 503 && answer.status !== wanted) throw new Unexpected(`Consent: ${answer.status} ${answer.text.slice(0, 300)}`);
      ledger.consent_state = answer.status === wanted ? state : before;
      return answer.status === wanted ? answer.json : undefined;
    } catch (error) {
      if (error instanceof Unexpected) throw error;
      if (error.code === 'ECONNREFUSED') ledger.consent_state = before;  // it never arrived
      return undefined;
    }
  };
  while (running()) {
    const made = await change(() => self.post('Consent', consent('f0', 'Practitioner/dr-b')), 201, 'active');
    if (!made) continue;
    await sleep(20);
    await change(() => self.put({ ...made, status: 'inactive' }), 200, 'inactive');
    await sleep(30);
  }
}

// A grant that was under way when the server died may stand; the next round begins without any.
export async function revoke_all(server) {
  const self = server.patient('f0');
  const { resources } = await all_pages(self, 'Consent?patient=Patient/f0&_count=100');
  for (const one of resources.filter((resource) => resource.status === 'active')) await self.must_put({ ...one, status: 'inactive' });
}

export class Unexpected extends Error {}

// Runs for `ms`, then calls `strike` in the midst of it; returns when every client has noticed.
export async function storm(server, ledger, round, ms, random, strike) {
  let on = true;
  const running = () => on;
  const clients = [
    ...Array.from({ length: kWriters }, (_, w) => writer(server, ledger, `r${round}w${w}`, random, running)),
    ...Array.from({ length: kReaders }, (_, r) => reader(server, ledger, `r${r}`, random, running)),
    toggler(server, ledger, running),
  ];
  const all = Promise.all(clients);
  all.catch(() => {});  // looked at below; must not count as unhandled while sleeping
  await sleep(ms);
  await strike();
  on = false;
  await all;
}
