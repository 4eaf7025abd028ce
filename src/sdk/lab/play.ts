/** Plays phones of the fleet: the one file of the SDK that starts the lab. */
import type { DeviceSelector } from '../../domain/selector.ts';
import type { LabPhoneStatus } from '../../lab/types.ts';
import { PhonectlError } from '../errors.ts';
import type { Phonectl } from '../index.ts';
import type { Home } from '../ports/home.ts';
import { randomPassword } from '../settings/shared-account.ts';
import { DEFAULT_MIX, type Mix, madeUpFleet } from './fleet.ts';
import { ask, type LabReport, listen } from './remote.ts';

export interface PlayOptions {
  /** Which devices of the inventory; with `phones` the made-up ones. */
  readonly selector?: DeviceSelector;
  /** Adds this many made-up phones to the fleet and plays them. */
  readonly phones?: number;
  readonly mix?: Mix;
  /** Base URL instead of the fleet's own, for a server elsewhere on this machine. */
  readonly server?: string;
  /** 1 = real time; 20 = a reboot of 60 s takes 3 s. */
  readonly speed?: number;
  /** Share of the phones, from 0 to 1, that refuse new firmware. */
  readonly refuseFirmware?: number;
  /** Phones show a factory certificate of the lab's vendor CA. */
  readonly clientCertificates?: boolean;
  /** Ends the lab. */
  readonly signal: AbortSignal;
}

export type PlayEvent =
  | { readonly type: 'started'; readonly phones: number; readonly left: readonly { device: string; reason: string }[] }
  | {
      readonly type: 'progress';
      readonly running: number;
      readonly booting: number;
      readonly failing: number;
      readonly total: number;
    }
  | { readonly type: 'running'; readonly phones: number; readonly seconds: number }
  | { readonly type: 'stopped' };

/** How often progress is told while phones boot. Milliseconds. */
const TELL_EVERY = 500;

/** Starts the lab and goes on until the signal, or `lab stop`, ends it. */
export async function* playFleet(phonectl: Phonectl, home: Home, options: PlayOptions): AsyncGenerator<PlayEvent> {
  const selector = await chosen(phonectl, options);
  const enlisted = await phonectl.lab.enlist({ selector });
  if (enlisted.players.length === 0) throw nobody(enlisted.left);
  const stopped = new AbortController();
  const end = AbortSignal.any([options.signal, stopped.signal]);
  const startedAt = new Date();
  const { startLab } = await import('../../lab/index.ts');
  const server = options.server ?? enlisted.server;
  const socket = await listen(home, {
    status: () => ({ pid: process.pid, server, startedAt: startedAt.toISOString(), phones: lab?.status() ?? [] }),
    stop: () => stopped.abort(),
  });
  let lab: Awaited<ReturnType<typeof startLab>> | undefined;
  try {
    lab = await startLab({
      phones: enlisted.players.map(({ mac, vendor, model, address }, index) => ({
        mac,
        vendor,
        model,
        address,
        server,
        // A factory Cisco phone has no way to send an account (design.md section 6).
        ...(vendor !== 'cisco' && { credential: enlisted.credential }),
        ...(isOneOf(options.refuseFirmware ?? 0, index) && { faults: { refuseFirmware: true } }),
      })),
      ...authority(home),
      speed: options.speed ?? 1,
      clientCertificates: options.clientCertificates ?? false,
      sipPort: 0,
    });
    const running = lab;
    await phonectl.lab.place({
      places: enlisted.players.map(({ id, mac, address }) => ({
        id,
        mac,
        address,
        controlUrl: `${running.controlUrl(mac)}#sip=${running.sipAddress(mac).port}`,
      })),
    });
    yield { type: 'started', phones: enlisted.players.length, left: enlisted.left };
    yield* untilRunning(running, startedAt, end);
    await aborted(end);
  } finally {
    await lab?.stop();
    await socket.close();
  }
  yield { type: 'stopped' };
}

/** Spreads a share evenly: of 30 % it is every third or fourth. */
function isOneOf(share: number, index: number): boolean {
  return Math.floor((index + 1) * share) > Math.floor(index * share);
}

async function* untilRunning(
  lab: { status(): readonly LabPhoneStatus[] },
  startedAt: Date,
  end: AbortSignal,
): AsyncGenerator<PlayEvent> {
  let last = '';
  while (!end.aborted) {
    const phones = lab.status();
    const running = phones.filter(({ state }) => state === 'running').length;
    const failing = phones.filter(({ lastError }) => lastError !== null).length;
    const now = { running, booting: phones.length - running - failing, failing, total: phones.length };
    if (JSON.stringify(now) !== last) yield { type: 'progress', ...now };
    last = JSON.stringify(now);
    if (running === phones.length) {
      yield { type: 'running', phones: running, seconds: (Date.now() - startedAt.getTime()) / 1000 };
      return;
    }
    await pause(TELL_EVERY, end);
  }
}

async function chosen(phonectl: Phonectl, options: PlayOptions): Promise<DeviceSelector> {
  if (options.phones === undefined) return options.selector ?? {};
  const fleet = madeUpFleet(options.phones, options.mix ?? DEFAULT_MIX, randomPassword);
  // Merging keeps the accounts of an earlier lab, their passwords renewed.
  await phonectl.accounts.import({ source: bytes(fleet.accounts), update: 'merge' });
  await phonectl.devices.import({ source: bytes(fleet.devices), update: 'skip' });
  const macs = fleet.devices.trimEnd().split('\n').slice(1);
  return { refs: macs.map((line) => line.slice(0, 12)) };
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function nobody(left: readonly { device: string; reason: string }[]): PhonectlError {
  const [first] = left;
  return new PhonectlError('not_found', 'None of the selected devices can be played by the lab.', {
    hints: [
      ...(first === undefined ? [] : [`${first.device}: ${first.reason}.`]),
      'Let the lab make up some phones: phonectl lab start --phones 20',
    ],
  });
}

/** Our own authority, as a phone gets it from its enrolment file; with a public certificate the phones know theirs. */
function authority(home: Home): { ca?: string } {
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  const path = home.file('tls', 'ca.pem');
  if (!existsSync(path)) return {};
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(readFileSync(path, 'utf8'));
  return certificate === null ? {} : { ca: certificate[0] };
}

function pause(milliseconds: number, end: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      end.removeEventListener('abort', done);
      resolve();
    }
    end.addEventListener('abort', done);
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** What the lab of this home is doing; throws `not_found` when there is none. */
export async function labStatus(home: Home): Promise<LabReport> {
  return (await ask(home, 'status')) ?? noLab();
}

export async function stopLab(home: Home): Promise<{ stopped: boolean }> {
  if ((await ask(home, 'stop')) === undefined) noLab();
  return { stopped: true };
}

function noLab(): never {
  throw new PhonectlError('not_found', 'No lab of this home is running.', {
    hints: ['Start one: phonectl lab start --phones 20'],
  });
}
