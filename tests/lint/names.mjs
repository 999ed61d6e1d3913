// What a reader, or a stranger's machine, would stumble over: names of another style, paths of one machine, registry hosts, secrets.

// Names that a tool or a custom of the trade gives, not we. Solidity files carry the name of their contract.
const kGivenNames = /^(CMakeLists\.txt|CMakePresets\.json|README\.md|LICENSE|CONTRIBUTING\.md|CHANGELOG\.md|FORMAT\.md|SECURITY\.md|[A-Z]+\.md|Containerfile|NOTICE|[A-Za-z0-9]+\.sol|[A-Za-z0-9]+\.t\.sol)$/;
const kOurName = /^\.?[a-z0-9]+(?:[_.-][a-z0-9]+)*$/;
const kCppName = /^[a-z0-9_]+\.(?:hpp|cpp|h|c)$/;

export function check_names(files) {
  const wrong = [];
  for (const { path } of files) {
    const segments = path.split('/');
    const name = segments.at(-1);
    if (/\.(hpp|cpp|h|c)$/.test(name) ? !kCppName.test(name) : !kOurName.test(name) && !kGivenNames.test(name) && !is_data(path)) {
      wrong.push(`${path}: files are named in snake_case`);
    }
  }
  return wrong;
}

// Test vectors, FHIR definitions and compiled contracts keep the names their sources gave them.
const is_data = (path) => /(^|\/)(vectors|corpus|data|golden|expected|definitions|profiles|examples|contract|abi)\//.test(path);

const kForbidden = [
  { what: 'a path of one machine', pattern: /(?<![\w.$}])\/(?:work|root)\/\w|\/home\/\w+\// },
  { what: 'a registry host', pattern: /registry\.(?:npmjs\.org|yarnpkg\.com|\w+\.internal)|\b(?:artifactory|nexus)\.[\w.]+\// },
  { what: 'a private key', pattern: /-----BEGIN (?:EC |RSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----/ },
];

// This folder names what it forbids, and its self-test plants it.
export function check_contents(files) {
  const wrong = [];
  for (const { path, text } of files) {
    if (path.startsWith('tests/lint/')) continue;
    const lines = text.split('\n');
    for (const { what, pattern } of kForbidden) {
      const at = lines.findIndex((line) => pattern.test(line));
      if (at >= 0) wrong.push(`${path}:${at + 1}: ${what}: ${lines[at].trim().slice(0, 100)}`);
    }
  }
  return wrong;
}
