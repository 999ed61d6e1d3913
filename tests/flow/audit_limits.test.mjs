// When the audit log is short of room: what is refused was not done, and what was done is told of.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closing, eventually, serve } from './harness.mjs';
import { patient } from './samples.mjs';

const at_end = closing(after);

test('a full audit queue refuses reads, and no write that is stored', async () => {
  const server = await serve(at_end, { flags: ['--audit-queue-limit', '1'] });
  const doctor = server.doctor('a');
  await doctor.must_put(patient('q'));
  const { id, ...nameless } = patient('x', { identifier: [{ system: 'urn:x', value: 'queue' }] });
  const answers = await Promise.all(Array.from({ length: 320 }, (_, n) => (n % 2 ? doctor.post('Patient', nameless) : doctor.get('Patient/q'))));
  const writes = answers.filter((_, n) => n % 2), reads = answers.filter((_, n) => n % 2 === 0);
  assert.deepEqual([...new Set(writes.map((a) => a.status))], [201]);
  for (const read of reads) assert.ok([200, 503].includes(read.status), read.text);
  assert.equal((await doctor.must_get('Patient?identifier=urn:x|queue&_summary=count')).total, writes.length);
  const made = writes[0].headers.location.replace(`${server.base}/`, '');
  await eventually('the entry of a write', async () => (await server.auditor().get(`AuditEvent?entity=${made.replace(/\/_history.*/, '')}&action=C`)).json?.entry?.length === 1);
});
