/**
 * A device's CSV profile (PROF-21): parameter names and values, kept as one JSON document per device. Secret values are
 * sealed one by one under the device's own name, so that a document copied to another device does not open.
 */
import { MASK } from '../csv/report.ts';
import type { SecretBox } from '../ports/secrets.ts';

export type DocumentValue = { readonly value: string } | { readonly sealed: string };

/** In a file: the value that is stored already. Never in the store. */
export const KEEP = { keep: true } as const;

/** By name as the catalogue spells it. A Map: a parameter may be called `__proto__` (security.md I-05). */
export type Document = ReadonlyMap<string, DocumentValue>;

export function readDocument(text: string | null): Map<string, DocumentValue> {
  return new Map(text === null ? [] : Object.entries(JSON.parse(text) as Record<string, DocumentValue>));
}

/** One text for one content: sorted by name. An empty document is none (PROF-22). */
export function writeDocument(document: ReadonlyMap<string, DocumentValue | typeof KEEP>): string | null {
  if (document.size === 0) return null;
  const entries = [...document].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

export function sealValue(plain: string, row: string, secrets: SecretBox): DocumentValue {
  return { sealed: Buffer.from(secrets.seal(plain, row)).toString('base64') };
}

/** `row` is the `documentRow` of the device. Throws `wrong_key`. */
export function openValue(value: DocumentValue, row: string, secrets: SecretBox): string {
  return 'value' in value ? value.value : secrets.open(Buffer.from(value.sealed, 'base64'), row);
}

/** For showing: secrets as asterisks. */
export function maskedDocument(text: string | null): Record<string, string> {
  return Object.fromEntries(
    [...readDocument(text)].map(([name, value]) => [name, 'value' in value ? value.value : MASK]),
  );
}

/** The same content under another device's name: for `device replace` and for a device that gets a MAC. */
export function resealDocument(text: string | null, from: string, to: string, secrets: SecretBox): string | null {
  if (text === null || from === to) return text;
  const document = readDocument(text);
  for (const [name, value] of document) {
    if ('sealed' in value) document.set(name, sealValue(openValue(value, from, secrets), to, secrets));
  }
  return writeDocument(document);
}

/** Whether two documents say the same, sealed values opened. `row` of both. */
export function sameDocument(a: Document, b: Document, row: string, secrets: SecretBox): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) {
    const other = b.get(name);
    if (other === undefined || 'value' in value !== 'value' in other) return false;
    if ('value' in value && 'value' in other && value.value !== other.value) return false;
  }
  for (const [name, value] of a) {
    if ('sealed' in value && openValue(value, row, secrets) !== openValue(b.get(name)!, row, secrets)) return false;
  }
  return true;
}

/** The longest value of one parameter. */
export const LONGEST_VALUE = 8192;

/** Why a parameter cannot have this value, as a clause (security.md W-09): no file format of phones carries controls. */
export function checkValue(text: string): string | undefined {
  if (text.length > LONGEST_VALUE) return `has ${text.length} characters, at most ${LONGEST_VALUE} are possible`;
  if (/^[\x20-\x7e]*$/.test(text)) return undefined;
  const control = /[\p{Cc}\u2028\u2029]/u.exec(text);
  if (control === null) return undefined;
  const code = (control[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `holds the control character U+${code}, which no phone's file can carry`;
}
