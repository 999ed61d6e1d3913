// lint.mjs ROOT layers|sizes|names|contents|all: prints each violation on its line; exit 1 when there is one.
import { check_layers } from './layers.mjs';
import { check_contents, check_names } from './names.mjs';
import { check_sizes } from './sizes.mjs';
import { read_tree } from './source_tree.mjs';

const kChecks = { layers: check_layers, sizes: check_sizes, names: check_names, contents: check_contents };

const [root, wanted = 'all'] = process.argv.slice(2);
if (!root || (wanted !== 'all' && !kChecks[wanted])) {
  console.error(`usage: lint.mjs ROOT ${Object.keys(kChecks).join('|')}|all`);
  process.exit(2);
}
const files = read_tree(root);
let count = 0;
for (const [name, check] of Object.entries(kChecks)) {
  if (wanted !== 'all' && wanted !== name) continue;
  for (const sentence of check(files)) {
    console.log(`${name}: ${sentence}`);
    count += 1;
  }
}
console.log(`${files.length} files looked at, ${count} violations`);
// A tree without sources would pass every check, so it passes none.
process.exit(count > 0 || files.length < 10 ? 1 : 0);
