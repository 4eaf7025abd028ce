/**
 * A small XML reader and writer for phones' files: linear in the input, capped in size, depth and count, and without
 * DTDs, so that there are no entities to expand and nothing to fetch (security.md I-01). It keeps line and column of
 * every element and attribute, which general parsers do not give, and forgives what real phones' files contain: a BOM,
 * CRLF, UTF-16, a bare `&`, `--` inside comments.
 */
import { PhonectlError } from '../sdk/errors.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface XmlAttribute extends Place {
  readonly name: string;
  readonly value: string;
}

export interface XmlElement extends Place {
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** Text directly inside, pieces joined. */
  readonly text: string;
  /** `<x/>` rather than `<x></x>`: Cisco phones tell them apart. */
  readonly selfClosing: boolean;
}

export interface XmlDocument {
  readonly root: XmlElement;
  readonly warnings: readonly (Place & { readonly message: string })[];
}

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_ITEMS = 250_000;

const NAME = /[A-Za-z_:\u00c0-\uffff][^\s=/>"'<&]*/y;
const SPACE = /[\s\ufeff]*/y;
const ENTITY = /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6})|([A-Za-z_][\w.-]*));/gi;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

interface OpenElement extends Place {
  name: string;
  attributes: XmlAttribute[];
  children: XmlElement[];
  text: string;
  selfClosing: boolean;
}

/** Reads a document. Throws `invalid_file` with `file`, `line` and `column` in the details. */
export function parseXml(file: string, body: Uint8Array): XmlDocument {
  return new Reader(file, decode(file, body)).read();
}

class Reader {
  readonly #file: string;
  readonly #text: string;
  readonly #lineStarts: number[] = [0];
  readonly #warnings: (Place & { message: string })[] = [];
  readonly #stack: OpenElement[] = [];
  #root: OpenElement | undefined;
  #position = 0;
  #items = 0;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
  }

  read(): XmlDocument {
    const text = this.#text;
    while (this.#position < text.length) {
      const start = this.#position;
      const next = text.indexOf('<', start);
      this.#characters(start, next === -1 ? text.length : next);
      if (next === -1) break;
      this.#position = next;
      if (text.startsWith('<!--', next)) this.#skip('<!--', '-->', 'a comment');
      else if (text.startsWith('<![CDATA[', next)) this.#cdata();
      else if (text.startsWith('<?', next)) this.#skip('<?', '?>', 'an instruction');
      else if (text.startsWith('<!', next))
        this.#fail(next, 'declarations such as <!DOCTYPE> and entities are refused');
      else if (text.startsWith('</', next)) this.#close();
      else this.#open();
    }
    const unclosed = this.#stack.at(-1);
    if (unclosed !== undefined) this.#fail(text.length, `<${unclosed.name}> of line ${unclosed.line} is not closed`);
    if (this.#root === undefined) this.#fail(0, 'there is no XML element in it');
    return { root: this.#root as XmlElement, warnings: this.#warnings };
  }

  #characters(start: number, end: number): void {
    this.#position = end;
    const current = this.#stack.at(-1);
    if (current !== undefined) current.text += this.#decodeEntities(start, end);
    else if (/[^\s\ufeff]/.test(this.#text.slice(start, Math.min(end, start + 1000))))
      this.#fail(start, 'text stands outside of the elements');
  }

  #skip(from: string, to: string, what: string): void {
    const end = this.#text.indexOf(to, this.#position + from.length);
    if (end === -1) this.#fail(this.#position, `${what} does not end`);
    this.#position = end + to.length;
  }

  #cdata(): void {
    const start = this.#position;
    this.#skip('<![CDATA[', ']]>', 'a CDATA section');
    const current = this.#stack.at(-1);
    if (current === undefined) this.#fail(start, 'text stands outside of the elements');
    else current.text += this.#text.slice(start + 9, this.#position - 3);
  }

  #close(): void {
    const start = this.#position;
    this.#position += 2;
    const name = this.#name('an element');
    this.#match(SPACE);
    this.#expect('>');
    const open = this.#stack.pop();
    if (open === undefined) this.#fail(start, `</${short(name)}> closes nothing`);
    if (open?.name !== name) this.#fail(start, `</${short(name)}> stands where </${short(open?.name ?? '')}> is due`);
  }

  #open(): void {
    const start = this.#position;
    this.#count(start);
    this.#position += 1;
    const name = this.#name('an element');
    const attributes = this.#attributes();
    const selfClosing = this.#text[this.#position] === '/';
    if (selfClosing) this.#position += 1;
    this.#expect('>');
    const element: OpenElement = { name, attributes, children: [], text: '', selfClosing, ...this.#place(start) };
    const parent = this.#stack.at(-1);
    if (parent !== undefined) parent.children.push(element);
    else if (this.#root === undefined) this.#root = element;
    else this.#fail(start, `<${short(name)}> is a second outermost element`);
    if (!selfClosing) this.#stack.push(element);
    if (this.#stack.length > MAX_DEPTH) this.#fail(start, `elements are nested deeper than ${MAX_DEPTH}`);
  }

  #attributes(): XmlAttribute[] {
    const attributes: XmlAttribute[] = [];
    for (;;) {
      const spaces = this.#match(SPACE);
      const character = this.#text[this.#position];
      if (character === '>' || character === '/' || character === undefined) return attributes;
      const start = this.#position;
      if (spaces === '') this.#fail(start, 'a blank is missing before an attribute');
      this.#count(start);
      const name = this.#name('an attribute');
      this.#match(SPACE);
      this.#expect('=');
      this.#match(SPACE);
      const quote = this.#text[this.#position];
      if (quote !== '"' && quote !== "'") this.#fail(this.#position, `the value of ${short(name)} is not quoted`);
      const end = this.#text.indexOf(quote ?? '"', this.#position + 1);
      if (end === -1) this.#fail(this.#position, `the value of ${short(name)} does not end`);
      // XML 1.0 section 3.3.3: white space in an attribute's value reads as blanks.
      const value = this.#decodeEntities(this.#position + 1, end, true);
      this.#position = end + 1;
      attributes.push({ name, value, ...this.#place(start) });
    }
  }

  #decodeEntities(start: number, end: number, attribute = false): string {
    let raw = this.#text.slice(start, end);
    if (attribute && raw.includes('<')) this.#warn(start + raw.indexOf('<'), "a bare '<' in a value was read as text");
    if (attribute) raw = raw.replace(/\r\n|[\t\r\n]/g, ' ');
    else if (raw.includes('\r')) raw = raw.replace(/\r\n?/g, '\n');
    if (!raw.includes('&')) return raw;
    const decoded = raw.replace(ENTITY, (whole, named?: string, decimal?: string, hex?: string, other?: string) => {
      if (named !== undefined) return NAMED[named.toLowerCase()] ?? whole;
      if (other !== undefined) this.#fail(start, `&${short(other)}; is an entity, which is refused`);
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      if (code === 0 || code > 0x10ffff) this.#fail(start, `${whole} is no character`);
      return String.fromCodePoint(code);
    });
    if (/&(?!(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});)/i.test(raw))
      this.#warn(start, "a bare '&' was read as text");
    return decoded;
  }

  #name(what: string): string {
    const name = this.#match(NAME);
    if (name === '') this.#fail(this.#position, `the name of ${what} is missing`);
    return name;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#position += found.length;
    return found;
  }

  #expect(character: string): void {
    if (this.#text[this.#position] !== character) this.#fail(this.#position, `'${character}' is missing`);
    this.#position += 1;
  }

  #count(offset: number): void {
    this.#items += 1;
    if (this.#items > MAX_ITEMS) this.#fail(offset, `there are more than ${MAX_ITEMS} elements and attributes`);
  }

  #place(offset: number): Place {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }

  #warn(offset: number, message: string): void {
    if (this.#warnings.length < 100) this.#warnings.push({ ...this.#place(offset), message });
  }

  #fail(offset: number, why: string): never {
    throw invalidFile(this.#file, this.#place(offset), why);
  }
}

