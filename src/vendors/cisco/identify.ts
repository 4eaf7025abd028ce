/** Recognises Cisco phones by User-Agent, path and certificate (cisco.md 1, 2, 5). */
import { parseMac } from '../../domain/mac.ts';
import type { ModelCatalogue } from '../../domain/models.ts';
import type { Identification, PhoneRequest } from '../driver.ts';
import { baseName, macOfSubject, shortPath, shortUserAgent } from '../support.ts';

/** `Cisco-CP-8841-3PCC/11.0 (00562b043615)`; SIP: `Cisco-CP-8865-3PCC/12.0.3_dcf719f39350_FCH…`. */
const USER_AGENT =
  /^Cisco[-/ ](?:(?:CP|DP)-?)?([A-Z]{0,4}-?\d{3,4}[A-Z]?)(-3PCC|-3PC|-MPP)?\/(\d[\w.-]{0,60})(?: {1,3}\(([0-9a-f]{12})\))?/i;

/** Small-business phones, the forerunners: known as Cisco, not as a model. `Cisco/SPA508G-7.4.8a (MAC)(SERIAL)`. */
const SPA_USER_AGENT =
  /^(?:Cisco|Linksys)\/(SPA-?\w{3,6})-(\d[\w.()]{0,20})(?: {1,3}\(([0-9a-f]{12})\))?(?: {0,3}\((\w{8,16})\))?/i;

const DEVICE_FILE = /^(?:spa)?((?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2})\.(xml|cfg|enc)(?:\.enc)?$/i;
const FIRST_CONTACT = /\/Cisco\/CP-([\w-]{1,20})\/[^/]*$/i;
const PRODUCT_FILE = /^([A-Z]{0,4}-?\d{3,4}-(?:3PCC|3PC|MPP))\.(?:xml|cfg)$/i;
/** Enterprise firmware: nothing here is for it, but it is a Cisco phone. */
const ENTERPRISE_FILE = /^SEP([0-9a-f]{12})\.cnf\.xml(?:\.sgn)?$/i;

export function macInPath(path: string): string | undefined {
  const name = baseName(shortPath({ path }));
  return parseMac(DEVICE_FILE.exec(name)?.[1] ?? ENTERPRISE_FILE.exec(name)?.[1] ?? '');
}

interface Opinion {
  readonly score: number;
  readonly model?: string | undefined;
  readonly firmware?: string | undefined;
  readonly mac?: string | undefined;
  readonly serial?: string | undefined;
}

export function identify(models: ModelCatalogue, request: PhoneRequest): Identification | undefined {
  const opinions = [
    byCertificate(request.certificateSubject),
    byUserAgent(models, shortUserAgent(request)),
    byPath(models, shortPath(request)),
  ];
  const score = Math.max(...opinions.map((opinion) => opinion.score));
  if (score === 0) return undefined;
  function first<K extends 'model' | 'firmware' | 'mac' | 'serial'>(key: K): Partial<Record<K, string>> {
    const value = opinions.find((opinion) => opinion[key] !== undefined)?.[key];
    return value === undefined ? {} : ({ [key]: value } as Record<K, string>);
  }
  return { vendor: 'cisco', score, ...first('mac'), ...first('model'), ...first('firmware'), ...first('serial') };
}

/** The manufacturer's certificate names product, MAC and serial number in attributes that differ by model (cisco.md 5). */
function byCertificate(subject: string | undefined): Opinion {
  const text = subject?.slice(0, 1024) ?? '';
  if (!/O=\s*"?Cisco/i.test(text)) return { score: 0 };
  const mac = macOfSubject(text) ?? parseMac(/\b(?:SEP)?([0-9A-F]{12})\b/i.exec(text)?.[1] ?? '');
  return { score: mac === undefined ? 60 : 100, mac, serial: /\bSN:\s?(\w{8,16})\b/i.exec(text)?.[1] };
}

function byUserAgent(models: ModelCatalogue, userAgent: string): Opinion {
  const match = USER_AGENT.exec(userAgent);
  if (match !== null) {
    const [, number = '', suffix = '', release = '', mac] = match;
    const model = models.byUserAgent('cisco', `${number}${suffix}`)?.name;
    const inRelease = /^(.{1,40}?)_([0-9a-f]{12})(?:_(\w{1,20}))?$/i.exec(release);
    return {
      // Without the suffix it is enterprise firmware, which is none of ours (cisco.md 1).
      score: (suffix === '' ? 50 : 80) + (model === undefined ? 0 : 10),
      model,
      firmware: inRelease?.[1] ?? release,
      mac: parseMac(mac ?? inRelease?.[2] ?? ''),
      serial: inRelease?.[3],
    };
  }
  const spa = SPA_USER_AGENT.exec(userAgent);
  if (spa === null) return { score: 0 };
  const [, , firmware, mac, serial] = spa;
  return { score: 60, firmware, mac: parseMac(mac ?? ''), serial };
}

function byPath(models: ModelCatalogue, path: string): Opinion {
  const name = baseName(path);
  const mac = macInPath(path);
  const contact = FIRST_CONTACT.exec(path)?.[1];
  const product = contact ?? PRODUCT_FILE.exec(name)?.[1];
  if (product !== undefined) {
    const model = models.byUserAgent('cisco', product)?.name;
    return { score: contact !== undefined ? 50 : model === undefined ? 10 : 45, model, mac };
  }
  if (mac === undefined) return { score: 0 };
  if (/^SEP|^spa/i.test(name)) return { score: 40, mac };
  return { score: /\.xml/i.test(name) ? 25 : 4, mac };
}
