/** Where the sealing key is, and the account that phones enrol with. */
import type { OperationContext } from '../context.ts';
import { locateKey } from '../home.ts';
import {
  newSharedAccount,
  openSharedAccount,
  SHARED_ACCOUNT,
  type StoredSharedAccount,
} from '../settings/shared-account.ts';

export interface KeyFacts {
  readonly file: string;
  /** Octal, such as `0600`. */
  readonly mode: string;
  /** Short name of the key, the same wherever it is used; it says nothing about the key. */
  readonly fingerprint: string;
  /** What decides where it is. */
  readonly by: 'PHONECTL_KEY_FILE' | 'systemd credential' | 'home id';
}

export async function keyFacts({ home, secrets }: OperationContext): Promise<KeyFacts> {
  const { statSync } = process.getBuiltinModule('node:fs');
  const file = locateKey(home);
  const credentials = process.env['CREDENTIALS_DIRECTORY'];
  const by =
    process.env['PHONECTL_KEY_FILE'] !== undefined
      ? 'PHONECTL_KEY_FILE'
      : credentials !== undefined && file.startsWith(credentials)
        ? 'systemd credential'
        : 'home id';
  const mode = (statSync(file).mode & 0o777).toString(8).padStart(4, '0');
  return { file, mode, fingerprint: secrets.fingerprint('phonectl key').slice(0, 16), by };
}

export interface SharedAccountShown {
  readonly username: string;
  /** Null unless it was to be revealed. */
  readonly password: string | null;
}

/** PROV-05: the account that enrols phones; `rotate` gives it a new password. */
export async function sharedAccount(
  context: OperationContext,
  input: { readonly reveal?: boolean | undefined; readonly rotate?: boolean | undefined },
): Promise<SharedAccountShown> {
  if (input.reveal !== true && input.rotate !== true) {
    const stored = await context.read.settings.get<StoredSharedAccount>(SHARED_ACCOUNT);
    return { username: stored?.username ?? '', password: null };
  }
  if (input.reveal === true) context.require('home:reveal');
  return await context.write(async ({ settings }) => {
    let stored = await settings.get<StoredSharedAccount>(SHARED_ACCOUNT);
    if (stored === undefined || input.rotate === true) {
      stored = newSharedAccount(context.secrets, stored?.username);
      await settings.set(SHARED_ACCOUNT, stored);
    }
    const { username, password } = openSharedAccount(stored, context.secrets)!;
    return [
      { username, password: input.reveal === true ? password : null },
      {
        object: 'provisioning account',
        result: 'done',
        details: { rotated: input.rotate === true, revealed: input.reveal === true },
      },
    ];
  });
}
