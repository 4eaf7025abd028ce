/** Reads Cisco's flat profiles: what phones fetch, report, and what people have written (cisco.md 4, 9). */
import { gunzipSync } from 'node:zlib';
import { isSecretName } from '../catalogue.ts';
import type { ParsedFile, ParsedParameter } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { invalidFile, parseXml, type XmlElement } from '../xml.ts';
import { ACCESS_SUFFIX } from './render.ts';

type Warning = ParsedFile['warnings'][number];

/** What a compressed file may unpack to. */
const MAX_BYTES = 8 * 1024 * 1024;

export function parse(knowledge: Knowledge, name: string, body: Uint8Array): ParsedFile {
  const { root, warnings: xmlWarnings } = parseXml(name, unpack(name, body));
  const warnings: Warning[] = [...xmlWarnings];
  const profile = findProfile(root);
  if (profile === undefined)
    throw invalidFile(name, root, `<${root.name.slice(0, 60)}> is no <flat-profile>, nor a <device> that holds one`);

  const parameters = new Map<string, ParsedParameter>();
  function put(parameter: ParsedParameter): void {
    // The last of several counts (cisco.md 4), in its own place.
    parameters.delete(parameter.name);
    parameters.set(parameter.name, parameter);
  }
  for (const element of profile.children) {
    const { line, column } = element;
    if (!/^[A-Za-z_][\w.-]*$/.test(element.name) || element.name.length > 256) {
      warnings.push({ line, column, message: `<${element.name.slice(0, 60)}> is no parameter name and was left out` });
      continue;
    }
    if (element.children.length > 0) {
      warnings.push({
        line,
        column,
        message: `<${element.name}> holds elements, which no parameter does; it was left out`,
      });
      continue;
    }
    const access = element.attributes
      .find((attribute) => attribute.name === 'ua')
      ?.value.trim()
      .toLowerCase();
    if (!element.selfClosing || access === undefined) {
      const secret = isSecretName(knowledge.catalogue, element.name) ? { secret: true } : {};
      put({ name: element.name, value: textOf(element, warnings), line, column, ...secret });
    }
    if (access === undefined) continue;
    if (/^(?:na|ro|rw)$/.test(access)) put({ name: `${element.name}${ACCESS_SUFFIX}`, value: access, line, column });
    else warnings.push({ line, column, message: `ua="${access.slice(0, 20)}" is none of na, ro, rw and was left out` });
  }
  return { parameters: [...parameters.values()], references: [], warnings };
}

/** The profile itself, or wrapped in `<device>`. */
function findProfile(root: XmlElement): XmlElement | undefined {
  return root.name === 'flat-profile' ? root : root.children.find((child) => child.name === 'flat-profile');
}

/** Text as it stands; where it goes over several lines, these are joined. */
function textOf(element: XmlElement, warnings: Warning[]): string {
  if (!element.text.includes('\n')) return element.text;
  const joined = element.text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
  if (joined.length > 0 && element.text.trim().includes('\n'))
    warnings.push({ line: element.line, column: element.column, message: `the lines of ${element.name} were joined` });
  return joined;
}

function unpack(name: string, body: Uint8Array): Uint8Array {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return gunzipSync(body, { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const tooBig = 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw invalidFile(
      name,
      { line: 1, column: 1 },
      tooBig ? `it unpacks to more than ${MAX_BYTES} bytes` : 'the gzip data are damaged',
    );
  }
}
