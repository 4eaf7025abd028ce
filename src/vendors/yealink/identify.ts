/** Recognises Yealink phones by User-Agent, path and certificate (yealink.md A1, A8, A11). */
import { parseMac } from '../../domain/mac.ts';
import type { ModelCatalogue } from '../../domain/models.ts';
import type { Identification, PhoneRequest } from '../driver.ts';
import { baseName, macOfSubject, shortPath, shortUserAgent } from '../support.ts';

/**
 * `Yealink SIP-T54W 96.86.0.75 44:db:d2:e4:be:98`; the maker's name may be missing or in lower case, the third word a
 * MAC with or without colons, a hardware version, or absent.
 */
const USER_AGENT =
  /^(yealink[ -]{1,3})?(?:SIP[ -]{1,3})?(?:VP-)?([A-Z]{1,3}\d{2,3}[A-Z]{0,2}(?:_E2)?) {1,3}(\d{1,4}\.\d{1,4}\.\d{1,4}\.\d{1,4})(?: {1,3}((?:[0-9a-f]{2}:?){6}|[\d.]{1,40}))? *$/i;

const DEVICE_FILE =
  /^((?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2})(-[\w.~-]{1,100}|_Security)?\.(boot|cfg|enc|xml|log|txt|tgz|tar|pcap)$/i;
const OWN_SUFFIX = /^(?:-(?:local|contact|calllog|sys|all|config)|_Security)$/i;
const COMMON_FILE = /^y(\d{12})\.(?:boot|cfg|enc)$/i;

export function macInPath(path: string): string | undefined {
  const match = DEVICE_FILE.exec(baseName(shortPath({ path })));
  return match === null ? undefined : parseMac(match[1] ?? '');
}

export function identify(models: ModelCatalogue, request: PhoneRequest): Identification | undefined {
  const name = baseName(shortPath(request));
  const subject = request.certificateSubject;
  const certificateMac =
    subject !== undefined && /O=\s*"?Yealink|YEALINK NETWORK/i.test(subject.slice(0, 1024))
      ? macOfSubject(subject)
      : undefined;
  const match = USER_AGENT.exec(shortUserAgent(request));
  const model = match === null ? commonFileModel(models, name) : models.byUserAgent('yealink', match[2] ?? '')?.name;
  const score = Math.max(
    certificateMac === undefined ? 0 : 100,
    // `W52P 25.30.0.2` without the maker's name is only trusted when the model is one of theirs.
    match === null ? 0 : match[1] !== undefined ? (model === undefined ? 80 : 90) : model === undefined ? 0 : 70,
    pathScore(models, name),
  );
  if (score === 0) return undefined;
  const mac = certificateMac ?? parseMac(match?.[4] ?? '') ?? macInPath(name);
  return {
    vendor: 'yealink',
    score,
    ...(mac === undefined ? {} : { mac }),
    ...(model === undefined ? {} : { model }),
    ...(match?.[3] === undefined ? {} : { firmware: match[3] }),
  };
}

/** A common file tells the model where its number belongs to one only. */
function commonFileModel(models: ModelCatalogue, name: string): string | undefined {
  const number = COMMON_FILE.exec(name)?.[1];
  if (number === undefined || /boot$/i.test(name)) return undefined;
  const candidates = models.byCommonFile(Number(number));
  return candidates.length === 1 ? candidates[0]?.name : undefined;
}

function pathScore(models: ModelCatalogue, name: string): number {
  if (COMMON_FILE.test(name)) return 40;
  // PROV-09: the entry point that the manuals name.
  if (/^dm\.cfg$/i.test(name)) return 20;
  const file = DEVICE_FILE.exec(name);
  const mac = parseMac(file?.[1] ?? '');
  if (file === null || mac === undefined) return 0;
  if (/^(?:boot|enc)$/i.test(file[3] ?? '') || OWN_SUFFIX.test(file[2] ?? '')) return 40;
  return models.vendorOfMac(mac) === 'yealink' ? 30 : 5;
}
