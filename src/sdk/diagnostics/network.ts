/** DIAG-16..18: reaching a phone from this machine. No documented interface makes a phone send a ping itself. */
import { isIP } from 'node:net';
import type { OperationContext } from '../context.ts';
import { dialAddress } from '../control/address.ts';
import { deviceLabel } from '../control/phone.ts';
import { resolveDevice } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import { isSystemError } from '../system-error.ts';

export interface PingReport {
  readonly device: string;
  readonly host: string;
  /** Where it was sent from. */
  readonly from: string;
  /** `icmp`: an echo; `tcp`: how long a connection to its web server took, where this machine has no ping. */
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

export interface TracerouteReport extends Pick<PingReport, 'device' | 'host' | 'from'> {
  readonly hops: readonly Hop[];
}

export async function ping(
  context: OperationContext,
  input: { readonly device: string; readonly count: number },
): Promise<PingReport> {
  const { device, host, port } = await whereIs(context, input.device);
  const base = { device, host, from: fromHere(), sent: input.count };
  const output = await runTool('ping', ['-n', '-c', String(input.count), '-W', '2', host], context.signal);
  const times =
    output === undefined
      ? await tcpTimes(host, port, input.count, context.signal)
      : [...output.matchAll(/\btime[=<]([\d.]+) ?ms/g)].map((match) => Number(match[1]));
  return {
    ...base,
    method: output === undefined ? 'tcp' : 'icmp',
    received: times.length,
    min: times.length === 0 ? null : Math.min(...times),
    average: times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0) / times.length,
    max: times.length === 0 ? null : Math.max(...times),
  };
}

/** Throws `conflict` when this machine has no traceroute. */
export async function traceroute(
  context: OperationContext,
  input: { readonly device: string },
): Promise<TracerouteReport> {
  const { device, host } = await whereIs(context, input.device);
  const output = await runTool('traceroute', ['-n', '-w', '2', '-q', '3', '-m', '30', host], context.signal);
  if (output === undefined) {
    throw new PhonectlError('conflict', 'This machine has no traceroute.', {
      hints: ['Install it: apt install traceroute.'],
    });
  }
  return { device, host, from: fromHere(), hops: readHops(output) };
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

function fromHere(): string {
  return process.getBuiltinModule('node:os').hostname();
}

async function whereIs(
  context: OperationContext,
  reference: string,
): Promise<{ readonly device: string; readonly host: string; readonly port: number }> {
  const { id } = await resolveDevice(context, reference);
  const [record] = await context.read.devices.byIds([id], context.scope);
  if (record === undefined) throw new PhonectlError('not_found', 'The device was deleted meanwhile.');
  const dial = dialAddress(record);
  if ('reason' in dial) throw new PhonectlError('unreachable', `No address is known for it: ${dial.reason}.`);
  const url = new URL(dial.url);
  return {
    device: deviceLabel(record, id),
    host: dial.host,
    port: Number(url.port) || (url.protocol === 'http:' ? 80 : 443),
  };
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
    socket.once('error', () => end(undefined));
  });
}
