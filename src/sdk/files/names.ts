/** Names by which phones ask for files, and what kind of file they show. */
import { PhonectlError } from '../errors.ts';

/** RES-05 and what else phones fetch: the extension decides. */
const TYPES: Readonly<Record<string, string>> = {
  ld: 'boot-rom',
  wav: 'audio',
  mp3: 'audio',
  cfg: 'config',
  csv: 'line-keys',
  png: 'image',
  jpg: 'image',
  jpeg: 'image',
  bmp: 'image',
  xml: 'xml',
  lang: 'language',
  zip: 'software',
  tar: 'software',
  txt: 'text',
  log: 'log',
  bak: 'backup',
  htm: 'microbrowser',
  html: 'microbrowser',
  pem: 'certificate',
  crt: 'certificate',
  cer: 'certificate',
};

/** DFILE-04, VAL-19. */
const DEVICE_EXTENSIONS = ['cfg', 'xml', 'csv', 'pem', 'crt', 'cer'];

/** Ending without the dot, in lower case. */
function extensionOf(name: string): string {
  const at = name.lastIndexOf('.');
  return at < 0 ? '' : name.slice(at + 1).toLowerCase();
}

/** What kind of resource a file of this name is. Throws `invalid_input` for an ending that no phone fetches. */
export function resourceType(name: string): string {
  const type = TYPES[extensionOf(name)];
  if (type !== undefined) return type;
  throw refusal(name, `has an ending that no phone fetches. Possible: ${Object.keys(TYPES).join(', ')}`);
}

/** Refuses what cannot be a file for one device (DFILE-04). */
export function checkDeviceFile(name: string): void {
  checkFileName(name);
  if (DEVICE_EXTENSIONS.includes(extensionOf(name))) return;
  throw refusal(name, `is none of ${DEVICE_EXTENSIONS.join(', ')} (DFILE-04)`);
}

/** One plain file name: no folder, nothing that a shell, a URL or a phone reads as something else. */
export function checkFileName(name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,127}$/.test(name) && !name.includes('..')) return;
  throw refusal(name, 'is no plain file name: up to 128 letters, digits and _ . @ + -');
}

function refusal(name: string, why: string): PhonectlError {
  return new PhonectlError('invalid_input', `"${name.slice(0, 80).replace(/[^\x20-\x7e]/g, '?')}" ${why}.`);
}
