/**
 * What rendering costs: base, accounts, resolving and all files of a phone, as the server does on a cache miss. Printed
 * as phones per second of CPU and as a ratio to encoding the same bytes, which is the least that has to be done.
 *
 *   node bench/render-phones.ts [PHONES]
 */
import { resolve } from '../src/domain/effective.ts';
import type { BaseContext, Driver, RenderDevice, Vendor } from '../src/vendors/driver.ts';
import { driverOf } from '../src/vendors/registry.ts';

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
export function madeUpPhone(index: number, [vendor, model, firmware]: (typeof MIX)[number]): RenderDevice {
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

/** Renders `count` phones with one driver; returns their bytes in all. */
export function renderPhones(driver: Driver, kind: (typeof MIX)[number], count: number): number {
  let bytes = 0;
  for (let index = 0; index < count; index++) {
    const device = madeUpPhone(index, kind);
    const context: BaseContext = {
      ...CONTEXT,
      eventUrl: `https://prov.example.net/events/${device.mac}`,
      credential: { username: `d-${device.mac}`, password: 'provisioning-password' },
    };
    const effective = resolve([driver.base(device, context), ...driver.lines(device)]);
    for (const { body } of driver.render(device, effective)) bytes += body.length;
  }
  return bytes;
}

if (process.argv[1] === import.meta.filename) {
  const count = Number(process.argv[2] ?? 20_000);
  for (const kind of MIX) {
    const driver = await driverOf(kind[0]);
    renderPhones(driver, kind, 500);
    let bytes = 0;
    const used = cpuMicroseconds(() => {
      bytes = renderPhones(driver, kind, count);
    });
    const text = 'x'.repeat(Math.round(bytes / count));
    const floor = cpuMicroseconds(() => {
      for (let index = 0; index < count; index++) new TextEncoder().encode(text);
    });
    const perPhone = (used / count).toFixed(1);
    const perSecond = Math.round((count * 1e6) / used);
    console.log(
      `${kind[0].padEnd(8)} ${perPhone} µs a phone, ${perSecond} phones/s, ${(used / floor).toFixed(0)}x of encoding ${text.length} bytes`,
    );
  }
}

function cpuMicroseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
