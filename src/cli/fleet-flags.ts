/** What the fleet commands share: the folder, the secrets file. */
import { string as stringArg } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import type { SecretsFile } from './fleet-folder.ts';
import type { PromptContext } from './prompt.ts';
import { readSecret, secretFlags } from './secrets.ts';

export const folderArg = { folder: stringArg({ required: true, description: 'The fleet folder.' }) };

export const secretsFileFlags = {
  secrets: string({ summary: 'The file with the secrets, sealed with a passphrase.', helpValue: 'FILE' }),
  ...secretFlags('passphrase', 'passphrase of the secrets file'),
};

export const pruneFlag = {
  prune: boolean({ summary: 'Delete what the fleet has and the folder does not.' }),
};

interface SecretsFlagValues {
  readonly secrets?: string | undefined;
  readonly 'passphrase-file'?: string | undefined;
  readonly 'passphrase-stdin'?: boolean | undefined;
}

/** The secrets file with its passphrase, which is asked for on a terminal. */
export async function secretsFile(
  context: PromptContext,
  flags: SecretsFlagValues,
  options: { readonly repeat: boolean },
): Promise<SecretsFile | undefined> {
  if (flags.secrets === undefined) return undefined;
  const asked = { message: 'Passphrase of the secrets file:', repeat: options.repeat };
  const passphrase = await readSecret(context, flags, 'passphrase', asked);
  return { file: flags.secrets, passphrase: passphrase ?? '' };
}
