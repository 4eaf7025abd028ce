/** The head of a fleet folder: its format, whose fleet it is, and the fleet-wide settings that are no secret. */
import {
  array,
  type InferOutput,
  literal,
  nullable,
  number,
  object,
  optional,
  picklist,
  strictObject,
  string,
} from 'valibot';
import type { OperationContext } from '../context.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import type { Repositories } from '../ports/store.ts';
import { type Folder, HEAD, readText } from './folder.ts';
import type { Problems } from './problems.ts';
import { readYaml, type YamlFile } from './yaml.ts';

export const FORMAT = 'fleet/1';

/** Settings that a folder may hold. Logins are none of them, and neither is what belongs to one machine. */
const settings = strictObject({
  'provisioning.url': optional(string()),
  'provisioning.poll': optional(object({ window: string() })),
  'provisioning.timeServer': optional(string()),
  'provisioning.syslog': optional(
    nullable(object({ server: string(), port: number(), transport: picklist(['udp', 'tcp', 'tls']) })),
  ),
  'provisioning.controlAddresses': optional(array(string())),
  'provisioning.uploadDays': optional(number()),
  'provisioning.files': optional(object({ bytesPerSecond: optional(number()), transfers: optional(number()) })),
  'provisioning.downloadPath': optional(object({ internet: optional(string()), enterprise: optional(string()) })),
});

export const SETTINGS: readonly string[] = Object.keys(settings.entries);

const headFile = strictObject({ phonectl: literal(FORMAT), company: string(), settings: optional(settings, {}) });

export type Head = YamlFile<InferOutput<typeof headFile>>;

export async function readHead(folder: Folder, problems: Problems): Promise<Head | undefined> {
  return await problems.within(HEAD, async () => {
    return await readYaml(HEAD, await readText(folder, HEAD), headFile, problems, { typed: true });
  });
}

export interface SettingChanges {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: number;
}

/** Name of the root site, by which a folder and a fleet know each other. */
export async function companyOf({ sites }: Repositories): Promise<string> {
  return (await sites.get(await sites.idOf('company'))).name;
}

/** Puts the folder's settings in place. A folder of another company's fleet is a problem, not a merger. */
export async function applySettings(
  context: OperationContext,
  head: Head,
  problems: Problems,
): Promise<SettingChanges> {
  const company = await companyOf(context.read);
  if (head.value.company !== company) {
    problems.add({
      ...head.place('company'),
      reason: `This is the fleet of ${head.value.company}; the fleet here is that of ${company}.`,
      remedy: `Make a home for it: phonectl init --company "${head.value.company}" --url URL`,
    });
  }
  const created: string[] = [];
  const changed: string[] = [];
  const wanted = Object.entries(head.value.settings).filter(([, value]) => value !== undefined);
  for (const [name, value] of wanted) {
    const current = await context.read.settings.get(name);
    if (JSON.stringify(current) === JSON.stringify(value)) continue;
    (current === undefined ? created : changed).push(name);
  }
  const different = new Set([...created, ...changed]);
  if (different.size > 0) {
    await context.write(async (repositories) => {
      for (const [name, value] of wanted) if (different.has(name)) await repositories.settings.set(name, value);
      return [undefined, { object: 'settings', result: 'done', details: { settings: [...different] } }];
    });
  }
  await checkSettings(context, head, problems);
  return { created, changed, unchanged: wanted.length - different.size };
}

/** What reads the settings also knows which values cannot be. */
async function checkSettings(context: OperationContext, head: Head, problems: Problems): Promise<void> {
  const { readFleetBase } = await import('../configuration/base.ts');
  const url = head.value.settings['provisioning.url'];
  if (url !== undefined && !(URL.canParse(url) && url.startsWith('https://') && url.endsWith('/'))) {
    const remedy = 'Write it as https://prov.example.net/, with a slash at the end.';
    problems.add({ ...head.place('settings', 'provisioning.url'), reason: `"${url}" is no such URL.`, remedy });
  }
  await problems.within(HEAD, async () => {
    try {
      await readFleetBase((name) => context.read.settings.get(name), context.home, context.secrets);
    } catch (error) {
      if (!isPhonectlError(error) || error.code !== 'invalid_data') throw error;
      const { line, column } = head.place('settings', 'provisioning.poll');
      throw new PhonectlError('invalid_data', error.message, { details: { line, column }, cause: error });
    }
  });
}
