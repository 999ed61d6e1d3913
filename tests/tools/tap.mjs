// Reads the TAP that `node --test` and tests/fault/run write, and yields one record per leaf: a test that holds no other tests.
// node 18 and 20 count files and suites differently in their own summaries, so kedge counts leaves itself.

const kPoint = /^(\s*)(not ok|ok)\s+\d+(?:\s+-\s+(.*?))?(?:\s+#\s*(SKIP|TODO)\b.*)?$/i;

// What is marked TODO is known not to hold yet: it counts as skipped, whichever way it went.
// -> { leaves: [{ name, state: 'passed' | 'failed' | 'skipped' }], complete }
// complete is false when the plan line is missing: the runner died, and what it would have said is not known.
export function read_tap(text) {
  const leaves = [];
  let complete = false;
  let previous_depth = -1;
  let failed_children = [];  // by depth: did a point at this depth fail since its parent began?
  for (const line of text.split('\n')) {
    if (/^1\.\.\d+/.test(line)) complete = true;
    const match = kPoint.exec(line);
    if (!match) continue;
    const [, indent, word, name = '', directive] = match;
    const depth = indent.length;
    const failed = word === 'not ok' && !/^(SKIP|TODO)$/i.test(directive ?? '');
    // Children are written before their parent's own line, so a parent is a point that follows a deeper one.
    const parent = previous_depth > depth;
    if (!parent) {
      const state = directive ? 'skipped' : failed ? 'failed' : 'passed';
      leaves.push({ name: name.trim(), state });
    } else if (failed && !failed_children.some((depth_failed, at) => at > depth && depth_failed)) {
      leaves.push({ name: `${name.trim()} (failed outside its tests)`, state: 'failed' });
    }
    if (parent) failed_children = failed_children.slice(0, depth + 1);
    if (failed) failed_children[depth] = true;
    previous_depth = depth;
  }
  return { leaves, complete };
}
