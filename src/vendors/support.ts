/** What all drivers share: checking values before they become file contents, spreading polls, reading devices. */
import type { Effective, LayerSource, Parameter } from '../domain/effective.ts';
import { parseMac } from '../domain/mac.ts';
import { type Capability, checkCapability, type Model } from '../domain/models.ts';
import { PhonectlError } from '../sdk/errors.ts';
import type { BaseContext, Line, PhoneRequest, RenderDevice } from './driver.ts';
import type { Knowledge } from './knowledge.ts';

/**
 * Name under which our CA stands beside a phone's files, for phones that fetch it (Yealink, Cisco). It is public: the
 * server gives it to everybody.
 */
export const CA_FILE = 'phonectl-ca.crt';

/**
 * Characters that no phone's file may hold in a value: C0 and C1 controls (CR, LF, TAB and NUL among them), DEL, the
 * Unicode line and paragraph separators, lone surrogates and non-characters. Escaping could carry some of them through
 * XML, but what the phone then makes of a line break in a name is anybody's guess (security.md W-09).
 */
const FORBIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Longest value: the largest documented one is a certificate of 12,288 characters (poly.md C.9). */
const LONGEST_VALUE = 65_536;

/** Refuses a value that a phone's file cannot carry. Throws `invalid_input` with parameter and code point, never the value. */
export function checkValue(parameter: string, value: string): void {
  if (value.length > LONGEST_VALUE)
    throw refusal(parameter, `is ${value.length} characters long; the most is ${LONGEST_VALUE}`);
  const match = FORBIDDEN.exec(value);
  if (match === null) return;
  const codePoint = value.codePointAt(match.index) ?? 0;
  throw new PhonectlError(
    'invalid_input',
    `The value of ${printable(parameter)} holds ${codePointName(codePoint)} at position ${match.index + 1}, which a phone's file cannot carry.`,
    {
      hints: ['Remove the control character or line break from the value.'],
      details: { parameter: printable(parameter), codePoint: codePointName(codePoint), position: match.index + 1 },
    },
  );
}

/** A refusal of one parameter, for rules of one vendor. `why` goes on the sentence "The value of X …". */
export function refusal(parameter: string, why: string, hints: readonly string[] = []): PhonectlError {
  return new PhonectlError('invalid_input', `The value of ${printable(parameter)} ${why}.`, {
    hints,
    details: { parameter: printable(parameter) },
  });
}

/** A refusal of a name that a vendor's format has no place for. */
export function nameRefusal(parameter: string, why: string): PhonectlError {
  return new PhonectlError(
    'invalid_input',
    `${printable(parameter) || 'An empty name'} is no parameter name: ${why}.`,
    {
      details: { parameter: printable(parameter) },
    },
  );
}

function printable(text: string): string {
  return text.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
}

function codePointName(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** 32-bit FNV-1a with a final mix, so that consecutive MACs do not land in consecutive minutes. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value ^= text.charCodeAt(index);
    value = Math.imul(value, 0x01000193);
  }
  value ^= value >>> 16;
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/**
 * The minute of the day (0–1439) at which a device polls: spread evenly over the window by its MAC, the same every day
 * (PROV-02). `reserve` minutes at the window's end stay free for a delay that the phone adds itself. A window may span
 * midnight; one that ends where it starts is the whole day.
 */
export function pollMinute(device: RenderDevice, window: BaseContext['pollWindow'], reserve = 0): number {
  const length = (window.end - window.start + 1440) % 1440 || 1440;
  const usable = Math.max(1, length - reserve);
  return (window.start + (hash(deviceKey(device)) % usable)) % 1440;
}

/** `HH:MM` of a minute of the day. */
export function clockTime(minute: number): string {
  const hours = String(Math.floor(minute / 60)).padStart(2, '0');
  return `${hours}:${String(minute % 60).padStart(2, '0')}`;
}

