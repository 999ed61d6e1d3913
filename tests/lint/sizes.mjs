// Files stay below 500 lines and functions below 70. An exception is written here with its reason and its size, and may only shrink.
import { is_cpp } from './source_tree.mjs';

export const kFileLines = 500;
export const kFunctionLines = 70;

// path -> { lines, why }; `path function` -> { lines, why }. A file that shrank below its number must lower it here: a ratchet.
export const kFileExceptions = new Map([
]);
export const kFunctionExceptions = new Map([
  ['fhir/server/settings.cpp table', { lines: 99, why: 'one table of settings' }],
  ['tests/anchoring/chain/search_test.cpp TEST_P(Search, FindsWhatTheDefinitionFinds)', { lines: 86, why: 'one table of queries' }],
  ['tests/storage/store/damage_test.cpp TEST(Rest, FsckNamesEveryKindOfDamage)', { lines: 110, why: 'each damage in its turn on one store' }],
]);

// Replaces comments, strings and character literals by blanks, keeping line ends, so that braces can be counted.
export function blank_literals(text) {
  const pattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|R"([^()\s\\]{0,16})\([\s\S]*?\)\1"|"(?:\\[\s\S]|[^"\\\n])*"|(?<![0-9a-zA-Z_])'(?:\\[\s\S]|[^'\\\n])+'/g;
  return text.replace(pattern, (piece) => piece.replace(/[^\n]/g, ' '));
}

// Yields { name, first, lines } for each outermost function body. A brace opens a body when what stands before it, since the last
// ; { or }, has a parameter list and begins no type, namespace or initialiser.
export function* functions(text) {
  const code = blank_literals(text).replace(/^[ \t]*#(?:[^\n]*\\\n)*[^\n]*/gm, (piece) => piece.replace(/[^\n]/g, ' '));
  let depth = 0, line = 1, head = '', body = null, initialiser = null;
  for (const c of code) {
    if (c === '\n') line += 1;
    if (c === '{') {
      depth += 1;
      const plain = head.replace(/\s+/g, ' ').trim();
      // `B() : x_{1} {`: the first brace follows its name at once and belongs to the head.
      if (!body && !initialiser && /\)[^:]*:[^:]/.test(head) && /[\w>]$/.test(head)) {
        initialiser = { depth, head };
        continue;
      }
      if (!body && !initialiser && is_function_head(plain)) body = { name: function_name(plain), first: line, depth };
      head = '';
    } else if (c === '}') {
      if (body && depth === body.depth) {
        yield { name: body.name, first: body.first, lines: line - body.first + 1 };
        body = null;
      }
      head = '';
      if (initialiser?.depth === depth) {
        head = `${initialiser.head}()`;
        initialiser = null;
      }
      depth -= 1;
    } else if (c === ';') head = '';
    else head += c;
  }
}

function is_function_head(head) {
  if (!/\)/.test(head) || /^(?:template <[^{}]*> )?(?:namespace|class|struct|union|enum|extern)\b/.test(head)) return false;
  return /\)\s*(?:const|noexcept(?:\([^)]*\))?|override|final|mutable|&&?|->\s*[\w:<>,&*\s]+|:\s[^?]*|\s)*$/.test(head) && !/=\s*$/.test(head);
}
// GoogleTest's macros all look alike, so a test is named by its arguments.
const function_name = (head) => /\bTEST\w*\s*\([^)]*\)/.exec(head)?.[0] ?? /([~\w:]+(?:\s*operator\s*\S+)?)\s*\(/.exec(head)?.[1] ?? '(unnamed)';

export function check_sizes(files, file_exceptions = kFileExceptions, function_exceptions = kFunctionExceptions) {
  const wrong = [];
  const judge = (what, key, lines, limit, exceptions) => {
    const allowed = exceptions.get(key);
    if (!allowed && lines > limit) wrong.push(`${what}: ${lines} lines, the limit is ${limit}: it holds more than one idea, split it`);
    if (allowed && lines > allowed.lines) wrong.push(`${what}: grew to ${lines} lines, its written exception says ${allowed.lines}`);
    if (allowed && lines < allowed.lines) wrong.push(`${what}: shrank to ${lines} lines: lower its exception in tests/lint/sizes.mjs${lines <= limit ? ' (it needs none)' : ''}`);
  };
  for (const { path, text } of files) {
    if (is_cpp(path) || /\.(mjs|sol)$/.test(path)) judge(path, path, text.split('\n').length - 1, kFileLines, file_exceptions);
    if (!is_cpp(path)) continue;
    for (const { name, first, lines } of functions(text)) judge(`${path}:${first} ${name}`, `${path} ${name}`, lines, kFunctionLines, function_exceptions);
  }
  return wrong;
}
