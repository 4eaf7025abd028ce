/**
 * Reads Poly's `polycomConfig.xsd`, the list of a firmware's parameters (poly.md D.2): named types, then one attribute
 * for each parameter. Of an indexed family only the first index is described; the others inherit. The 18,000 attributes
 * become about 2,000 entries, families with `{n}` for their numbers.
 */
import type { CatalogueData, CatalogueFile } from '../catalogue.ts';
import { invalidFile, parseXml, type XmlElement } from '../xml.ts';

export interface ReadSchema extends CatalogueFile {
  readonly vendor: 'poly';
  /** Attributes in the file, members of families each. */
  readonly attributes: number;
}

type Shape = Omit<CatalogueData, 'text' | 'causes' | 'default'>;

/** Throws `invalid_file` with line and column for what is no such schema; document types and entities are refused. */
export function readSchema(name: string, body: Uint8Array): ReadSchema {
  const { root } = parseXml(name, body);
  if (local(root) !== 'schema') throw invalidFile(name, root, `<${root.name.slice(0, 60)}> is no XML schema`);
  const shapes = new Map<string, Shape>();
  for (const element of root.children) {
    const type = attributeOf(element, 'name');
    if (local(element) === 'simpleType' && type !== undefined) shapes.set(type, shapeOf(type, element));
  }
  const parameters = new Map<string, { readonly name: string; readonly data: CatalogueData }>();
  let attributes = 0;
  for (const element of root.children) {
    const parameter = attributeOf(element, 'name');
    if (local(element) !== 'attribute' || parameter === undefined) continue;
    attributes += 1;
    if (!/^[A-Za-z_][\w.-]{0,255}$/.test(parameter))
      throw invalidFile(name, element, `"${parameter.slice(0, 60)}" is no parameter name`);
    const family = familyOf(parameter);
    const data = dataOf(parameter, element, shapes);
    const known = parameters.get(family.toLowerCase());
    if (known === undefined) parameters.set(family.toLowerCase(), { name: family, data });
    // A member that is not like the first of its family stands for itself; literal names are found first.
    else if (!alike(known.data, data)) parameters.set(parameter.toLowerCase(), { name: parameter, data });
  }
  if (attributes === 0) throw invalidFile(name, root, 'the schema describes no parameter');
  const entries = Array.from(parameters.values(), ({ name: entry, data }) => [entry, data] as const);
  return { vendor: 'poly', attributes, parameters: Object.fromEntries(entries) };
}

function local({ name }: XmlElement): string {
  return name.slice(name.indexOf(':') + 1);
}

function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((attribute) => attribute.name === name)?.value;
}

/** `reg.1.server.2.address` → `reg.{n}.server.{n}.address`. */
function familyOf(name: string): string {
  return name
    .split('.')
    .map((segment) => (/^\d+$/.test(segment) ? '{n}' : segment))
    .join('.');
}

/** What a named type allows. A union with the empty text allows what its other half does: empty is always allowed. */
function shapeOf(type: string, element: XmlElement): Shape {
  const restrictions = [...below(element)].filter((child) => local(child) === 'restriction');
  const restriction =
    restrictions.find((child) => !/:string$/.test(attributeOf(child, 'base') ?? '')) ?? restrictions[0];
  if (restriction === undefined) return { type: 'string' };
  const facet = (name: string): string[] =>
    restriction.children.filter((child) => local(child) === name).map((child) => attributeOf(child, 'value') ?? '');
  const values = facet('enumeration');
  if (values.length > 1) return { type: 'enum', values };
  const base = (attributeOf(restriction, 'base') ?? '').replace(/^.*:/, '');
  if (base === 'boolean') return { type: 'boolean' };
  if (/integer|int|short|long|byte/i.test(base)) {
    return { type: 'integer', ...bounds(facet('minInclusive')[0], facet('maxInclusive')[0]) };
  }
  const text = /^StringPassword_/.test(type) ? 'password' : 'string';
  return { type: text, ...bounds(facet('minLength')[0], facet('maxLength')[0]) };
}

function* below(element: XmlElement): Iterable<XmlElement> {
  for (const child of element.children) {
    yield child;
    yield* below(child);
  }
}

function bounds(min: string | undefined, max: string | undefined): { min?: number; max?: number } {
  const [low, high] = [Number(min), Number(max)];
  return {
    ...(min !== undefined && Number.isFinite(low) && { min: low }),
    ...(max !== undefined && Number.isFinite(high) && { max: high }),
  };
}

function dataOf(name: string, element: XmlElement, shapes: ReadonlyMap<string, Shape>): CatalogueData {
  const type = attributeOf(element, 'type') ?? '';
  const shape = shapes.get(type) ?? builtIn(type);
  const standard = defaultOf([...below(element)].find((child) => local(child) === 'documentation')?.text ?? '');
  const causes = causesOf(name);
  return {
    ...shape,
    ...(standard !== undefined && standard !== '' && shape.type !== 'password' && { default: standard }),
    ...(causes !== undefined && { causes }),
  };
}

function builtIn(type: string): Shape {
  const base = type.replace(/^.*:/, '');
  if (base === 'boolean') return { type: 'boolean' };
  return { type: /integer|int$/i.test(base) ? 'integer' : 'string' };
}

/** `number min 0 max 5 default 0.`, `string min length … default "".`, `true/false parameter default 0 (false).` */
const DEFAULT = /\bdefault (?:"([^"]*)"|(\S+?))(?: \((?:true|false)\))?\.$/;

function defaultOf(documentation: string): string | undefined {
  const match = DEFAULT.exec(documentation.slice(0, 4096).trim());
  return match === null ? undefined : (match[1] ?? match[2]);
}

/** The rule of thumb of poly.md D.3: schemas do not say what a change costs. */
function causesOf(name: string): CatalogueData['causes'] {
  if (/^device\./i.test(name)) return 'reboot';
  if (
    /^(?:reg|voIpProt|httpd|feature)\.|^call\.server|^tcpIpApp\.port\.|^sec\.TLS\.profileSelection\.|^apps\.(?:push|statePolling)\./i.test(
      name,
    )
  )
    return 'restart';
  return /^(?:lcl|up|bg|log|dir)\./i.test(name) ? 'nothing' : undefined;
}

/** Members of a family differ in what is said of them, not in what they take. */
function alike(one: CatalogueData, other: CatalogueData): boolean {
  const shape = ({ type, min, max, values }: CatalogueData): string => JSON.stringify([type, min, max, values]);
  return shape(one) === shape(other);
}
