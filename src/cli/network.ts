/** What `diag ping` and `diag traceroute` share. */
import { string } from '@oclif/core/flags';
import type { NetworkReport } from '../sdk/diagnostics/network.ts';
import { cleanText } from './text.ts';

export const hostFlag = {
  host: string({ summary: 'Another target: an address or a name. Default: the phone.', helpValue: 'HOST' }),
};

/** `sbc.example.net (192.0.2.7) from prov1`. */
export function sentFrom({ host, address, from }: NetworkReport): string {
  const target = host === address ? host : `${host} (${address})`;
  return cleanText(`${target} from ${from}`);
}
