// The counting itself is tested: a closing line that says more than happened would hide everything else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { read_tap } from './tap.mjs';

const here = dirname(fileURLToPath(import.meta.url));

test('leaves are counted once, parents never', () => {
  const { leaves, complete } = read_tap(
    'TAP version 13\n# Subtest: file\n    # Subtest: a\n    ok 1 - a\n    # Subtest: b\n    not ok 2 - b\n    ok 3 - c # SKIP no data\n    1..3\nnot ok 1 - file\n1..1\n');
  assert.deepEqual(leaves.map((leaf) => leaf.state), ['passed', 'failed', 'skipped']);
  assert.equal(complete, true);
});

test('a parent that fails by itself counts as one failure', () => {
  const { leaves } = read_tap('    ok 1 - a\n    1..1\nnot ok 1 - file\n1..1\n');
  assert.deepEqual(leaves.map((leaf) => leaf.state), ['passed', 'failed']);
});

test('a report without its plan is not complete', () => {
  assert.equal(read_tap('ok 1 - a\n    1..1\n').complete, false);
});

function count(files) {
  const dir = mkdtempSync(join(tmpdir(), 'kedge-count-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    }
    const run = spawnSync(process.execPath, [join(here, 'count_results.mjs'), dir], { encoding: 'utf8' });
    return { code: run.status, last: run.stdout.trim().split('\n').at(-1) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}
const kCtest = (status) => `<testsuite><testcase name="aead_test" classname="aead_test" time="1" status="${status}"><system-out>x</system-out></testcase>
  <testcase name="layers" classname="layers" time="1" status="run"/></testsuite>`;
const kGtest = `<testsuites tests="3"><testsuite name="Aead"><testcase name="A" status="run" result="completed" classname="Aead" />
  <testcase name="B" status="run" result="skipped" classname="Aead"><skipped message="no data"/></testcase></testsuite></testsuites>`;

test('cases of a GoogleTest program and other ctest entries are summed', () => {
  assert.deepEqual(count({ 'dev/ctest.xml': kCtest('run'), 'dev/gtest/aead_test.xml': kGtest, 'flow.tap': 'ok 1 - a\n1..1\n' }),
    { code: 0, last: '3 passed, 0 failed, 1 skipped' });
});

test('a program that crashes after its cases passed is a failure', () => {
  assert.deepEqual(count({ 'dev/ctest.xml': kCtest('fail'), 'dev/gtest/aead_test.xml': kGtest }), { code: 1, last: '2 passed, 1 failed, 1 skipped' });
});

test('no report at all is a failure', () => {
  assert.equal(count({ 'dev/other.txt': '' }).code, 1);
  assert.equal(count({ 'flow.tap': 'ok 1 - a\n' }).code, 1);
});
