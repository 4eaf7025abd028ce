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
import { type Folder, TABLES, type TableName } from './folder.ts';
import type { Problems } from './problems.ts';
import { findStrangers, removeStrangers, type Strangers } from './prune.ts';
import { ASSUMED, NOT_STORED, type SecretFinder, storedSecrets } from './secrets.ts';
import { applySettings, readHead } from './settings.ts';
import { editStack, readStack } from './stack.ts';
import { rewritten } from './tables.ts';

/** In the order in which they are applied. */
export const TOPICS = ['settings', 'sites', 'groups', 'accounts', 'devices', 'profiles', 'assignments'] as const;
export type Topic = (typeof TOPICS)[number];

/** What becomes of the objects of one topic; by name, in the order of the files. */
export interface TopicChanges {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly deleted: readonly string[];
  readonly unchanged: number;
}

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
  /** What the folder does not have; gone when it was pruned. */
  readonly strangers: Strangers;
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
  const tables = new Map<TableName, TopicChanges>();
  const stored = await storedSecrets(context);
  for (const file of TABLES) {
    tables.set(
      file,
      folder.names.includes(file)
        ? await importTable(context, folder, file, problems, { ...options, stored })
        : NOTHING,
    );
    stop();
  }
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
  const strangers = await findStrangers(context, folder, problems);
  stop();
  const deleted = options.prune ? await removeStrangers(context, strangers) : undefined;
  const table = (file: TableName, topic: keyof Strangers): TopicChanges => ({
    ...(tables.get(file) ?? NOTHING),
    deleted: deleted?.[topic] ?? [],
  });
  return {
    changes: {
      settings,
      sites: table('sites.csv', 'sites'),
      groups: table('groups.csv', 'groups'),
      accounts: table('accounts.csv', 'accounts'),
      devices: table('devices.csv', 'devices'),
      profiles: stackChanges(entries, 'profile', profileNames, intent.profiles.length),
      assignments: stackChanges(entries, 'assignment', profileNames, 0),
    },
    strangers,
    revision,
  };
}

const NOTHING: TopicChanges = { created: [], changed: [], deleted: [], unchanged: 0 };

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
