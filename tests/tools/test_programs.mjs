// test_programs.mjs BUILD_DIR: the targets whose programs under BUILD_DIR/bin its ctest entries name, one a line.
// So a sanitizer build makes these and leaves the rest.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

const build = realpathSync(process.argv[2]);
const bin = `${build}/bin/`;
const names = new Set();
const folders = [build];
while (folders.length > 0) {
  const folder = folders.pop();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name !== 'CMakeFiles' && entry.name !== 'bin') folders.push(join(folder, entry.name));
    if (entry.name !== 'CTestTestfile.cmake') continue;
    for (const [, word] of readFileSync(join(folder, entry.name), 'utf8').matchAll(/"([^"]*)"/g)) {
      if (word.startsWith(bin)) names.add(word.slice(bin.length));
    }
  }
}
// What a test names and nothing builds (a program that is not in the tree yet) is that test's own affair.
const targets = new Set(execFileSync('ninja', ['-C', build, '-t', 'targets', 'all'], { encoding: 'utf8', maxBuffer: 256 << 20 })
  .split('\n').filter((line) => line.endsWith(': phony')).map((line) => line.slice(0, -': phony'.length)));
for (const name of names) if (!targets.has(name)) names.delete(name);
if (names.size === 0) {
  console.error(`${build}: no ctest entry names a program; was it configured?`);
  process.exit(1);
}
console.log([...names].sort().join('\n'));
