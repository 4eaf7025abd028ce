/**
 * Makes a fleet what a folder says. The same function runs on a scratch home (`validate`), on a copy of the store
 * (`plan`) and on the fleet itself (`apply`), with the import engines of the topics: there is no second way in.
 *
 * What the folder names becomes as it says there; what it does not name stays, unless it is to be pruned.
 */
import { importAccounts } from '../accounts/import.ts';
import type { OperationContext } from '../context.ts';
import { type ImportReport, MASK } from '../csv/report.ts';
import { importDevices } from '../devices/import/import.ts';
import { importGroups } from '../groups/import.ts';
import type { ImportEvent } from '../imports/events.ts';
import type { ImportInput } from '../imports/fields.ts';
import type { RevisionEntry } from '../ports/profiles.ts';
import { commitEdits } from '../profiles/commit.ts';
import { importSites } from '../sites/import.ts';
import type { Folder, TableName } from './folder.ts';
import type { Touched } from './phones.ts';
import type { Problems } from './problems.ts';
import { findStrangers, removeStrangers, type Strangers } from './prune.ts';
import { ASSUMED, NOT_STORED, type SecretFinder, storedSecrets } from './secrets.ts';
import { applySettings, readHead } from './settings.ts';
import { editStack, readStack } from './stack.ts';
import { rewritten } from './tables.ts';
import { applyDeviceFiles } from './topics/device-files.ts';
import { applyFirmware } from './topics/firmware.ts';
import { applyGiven } from './topics/given.ts';
import { applyMacFiles } from './topics/mac-files.ts';
import { applyApprovals, applyModels } from './topics/models.ts';
import { applyPushed } from './topics/pushed.ts';
import { applyResources } from './topics/resources.ts';
import { NOTHING, type ToldChanges, type TopicChanges } from './topics/topic.ts';

/** In the order in which they are applied. */
export const TOPICS = [
  'settings',
  'models',
  'sites',
  'groups',
  'approvals',
  'accounts',
  'devices',
  'resources',
  'firmware',
  'profiles',
  'assignments',
  'pushed',
  'given',
  'macFiles',
  'deviceFiles',
] as const;
export type Topic = (typeof TOPICS)[number];

export type FolderChanges = Readonly<Record<Topic, TopicChanges>>;

export interface ApplyFolderOptions {
  readonly secrets: SecretFinder;
  readonly prune: boolean;
  readonly reason?: string | undefined;
  /** Looks at all that is wrong instead of stopping at the first file: for a rehearsal. */
  readonly all: boolean;
  /** Nothing but the folder is there, see {@link editStack}. */
  readonly alone: boolean;
}

export interface AppliedFolder {
  readonly changes: FolderChanges;
  /** What the folder does not have, by topic; gone when it was pruned. */
  readonly strangers: Readonly<Record<string, readonly string[]>>;
  readonly touched: Touched;
  /** Number of the new revision of the configuration. */
  readonly revision: number | null;
}

export async function applyFolder(
  context: OperationContext,
  folder: Folder,
  problems: Problems,
  options: ApplyFolderOptions,
): Promise<AppliedFolder> {
  const stop = (): void => {
    if (!options.all) problems.throwIfAny();
  };
  const head = await readHead(folder, problems);
  stop();
  const settings = head === undefined ? NOTHING : { ...(await applySettings(context, head, problems)), deleted: [] };
  stop();
  const { prune } = options;
  const models = await applyModels(context, folder, problems, prune);
  stop();
  const tables = new Map<TableName, TopicChanges>();
  const stored = await storedSecrets(context);
  const importFile = async (file: TableName): Promise<void> => {
    if (!folder.names.includes(file)) return;
    tables.set(file, await importTable(context, folder, file, problems, { ...options, stored }));
    stop();
  };
  await importFile('sites.csv');
  await importFile('groups.csv');
  // Before the devices: what is not approved cannot be added.
  const approvals = await applyApprovals(context, folder, problems, prune);
  stop();
  await importFile('accounts.csv');
  await importFile('devices.csv');
  const resources = await applyResources(context, folder, problems, prune);
  stop();
  const firmware = await applyFirmware(context, folder, problems, options);
  stop();
  const intent = await readStack(folder, problems);
  stop();
  let entries: readonly RevisionEntry[] = [];
  let profileNames: ReadonlyMap<number, string> = new Map();
  const { revision } = await commitEdits(
    context,
    async (workspace, stamp) => {
      const before = new Map([...workspace.profiles.values()].map(({ id, name }) => [id, name]));
      await editStack(context, workspace, stamp, intent, { ...options, problems });
      stop();
      entries = workspace.entries();
      profileNames = new Map([
        ...before,
        ...[...workspace.profiles.values()].map(({ id, name }) => [id, name] as const),
      ]);
    },
    { object: 'fleet', reason: options.reason ?? 'fleet apply' },
  );
  const pushed = await applyPushed(context, folder, problems, options);
  stop();
  const given = await applyGiven(context, folder, problems, options);
  stop();
  const macFiles = await applyMacFiles(context, folder, problems, options);
  stop();
  const deviceFiles = await applyDeviceFiles(context, folder, problems, prune);
  stop();
  const strangers = await findStrangers(context, folder, problems);
  stop();
  const deleted = prune ? await removeStrangers(context, strangers) : undefined;
  const table = (file: TableName, topic: keyof Strangers): TopicChanges => ({
    ...(tables.get(file) ?? NOTHING),
    deleted: deleted?.[topic] ?? [],
  });
  return {
    changes: {
      settings,
      models: told(models),
      sites: table('sites.csv', 'sites'),
      groups: table('groups.csv', 'groups'),
      approvals: told(approvals),
      accounts: table('accounts.csv', 'accounts'),
      devices: table('devices.csv', 'devices'),
      resources: told(resources),
      firmware: told(firmware),
      profiles: stackChanges(entries, 'profile', profileNames, intent.profiles.length),
      assignments: stackChanges(entries, 'assignment', profileNames, 0),
      pushed: told(pushed),
      given: told(given),
      macFiles: told(macFiles),
      deviceFiles: told(deviceFiles),
    },
    strangers: {
      ...Object.fromEntries(Object.entries(strangers).map(([topic, list]) => [topic, list.map(({ name }) => name)])),
      models: models.strangers,
      approvals: approvals.strangers,
      resources: resources.strangers,
      macFiles: macFiles.strangers,
      deviceFiles: deviceFiles.strangers,
    },
    touched: {
      devices: isMoved(models) ? 'all' : [...pushed.touched, ...given.touched, ...macFiles.touched],
      addresses: [settings, resources, firmware].some(isMoved),
    },
    revision,
  };
}

