/**
 * What a cache miss costs: parsing what is stored of a phone and its profiles, resolving, and writing all of its files.
 * Printed per vendor as phones per second of CPU, with the share of each, and as a ratio to encoding the same bytes, which
 * is the least that has to be done.
 */
import { type Effective, type LayerSource, resolve } from '../src/domain/effective.ts';
import type { BaseContext, Driver, RenderDevice, Vendor } from '../src/vendors/driver.ts';
import { driverOf } from '../src/vendors/registry.ts';
import type { Measurement } from './harness.ts';

const CONTEXT: Omit<BaseContext, 'eventUrl' | 'credential'> = {
  serverUrl: 'https://prov.example.net/',
  adminPassword: 'admin-password',
  pollWindow: { start: 180, end: 300 },
  controlAddresses: ['192.0.2.10'],
};

const MIX: readonly [Vendor, string, string][] = [
  ['poly', 'VVX 450', '6.4.4.8275'],
  ['yealink', 'T54W', '96.86.0.75'],
  ['cisco', '8841', '11.3.7'],
];

/** A made-up phone with two lines; the same for the same number. */
function madeUpPhone(index: number, [vendor, model, firmware]: (typeof MIX)[number]): RenderDevice {
  const mac = `02${index.toString(16).padStart(10, '0')}`;
  const lines = [1, 2].map((line) => ({
    line,
    type: 'sip' as const,
    username: `${1000 + index}`,
    authName: '',
    password: `p-${index}`,
    displayName: `Phone ${index}`,
    label: `${1000 + index}`,
    server: 'sip.example.net',
    port: 5061,
    transport: 'tls' as const,
    server2: '',
  }));
  return { mac, vendor, model, firmware, name: `phone-${index}`, lines };
}

/** Parameters of a profile as they are stored; phones have five such, of which the layers decide. */
function storedProfile(driver: Driver, number: number): string {
  const names = [...driver.catalogue.entries()]
    .filter(({ name, type, secret }) => type === 'string' && !secret && !name.includes('{'))
    .slice(number * 10, number * 10 + 20)
    .map(({ name }) => name);
  return JSON.stringify(names.map((name) => [name, `value ${number}`]));
}

const LAYERS = ['global', 'group', 'model', 'site', 'csv'] as const;

/** CPU of each part for `count` phones, in microseconds, and the bytes that came out. */
function renderPhones(driver: Driver, kind: (typeof MIX)[number], count: number): Record<Part | 'bytes', number> {
  const profiles = LAYERS.map((layer, index) => ({ layer, text: storedProfile(driver, index) }));
  const spent = { parsing: 0, resolving: 0, writing: 0, bytes: 0 };
  // In batches, since CPU is told in milliseconds.
  for (let first = 0; first < count; first += BATCH) {
    const phones = Array.from({ length: BATCH }, (_, index) => madeUpPhone(first + index, kind));
    let sources: (readonly LayerSource[])[] = [];
    let effective: Effective[] = [];
    spent.parsing += cpuMicroseconds(() => {
      sources = phones.map((device) => {
        const context: BaseContext = {
          ...CONTEXT,
          eventUrl: `https://prov.example.net/events/${device.mac}`,
          credential: { username: `d-${device.mac}`, password: 'provisioning-password' },
        };
        const given = profiles.map(({ layer, text }): LayerSource => {
          const stored = JSON.parse(text) as [string, string][];
          return { layer, source: layer, parameters: stored.map(([name, value]) => ({ name, value })) };
        });
        return [driver.base(device, context), ...given, ...driver.lines(device)];
      });
    });
    spent.resolving += cpuMicroseconds(() => {
      effective = sources.map((layers) => resolve(layers));
    });
    spent.writing += cpuMicroseconds(() => {
      for (const [index, device] of phones.entries()) {
        for (const { body } of driver.render(device, effective[index]!)) spent.bytes += body.length;
      }
    });
  }
  return spent;
}

const PARTS = ['parsing', 'resolving', 'writing'] as const;
type Part = (typeof PARTS)[number];
const BATCH = 500;
const PHONES = 10_000;

export async function run(): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const kind of MIX) {
    const driver = await driverOf(kind[0]);
    renderPhones(driver, kind, BATCH * 2);
    const spent = renderPhones(driver, kind, PHONES);
    const text = 'x'.repeat(Math.round(spent.bytes / PHONES));
    const floor = cpuMicroseconds(() => {
      for (let index = 0; index < PHONES; index++) new TextEncoder().encode(text);
    });
    const all = PARTS.reduce((sum, part) => sum + spent[part], 0);
    const shares = PARTS.map((part) => `${part} ${Math.round((spent[part] / all) * 100)} %`).join(', ');
    const note = `${Math.round((PHONES * 1e6) / all)} phones a second of one core; ${shares}; ${text.length} bytes each`;
    measurements.push({
      name: `${kind[0]}: from the store to files`,
      ratio: all / floor,
      reference: 'encoding the bytes',
      note,
    });
  }
  return measurements;
}

function cpuMicroseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
