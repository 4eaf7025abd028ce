/** What the tests of drivers share: devices, a context, and the way from a device to what its files say. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Effective, type LayerSource, resolve } from '../../src/domain/effective.ts';
import type {
  BaseContext,
  CatalogueEntry,
  ControlTarget,
  Driver,
  Line,
  RenderDevice,
  RenderedFile,
} from '../../src/vendors/driver.ts';
import type {
  DeviceRequest,
  DeviceResponse,
  DeviceTransport,
  SipNotify,
  SipResult,
} from '../../src/vendors/transport.ts';

export const CONTEXT: BaseContext = {
  serverUrl: 'https://prov.example.net/',
  credential: { username: 'd-4711', password: 'Provision_Secret-1' },
  adminPassword: 'Admin_Secret-2',
  pollWindow: { start: 180, end: 300 },
  eventUrl: 'https://prov.example.net/events/Event_Secret-3',
  controlAddresses: ['192.0.2.10', '192.0.2.11'],
  caCertificate: '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\nAAECAwQ=\n-----END CERTIFICATE-----\n',
  timeServer: 'ntp.example.net',
};

export const LINE: Line = {
  line: 1,
  type: 'sip',
  username: '1001',
  authName: 'auth1001',
  password: 'Sip_Secret-4',
  displayName: 'Front Desk',
  label: 'Desk',
  server: 'sip1.example.net',
  port: 5061,
  transport: 'tls',
  server2: 'sip2.example.net',
  port2: 5062,
};

/** One device of each kind of file: the golden files are made of these. */
export const DEVICES: Readonly<Record<string, RenderDevice>> = {
  'poly-vvx': device('poly', 'VVX 450', '6.4.4.8275', '0004f2abcdef'),
  'poly-soundpoint': device('poly', 'SoundPoint IP 550', '4.0.15.1047', '0004f2000550'),
  'poly-trio': device('poly', 'Trio 8800', '5.9.5.3182', '64167f008800'),
  'poly-edge': device('poly', 'Edge E350', '8.6.0.1321', '482567000350'),
  'yealink-t5': device('yealink', 'T54W', '96.86.0.75', '805ec0aabbcc'),
  'yealink-t2-old': device('yealink', 'T28P', '2.73.0.50', '001565000028'),
  'yealink-dect': device('yealink', 'W70B', '146.85.0.37', '805ec0000070'),
  'yealink-cp': device('yealink', 'CP960', '73.85.0.10', '805ec0000960'),
  'cisco-6800': device('cisco', '6841', '12.0.1', 'c4c603731f67'),
  'cisco-8800': device('cisco', '8841', '11.3.7', '00562b043615'),
  'cisco-ata': device('cisco', 'ATA192', '11.2.4', 'd0ec35000192'),
};

function device(vendor: RenderDevice['vendor'], model: string, firmware: string, mac: string): RenderDevice {
  return { mac, vendor, model, firmware, name: 'front-desk', lines: [LINE] };
}

/** Base and accounts, and what a test adds on top as a device profile. */
export function effectiveOf(
  driver: Driver,
  of: RenderDevice,
  more: readonly { readonly name: string; readonly value: string }[] = [],
  context: BaseContext = CONTEXT,
): Effective {
  const top: LayerSource = { layer: 'device', source: 'test', parameters: more };
  return resolve([driver.base(of, context), ...driver.lines(of), top]);
}

export function textOf(file: RenderedFile | undefined): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(file?.body);
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What a phone that fetched these files would hold: all their parameters, by name, as the driver itself reads them. */
export function parsedBack(driver: Driver, files: readonly RenderedFile[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const { name, body, contentType } of files) {
    if (contentType.includes('x509')) continue;
    for (const parameter of driver.parse(name, body).parameters) values.set(parameter.name, parameter.value);
  }
  return values;
}

export interface Exchange {
  readonly requests: DeviceRequest[];
  readonly notifies: SipNotify[];
}

/** A transport whose phone is a function; what was sent is kept. */
export function fakeTransport(
  answer: (request: DeviceRequest) => { status: number; body?: string } | Error,
  sip: (notify: SipNotify) => SipResult | Error = () => ({ status: 200, reason: 'OK' }),
): DeviceTransport & Exchange {
  const requests: DeviceRequest[] = [];
  const notifies: SipNotify[] = [];
  return {
    requests,
    notifies,
    async http(request): Promise<DeviceResponse> {
      requests.push(request);
      const result = answer(request);
      if (result instanceof Error) throw result;
      return { status: result.status, headers: {}, body: bytes(result.body ?? '') };
    },
    async notify(notify): Promise<SipResult> {
      notifies.push(notify);
      const result = sip(notify);
      if (result instanceof Error) throw result;
      return result;
    },
  };
}

export function targetOf(of: RenderDevice, more: Partial<ControlTarget> = {}): ControlTarget {
  return {
    ...of,
    controlUrl: 'https://192.0.2.50',
    sipHost: '192.0.2.50',
    admin: { username: 'admin', password: 'Admin_Secret-2' },
    ...more,
  };
}

const CORPUS = join(import.meta.dirname, '../../../shared/corpus');

/** A file of the corpus of real files, which is no part of the project; `undefined` where it is not there. */
export function corpusFile(...segments: string[]): Buffer | undefined {
  const path = join(CORPUS, ...segments);
  return existsSync(path) ? readFileSync(path) : undefined;
}

export function corpusNames(folder: string): string[] {
  const path = join(CORPUS, folder);
  return existsSync(path) ? readdirSync(path).sort() : [];
}

/** Whether a value is one that the catalogue allows. */
export function fits({ type, values, min = -Infinity, max = Infinity }: CatalogueEntry, value: string): boolean {
  if (value === '') return true;
  if (values !== undefined) return values.includes(value);
  if (type === 'boolean') return ['0', '1', 'true', 'false'].includes(value);
  if (type === 'integer') return /^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max;
  return value.length <= max;
}
