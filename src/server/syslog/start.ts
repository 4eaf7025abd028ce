/** Puts the syslog receiver together with the home: its folder, its certificate, its devices. */
import { readIdentities } from '../../sdk/certificates/identity.ts';
import type { Installation } from '../../sdk/door.ts';
import type { ListenAddress } from '../listen.ts';
import { listenerOptions } from '../tls.ts';
import { SyslogReceiver } from './receiver.ts';

export async function startSyslogReceiver(
  { store, home, secrets, clock }: Pick<Installation, 'store' | 'home' | 'secrets' | 'clock'>,
  options: {
    readonly plain?: ListenAddress;
    readonly secure?: ListenAddress;
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
    onTrouble,
  });
}
