// test_programs.mjs BUILD_DIR: the names of the programs under BUILD_DIR/bin that its ctest entries name, one a line.
// So a sanitizer build makes these and leaves the rest.
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
if (names.size === 0) {
  console.error(`${build}: no ctest entry names a program; was it configured?`);
  process.exit(1);
}
console.log([...names].sort().join('\n'));
