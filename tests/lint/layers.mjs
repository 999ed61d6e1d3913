// The layer order, and third-party headers in their one home. Each check takes files and yields sentences; none is clean.
import { is_cpp } from './source_tree.mjs';

// A room may include itself and the rooms before it, never one after it. The same list stands in the root CMakeLists.txt.
export const kRooms = ['storage', 'anchoring', 'consent', 'fhir', 'conformance', 'tests'];

// Which header belongs to which library, and the only places that may see it. A path that ends in / is a folder, else a file's beginning.
export const kHomes = [
  { library: 'SQLite', header: /^sqlite3/, homes: ['storage/store/', 'tests/storage/store/'] },
  { library: 'OpenSSL', header: /^openssl\//, homes: ['storage/crypto/', 'fhir/server/', 'tests/storage/crypto/'] },
  { library: 'lz4', header: /^lz4/, homes: ['storage/crypto/'] },
  { library: 'libsodium', header: /^sodium/, homes: ['storage/crypto/'] },
  { library: 'zstd', header: /^(zstd|zdict)/, homes: ['storage/crypto/', 'storage/store/', 'tests/storage/crypto/'] },
  { library: 'zlib', header: /^zlib\.h/, homes: ['fhir/validate/package.'] },
  { library: 'spdlog', header: /^spdlog\//, homes: ['storage/base/log.'] },
  { library: 'nlohmann/json', header: /^nlohmann\//, homes: ['storage/base/json_reader.', 'anchoring/ethereum/', 'tests/storage/base/', 'tests/fuzz/'] },
  { library: 'libsecp256k1', header: /^secp256k1/, homes: ['anchoring/ethereum/signer'] },
  { library: 'Crypto++', header: /^(crypto\+\+|cryptopp)\//, homes: ['anchoring/ethereum/keccak.'] },
  { library: 'cpprestsdk', header: /^(cpprest|pplx)\//, homes: ['anchoring/ethereum/rpc_client'] },
  { library: 'Xerces-C', header: /^xercesc\//, homes: ['fhir/codec/'] },
  { library: 'cjose, jansson', header: /^(cjose\/|jansson)/, homes: ['fhir/auth/', 'tests/fhir/auth/'] },
  { library: 'CLI11, toml++', header: /^(CLI\/|toml)/, homes: ['fhir/server/'] },
  { library: 'Boost', header: /^boost\//, homes: ['fhir/server/', 'fhir/rest/', 'tests/'] },
  { library: 'prometheus-cpp', header: /^prometheus\//, homes: ['fhir/server/', 'fhir/rest/'] },
  { library: 'ICU', header: /^unicode\//, homes: ['fhir/fhirpath/', 'fhir/search/', 'storage/base/'] },
];

const room_of = (path) => path.split('/')[0];
const at_home = (path, homes) => homes.some((home) => path.startsWith(home));

export function* includes(text) {
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    const match = /^\s*#\s*include\s*(["<])([^">]+)[">]/.exec(line);
    if (match) yield { number, quoted: match[1] === '"', header: match[2] };
  }
}

export function check_layers(files) {
  const wrong = [];
  const known = new Set(files.map((file) => file.path));
  for (const { path, text } of files) {
    const floor = kRooms.indexOf(room_of(path));
    if (!is_cpp(path) || floor < 0) continue;
    for (const { number, quoted, header } of includes(text)) {
      const place = `${path}:${number}`;
      const included_floor = kRooms.indexOf(room_of(header));
      if (included_floor > floor) wrong.push(`${place}: ${header} climbs the layer order ${kRooms.join(' < ')}`);
      // Includes are written from the root, so that a line says where it goes. What the build generates is in no list, and is named *.inc.
      if (quoted && included_floor < 0 && !header.endsWith('.inc')) wrong.push(`${place}: "${header}" does not begin at the root with a room`);
      if (quoted && included_floor >= 0 && /\.\.\//.test(header)) wrong.push(`${place}: "${header}" walks with ../`);
      if (quoted && included_floor >= 0 && included_floor <= floor && !known.has(header) && !header.endsWith('.inc')) {
        wrong.push(`${place}: "${header}" is no file of this tree`);
      }
      const owner = kHomes.find((home) => home.header.test(header));
      if (owner && !at_home(path, owner.homes)) wrong.push(`${place}: <${header}> is ${owner.library}, whose only home is ${owner.homes[0]}`);
    }
  }
  return wrong;
}
