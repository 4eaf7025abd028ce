/**
 * Phones' XML answers, read leniently: elements by name, whatever their order and depth. Configuration files are read
 * by `xml.ts` instead, which keeps lines and columns and forgives nothing.
 */

/** An answer about a phone's state is some kB. */
const MAX_BYTES = 1_048_576;
const MAX_LEAVES = 10_000;

export interface Leaf {
  readonly name: string;
  readonly text: string;
}

/** The elements without children, in document order; none when the bytes are no XML, such as a login page. */
export async function xmlLeaves(body: Uint8Array): Promise<readonly Leaf[]> {
  const text = new TextDecoder().decode(body.subarray(0, MAX_BYTES));
  // No answer of a phone declares entities, and none is expanded (security.md I-01).
  if (body.length > MAX_BYTES || /<!(?:DOCTYPE|ENTITY)/i.test(text)) return [];
  const { XMLParser, XMLValidator } = await import('fast-xml-parser');
  if (XMLValidator.validate(text) !== true) return [];
  const parser = new XMLParser({
    preserveOrder: true,
    parseTagValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
  });
  const leaves: Leaf[] = [];
  collect(parser.parse(text) as readonly Node[], leaves);
  return leaves;
}

/** With `preserveOrder`: `{name: [children]}`, and `{'#text': …}` for text. */
type Node = Readonly<Record<string, readonly Node[] | string>>;

function collect(nodes: readonly Node[], leaves: Leaf[]): void {
  for (const node of nodes) {
    const [name, children] = Object.entries(node)[0] ?? [];
    if (name === undefined || !Array.isArray(children) || leaves.length >= MAX_LEAVES) continue;
    const inner = children as readonly Node[];
    const elements = inner.filter((child) => !('#text' in child));
    if (elements.length > 0) collect(elements, leaves);
    else
      leaves.push({
        name,
        text: inner
          .map((child) => String(child['#text'] ?? ''))
          .join('')
          .trim(),
      });
  }
}
