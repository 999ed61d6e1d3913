// The files that git would commit, with their text: what every check of this folder looks at.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const kTextLimit = 4 << 20;

// From git when this is a clone (so that build outputs are never looked at), else a walk: a release archive has no .git.
export function list_files(root) {
  try {
    const listed = execFileSync('git', ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      { encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'ignore'] });
    const files = listed.split('\0').filter((path) => path && statSync(join(root, path), { throwIfNoEntry: false })?.isFile());
    if (files.length > 0) return [...new Set(files)].sort();
  } catch {
    // no git here: fall through to the walk
  }
  const found = [];
  const folders = [root];
  while (folders.length > 0) {
    for (const entry of readdirSync(folders.pop(), { withFileTypes: true, recursive: false })) {
      const path = join(entry.path ?? entry.parentPath, entry.name);
      if (entry.isDirectory() && !['build', 'node_modules', '.git'].includes(entry.name)) folders.push(path);
      if (entry.isFile()) found.push(relative(root, path));
    }
  }
  return found.sort();
}

// -> [{ path, text }], without files that hold a zero byte or are larger than 4 MiB (data, not source).
export function read_tree(root) {
  const files = [];
  for (const path of list_files(root)) {
    const full = join(root, path);
    if (statSync(full).size > kTextLimit) continue;
    const text = readFileSync(full, 'utf8');
    if (!text.includes('\0')) files.push({ path, text });
  }
  return files;
}

export const is_cpp = (path) => /\.(hpp|cpp|h|c)$/.test(path);