/** The error of all parsers: `invalid_file` with file, line and column in text and details. */
export function invalidFile(file: string, place: Place, why: string): PhonectlError {
  const name = short(file);
  return new PhonectlError('invalid_file', `${name}, line ${place.line}, column ${place.column}: ${why}.`, {
    details: { file: name, line: place.line, column: place.column },
  });
}

function short(text: string): string {
  return text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?');
}

/** UTF-8 with or without BOM, UTF-16 with BOM, Latin-1 where the XML declaration names it. */
function decode(file: string, body: Uint8Array): string {
  const start = { line: 1, column: 1 };
  if (body.length > MAX_BYTES) throw invalidFile(file, start, `the file has more than ${MAX_BYTES} bytes`);
  const declared = /^<\?xml[^>]*encoding=["']([\w-]+)["']/.exec(
    new TextDecoder('latin1').decode(body.subarray(0, 200)),
  );
  const encoding =
    body[0] === 0xff && body[1] === 0xfe
      ? 'utf-16le'
      : body[0] === 0xfe && body[1] === 0xff
        ? 'utf-16be'
        : /^(?:iso-8859-1|latin-?1|windows-1252)$/i.test(declared?.[1] ?? '')
          ? 'windows-1252'
          : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(body);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw invalidFile(file, start, `the file is not ${encoding.toUpperCase()} text`);
  }
}

/** Text for between tags. Line breaks and controls never get here: values are checked first (`support.ts`). */
export function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (character) => (character === '&' ? '&amp;' : character === '<' ? '&lt;' : '&gt;'));
}

/** Text for a double-quoted attribute value. */
export function escapeAttribute(text: string): string {
  return escapeText(text).replace(/"/g, '&quot;');
}
