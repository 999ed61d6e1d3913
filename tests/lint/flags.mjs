// flags.mjs ROOT KEDGE: every flag of every command's --help has help text and stands in the docs, and the table of flags in
// deploy/README.md names none that is gone. Exit 77 (skipped, for ctest) while the program is not built.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const kFlag = /--[a-z][a-z0-9-]*/g;

// `help` as the program prints it; `docs` all text that may document a flag; `documented` the flags that the docs' own table claims.
export function check_flags(help, docs, documented = []) {
  const wrong = [];
  const flags = new Set();
  const lines = help.split('\n');
  lines.forEach((line, at) => {
    const match = /^\s+(?:-\w,)?(--[a-z][a-z0-9-]*)(?:,--[a-z-]+)*(.*)$/.exec(line);
    if (!match) return;
    const [, flag, rest] = match;
    flags.add(flag);
    // CLI11 puts the help on the next line when the flag's own column is full.
    const next = lines[at + 1] ?? '';
    const text = rest.replace(/^[^\s]*\s*/, '').replace(/^(?:[A-Z][A-Z:_|.-]*|\[[^\]]*\]|\.\.\.|REQUIRED|TEXT|UINT|INT)(?:\s+|$)/g, '').trim();
    if (!text && !/^\s{20,}\S/.test(next)) wrong.push(`${flag} has no help text`);
  });
  if (flags.size === 0) wrong.push('the help text shows no flag at all');
  const in_docs = new Set(docs.match(kFlag) ?? []);
  for (const flag of flags) {
    if (!['--help', '--help-all', '--version'].includes(flag) && !in_docs.has(flag)) wrong.push(`${flag} has no line in README.md or deploy/README.md`);
  }
  for (const flag of documented) {
    if (!flags.has(flag)) wrong.push(`deploy/README.md documents ${flag}, which the program does not have`);
  }
  return wrong;
}

// The help of the program and of each of its commands, as far down as they go.
export function whole_help(ask, words = []) {
  const help = ask([...words, '--help']);
  const section = /^Subcommands:\n((?:[ \t]+.*\n?)*)/m.exec(help)?.[1] ?? '';
  const commands = [...section.matchAll(/^ {2}([a-z][a-z0-9-]*)\b/gm)].map((match) => match[1]);
  return [help, ...commands.map((command) => whole_help(ask, [...words, command]))].join('\n');
}

function main(root, kedge) {
  if (!existsSync(kedge)) {
    console.log(`skipped: ${kedge} is not built`);
    return 77;
  }
  const docs = ['README.md', 'deploy/README.md'].filter((name) => existsSync(join(root, name)));
  const texts = docs.map((name) => readFileSync(join(root, name), 'utf8'));
  const table = /<!-- flags -->([\s\S]*?)<!-- end of flags -->/.exec(texts.join('\n'))?.[1] ?? '';
  const wrong = check_flags(whole_help((words) => execFileSync(kedge, words, { encoding: 'utf8' })), texts.join('\n'), table.match(kFlag) ?? []);
  for (const sentence of wrong) console.log(`flags: ${sentence}`);
  return wrong.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(main(process.argv[2], process.argv[3]));
