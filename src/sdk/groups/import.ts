/** Device groups from a table: name and description, in the order of the file; the whole file in one step. */
import { checkName, checkText, nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import type { ColumnNames } from '../csv/columns.ts';
import type { ImportReport } from '../csv/report.ts';
import { writeTable } from '../csv/write.ts';
import { type ExportInput, inBatches } from '../imports/export-fields.ts';
import type { ImportInput } from '../imports/fields.ts';
import { ImportLedger, openImport, type RowReader, recordRefused } from '../imports/reader.ts';
import type { GroupRecord, GroupRepository } from '../ports/groups.ts';
import { writeOrRehearse } from '../rehearse.ts';

export const GROUP_COLUMNS = {
  group_name: ['name', 'group'],
  description: [],
  default: ['default_rank'],
} as const satisfies ColumnNames<string>;

type Reader = RowReader<keyof typeof GROUP_COLUMNS>;

interface GroupRow {
  readonly reader: Reader;
  readonly name: string;
  readonly description: string | undefined;
  /** Rank among the default groups; null when it is none, `undefined` when the file does not say. */
  readonly defaultRank: number | null | undefined;
}

/** Rows overwrite groups of the same name. The file's order becomes the groups' order, before those it does not name. */
export async function importGroups(context: OperationContext, input: ImportInput): Promise<ImportReport> {
  const ledger = new ImportLedger(context, input.details ?? false);
  const { rows } = await openImport(input, GROUP_COLUMNS, [['group_name']], ledger);
  const good = new Map<string, GroupRow>();
  for await (const reader of rows) {
    const row = readRow(reader);
    const earlier = good.get(nameKey(row.name));
    if (earlier !== undefined) {
      const { line } = earlier.reader;
      reader.reject('group_name', `The group stands in line ${line} already.`, 'Delete one of the two rows.');
    }
    if (reader.errors.length > 0) ledger.reject(reader.row, row.name, reader.errors);
    else good.set(nameKey(row.name), row);
  }
  if (ledger.rejected > 0 && input.partial !== true) {
    await recordRefused(context, 'groups', ledger, input.dryRun);
    return ledger.report(false);
  }
  const changed = await writeOrRehearse(context, input.dryRun, async ({ groups }) => {
    const any = await apply(groups, [...good.values()], ledger, context.clock.now());
    const { summary } = ledger.report(any);
    const result = ledger.rejected > 0 ? 'partial' : 'done';
    return [any, { object: `groups (${good.size})`, result, details: { ...summary } }];
  });
  return ledger.report(changed);
}

function readRow(reader: Reader): GroupRow {
  const name = (reader.cell('group_name') ?? '').trim();
  const problem = checkName(name);
  if (problem !== undefined) reader.reject('group_name', `The name ${problem}.`, 'Give every group a name.');
  const description = reader.cell('description');
  const wrong = description === undefined ? undefined : checkText(description);
  if (wrong !== undefined) reader.reject('description', `The text ${wrong}.`, 'Shorten or correct it.');
  const rank = reader.cell('default');
  if (rank !== undefined && !/^\d{0,6}$/.test(rank)) {
    reader.reject('default', 'It is not a rank.', 'Write 1 for the first default group, 2 for the next; else nothing.');
  }
  return { reader, name, description, defaultRank: rank === undefined ? undefined : Number(rank) || null };
}

async function apply(
  groups: GroupRepository,
  rows: readonly GroupRow[],
  ledger: ImportLedger,
  now: number,
): Promise<boolean> {
  const known = new Map<string, GroupRecord>();
  for await (const group of groups.list({ scope: 'all' })) known.set(nameKey(group.name), group);
  const defaults = new Map<number, number | null>([...known.values()].map((group) => [group.id, group.defaultRank]));
  const order: number[] = [];
  let changed = false;
  for (const { reader, name, description, defaultRank } of rows) {
    const existing = known.get(nameKey(name));
    const id = existing?.id ?? (await groups.insert({ name, description: description ?? '' }, now));
    const text =
      existing !== undefined &&
      (name !== existing.name || (description ?? existing.description) !== existing.description);
    if (text) await groups.update(id, { name, ...(description !== undefined && { description }) }, now);
    const rank = defaultRank !== undefined && defaultRank !== (existing?.defaultRank ?? null);
    if (rank) defaults.set(id, defaultRank);
    changed ||= existing === undefined || text || rank;
    ledger.count(reader.line, name, existing === undefined ? 'created' : text || rank ? 'updated' : 'unchanged');
    order.push(id);
  }
  if (!changed && isInOrder(order, known)) return false;
  const others = [...known.values()].map(({ id }) => id).filter((id) => !order.includes(id));
  await groups.setRanks([...order, ...others], now);
  const chosen = [...defaults].filter((entry): entry is [number, number] => entry[1] !== null);
  await groups.setDefaults(
    chosen.sort((a, b) => a[1] - b[1]).map(([id]) => id),
    now,
  );
  return true;
}

function isInOrder(order: readonly number[], known: ReadonlyMap<string, GroupRecord>): boolean {
  const ranks = new Map([...known.values()].map(({ id, rank }) => [id, rank]));
  return order.every((id, index) => index === 0 || (ranks.get(order[index - 1]!) ?? 0) < (ranks.get(id) ?? 0));
}

/** Device groups as a table that imports as unchanged. */
export async function* exportGroups(
  context: OperationContext,
  { search, ...options }: ExportInput,
): AsyncGenerator<string> {
  const rows = context.read.groups.list({ scope: context.scope, search });
  const cells = ({ name, description, defaultRank }: GroupRecord): readonly string[] => [
    name,
    description,
    defaultRank === null ? '' : String(defaultRank),
  ];
  yield* writeTable(['group_name', 'description', 'default'], inBatches(rows, cells), options);
}
