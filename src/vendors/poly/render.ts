/** Poly's files: the master and one parameter file, attributes only (poly.md C.2, C.5). */
import type { Effective, Parameter } from '../../domain/effective.ts';
import type { Driver, RenderDevice, RenderedFile } from '../driver.ts';
import { checkValue, deviceKey, nameRefusal, refusal, utf8, valuesOf } from '../support.ts';
import { escapeAttribute } from '../xml.ts';
import { CRASH_FOLDER, masterName, parametersName } from './files.ts';

const CONTENT_TYPE = 'text/xml; charset=utf-8';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/**
 * Attributes of the master file with what they are when no layer sets them; empty directories mean the server's root. How
 * phones call their cores is documented nowhere: these have a folder of their own.
 */
const MASTER_DEFAULTS: Readonly<Record<string, string>> = {
  APP_FILE_PATH: 'sip.ld',
  CONFIG_FILES: '',
  MISC_FILES: '',
  LOG_FILE_DIRECTORY: '',
  OVERRIDES_DIRECTORY: '',
  CONTACTS_DIRECTORY: '',
  LICENSE_DIRECTORY: '',
  USER_PROFILES_DIRECTORY: '',
  CALL_LISTS_DIRECTORY: '',
  COREFILE_DIRECTORY: CRASH_FOLDER,
};

/** Further ones that a layer may set (C.2); PROF-27 adds every name that begins with `_mac_cfg`. */
const MASTER_NAME =
  /^(?:(?:APP_FILE_PATH|DECT_FILE_PATH|BOOTBLOCK_FILE_PATH|CONFIG_FILES|SERVICE_FILES|MISC_FILES|(?:LOG_FILE|OVERRIDES|CONTACTS|LICENSE|USER_PROFILES|CALL_LISTS|COREFILE|CERTIFICATE|FLK|ICONS|CAMERA_PRESETS|CAPTURE)_DIRECTORY)(?:_([A-Za-z0-9]{2,20}))?|_mac_cfg[\w.-]*)$/;

const PARAMETER_NAME = /^[A-Za-z_][\w.-]{0,255}$/;

/** poly.md C.2: limits of CONFIG_FILES and of other master attributes. */
const LONGEST_LIST = 2047;
const LONGEST_PATH = 255;

/** Whether a parameter is an attribute of the master file (PROF-23..27) rather than of the phone. */
export function isMasterAttribute(name: string): boolean {
  return MASTER_NAME.test(name);
}

export function render(device: RenderDevice, effective: Effective): readonly RenderedFile[] {
  const values = valuesOf(effective);
  const master = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of values) (isMasterAttribute(name) ? master : parameters).set(name, value);
  return renderFiles(device, master, parameters);
}

/** Attributes of the master file stand among the parameters here. */
export function document(parameters: readonly Parameter[]): ReturnType<Driver['document']> {
  const values = new Map(parameters.map(({ name, value }) => [name, value]));
  const master = new Map([...values].filter(([name]) => isMasterAttribute(name)));
  masterAttributes({ vendor: 'poly', mac: '000000000000', name: '', lines: [] }, master);
  return { extension: 'cfg', contentType: CONTENT_TYPE, body: utf8(parameterFile(withSwitches(values))) };
}

/** Master and parameter file of a device. Both maps keep their order; names and values are checked here. */
export function renderFiles(
  device: RenderDevice,
  master: ReadonlyMap<string, string>,
  parameters: ReadonlyMap<string, string>,
): readonly RenderedFile[] {
  return [
    { name: masterName(device), contentType: CONTENT_TYPE, body: utf8(masterFile(device, master)) },
    { name: parametersName(device), contentType: CONTENT_TYPE, body: utf8(parameterFile(withSwitches(parameters))) },
  ];
}

function masterFile(device: RenderDevice, given: ReadonlyMap<string, string>): string {
  const own = new Map(Object.entries(MASTER_DEFAULTS));
  /** By model token: `APP_FILE_PATH_VVX500` belongs on `<APPLICATION_VVX500>`. */
  const models = new Map<string, Map<string, string>>();
  for (const [name, value] of given) {
    const token = MASTER_NAME.exec(name)?.[1];
    if (token === undefined) own.set(name, value);
    else models.set(token, (models.get(token) ?? new Map()).set(name, value));
  }
  // PROF-23: entries of profiles come after ours; the phone takes each parameter from the first file that sets it.
  const list = [parametersName(device), ...(own.get('CONFIG_FILES') ?? '').split(',')].map((entry) => entry.trim());
  own.set('CONFIG_FILES', list.filter((entry) => entry !== '').join(', '));

  const children = [...models].map(
    ([token, attributes]) => `  <APPLICATION_${token}${masterAttributes(device, attributes)} />\n`,
  );
  return `${DECLARATION}<APPLICATION${masterAttributes(device, own)}>\n${children.join('')}</APPLICATION>\n`;
}

function masterAttributes(device: RenderDevice, attributes: ReadonlyMap<string, string>): string {
  let text = '';
  for (const [name, given] of attributes) {
    // PROF-26: the variable for the MAC is replaced when the file is served.
    const value = given.replace(/\$\{mac_address\}/g, () => deviceKey(device));
    checkValue(name, value);
    const longest = name.startsWith('CONFIG_FILES') ? LONGEST_LIST : LONGEST_PATH;
    if (value.length > longest) throw refusal(name, `is ${value.length} characters long; phones take ${longest}`);
    text += ` ${name}="${escapeAttribute(value)}"`;
  }
  return text;
}

/** A `device.*` parameter is only taken with `device.set` and its own `.set` (poly.md C.1). */
function withSwitches(parameters: ReadonlyMap<string, string>): Map<string, string> {
  const all = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (name.startsWith('device.') && !name.endsWith('.set')) {
      if (!all.has('device.set')) all.set('device.set', parameters.get('device.set') ?? '1');
      all.set(`${name}.set`, parameters.get(`${name}.set`) ?? '1');
    }
    all.set(name, value);
  }
  return all;
}

/** One element per root of the parameter tree, one attribute per line: diffs of it are readable. */
function parameterFile(parameters: ReadonlyMap<string, string>): string {
  const roots = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (!PARAMETER_NAME.test(name) || /^xmlns/i.test(name))
      throw nameRefusal(name, "Poly's names are letters, digits, dots, hyphens and underscores");
    checkValue(name, value);
    const root = name.split('.', 1)[0] ?? name;
    roots.set(root, `${roots.get(root) ?? ''}\n    ${name}="${escapeAttribute(value)}"`);
  }
  const elements = [...roots].map(([root, attributes]) => `  <${root}${attributes} />\n`);
  return `${DECLARATION}<polycomConfig>\n${elements.join('')}</polycomConfig>\n`;
}
