// What the verifier reads: strict texts, JSON exactly as it was written, bytes in order. A Doubt says what is wrong with the evidence, a
// Usage what is wrong with the command.
export class Doubt extends Error {}
export class Usage extends Error {}
export const must = (fact, why) => { if (!fact) throw new Doubt(why); };

// ---- texts ----
export const utf8 = (bytes) => {
  try { return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes); } catch { throw new Doubt('it is not UTF-8'); }
};
export const base64 = (text) => {
  const bytes = Buffer.from(text, 'base64');
  must(bytes.toString('base64') === text, 'it is no strict base64');
  return bytes;
};
export const hash64 = (text) => { const bytes = base64(text); must(bytes.length === 32, 'a hash does not have 32 bytes'); return bytes; };
export const hex = (text, length) => {
  must(typeof text === 'string' && /^(0x)?([0-9a-fA-F]{2})*$/.test(text), 'it is no hex');
  const bytes = Buffer.from(text.replace(/^0x/, ''), 'hex');
  must(length === undefined || bytes.length === length, `hex of ${length} bytes was expected`);
  return bytes;
};
export const decimal = (text) => { must(/^(0|[1-9][0-9]*)$/.test(text) && BigInt(text) < 1n << 64n, 'it is no plain decimal number'); return BigInt(text); };

// JSON as it was written: numbers keep their text and a repeated member is refused, so that writing it again gives the canonical form.
class Digits { constructor(text) { this.text = text; } }
export class Reader {
  constructor(text) { this.text = text; this.at = 0; }
  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
  space() { this.take(/[ \t\r\n]*/y); }
  is(c) { this.space(); if (this.text[this.at] !== c) return false; this.at += 1; return true; }
  need(c) { must(this.is(c), `the JSON is broken at ${this.at}`); }
  end() { this.space(); return this.at === this.text.length; }
  string() {
    this.space();
    const raw = this.take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
    must(raw !== undefined, `the JSON is broken at ${this.at}`);
    const text = JSON.parse(raw);
    must(!/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text), 'half a character');
    return text;
  }
  list(close, one) { if (!this.is(close)) { do one(); while (this.is(',')); this.need(close); } }
  value(depth = 0) {
    must(depth <= 64, 'the JSON is nested too deeply');
    if (this.is('{')) {
      const out = new Map();
      this.list('}', () => { const key = this.string(); this.need(':'); must(!out.has(key), `two members '${key}'`); out.set(key, this.value(depth + 1)); });
      return out;
    }
    if (this.is('[')) { const out = []; this.list(']', () => out.push(this.value(depth + 1))); return out; }
    if (this.text[this.at] === '"') return this.string();
    const word = this.take(/true|false|null/y);
    if (word) return JSON.parse(word);
    const number = this.take(/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y);
    must(number !== undefined, `the JSON is broken at ${this.at}`);
    return new Digits(number);
  }
}
export const canonical = (v) => v instanceof Digits ? v.text : Array.isArray(v) ? `[${v.map(canonical).join()}]`
  : v instanceof Map ? `{${[...v].map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join()}}` : JSON.stringify(v);
export const member = (v, key) => v instanceof Map ? v.get(key) : undefined;
export function extension(of, name) {
  const list = member(of, 'extension');
  const found = (Array.isArray(list) ? list : []).filter((one) => member(one, 'url') === `http://kedge.dev/fhir/StructureDefinition/${name}`);
  return found.length === 1 ? found[0] : undefined;
}

export class Bytes {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }
  raw(n) { must(this.at + n <= this.bytes.length, 'it is cut short'); this.at += n; return this.bytes.subarray(this.at - n, this.at); }
  u8() { return this.raw(1)[0]; }
  u32() { return this.raw(4).readUInt32BE(); }
  u64() { return this.raw(8).readBigUInt64BE(); }
  get left() { return this.bytes.length - this.at; }
}
