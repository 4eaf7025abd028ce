/** Profiles as files of their vendor, alone or in a ZIP archive (PROF-20, B-41). */
import type { Parameter } from '../../domain/effective.ts';
import { nameKey } from '../../domain/text.ts';
import type { Vendor } from '../../vendors/driver.ts';
import { driverOf } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { ProfileRecord } from '../ports/profiles.ts';
import { requireProfile } from './edits.ts';
import { open } from './parameters.ts';
import { Workspace } from './workspace.ts';
import { type ZipEntry, zip } from './zip.ts';

export interface ProfileExport {
  /** All user-defined ones when not given. */
  readonly profiles?: readonly string[] | undefined;
  /** Writes secrets; otherwise asterisks stand for them, which an import leaves out. */
  readonly reveal?: boolean | undefined;
  /** `file` is for one profile only. */
  readonly form: 'zip' | 'file';
}

/** Stands for a secret in a file: no vendor's file takes other characters in all places. */
const STARS = '********';

export async function* exportProfiles(context: OperationContext, input: ProfileExport): AsyncGenerator<Uint8Array> {
  const workspace = await Workspace.load(context.read.profiles);
  const profiles =
    input.profiles === undefined
      ? [...workspace.profiles.values()].filter(({ type }) => type === 'user').toSorted(byName)
      : input.profiles.map((reference) => requireOwn(requireProfile(workspace, reference)));
  if (input.form === 'file' && profiles.length !== 1) {
    throw new PhonectlError('invalid_input', `A file holds one profile, not ${profiles.length}.`, {
      hints: ['Write a ZIP archive: give --out a name that ends in .zip.'],
    });
  }
  if (input.reveal) {
    context.require('profile:reveal');
    const details = { profiles: profiles.map(({ name }) => name) };
    await context.write(async () => [undefined, { object: `profiles (${profiles.length})`, result: 'done', details }]);
  }
  const entries: ZipEntry[] = [];
  for (const profile of profiles) entries.push(await entryOf(context, profile, input.reveal === true));
  if (input.form === 'zip') yield* zip(entries);
  else yield* entries.map(({ body }) => body);
}

function byName(a: ProfileRecord, b: ProfileRecord): number {
  return nameKey(a.name) < nameKey(b.name) ? -1 : 1;
}

function requireOwn(profile: ProfileRecord): ProfileRecord {
  if (profile.type === 'user') return profile;
  throw new PhonectlError('protected', `"${profile.name}" is a ${profile.type} profile; only your own are exported.`, {
    hints: [`Copy it and export the copy: phonectl profile copy "${profile.name}" NEW`],
  });
}

async function entryOf(context: OperationContext, profile: ProfileRecord, reveal: boolean): Promise<ZipEntry> {
  const driver = await driverOf(profile.vendor as Vendor, context.home);
  const parameters: readonly Parameter[] = reveal
    ? open(`profile:${profile.uid}`, profile.parameters, context.secrets)
    : profile.parameters.map(([name, value]) => ({ name, value: typeof value === 'string' ? value : STARS }));
  const { extension, body } = driver.document(parameters);
  return { name: `${profile.name}.${extension}`, body, modified: profile.updatedAt };
}
