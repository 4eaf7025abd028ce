/**
 * A small strict XML reader for what phones are fed. A file that is not well-formed is refused, as a phone refuses it;
 * a document type is refused too, since nothing good comes with one.
 */
import { LabError } from './errors.ts';

export interface XmlElement {
  name: string;
  attributes: Map<string, string>;
  children: XmlElement[];
  /** The character data directly inside, joined. */
  text: string;
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s<>=/"']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NAME = /^[\p{L}_:][\p{L}\p{N}_:.·-]*$/u;
const DEEPEST = 100;

/** Parses a whole document and returns its root. Throws `LabError('unparsable')` with the line of the mistake. */
export function parseXml(source: string): XmlElement {
  const text = source.replace(/^\uFEFF/, '');
  const top: XmlElement = element('', new Map());
  const open: XmlElement[] = [top];
  let at = 0;
  while (at < text.length) {
    const current = open.at(-1)!;
    const next = text.indexOf('<', at);
    const end = next < 0 ? text.length : next;
    if (end > at) addText(current, decode(text.slice(at, end), text, at), text, at, open.length);
    if (next < 0) break;
    TOKEN.lastIndex = next;
    const token = TOKEN.exec(text);
    if (token === null) throw mistake(text, next, 'what follows "<" is no tag');
    at = TOKEN.lastIndex;
    const [, cdata, closing, opening, attributes = '', slash] = token;
    if (cdata !== undefined) addText(current, cdata, text, next, open.length);
    if (closing !== undefined) {
      if (open.length === 1 || current.name !== closing) throw mistake(text, next, `</${closing}> closes nothing`);
      open.pop();
    }
    if (opening === undefined) continue;
    if (!NAME.test(opening)) throw mistake(text, next, `"${opening}" is no element name`);
    if (open.length === 1 && top.children.length > 0) throw mistake(text, next, 'a second root element');
    if (open.length > DEEPEST) throw mistake(text, next, 'nested too deeply');
    const child = element(opening, parseAttributes(attributes, text, next));
    current.children.push(child);
    if (slash !== '/') open.push(child);
  }
  if (open.length > 1) throw mistake(text, text.length, `<${open.at(-1)!.name}> is not closed`);
  const root = top.children[0];
  if (root === undefined) throw mistake(text, 0, 'no root element');
  return root;
}

/** All elements of a tree, in document order. */
export function* walk(root: XmlElement): Generator<XmlElement> {
  yield root;
  for (const child of root.children) yield* walk(child);
}

/** Text made safe for element content and for attribute values. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function element(name: string, attributes: Map<string, string>): XmlElement {
  return { name, attributes, children: [], text: '' };
}

function parseAttributes(source: string, text: string, at: number): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single] of source.matchAll(ATTRIBUTE)) {
    if (!NAME.test(name)) throw mistake(text, at, `"${name}" is no attribute name`);
    if (attributes.has(name)) throw mistake(text, at, `attribute ${name} twice`);
    // XML 1.0, 3.3.3: a literal line break or tab in an attribute arrives as a space.
    attributes.set(name, decode((double ?? single ?? '').replace(/\r\n|[\r\n\t]/g, ' '), text, at));
  }
  return attributes;
}

function addText(to: XmlElement, value: string, text: string, at: number, depth: number): void {
  if (depth > 1) to.text += value;
  else if (value.trim() !== '') throw mistake(text, at, 'text outside the root element');
}

function decode(value: string, text: string, at: number): string {
  if (/[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/.test(value)) throw mistake(text, at, 'a control character');
  if (!value.includes('&')) return value;
  return value.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);|&/g, (whole, entity: string | undefined) => {
    if (entity === undefined) throw mistake(text, at, 'a bare "&"');
    if (!entity.startsWith('#')) {
      const known = ENTITIES[entity];
      if (known === undefined) throw mistake(text, at, `unknown entity ${whole}`);
      return known;
    }
    const code = entity[1] === 'x' ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    if (code > 0x10ffff || (code < 0x20 && ![9, 10, 13].includes(code)))
      throw mistake(text, at, `no character ${whole}`);
    return String.fromCodePoint(code);
  });
}

function mistake(text: string, at: number, why: string): LabError {
  return new LabError('unparsable', `not well-formed in line ${text.slice(0, at).split('\n').length}: ${why}`);
}
