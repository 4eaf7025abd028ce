import { resolve } from 'node:path';
import { string as stringArg } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import {
  type ContextEntry,
  checkContext,
  readAuthority,
  saveContext,
  saveCredentials,
  showContext,
} from '../../cli/contexts.ts';
import { writeFlags } from '../../cli/flags.ts';
import { readSecret, secretFlags } from '../../cli/secrets.ts';
import { PhonectlError } from '../../sdk/errors.ts';

interface SecretValues {
  readonly id?: string | undefined;
  readonly 'secret-stdin'?: boolean | undefined;
  readonly 'secret-file'?: string | undefined;
}

export default class ContextAdd extends PhonectlCommand<ContextEntry> {
  static override usesSdk = false;
  static override summary = 'Adds a server elsewhere, to work on with the same commands.';
  static override description =
    'Sign in afterwards with `phonectl auth login`, or give an access key here. Key and session are kept in a file ' +
    'that only you can read; PHONECTL_KEY_ID and PHONECTL_KEY_SECRET go before it.';
  static override examples = [
    'phonectl context add prod --server https://phones.example.net:8445',
    'phonectl context add prod --server https://10.20.0.5:8445 --ca ca.pem --id pk_abcdefghijklmnop --secret-stdin < secret',
  ];
  static override args = { name: stringArg({ required: true, description: 'Name of the context.' }) };
  static override flags = {
    ...writeFlags,
    ...secretFlags('secret', 'secret of the access key'),
    server: string({ summary: 'Address of the server.', helpValue: 'URL', required: true, env: 'PHONECTL_SERVER' }),
    ca: string({ summary: 'Certificate authority of the server, PEM.', helpValue: 'FILE', env: 'PHONECTL_CA' }),
    id: string({ summary: 'Id of an access key; its secret is asked for or read.', helpValue: 'ID' }),
    replace: boolean({ summary: 'Change the context if there is one of this name.' }),
  };
  static override view = doneView<ContextEntry>(({ name, server }) => `Context ${name} is ${server}.`);

  override async run(): Promise<ContextEntry> {
    const { args, flags } = await this.parse(ContextAdd);
    const { name } = args;
    const ca = flags.ca === undefined ? undefined : resolve(flags.ca);
    if (ca !== undefined) readAuthority(ca);
    const context = { server: flags.server, ...(ca !== undefined && { ca }) };
    checkContext(name, context, flags.replace, process.env);
    const secret = await this.#secret(flags);
    if (flags['dry-run']) return { name, ...context, active: false, credentials: null, keyId: flags.id ?? null };
    await saveContext(name, context, flags.replace, process.env);
    if (flags.id !== undefined && secret !== undefined) {
      await saveCredentials(name, { id: flags.id, secret }, process.env);
    }
    return showContext(name, process.env);
  }

  async #secret(flags: SecretValues): Promise<string | undefined> {
    if (flags.id !== undefined)
      return await readSecret(this.prompts, flags, 'secret', { message: 'Secret of the key:' });
    if (flags['secret-stdin'] || flags['secret-file'] !== undefined) {
      throw new PhonectlError('usage', 'A secret needs the id of its key.', { hints: ['Give --id pk_….'] });
    }
    return undefined;
  }
}
