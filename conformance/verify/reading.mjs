// What the verifier reads: strict texts, bytes in order, JSON as it was written. Whatever does not hold is thrown.
export const must = (fact, why) => { if (!fact) throw new Error(why); };
export const utf8 = (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
function decode(text, coding, good, length) {
  const bytes = Buffer.from(text, coding);
  must(good(bytes) && (length ?? bytes.length) === bytes.length, `it is no strict ${coding}, or not of ${length} bytes`);
  return bytes;
}
export const base64 = (text, length) => decode(text, 'base64', (bytes) => bytes.toString('base64') === text, length);
export const hex = (text, length) => decode(String(text).replace('0x', ''), 'hex', () => /^(0x)?([0-9a-fA-F]{2})*$/.test(text), length);
export const decimal = (text) => { must(/^(0|[1-9][0-9]*)$/.test(text) && BigInt(text) < 1n << 64n, 'it is no plain decimal number'); return BigInt(text); };
// take(n): the next n bytes. take.left(): how many are left.
export function reader(bytes) {
  let at = 0;
  const take = (n) => { must(at + n <= bytes.length, 'it is cut short'); at += n; return bytes.subarray(at - n, at); };
  return Object.assign(take, { left: () => bytes.length - at });
}
// The values of a text, one after another. Numbers keep their digits: 1.10 becomes the text '\u0001' + '1.10', and no text may begin so.
// A member that stands twice is refused: writing the value again would lose it.
export function values(text) {
  let depth = 0;
  const exact = text.replace(/("(?:[^"\\]|\\.)*")|(-?[0-9][0-9.eE+-]*)|([{[])|([}\]])|\s+/g, (all, string, digits, opens, closes) => {
    must(!/^"(\x01|\\u0001)/.test(all), 'a control character begins a text');
    if (string) return JSON.stringify(JSON.parse(string));
    if (digits) return JSON.parse(digits) !== undefined && `"\\u0001${digits}"`;
    depth += opens ? 1 : closes ? -1 : 0;
    return (opens ?? closes ?? '') + (closes && depth === 0 ? '\n' : '');
  });
  const out = exact.split('\n').filter(Boolean).map((line) => [line, JSON.parse(line)]);
  must(out.every(([line, value]) => JSON.stringify(value) === line), 'a member stands twice');
  return out.map(([, value]) => value);
}
export const canonical = (value) => JSON.stringify(value).replace(/"\\u0001([^"]*)"/g, '$1');
export const member = (of, key) => (of !== null && typeof of === 'object' && Object.hasOwn(of, key) ? of[key] : undefined);
export const list = (of, key) => [member(of, key)].filter(Array.isArray).flat();
export const extension = (of, name) => list(of, 'extension').find((one) => member(one, 'url') === `http://kedge.dev/fhir/StructureDefinition/${name}`);
