/**
 * Acceptance 2 of the configuration issue, with 1,000 lab phones (PHONECTL_BENCH_PHONES for another number): a change for
 * all of them is planned, pushed, and proved phone by phone; phones that were away follow; drift is found. Throws when
 * anything of it does not hold.
 */
import assert from 'node:assert/strict';
import { playedFleet } from '../test/support/played.ts';
import type { Measurement } from './harness.ts';

const PHONES = Number(process.env['PHONECTL_BENCH_PHONES'] ?? 1000);
const AWAY = Math.ceil(PHONES / 100);
const PARAMETERS = {
  poly: 'voIpProt.server.1.expires',
  yealink: 'account.1.sip_server.1.expires',
  cisco: 'Register_Expires_1_',
} as const;

type Vendor = keyof typeof PARAMETERS;

export async function run(): Promise<readonly Measurement[]> {
  const started = performance.now();
  await using fleet = await playedFleet({ phones: PHONES, speed: 60 });
  const { phonectl, lab, macs } = fleet;
  const booted = performance.now() - started;
  const all = { selector: { all: true } };

  const planned = performance.now();
  for (const vendor of Object.keys(PARAMETERS) as Vendor[]) {
    await phonectl.profiles.add({ name: vendor, vendor, set: [{ name: PARAMETERS[vendor], value: '900' }] });
    const target = { global: true } as const;
    const { plan } = await phonectl.profiles.assign({ profile: vendor, target, dryRun: true });
    assert.equal(plan.devices, macs.filter((mac) => lab.phone(mac).vendor === vendor).length);
    await phonectl.profiles.assign({ profile: vendor, target });
  }
  const planning = performance.now() - planned;

  const away = macs.slice(0, AWAY);
  for (const mac of away) lab.powerOff(mac);
  const told = performance.now();
  const pushed = await last(phonectl.pushes.push({ ...all, concurrency: 200, timeout: 120, attempts: 1 }));
  const pushing = performance.now() - told;
  const wrong = pushed.results.filter(
    ({ device, result }) => result !== (away.includes(device) ? 'pending' : 'success'),
  );
  assert.deepEqual(wrong.slice(0, 5), []);
  for (const mac of macs) assert.equal(runs(mac), !away.includes(mac), mac);

  for (const mac of away) lab.powerOn(mac);
  await fleet.settled(away);
  for (const mac of away) assert.ok(runs(mac), mac);
  // What the server saw last is in the store a moment later.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const asked = performance.now();
  assert.deepEqual(await drift(), []);
  const reading = performance.now() - asked;
  const odd = macs.find((mac) => lab.phone(mac).vendor === 'poly')!;
  await lab.setLocal(odd, PARAMETERS.poly, '111');
  assert.deepEqual(await drift(), [odd]);

  const boot = { reference: 'the boot of all phones' };
  const seconds = (time: number): string => `${(time / 1000).toFixed(1)} s for ${PHONES} phones`;
  return [
    { name: 'plan and apply three profiles', ratio: planning / booted, ...boot, note: seconds(planning) },
    { name: 'push, until every phone was seen to run it', ratio: pushing / booted, ...boot, note: seconds(pushing) },
    { name: 'drift: read every phone', ratio: reading / booted, ...boot, note: seconds(reading) },
  ];

  function runs(mac: string): boolean {
    const { vendor, parameters } = lab.phone(mac);
    return parameters.text(PARAMETERS[vendor]) === '900';
  }

  async function drift(): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const { device, state } of phonectl.pushes.drift(all)) {
      if (state !== 'running' && state !== 'served') found.push(device);
    }
    return found;
  }
}

async function last<T extends { readonly type: string }>(
  events: AsyncIterable<T>,
): Promise<Extract<T, { type: 'finished' }>> {
  for await (const event of events) if (event.type === 'finished') return event as Extract<T, { type: 'finished' }>;
  throw new Error('the push did not finish');
}
