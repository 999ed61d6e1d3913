// tap_failures.mjs FILE: one line for each test of a TAP file, and the whole report of those that failed.
import { readFileSync } from 'node:fs';
import { read_tap } from './tap.mjs';

const text = readFileSync(process.argv[2], 'utf8');
const { leaves } = read_tap(text);
for (const leaf of leaves) console.log(`${leaf.state.padEnd(7)} ${leaf.name}`);
if (leaves.some((leaf) => leaf.state === 'failed')) {
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    if (!/^\s*not ok/.test(lines[at]) || /#\s*(SKIP|TODO)/i.test(lines[at])) continue;
    // The YAML block that follows a failed point says where and why.
    const end = lines.findIndex((line, i) => i > at && /^\s*\.\.\.\s*$/.test(line));
    console.log(lines.slice(at, Math.min(end < 0 ? at + 1 : end + 1, at + 60)).join('\n'));
  }
}
