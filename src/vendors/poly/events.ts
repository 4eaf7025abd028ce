/** Telephony notifications of Poly phones (poly.md B.3) and what counts as evidence of a boot. */
import { parseMac } from '../../domain/mac.ts';
import { isPhonectlError } from '../../sdk/errors.ts';
import type { PhoneEvent, PhoneRequest } from '../driver.ts';
import { baseName, shortPath, shortUserAgent } from '../support.ts';
import { parseXml, type XmlElement } from '../xml.ts';

/** A notification is some hundred bytes. */
const MAX_BODY = 65_536;

const KINDS: ReadonlyMap<string, PhoneEvent['kind']> = new Map([
  ['lineregistrationevent', 'registered'],
  ['lineunregistrationevent', 'unregistered'],
  ['offhookevent', 'call'],
  ['incomingcallevent', 'call'],
  ['outgoingcallevent', 'call'],
  ['callstatechangeevent', 'call'],
  ['onhookevent', 'idle'],
  ['networkupevent', 'boot'],
  ['appinitializationevent', 'boot'],
]);

/** States of a call that is over (B.3). */
const OVER = /^(?:disconnected|free)$/i;

export function events(
  request: PhoneRequest & { readonly query: string; readonly body: Uint8Array },
): readonly PhoneEvent[] {
  if (request.body.length === 0 || request.body.length > MAX_BODY) return [];
  const root = read(request.body);
  if (root === undefined) return [];
  const candidates = root.name === 'PolycomIPPhone' ? root.children : [root];
  return candidates.flatMap((element) => {
    if (!/Event$/i.test(element.name)) return [];
    const mac = parseMac(child(element, 'MACAddress') ?? '');
    const user = child(element, 'LineNumber');
    const address = child(element, 'PhoneIP');
    return [
      {
        kind: kindOf(element),
        ...(mac === undefined ? {} : { mac }),
        ...(user === undefined ? {} : { user }),
        ...(address === undefined ? {} : { address }),
        detail: { event: element.name.slice(0, 60) },
      },
    ];
  });
}

function kindOf(element: XmlElement): PhoneEvent['kind'] {
  const kind = KINDS.get(element.name.toLowerCase()) ?? 'other';
  const state = element.attributes.find(({ name }) => name === 'CallState')?.value;
  return kind === 'call' && state !== undefined && OVER.test(state) ? 'idle' : kind;
}

function child(element: XmlElement, name: string): string | undefined {
  const text = element.children.find((inner) => inner.name.toLowerCase() === name.toLowerCase())?.text.trim();
  return text === undefined || text === '' ? undefined : text.slice(0, 256);
}

/** What is not XML is not a notification of ours. */
function read(body: Uint8Array): XmlElement | undefined {
  try {
    return parseXml('notification', body).root;
  } catch (error) {
    if (isPhonectlError(error) && error.code === 'invalid_file') return undefined;
    throw error;
  }
}

/** The Updater runs at boot only; the boot log comes once per boot (C.3). */
export function bootEvidence(request: PhoneRequest): boolean {
  if (/^FileTransport\b.{0,200}\bType\/Updater\b/i.test(shortUserAgent(request))) return true;
  return request.method === 'PUT' && /^[0-9a-f:-]{12,17}-boot\.log$/i.test(baseName(shortPath(request)));
}
