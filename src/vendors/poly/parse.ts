/**
 * Reads Poly's files: masters, parameter files, overrides and exports. Attributes count wherever they stand; element
 * names do not matter (poly.md C.5).
 */

import { isSecretName } from '../catalogue.ts';
import type { ParsedFile, ParsedParameter } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { invalidFile, type Place, parseXml, type XmlElement } from '../xml.ts';
import { isMasterAttribute } from './render.ts';

type Warning = ParsedFile['warnings'][number];

/** More than that helps nobody. */
const MAX_WARNINGS = 100;

/** Other files of the same phones: contacts, call lists, software lists, schemas. */
const OTHER_ROOT = /^(?:directory|callList|PHONE_IMAGES|(?:xsd?:)?schema)$/i;

export function parse(knowledge: Knowledge, name: string, body: Uint8Array): ParsedFile {
  const { root, warnings: xmlWarnings } = parseXml(name, body);
  if (OTHER_ROOT.test(root.name)) throw invalidFile(name, root, `<${root.name}> is no configuration`);
  const warnings: Warning[] = [...xmlWarnings];
  const parameters = new Map<string, ParsedParameter>();
  const isMaster = root.name === 'APPLICATION';

  for (const element of walk(root)) {
    for (const attribute of element.attributes) {
      if (isNamespace(attribute.name)) continue;
      const { name: parameter, value, line, column } = attribute;
      if (!/^[A-Za-z_][\w.-]*$/.test(parameter) || parameter.length > 256) {
        warnings.push({ line, column, message: `'${parameter.slice(0, 60)}' is no parameter name and was left out` });
        continue;
      }
      const before = parameters.get(parameter);
      if (before !== undefined) {
        if (before.value !== value) warnings.push(repeated(parameter, attribute, before));
        continue;
      }
      const secret = !isMaster && isSecretName(knowledge.catalogue, parameter);
      parameters.set(
        parameter,
        secret ? { name: parameter, value, line, column, secret } : { name: parameter, value, line, column },
      );
    }
  }
  if (isMaster)
    return {
      parameters: [...parameters.values()],
      references: references(parameters),
      warnings: warnings.slice(0, MAX_WARNINGS),
    };
  return {
    parameters: [...parameters.values()].filter((parameter) => !isSwitch(parameter, parameters)),
    references: [],
    warnings: warnings.slice(0, MAX_WARNINGS),
  };
}

function* walk(element: XmlElement): Iterable<XmlElement> {
  const open = [element];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    yield current;
    for (let index = current.children.length - 1; index >= 0; index--) {
      const child = current.children[index];
      if (child !== undefined) open.push(child);
    }
  }
}

function isNamespace(name: string): boolean {
  return name === 'xmlns' || name.includes(':');
}

/** What a phone does with a name twice in one file is not documented; the first is kept, as between files. */
function repeated(name: string, at: Place, before: Place): Warning {
  return {
    line: at.line,
    column: at.column,
    message: `${name} stands in line ${before.line} already; that one counts`,
  };
}

/** `device.set` and `<device parameter>.set` with 1 are how rendering says that a value counts: they are not values. */
function isSwitch(parameter: ParsedParameter, all: ReadonlyMap<string, ParsedParameter>): boolean {
  const { name, value } = parameter;
  if (value !== '1' || !name.startsWith('device.') || !name.endsWith('.set')) return false;
  if (name === 'device.set')
    return [...all.keys()].some((other) => other.startsWith('device.') && !other.endsWith('.set'));
  return all.has(name.slice(0, -'.set'.length));
}

function references(parameters: ReadonlyMap<string, ParsedParameter>): string[] {
  const lists = [...parameters.values()].filter(
    ({ name }) => isMasterAttribute(name) && name.startsWith('CONFIG_FILES'),
  );
  const names = lists.flatMap(({ value }) => value.split(',')).map((entry) => entry.trim());
  return [...new Set(names.filter((entry) => entry !== ''))];
}
