// Thousands of random expressions over R4 resources: kedge answers as fhirpath.js does, or differs for a reason that is written down
// (tests/fhirpath/differences.mjs). Here with fixed seeds; `tests/fhirpath/run.mjs --count 100000` goes on with others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, kNoOracle, resource_files, same } from '../fhirpath/oracle.mjs';
import { kKedge, test_data } from './harness.mjs';

const files = test_data('r4-examples') ? resource_files(test_data('.')) : [];
const skip = kNoOracle || (files.length > 0 ? false : 'no R4 resources in KEDGE_TEST_DATA');

test('the comparison tells what differs', () => {
  assert.ok(same(1.1, 1.1000000000001) && same('2020-01-01T10:00:00Z', '2020-01-01T11:00:00+01:00') && same("99 'h'", '99 hours') && same({ a: [1], b: 'x' }, { b: 'x', a: [1] }));
  assert.ok(!same(1, 2) && !same(1, '1') && !same('2020', '2021') && !same("4 'mg'", "4 'g'") && !same({ a: 1 }, { a: 1, b: 1 }) && !same([1], { 0: 1 }) && !same(null, 0));
});

for (const seed of [5, 20201]) {
  test(`4000 expressions of seed ${seed}`, { skip }, () => {
    const { compared, filled, errors, known, unknown } = compare({ program: kKedge, files, count: 4000, seed });
    assert.deepEqual(unknown.map(({ expression, file, kedge, other }) => ({ expression, file, kedge: JSON.stringify(kedge), other: JSON.stringify(other) })), []);
    const excused = [...known.values()].reduce((a, b) => a + b, 0);
    // Expressions that mean nothing, or reasons that cover everything, would prove nothing.
    assert.ok(compared === 4000 && filled > 2000 && errors < 400 && excused < 200, `${compared} compared, ${filled} with a result, ${errors} errors, ${excused} known differences`);
  });
}
