/** Puts the syslog receiver together with the home: its folder, its certificate, its devices. */
import { readIdentities } from '../../sdk/certificates/identity.ts';
import type { Installation } from '../../sdk/door.ts';
import type { Clock } from '../../sdk/ports/clock.ts';
import type { FactWriter } from '../../sdk/ports/facts.ts';
import type { ServingReader } from '../../sdk/ports/serving.ts';
import type { Driver } from '../../vendors/driver.ts';
import { allDrivers } from '../../vendors/registry.ts';
import type { ListenAddress } from '../listen.ts';
import { listenerOptions } from '../tls.ts';
import { type SyslogOptions, SyslogReceiver } from './receiver.ts';

export async function startSyslogReceiver(
  { store, home, secrets, clock }: Pick<Installation, 'store' | 'home' | 'secrets' | 'clock'>,
  options: {
    readonly plain?: ListenAddress;
    readonly secure?: ListenAddress;
    /** Takes what is evidence: a store that is locked must not hold up the lines that follow. */
    readonly note: FactWriter['note'];
    readonly onTrouble: (message: string) => void;
  },
): Promise<SyslogReceiver> {
  const reader = await store.serving();
  async function deviceOf(macs: readonly string[], address: string): Promise<number | undefined> {
    for (const mac of macs) {
      const device = await reader.deviceByMac(mac);
      if (device !== undefined) return device.id;
    }
    const matches = (await store.read.devices.match(address, 'all')).filter(({ by }) => by === 'address');
    return matches.length === 1 ? matches[0]?.id : undefined;
  }
  const onLine = upgradeFailures(options.note, clock, reader, await allDrivers(home));
  const { plain, secure, onTrouble } = options;
  return SyslogReceiver.start({
    ...(plain !== undefined && { plain }),
    ...(secure !== undefined && {
      secure: {
        listen: secure,
        tls: listenerOptions({ identities: readIdentities(home, secrets), trusted: [], legacy: false }),
      },
    }),
    folder: home.file('logs'),
    now: () => clock.now(),
    deviceOf,
    onLine,
    onTrouble,
  });
}

/** A phone that repeats itself is heard so often. Milliseconds. */
const HEARD_AGAIN = 10_000;

/**
 * Notes as evidence that a phone could not take firmware: a rollout need not wait for the end of its time then. Syslog names
 * its sender itself, so only what comes from where the device was seen last is believed.
 */
function upgradeFailures(
  note: FactWriter['note'],
  clock: Clock,
  reader: ServingReader,
  drivers: readonly Driver[],
): NonNullable<SyslogOptions['onLine']> {
  const heard = new Map<number, number>();
  return async (deviceId, address, text) => {
    const driver = drivers.find(({ upgradeFailure }) => upgradeFailure?.(text) !== undefined);
    const now = clock.monotonic();
    if (driver === undefined || now - (heard.get(deviceId) ?? Number.NEGATIVE_INFINITY) < HEARD_AGAIN) return;
    const device = await reader.deviceById(deviceId);
    if (device?.vendor !== driver.vendor || device.publicIp !== address) return;
    heard.set(deviceId, now);
    const detail = { event: 'upgrade-failed', reason: driver.upgradeFailure?.(text) };
    note({ type: 'evidence', evidence: { deviceId, at: clock.now(), kind: 'report', address, detail } });
  };
}
