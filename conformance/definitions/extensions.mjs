// HL7's own extensions: where each may stand, what value it takes, and the extensions inside it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// System types stand for FHIR's in R4's snapshots only where no extension takes a value.
const typesOf = (element) => (element?.max === '0' ? [] : (element?.type ?? []).map((type) => type.code));

// -> [{ url, modifier, many, contexts, types, parts: [{ url, required, many, types }] }], sorted by url
export function readExtensions(inputDir) {
  const strip = (key, value) => (typeof value === 'string' ? value.replaceAll('\r', '') : value);
  const entries = JSON.parse(readFileSync(join(inputDir, 'extension-definitions.json'), 'utf8'), strip).entry;
  const out = [];
  for (const { resource } of entries) {
    if (resource.resourceType !== 'StructureDefinition' || resource.type !== 'Extension') continue;
    const elements = new Map(resource.snapshot.element.map((element) => [element.id, element]));
    const parts = [...elements.values()].filter((element) => /^Extension\.extension:[^.]+$/.test(element.id)).map((element) => ({
      url: elements.get(`${element.id}.url`)?.fixedUri, required: element.min > 0, many: element.max !== '1',
      types: typesOf(elements.get(`${element.id}.value[x]`)) }));
    out.push({
      url: resource.url,
      modifier: elements.get('Extension').isModifier === true,
      many: elements.get('Extension').max !== '1',
      // A context given as FHIRPath or as another extension is not judged: such an extension may stand anywhere.
      contexts: resource.context.every((context) => context.type === 'element') ? resource.context.map((context) => context.expression) : [],
      types: typesOf(elements.get('Extension.value[x]')),
      // A part without a fixed url cannot be told apart, so none of them is judged.
      parts: parts.every((part) => part.url) ? parts : [],
    });
  }
  return out.sort((a, b) => (a.url < b.url ? -1 : 1));
}
