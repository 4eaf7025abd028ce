/**
 * DIAG-16..18: reaching a phone, or anything else, from the machine of the fleet. From a phone nothing can be reached: no
 * vendor documents a request for it, and the answer says so.
 */
import { isIP } from 'node:net';
import type { Vendor } from '../../vendors/driver.ts';
import type { OperationContext } from '../context.ts';
import { dialAddress } from '../control/address.ts';
import { deviceLabel } from '../control/phone.ts';
import { resolveDevice } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import { isSystemError } from '../system-error.ts';

export interface NetworkReport {
  readonly device: string;
  /** What was to be reached: the phone's address, or what was asked for. */
  readonly host: string;
  /** The address that this is; the same where it is one already. */
  readonly address: string;
  /** The machine that it was sent from. */
  readonly from: string;
  /** Why it was not sent from the phone itself. */
  readonly notFromPhone: string;
}

export interface PingReport extends NetworkReport {
  /** `icmp`: an echo; `tcp`: how long its answer to a connection took, where this machine has no ping. */
  readonly method: 'icmp' | 'tcp';
  readonly sent: number;
  readonly received: number;
  /** Milliseconds; null when nothing came back. */
  readonly min: number | null;
  readonly average: number | null;
  readonly max: number | null;
}

export interface Hop {
  readonly hop: number;
  /** Null where nobody answered. */
  readonly host: string | null;
  readonly milliseconds: readonly number[];
}

export interface TracerouteReport extends NetworkReport {
  readonly hops: readonly Hop[];
}

export interface Reach {
  readonly device: string;
  /** An address or a name; without one, the phone. */
  readonly host?: string | undefined;
}

export async function ping(context: OperationContext, input: Reach & { readonly count: number }): Promise<PingReport> {
  const { port, ...base } = await whereIs(context, input);
  const { address } = base;
  const output = await runTool('ping', ['-n', '-c', String(input.count), '-W', '2', address], context.signal);
  const times =
    output === undefined
      ? await tcpTimes(address, port, input.count, context.signal)
      : [...output.matchAll(/\btime[=<]([\d.]+) ?ms/g)].map((match) => Number(match[1]));
  return {
    ...base,
    sent: input.count,
    method: output === undefined ? 'tcp' : 'icmp',
    received: times.length,
    min: times.length === 0 ? null : Math.min(...times),
    average: times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0) / times.length,
    max: times.length === 0 ? null : Math.max(...times),
  };
}

/** By traceroute, else by tracepath. Throws `conflict` when this machine has neither. */
export async function traceroute(context: OperationContext, input: Reach): Promise<TracerouteReport> {
  const { port: _, ...base } = await whereIs(context, input);
  const { address } = base;
  const traced = await runTool('traceroute', ['-n', '-w', '2', '-q', '3', '-m', '30', address], context.signal);
  if (traced !== undefined) return { ...base, hops: readHops(traced) };
  const path = await runTool('tracepath', ['-n', '-m', '30', address], context.signal);
  if (path !== undefined) return { ...base, hops: readPath(path) };
  throw new PhonectlError('conflict', 'This machine has neither traceroute nor tracepath.', {
    hints: ['Install one of them: apt install traceroute.'],
  });
}

/** Lines of `traceroute -n`: number, address, times; `*` where nobody answered in time. */
export function readHops(output: string): readonly Hop[] {
  return output.split('\n').flatMap((line) => {
    const match = /^\s*(\d{1,3})\s+(.*)$/.exec(line);
    if (match === null) return [];
    const rest = match[2] ?? '';
    const host = rest.split(/\s+/).find((word) => isIP(word) !== 0) ?? null;
    const milliseconds = [...rest.matchAll(/([\d.]+) ms/g)].map((time) => Number(time[1]));
    return [{ hop: Number(match[1]), host, milliseconds }];
  });
}

