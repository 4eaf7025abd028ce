/**
 * Secrets in a fleet folder: never the text, only where it is.
 *
 * - `home:` the secret that the fleet's sealed store (or the secrets file given beside the folder) has for this place
 * - `env:NAME` an environment variable, `file:PATH` a file, both where the command runs
 * - `plain:TEXT` the text itself, for those who insist
 */
import { deviceKey } from '../../domain/device.ts';
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { readDocument } from '../devices/document.ts';

/** What comes with a folder, resolved where the command runs. */
export interface GivenSecrets {
  /** Of a secrets file: by the key of the place. */
  readonly sealed: Readonly<Record<string, string>>;
  /** By the reference as it is written, such as `env:SIP_1001`. */
  readonly resolved: Readonly<Record<string, string>>;
}

export const NO_SECRETS: GivenSecrets = { sealed: {}, resolved: {} };

/** What an export writes for every secret. */
export const HOME_SECRET = 'home:';

/** The secret, or `keep` for the one that is stored, or what is wrong. */
export type FoundSecret =
  | { readonly value: string; readonly warning?: string }
  | { readonly keep: true }
  | { readonly reason: string; readonly remedy: string };

const EXTERNAL = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/s;

/** Whether the text names something outside: an environment variable or a file. */
export function isExternal(text: string): boolean {
  return EXTERNAL.test(text);
}

export class SecretFinder {
  readonly #given: GivenSecrets;
  readonly #assume: boolean;

  /** With `assume` every reference is taken to lead somewhere: for a check without home and environment. */
  constructor(given: GivenSecrets, options: { readonly assume?: boolean } = {}) {
    this.#given = given;
    this.#assume = options.assume ?? false;
  }

  /** `key` is the place, from {@link accountSecret} and the like. */
  find(text: string, key: string): FoundSecret {
    if (text === '') return { value: '' };
    if (text.startsWith('plain:')) return { value: text.slice('plain:'.length) };
    if (text === HOME_SECRET) return this.#fromHome(key);
    if (isExternal(text)) return this.#external(text);
    if (/^(?:home|env|file):/.test(text)) {
      return { reason: 'The reference to the secret cannot be read.', remedy: 'Write home:, env:NAME or file:PATH.' };
    }
    return {
      value: text,
      warning: `the secret of ${key} stands there for everybody to read; write env:NAME, file:PATH or home:`,
    };
  }

  #fromHome(key: string): FoundSecret {
    if (Object.hasOwn(this.#given.sealed, key)) return { value: this.#given.sealed[key]! };
    return this.#assume ? ASSUMED : { keep: true };
  }

  #external(reference: string): FoundSecret {
    if (Object.hasOwn(this.#given.resolved, reference)) return { value: this.#given.resolved[reference]! };
    if (this.#assume) return ASSUMED;
    const [kind, name] = [reference.slice(0, reference.indexOf(':')), reference.slice(reference.indexOf(':') + 1)];
    return kind === 'env'
      ? { reason: `The environment variable ${name} is not set.`, remedy: 'Set it where the command runs.' }
      : { reason: `The file ${name} is not there.`, remedy: 'Paths are taken from the folder.' };
  }
}

/** In the place of a secret that is missing, so that a rehearsal can go on. Fits wherever a password fits. */
export const ASSUMED = { value: 'Assumed-5ecret' } as const;

/** What is wrong with `home:` where the home has nothing. */
export const NOT_STORED = {
  reason: 'The fleet has no secret for this place.',
  remedy: 'Give the secrets file with --secrets, or write env:NAME or file:PATH.',
} as const;

/** The places of accounts and devices that the fleet has a secret for. */
export async function storedSecrets({ read }: Pick<OperationContext, 'read'>): Promise<ReadonlySet<string>> {
  const places = new Set<string>();
  for await (const { type, name, password } of read.accounts.list({ scope: 'all' })) {
    if (password !== null) places.add(accountSecret(type, name));
  }
  for (const { mac, serial, document } of read.profiles.positions('all')) {
    if (document === null || !document.includes('"sealed"')) continue;
    for (const [name, value] of readDocument(document)) {
      if ('sealed' in value) places.add(deviceSecret(deviceKey({ mac, serial }), name));
    }
  }
  return places;
}

export function accountSecret(type: string, name: string): string {
  return `account:${type}/${nameKey(name)}`;
}

/** `device` is the MAC or serial number in its plain form. */
export function deviceSecret(device: string, parameter: string): string {
  return `device:${device}:${parameter.toLowerCase()}`;
}

export function profileSecret(profile: string, parameter: string): string {
  return `profile:${nameKey(profile)}:${parameter.toLowerCase()}`;
}

/** `device` is the MAC or serial number in its plain form. */
export function macFileSecret(device: string, parameter: string): string {
  return `mac-file:${device}:${parameter.toLowerCase()}`;
}

/** `device` is the first of those that were given it; one device has one push of an assignment. */
export function pushedSecret(
  push: { readonly profile: string; readonly layer: string; readonly target: string },
  device: string,
  parameter: string,
): string {
  const { profile, layer, target } = push;
  return `pushed:${nameKey(profile)}:${layer}/${nameKey(target)}:${device}:${parameter.toLowerCase()}`;
}