/** What a device's files are named after: its MAC, else its serial number. Throws `conflict` when it has neither. */
export function deviceKey(device: RenderDevice): string {
  const key = device.mac ?? device.serial?.toLowerCase();
  if (key === undefined || !/^[0-9a-z._-]{1,64}$/.test(key))
    throw new PhonectlError(
      'conflict',
      `${device.name || 'The device'} has no MAC and no serial number to name its files after.`,
      {
        hints: ['Give it one: phonectl device edit … --mac MAC'],
      },
    );
  return key;
}

/** The device's model in the catalogue, when both are known. */
export function modelOf(knowledge: Knowledge, device: RenderDevice): Model | undefined {
  return device.model === undefined ? undefined : knowledge.models.find(device.model, device.vendor);
}

/** Why a device cannot do something, for actions' `notApplicable`; an unknown model is given the benefit of the doubt. */
export function cannot(knowledge: Knowledge, device: RenderDevice, capability: Capability): string | undefined {
  const model = modelOf(knowledge, device);
  if (model === undefined) return undefined;
  const answer = checkCapability(model, capability, device.firmware);
  return answer.can ? undefined : answer.reason;
}

/** As `cannot`, of several capabilities: the first reason. */
export function cannotAny(
  knowledge: Knowledge,
  device: RenderDevice,
  capabilities: readonly Capability[],
): string | undefined {
  for (const capability of capabilities) {
    const reason = cannot(knowledge, device, capability);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** The path as far as it can be a phone's: capped, so that nothing is slow on long garbage. */
export function shortPath(request: Pick<PhoneRequest, 'path'>): string {
  return request.path.slice(0, 512);
}

/** User-Agents are read up to here; phones send less than 100 characters (security.md I-06). */
export function shortUserAgent(request: Pick<PhoneRequest, 'userAgent'>): string {
  return request.userAgent.slice(0, 256);
}

/** Values of an effective configuration that are set, by name. */
export function valuesOf(effective: Effective): Map<string, string> {
  return new Map([...effective].map(([name, { value }]) => [name, value]));
}

/** Bytes of a text file. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A path's last segment. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The MAC of a certificate subject's CN (`CN=0004F2ABCDEF,O=Polycom Inc.`), or of any attribute when CN holds none (Cisco). */
export function macOfSubject(subject: string): string | undefined {
  const attributes = subject
    .slice(0, 1024)
    .split(/[,/+\n]/)
    .map((part) => part.slice(part.indexOf('=') + 1).trim());
  for (const value of attributes) {
    const mac = parseMac(value);
    if (mac !== undefined) return mac;
    for (const word of value.split(/\s+/)) {
      const inner = parseMac(word);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

/** Adds a parameter when there is a value for it. */
export function parameter(name: string, value: string | number | undefined, secret = false): Parameter[] {
  if (value === undefined || value === '') return [];
  return [secret ? { name, value: String(value), secret: true } : { name, value: String(value) }];
}

/**
 * The accounts layer, built line by line: SIP lines by `sip`, other types and lines beyond the model's limit
 * (ACCT-10) as sources without parameters whose name says why.
 */
export function lineSources(
  device: RenderDevice,
  maxLines: number | undefined,
  sip: (line: Line) => readonly Parameter[],
): LayerSource[] {
  return [...device.lines]
    .sort((a, b) => a.line - b.line)
    .map((line) => {
      const why =
        maxLines !== undefined && line.line > maxLines
          ? `${device.model} takes ${maxLines} ${maxLines === 1 ? 'account' : 'accounts'}`
          : line.type === 'sip'
            ? undefined
            : `no mapping is known for ${line.type} accounts; give the phone a profile for them`;
      return {
        layer: 'accounts',
        source: why === undefined ? `line ${line.line}` : `line ${line.line} (not rendered: ${why})`,
        parameters: why === undefined ? sip(line) : [],
      };
    });
}

/** Parameters as a map, for renderers. */
export function asMap(parameters: readonly Parameter[]): Map<string, string> {
  return new Map(parameters.map(({ name, value }) => [name, value]));
}