function told({ created, changed, deleted, unchanged }: ToldChanges): TopicChanges {
  return { created, changed, deleted, unchanged };
}

export function isMoved({ created, changed, deleted }: TopicChanges): boolean {
  return created.length + changed.length + deleted.length > 0;
}

async function importTable(
  context: OperationContext,
  folder: Folder,
  file: TableName,
  problems: Problems,
  { secrets, stored, all }: ApplyFolderOptions & { readonly stored: ReadonlySet<string> },
): Promise<TopicChanges> {
  const names: Record<'created' | 'updated', string[]> = { created: [], updated: [] };
  // The engine tells the outcome of every row; those who wait hear how far it is.
  const listening: OperationContext = {
    ...context,
    progress(event) {
      const told = event as ImportEvent;
      if (told.kind === 'rows') context.progress({ file, ...told });
      if (told.kind === 'row' && told.outcome === 'created') names.created.push(told.name);
      if (told.kind === 'row' && told.outcome === 'updated') names.updated.push(told.name);
    },
  };
  const source = rewritten(
    folder,
    file,
    (text, { line }, { name: column }, place) => {
      const found = secrets.find(text, place);
      if ('value' in found) {
        if (found.warning !== undefined) problems.warn(`${file}:${line}`, found.warning);
        return found.value;
      }
      if ('keep' in found && stored.has(place)) return MASK;
      problems.add({ file, line, column, ...('keep' in found ? NOT_STORED : found) });
      return ASSUMED.value;
    },
    ({ line, problem }) => {
      if (problem !== undefined) problems.add({ file, line, column: '', ...problem });
    },
  );
  // A rehearsal goes on with the good rows, so that what refers to them is not called wrong as well.
  const input = { source, name: file, separator: 'comma', encoding: 'utf-8', partial: all, details: true } as const;
  const report = await problems.within(file, async () => await IMPORTS[file](listening, input));
  if (report === undefined) return NOTHING;
  problems.addReport(file, report);
  return { created: names.created, changed: names.updated, deleted: [], unchanged: report.summary.unchanged };
}

const IMPORTS: Readonly<Record<TableName, (context: OperationContext, input: ImportInput) => Promise<ImportReport>>> = {
  'sites.csv': importSites,
  'groups.csv': importGroups,
  'accounts.csv': (context, input) => importAccounts(context, { ...input, update: 'overwrite' }),
  'devices.csv': (context, input) => importDevices(context, { ...input, update: 'overwrite' }),
};

function stackChanges(
  entries: readonly RevisionEntry[],
  kind: RevisionEntry['kind'],
  profiles: ReadonlyMap<number, string>,
  all: number,
): TopicChanges {
  const mine = entries.filter((entry) => entry.kind === kind);
  const nameOf = ({ objectId, before, after }: RevisionEntry): string => {
    if (kind === 'profile') return profiles.get(objectId) ?? String(objectId);
    const assignment = (after ?? before) as { profileId: number; target: { layer: string } };
    return `${profiles.get(assignment.profileId) ?? assignment.profileId} (${assignment.target.layer})`;
  };
  const created = mine.filter(({ before }) => before === undefined).map(nameOf);
  const deleted = mine.filter(({ after }) => after === undefined).map(nameOf);
  const changed = mine.filter(({ before, after }) => before !== undefined && after !== undefined).map(nameOf);
  return { created, changed, deleted, unchanged: Math.max(0, all - created.length - changed.length) };
}
