/** Recognises Poly phones by User-Agent, path and certificate (poly.md C.4, C.6, C.9). */
import { parseMac } from '../../domain/mac.ts';
import type { ModelCatalogue } from '../../domain/models.ts';
import type { Identification, PhoneRequest } from '../driver.ts';
import { baseName, macOfSubject, shortPath, shortUserAgent } from '../support.ts';

/** `FileTransport PolycomVVX-VVX_450-UA/6.4.4.8275 (SN:0004f2abcdef) Type/Application`; SIP adds `_0004f2abcdef`. */
const USER_AGENT =
  /\bPoly(?:com)?\w{0,30}-([A-Za-z][\w+]{1,30})-UA\/(\d[\d.]{0,30})(?:_([0-9a-f]{12})\b)?(?: {0,3}\(SN:([0-9a-f]{12})\))?/i;

/** `0004f2abcdef.cfg`, `0004F2ABCDEF-phone.cfg`, `00:04:f2:ab:cd:ef-app.log`, … */
const DEVICE_FILE = /^((?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2})(-[\w.~-]{1,100})?\.(?:cfg|log|xml|txt|gz|tgz|pcap|core)$/i;

/** Files that only Poly phones have beside the master. */
const OWN_SUFFIX = /^-(?:phone|web|cloud|system|license|app|boot|directory|calls|phonectl)$/i;

const SHARED_FILE = /^(?:000000000000(?:-\w{1,40})?\.(?:cfg|xml)|(?:\d{4}-\d{5}-\d{3}\.)*(?:sip|bootrom)\.ld)$/i;

export function macInPath(path: string): string | undefined {
  const match = DEVICE_FILE.exec(baseName(shortPath({ path })));
  return match === null ? undefined : parseMac(match[1] ?? '');
}

export function identify(models: ModelCatalogue, request: PhoneRequest): Identification | undefined {
  const file = DEVICE_FILE.exec(baseName(shortPath(request)));
  const pathMac = parseMac(file?.[1] ?? '');
  const subject = request.certificateSubject;
  const certificateMac =
    subject !== undefined && /O=\s*"?Poly/i.test(subject.slice(0, 1024)) ? macOfSubject(subject) : undefined;

  const userAgent = shortUserAgent(request);
  const match = USER_AGENT.exec(userAgent);
  const mac = certificateMac ?? parseMac(match?.[3] ?? match?.[4] ?? '') ?? pathMac;
  const model = match === null ? undefined : models.byUserAgent('poly', match[1] ?? '')?.name;
  const firmware = match === null ? undefined : applicationVersion(userAgent, match[2] ?? '');
  const score =
    certificateMac !== undefined
      ? 100
      : match !== null
        ? model === undefined
          ? 80
          : 90
        : pathScore(models, request, file);
  if (score === 0) return undefined;
  return {
    vendor: 'poly',
    score,
    ...(mac === undefined ? {} : { mac }),
    ...(model === undefined ? {} : { model }),
    ...(firmware === undefined ? {} : { firmware }),
  };
}

/** Early boot requests carry the Updater's version; only `Type/Application` and SIP carry the firmware's (C.6). */
function applicationVersion(userAgent: string, version: string): string | undefined {
  const isFileTransport = /^FileTransport\b/i.test(userAgent);
  return isFileTransport && !/\bType\/Application\b/i.test(userAgent) ? undefined : version;
}

function pathScore(models: ModelCatalogue, request: PhoneRequest, file: RegExpExecArray | null): number {
  const mac = parseMac(file?.[1] ?? '');
  if (mac !== undefined) {
    if (OWN_SUFFIX.test(file?.[2] ?? '')) return 40;
    return models.vendorOfMac(mac) === 'poly' ? 30 : 5;
  }
  return SHARED_FILE.test(baseName(shortPath(request))) ? 20 : 0;
}