/** Lines of `tracepath -n`: `number:`, address, one time; a hop may have several lines. `no reply` where nobody answered. */
export function readPath(output: string): readonly Hop[] {
  const hops = new Map<number, Hop>();
  for (const line of output.split('\n')) {
    const match = /^\s*(\d{1,3}):\s+(\S.*)$/.exec(line);
    if (match === null) continue;
    const [, number = '', rest = ''] = match;
    const hop = hops.get(Number(number)) ?? { hop: Number(number), host: null, milliseconds: [] };
    const host = rest.split(/\s+/).find((word) => isIP(word) !== 0) ?? hop.host;
    const times = [...rest.matchAll(/([\d.]+) ?ms/g)].map((time) => Number(time[1]));
    hops.set(hop.hop, { ...hop, host, milliseconds: [...hop.milliseconds, ...times] });
  }
  return [...hops.values()];
}

/** Web servers are what is found nearly everywhere. */
const WEB = 443;

async function whereIs(context: OperationContext, input: Reach): Promise<NetworkReport & { readonly port: number }> {
  const { id } = await resolveDevice(context, input.device);
  const [record] = await context.read.devices.byIds([id], context.scope);
  if (record === undefined) throw new PhonectlError('not_found', 'The device was deleted meanwhile.');
  const device = deviceLabel(record, id);
  const from = process.getBuiltinModule('node:os').hostname();
  const notFromPhone = await whyNotFromPhone(context, record.vendor ?? record.facts.vendor);
  if (input.host !== undefined) {
    return { device, host: input.host, address: await addressOf(input.host), from, notFromPhone, port: WEB };
  }
  const dial = dialAddress(record);
  if ('reason' in dial) throw new PhonectlError('unreachable', `No address is known for it: ${dial.reason}.`);
  const { port: written, protocol } = new URL(dial.url);
  const port = Number(written) || (protocol === 'http:' ? 80 : WEB);
  return { device, host: dial.host, address: await addressOf(dial.host), from, notFromPhone, port };
}

async function whyNotFromPhone({ home }: OperationContext, vendor: string | null): Promise<string> {
  if (vendor === null) return 'its vendor is not known';
  const { driverOf } = await import('../../vendors/registry.ts');
  return (await driverOf(vendor as Vendor, home)).noNetworkTools;
}

/** Looked up here, so that a name that nobody knows is told apart from a machine that does not answer. */
async function addressOf(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  const { lookup } = process.getBuiltinModule('node:dns/promises');
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw new PhonectlError('unreachable', `No address is known for the name ${host}.`, { cause });
  }
}

/** What a tool prints, whatever its exit status; `undefined` when this machine does not have it. */
async function runTool(tool: string, options: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const { execFile } = process.getBuiltinModule('node:child_process');
  return new Promise((resolve, reject) => {
    execFile(
      tool,
      [...options],
      { signal, timeout: 120_000, env: { ...process.env, LC_ALL: 'C' } },
      (error, stdout) => {
        if (isSystemError(error, 'ENOENT')) resolve(undefined);
        else if (signal.aborted) reject(signal.reason);
        else resolve(stdout);
      },
    );
  });
}

async function tcpTimes(host: string, port: number, count: number, signal: AbortSignal): Promise<readonly number[]> {
  const times: number[] = [];
  for (let sent = 0; sent < count; sent++) {
    signal.throwIfAborted();
    const time = await tcpTime(host, port);
    if (time !== undefined) times.push(time);
  }
  return times;
}

function tcpTime(host: string, port: number): Promise<number | undefined> {
  const { connect } = process.getBuiltinModule('node:net');
  const started = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (time: number | undefined): void => {
      socket.destroy();
      resolve(time);
    };
    socket.once('connect', () => end(performance.now() - started));
    socket.once('timeout', () => end(undefined));
    // Whoever refuses is there.
    socket.once('error', (error) =>
      end(isSystemError(error, 'ECONNREFUSED') ? performance.now() - started : undefined),
    );
  });
}
