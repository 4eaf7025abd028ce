/** What a Poly phone tells of its network (poly.md A.4). */
import type { NetworkFact } from '../../domain/commands.ts';
import { controlBase, loginError, noAddressError, statusError, WRONG_PASSWORD } from '../attempts.ts';
import type { NetworkFacts, Reading } from '../commands.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannot } from '../support.ts';
import { type RestOptions, rest, textProperty } from './rest.ts';

/** Our names, and the phone's: of `network/info`, then of `network/stats`. Some are misspelt by some firmware. */
const INFO: readonly (readonly [NetworkFact, string])[] = [
  ['address', 'IPV4Address'],
  ['subnetMask', 'SubnetMask'],
  ['gateway', 'DefaultGateway'],
  ['dns', 'DNSServer'],
  ['dns2', 'AlternateDNSServer'],
  ['domain', 'DNSDomain'],
  ['dhcp', 'DHCP'],
  ['dhcpServer', 'DHCPServer'],
  ['vlan', 'VLANID'],
  ['lanPort', 'LANPortStatus'],
  ['lanSpeed', 'LANSpeed'],
  ['ntp', 'SNTPAddress'],
  ['provisioningServer', 'ProvServerAddress'],
  ['provisioningUser', 'ProvServerUser'],
];
const STATS: typeof INFO = [
  ['receivedPackets', 'RxPackets'],
  ['sentPackets', 'TxPackets'],
];

export function readNetwork(
  knowledge: Knowledge,
  options: RestOptions,
): Reading<Readonly<Record<never, never>>, NetworkFacts> {
  return {
    notApplicable: (device) => cannot(knowledge, device, 'rest'),
    async read(target, _input, transport, signal) {
      if (controlBase(target) === undefined) throw noAddressError(target);
      const info = await rest(target, transport, signal, 'GET', 'v1/mgmt/network/info', options);
      if (!info.ok) {
        if (info.result === WRONG_PASSWORD) throw loginError();
        throw statusError('reason' in info.result ? info.result.reason : info.result.outcome);
      }
      const stats = await rest(target, transport, signal, 'GET', 'v1/mgmt/network/stats', options);
      return { ...pick(info.data, INFO), ...(stats.ok && pick(stats.data, STATS)) };
    },
  };
}

function pick(data: unknown, names: typeof INFO): NetworkFacts {
  return Object.fromEntries(
    names.flatMap(([name, theirs]) => {
      const value = textProperty(data, theirs);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
