// Each check is shown to fail on a planted violation and to pass on its mended twin: a lint that cannot fail checks nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check_flags, whole_help } from './flags.mjs';
import { check_layers } from './layers.mjs';
import { check_contents, check_names } from './names.mjs';
import { check_sizes, functions } from './sizes.mjs';

const clean = { path: 'storage/base/bytes.hpp', text: '#pragma once\n#include <vector>\n' };
const layers = (path, text) => check_layers([clean, { path, text }]);

test('an include that climbs is refused', () => {
  assert.match(layers('storage/store/a.cpp', '#include "fhir/rest/read.hpp"\n').join(), /climbs/);
  assert.match(layers('anchoring/proof/a.hpp', '#include "consent/decide/decide.hpp"\n').join(), /climbs/);
  assert.deepEqual(layers('fhir/rest/a.cpp', '#include "storage/base/bytes.hpp"\n'), []);
});

test('an include that does not begin at the root, or leads nowhere, is refused', () => {
  assert.match(layers('storage/store/a.cpp', '#include "bytes.hpp"\n').join(), /does not begin at the root/);
  assert.match(layers('storage/store/a.cpp', '#include "storage/base/byte.hpp"\n').join(), /no file of this tree/);
});

test('a third-party header outside its home is refused', () => {
  for (const header of ['sqlite3.h', 'openssl/evp.h', 'secp256k1.h', 'cryptopp/keccak.h', 'xercesc/dom/DOM.hpp', 'nlohmann/json.hpp',
    'cpprest/http_client.h', 'cjose/jws.h', 'jansson.h', 'CLI/CLI.hpp', 'toml++/toml.h', 'spdlog/spdlog.h', 'zstd.h', 'lz4.h', 'sodium.h', 'boost/asio.hpp']) {
    assert.match(layers('consent/decide/a.cpp', `#include <${header}>\n`).join(), /whose only home/, header);
  }
  assert.deepEqual(layers('storage/crypto/a.cpp', '#include <openssl/evp.h>\n'), []);
  assert.deepEqual(layers('fhir/auth/jose.cpp', '#include <cjose/cjose.h>\n'), []);
});

const body = (lines) => `int f(int x) {\n${'    x += 1;\n'.repeat(lines - 2)}}\n`;
const sizes = (text, ...exceptions) => check_sizes([{ path: 'storage/base/a.cpp', text }], ...exceptions);

test('a long file and a long function are refused, and an exception only shrinks', () => {
  assert.match(sizes('\n'.repeat(501)).join(), /501 lines/);
  assert.deepEqual(sizes('\n'.repeat(500)), []);
  assert.match(sizes(body(71)).join(), /storage\/base\/a\.cpp:1 f: 71 lines/);
  assert.deepEqual(sizes(body(70)), []);
  const written = new Map([['storage/base/a.cpp f', { lines: 80, why: 'test' }]]);
  assert.deepEqual(sizes(body(80), new Map(), written), []);
  assert.match(sizes(body(81), new Map(), written).join(), /grew/);
  assert.match(sizes(body(79), new Map(), written).join(), /shrank/);
});

test('functions are found in classes, with initialisers, attributes, lambdas and trailing returns', () => {
  const text = `namespace a {\nclass B : public C {\n  public:\n    B(int x) : x_(x), y_{2} {\n        go();\n    }\n    int get() const noexcept override { return x_; }\n};\n` +
    `template <class T>\nauto h(T t) -> std::vector<int> {\n    const auto l = [&](int q) { return q; };\n    const char* s = "}{";  // }\n    return {};\n}\n` +
    `struct P { int a = 1; };\nconst int kTable[] = {1, 2};\n}\n`;
  assert.deepEqual([...functions(text)].map(({ name, lines }) => [name, lines]), [['B', 3], ['get', 1], ['h', 5]]);
});

test('a name of another style, a path of one machine, a registry host and a private key are refused', () => {
  assert.match(check_names([{ path: 'fhir/rest/ReadHandler.cpp', text: '' }]).join(), /snake_case/);
  assert.match(check_names([{ path: 'fhir/rest/read-handler.cpp', text: '' }]).join(), /snake_case/);
  assert.deepEqual(check_names([{ path: 'fhir/rest/read_handler.cpp', text: '' }, { path: 'LICENSE', text: '' }, { path: 'deploy/install-deps', text: '' }]), []);
  const planted = (text) => check_contents([{ path: 'fhir/rest/a.cpp', text }]).join();
  assert.match(planted('const char* p = "/wo' + 'rk/x";'), /path of one machine/);
  assert.match(planted('see /ro' + 'ot/notes'), /path of one machine/);
  assert.match(planted('https://registry.np' + 'mjs.org/x'), /registry host/);
  assert.match(planted('-----BEGIN EC PRIVATE' + ' KEY-----'), /private key/);
  assert.equal(planted('the work/flow path and $root/x are fine'), '');
});

test('a flag without help text or without a line in the docs is refused', () => {
  const help = 'kedge serve\n  --listen ADDR:PORT  where to listen [127.0.0.1:8080]\n  --data DIR          where records rest\n';
  assert.deepEqual(check_flags(help, '| `--listen` | x |\n`--data` y'), []);
  assert.match(check_flags(help, '`--data` y').join(), /--listen/);
  assert.match(check_flags('  --quiet\n', '`--quiet`').join(), /no help text/);
  assert.match(check_flags(help, '`--listen` `--data` `--gone`', ['--gone']).join(), /--gone/);
  assert.match(check_flags('nothing here', '').join(), /no flag/);
});

test('the help of every command is asked for, down to the last', () => {
  const texts = {
    '--help': 'kedge\nOptions:\n  -h,--help    print this\n\nSubcommands:\n  serve   serve it\n  keys    keys\n',
    'serve --help': 'Options:\n  --port N    a port\n',
    'keys --help': 'Subcommands:\n  init    make them\n',
    'keys init --help': 'Options:\n  --data DIR   where\n',
  };
  const help = whole_help((words) => texts[words.join(' ')]);
  assert.match(help, /--port/);
  assert.match(help, /--data/);
});
