/** Poly's files as the phone reads them: the master file, parameter files, overrides (poly.md C.2, C.5). */
import { LabError } from '../errors.ts';
import { detached, internName, type ParameterMap, ParsedFiles } from '../parameters.ts';
import { escapeXml, parseXml, walk, type XmlElement } from '../xml.ts';
import type { PolyModel } from './model.ts';

/** The attributes of `<APPLICATION>` that matter here, with the model's own ones put in and the macros expanded. */
export interface Master {
  appFilePath: string;
  configFiles: string[];
  logs: string;
  overrides: string;
  contacts: string;
  licenses: string;
  calls: string;
  cores: string;
}

/** poly.md C.2: the limits of CONFIG_FILES. */
const LONGEST_LIST = 2047;
const LONGEST_NAME = 255;

const files = new ParsedFiles<ParameterMap>();

export function parseMaster(body: Buffer, model: PolyModel, mac: string): Master {
  const root = parseXml(body.toString('utf8'));
  if (root.name !== 'APPLICATION')
    throw new LabError('unparsable', `a master file begins with <APPLICATION>, this one with <${root.name}>`);
  function attribute(name: string): string {
    const own = [...walk(root)].find((element) => element.attributes.has(`${name}_${model.token}`));
    const value = own?.attributes.get(`${name}_${model.token}`) ?? root.attributes.get(name) ?? '';
    return value
      .replaceAll('[PHONE_MAC_ADDRESS]', mac)
      .replaceAll('[PHONE_PART_NUMBER]', model.part)
      .replaceAll('[PHONE_MODEL]', model.token)
      .trim();
  }
  const list = attribute('CONFIG_FILES');
  if (list.length > LONGEST_LIST)
    throw new LabError('unparsable', `CONFIG_FILES is longer than ${LONGEST_LIST} characters`);
  const configFiles = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const long = configFiles.find((name) => name.length > LONGEST_NAME);
  if (long !== undefined)
    throw new LabError('unparsable', `CONFIG_FILES names a file of more than ${LONGEST_NAME} characters`);
  return {
    appFilePath: attribute('APP_FILE_PATH'),
    configFiles,
    logs: attribute('LOG_FILE_DIRECTORY'),
    overrides: attribute('OVERRIDES_DIRECTORY'),
    contacts: attribute('CONTACTS_DIRECTORY'),
    licenses: attribute('LICENSE_DIRECTORY'),
    calls: attribute('CALL_LISTS_DIRECTORY'),
    cores: attribute('COREFILE_DIRECTORY'),
  };
}

/** The parameters in a file: the attributes of all its elements, whatever these are called. */
export function parseParameters(body: Buffer): ParameterMap {
  return files.get(body, (bytes) => collect(parseXml(bytes.toString('utf8'))));
}

function collect(root: XmlElement): ParameterMap {
  const found = new Map<string, string>();
  for (const { attributes } of walk(root)) {
    for (const [name, value] of attributes) {
      if (name.includes(':') || name === 'xmlns' || found.has(name)) continue;
      found.set(internName(name), detached(value));
    }
  }
  return found;
}

/** CONFIG_FILES from left to right: the first file that sets a parameter wins (poly.md C.2). */
export function mergeFirstWins(parsed: readonly ParameterMap[]): ParameterMap {
  if (parsed.length === 1) return parsed[0]!;
  const merged = new Map<string, string>();
  for (const file of parsed) for (const [name, value] of file) if (!merged.has(name)) merged.set(name, value);
  return merged;
}

/**
 * Takes the `device.*` parameters out. They go to the phone's flash, and only those whose `.set` is 1 in a file
 * whose `device.set` is 1 (poly.md C.1). The rest is what stays in the configuration layer.
 */
export function splitDevice(all: ParameterMap): { config: ParameterMap; device: [string, string][] } {
  const device: [string, string][] = [];
  const config = new Map<string, string>();
  const isOpen = isTrue(all.get('device.set'));
  for (const [name, value] of all) {
    if (!name.startsWith('device.')) config.set(name, value);
    else if (!name.endsWith('.set') && isOpen && isTrue(all.get(`${name}.set`))) device.push([name, value]);
  }
  return { config: config.size === all.size ? all : config, device };
}

/** An override file as the phone uploads it. */
export function renderOverrides(values: ParameterMap): string {
  const attributes = [...values].map(([name, value]) => ` ${name}="${escapeXml(value)}"`).join('');
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<PHONE_CONFIG><OVERRIDES${attributes}/></PHONE_CONFIG>\n`;
}

export function isTrue(value: string | undefined): boolean {
  return value === '1' || value?.toLowerCase() === 'true';
}
