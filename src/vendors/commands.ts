/**
 * What phones can be told and asked beside rebooting and fetching their configuration: the same words for every vendor.
 * What a vendor's phones cannot do says why, from the data of the models.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigPart, DialType, NetworkFact, ResetScope } from '../domain/commands.ts';
import { PhonectlError } from '../sdk/errors.ts';
import type { AttemptResult, ControlTarget, RenderDevice } from './driver.ts';
import type { DeviceTransport } from './transport.ts';

type Nothing = Readonly<Record<never, never>>;

/** What each command needs to know. All of it is JSON: it is stored with the task. */
export interface CommandInputs {
  readonly restart: Nothing;
  readonly reset: { readonly scope: ResetScope };
  /** `account`: user name or name of the one account that it is for; else all of the phone's. */
  readonly dnd: { readonly on: boolean; readonly account?: string };
  /** `seconds` as far as the phone can be told; `token` names the text where the phone fetches it from the server. */
  readonly message: { readonly text: string; readonly seconds: number; readonly token: string };
  readonly key: { readonly keys: readonly string[] };
  readonly dial: { readonly to: string; readonly type: DialType; readonly line: number };
  readonly answer: Nothing;
  readonly hold: Nothing;
  readonly resume: Nothing;
  readonly end: Nothing;
  /** Blind. */
  readonly transfer: { readonly to: string };
  readonly set: { readonly parameters: Readonly<Record<string, string>> };
  /** DIAG-13. `filter` is the phone's own; '' for everything. `enable`: switches the feature on where it is off. */
  readonly captureStart: { readonly filter: string; readonly megabytes: number; readonly enable: boolean };
  /** Makes it send what it has captured to its callback URL; `token` is part of that. It goes on capturing. */
  readonly captureSend: { readonly token: string };
  /** `disable`: switches the feature off as well, where it was switched on like this. */
  readonly captureEnd: { readonly disable: boolean };
}

export type CommandType = keyof CommandInputs;

/** Something that a phone reported by itself. */
export interface SeenEvent {
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface CommandOptions {
  readonly via?: string;
  readonly force?: boolean;
  readonly signal: AbortSignal;
}

export interface Command<Input> {
  /** In order of preference. */
  readonly transports: readonly string[];
  /** Why this device cannot do it, known before anything is sent. */
  notApplicable(device: RenderDevice, input: Input): string | undefined;
  run(target: ControlTarget, input: Input, transport: DeviceTransport, options: CommandOptions): Promise<AttemptResult>;
  /** How an event that came after it shows that it was done, in words; `undefined` when it does not. */
  proof?(event: SeenEvent, input: Input): string | undefined;
}

export type Commands = { readonly [Type in CommandType]: Command<CommandInputs[Type]> };

/** A call as a phone tells of it. */
export interface PhoneCall {
  readonly line: number | null;
  /** The phone's own word: `Connected`, `Offering`, `Hold` … */
  readonly state: string;
  readonly direction: 'incoming' | 'outgoing' | null;
  readonly remoteName: string | null;
  readonly remoteNumber: string | null;
  readonly seconds: number | null;
}

/** A file as a phone hands it out. */
export interface PhoneFile {
  readonly name: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** DIAG-21. What a phone does not tell is null. */
export interface Performance {
  /** Percent. */
  readonly cpu: number | null;
  readonly cpuAverage: number | null;
  /** Bytes. */
  readonly memoryUsed: number | null;
  readonly memoryTotal: number | null;
}

/** What a phone does not tell is not in it. */
export type NetworkFacts = Readonly<Partial<Record<NetworkFact, string>>>;

export interface Reading<Input, Result> {
  notApplicable(device: RenderDevice, input: Input): string | undefined;
  /** Throws `unreachable`, `timeout`, `certificate` or `conflict` with what stands in the way. */
  read(target: ControlTarget, input: Input, transport: DeviceTransport, signal: AbortSignal): Promise<Result>;
}

export interface Readings {
  readonly calls: Reading<Nothing, readonly PhoneCall[]>;
  /** `enable`: switches the feature on where it is off, and off again afterwards. */
  readonly screen: Reading<{ readonly enable: boolean }, PhoneFile>;
  readonly logs: Reading<Nothing, readonly PhoneFile[]>;
  readonly performance: Reading<Nothing, Performance>;
  readonly network: Reading<Nothing, NetworkFacts>;
  readonly configuration: Reading<{ readonly part: ConfigPart }, PhoneFile>;
}

/** By its first bytes: what phones say of the type is not always so. */
export function imageSuffix(body: Uint8Array): 'png' | 'bmp' | 'jpg' | 'bin' {
  if (body[0] === 0x89 && body[1] === 0x50) return 'png';
  if (body[0] === 0x42 && body[1] === 0x4d) return 'bmp';
  return body[0] === 0xff && body[1] === 0xd8 ? 'jpg' : 'bin';
}

/** A command that no phone of the vendor takes. */
export function impossible(why: (device: RenderDevice) => string): Command<unknown> {
  return {
    transports: [],
    notApplicable: why,
    run: async (target) => ({ outcome: 'not-applicable', reason: why(target) }),
  };
}

/** A question that no phone of the vendor answers. */
export function unreadable(why: (device: RenderDevice) => string): Reading<unknown, never> {
  return {
    notApplicable: why,
    read: async (target) => {
      throw new PhonectlError('conflict', `${target.name || target.mac || 'The phone'}: ${why(target)}.`);
    },
  };
}

/** How often and how long an effect is looked for before the command counts as accepted only. Milliseconds. */
const LOOKS = 6;
const FIRST_LOOK = 150;

/** Looks for the effect of what was sent: soon, then ever later, about four seconds in all. */
export async function seen<T>(look: () => Promise<T | undefined>, signal: AbortSignal): Promise<T | undefined> {
  for (let wait = FIRST_LOOK, tries = 1; tries <= LOOKS; wait *= 1.8, tries++) {
    await sleep(wait, undefined, { signal });
    const found = await look();
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * DEV-43: phones switch do not disturb for all their accounts at once, so one account can only be meant where it is the
 * only one. `undefined` when it can be done.
 */
export function dndForOne(device: RenderDevice, account: string | undefined): string | undefined {
  if (account === undefined) return undefined;
  const wanted = account.toLowerCase();
  const has = device.lines.some(
    ({ username, authName, label }) =>
      username.toLowerCase() === wanted || authName.toLowerCase() === wanted || label.toLowerCase() === wanted,
  );
  if (!has) return `no line of it has the account ${account}`;
  return device.lines.length === 1 ? undefined : 'it switches do not disturb for all of its lines at once only';
}
