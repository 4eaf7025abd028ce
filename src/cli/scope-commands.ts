/** `config global|group|model|site set|unset|show`: configuration by its scope (CFG-01). */
import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import type { GivenTarget } from '../sdk/profiles/targets.ts';
import type { ProfileWritten } from '../sdk/profiles/write.ts';
import { profileWrittenView } from './columns/profiles.ts';
import { choice, viewFlags } from './flags.ts';
import { changeFlags, changeInput, readParameters } from './profile-flags.ts';
import { PushingCommand } from './pushing-command.ts';

export const vendorFlag = {
  vendor: choice(['poly', 'yealink', 'cisco'], { summary: 'Whose phones; needed where the parameters do not say it.' }),
};

export const setFlags = {
  ...vendorFlag,
  ...changeFlags,
  custom: boolean({ summary: 'Take parameters that no catalogue knows.' }),
};
export const unsetFlags = { ...vendorFlag, ...changeFlags };
export const showFlags = {
  ...viewFlags,
  ...vendorFlag,
  reveal: boolean({ summary: 'Show the secrets; this needs its permission and is recorded.' }),
};

export const valuesArg = {
  parameters: string({ multiple: true, required: true, description: 'The parameters, as NAME=VALUE.' }),
};
export const namesArg = {
  parameters: string({ multiple: true, required: true, description: 'Names of the parameters.' }),
};

type Flags = Parameters<typeof changeInput>[0] & {
  readonly vendor?: 'poly' | 'yealink' | 'cisco' | undefined;
  readonly custom?: boolean;
};

/** The base of the commands that set and unset. */
export abstract class ScopeCommand extends PushingCommand<ProfileWritten> {
  static override view = profileWrittenView('changed');

  protected async setAt(target: GivenTarget, pairs: string | readonly string[], flags: Flags): Promise<ProfileWritten> {
    const set = await readParameters(this.prompts, [pairs].flat());
    return await this.phonectl.profiles.setScope(
      { ...changeInput(flags), target, vendor: flags.vendor, set, custom: flags.custom },
      { signal: this.signal },
    );
  }

  protected async unsetAt(
    target: GivenTarget,
    names: string | readonly string[],
    flags: Flags,
  ): Promise<ProfileWritten> {
    return await this.phonectl.profiles.setScope(
      { ...changeInput(flags), target, vendor: flags.vendor, unset: [names].flat() },
      { signal: this.signal },
    );
  }
}
