/** What `serve` refuses to start with, and what it fills in. */
import { CONTROL_ADDRESSES } from '../configuration/base.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { readSharedAccount, type SharedAccount } from '../settings/shared-account.ts';

/** Passwords that every scanner tries first (security.md S-08). */
const KNOWN_DEFAULTS = ['plcmspip', '456', '123', '789', 'admin', 'password', 'cisco', 'yealink', 'polycom', ''];

export interface StartOptions {
  /** Goes without the account that phones share: only certificates and own logins open anything (PROV-05). */
  readonly withoutAccount: boolean;
  /** Accepts a provisioning account with a password that everybody knows (S-08). */
  readonly insecureDefaultAccount: boolean;
}

/** PROV-05, S-08. Throws `conflict`. */
export async function checkProvisioningAccount(context: OperationContext, options: StartOptions): Promise<void> {
  const account = await readSharedAccount(context.read.settings, context.secrets);
  if (account === undefined) {
    if (options.withoutAccount) return;
    throw new PhonectlError('conflict', 'There is no provisioning account that new phones could use (PROV-05).', {
      hints: [
        'Set one with `phonectl settings provisioning account`.',
        'Or start with --without-account: then only certificates and the logins of enrolled phones open anything.',
      ],
    });
  }
  if (isKnownDefault(account) && !options.insecureDefaultAccount) {
    throw new PhonectlError('conflict', `The provisioning account ${account.username} has a factory password.`, {
      hints: [
        'Give it another one with `phonectl settings provisioning account`.',
        'Or start with --insecure-default-account, for as long as phones cannot be told another one.',
      ],
    });
  }
}

function isKnownDefault({ username, password }: SharedAccount): boolean {
  return KNOWN_DEFAULTS.includes(password.toLowerCase()) || username === password;
}

/**
 * Phones that take commands from listed addresses only (Yealink) have to be told ours. When neither a setting nor the
 * certificate's names say which they are, this machine's are noted.
 */
export async function noteControlAddresses(context: OperationContext): Promise<void> {
  const { isIP } = process.getBuiltinModule('node:net');
  const { settings } = context.read;
  if ((await settings.get(CONTROL_ADDRESSES)) !== undefined) return;
  const names = (await settings.get<readonly string[]>('provisioning.names')) ?? [];
  if (names.some((name) => isIP(name) !== 0)) return;
  const addresses = ownAddresses();
  await context.write(async (repositories) => {
    await repositories.settings.set(CONTROL_ADDRESSES, addresses);
    return [undefined, { object: `setting:${CONTROL_ADDRESSES}`, result: 'done', details: { addresses } }];
  });
}

function ownAddresses(): readonly string[] {
  const interfaces = Object.values(process.getBuiltinModule('node:os').networkInterfaces()).flat();
  return interfaces
    .filter((one) => one !== undefined && !one.internal && !one.address.startsWith('fe80:'))
    .map((one) => one!.address);
}
