/** Sites from a table (SITE-18..20, CSV-02, 03). Rows overwrite sites of the same name; the whole file in one step. */
import { rulesOf, ruleText, type SiteSubnet } from '../../domain/site.ts';
import { parseSubnets } from '../../domain/subnets-json.ts';
import { checkName, checkText, excerpt, nameKey, nearest } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import type { ColumnNames } from '../csv/columns.ts';
import type { ImportReport } from '../csv/report.ts';
import type { ImportInput } from '../imports/fields.ts';
import { ImportLedger, openImport, type RowReader, recordRefused } from '../imports/reader.ts';
import type { SiteData, SiteRecord } from '../ports/sites.ts';
import type { Repositories } from '../ports/store.ts';
import { writeOrRehearse } from '../rehearse.ts';
import { isDownloadPath, isOfficeHours, isTimeZone, PROVISIONING } from './fields.ts';
import { requoteSubnets } from './requote.ts';
import { requireAllSites, settleSubnets } from './write.ts';

export const SITE_COLUMNS = {
  site_name: ['name', 'site'],
  parent: ['parent_site'],
  description: [],
  location_name: ['location'],
  subnets: [],
  provisioning: [],
  auto_add: [],
  download_path: [],
  time_zone: [],
  office_hours: [],
} as const satisfies ColumnNames<string>;

type Column = keyof typeof SITE_COLUMNS;

/** A good row: what the file says of a site; what it does not say stays as it is. */
interface SiteRow {
  readonly reader: RowReader<Column>;
  readonly name: string;
  /** Empty for the root. */
  readonly parent: string | undefined;
  readonly data: Partial<Omit<SiteData, 'name' | 'parentId'>>;
  readonly subnets: readonly SiteSubnet[] | undefined;
}

export async function importSites(context: OperationContext, input: ImportInput): Promise<ImportReport> {
  requireAllSites(context);
  const ledger = new ImportLedger(context, input.details ?? false);
  const source = requoteSubnets(input.source);
  const { rows } = await openImport({ ...input, source }, SITE_COLUMNS, [['site_name']], ledger);
  const known = await knownSites(context);
  const good = checkTree(await readAll(rows, known, ledger), known, ledger);
  if (ledger.rejected > 0 && input.partial !== true) {
    for (const row of good.values())
      ledger.count(row.reader.line, row.name, known.has(nameKey(row.name)) ? 'updated' : 'created');
    await recordRefused(context, 'sites', ledger, input.dryRun);
    return ledger.report(false);
  }
  const applied = await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const changed = await apply(context, repositories, [...good.values()], known, ledger);
    const { summary } = ledger.report(true);
    return [
      changed,
      { object: `sites (${good.size})`, result: ledger.rejected > 0 ? 'partial' : 'done', details: { ...summary } },
    ];
  });
  return ledger.report(applied);
}

async function knownSites(context: OperationContext): Promise<ReadonlyMap<string, SiteRecord>> {
  const known = new Map<string, SiteRecord>();
  for await (const site of context.read.sites.list({ scope: context.scope })) known.set(nameKey(site.name), site);
  return known;
}

async function readAll(
  rows: AsyncIterable<RowReader<Column>>,
  known: ReadonlyMap<string, SiteRecord>,
  ledger: ImportLedger,
): Promise<Map<string, SiteRow>> {
  const good = new Map<string, SiteRow>();
  for await (const reader of rows) {
    const row = readRow(reader, ledger);
    const key = nameKey(row.name);
    const earlier = good.get(key);
    if (earlier !== undefined) {
      reader.reject(
        'site_name',
        `The site stands in line ${earlier.reader.line} already.`,
        'Delete one of the two rows.',
      );
    }
    const existing = known.get(key);
    if (existing !== undefined) checkProtected(row, existing);
    if (reader.errors.length > 0) ledger.reject(reader.row, row.name, reader.errors);
    else good.set(key, row);
  }
  return good;
}

function readRow(reader: RowReader<Column>, ledger: ImportLedger): SiteRow {
  const name = reader.cell('site_name') ?? '';
  const problem = checkName(name);
  if (problem !== undefined) reader.reject('site_name', `The name ${problem}.`, 'Give every site a name.');
  const text = (column: 'description' | 'location_name'): string | undefined => {
    const cell = reader.cell(column);
    const wrong = cell === undefined ? undefined : checkText(cell);
    if (wrong !== undefined) reader.reject(column, `The text ${wrong}.`, 'Take the character out or shorten the text.');
    return cell;
  };
  const description = text('description');
  const location = text('location_name');
  const provisioning = readProvisioning(reader);
  const autoAdd = readFlag(reader);
  const downloadPath = reader.cell('download_path');
  if (downloadPath && !isDownloadPath(downloadPath)) {
    reader.reject('download_path', 'It is not a URL.', 'Write it as https://relay.example.net/.');
  }
  const timeZone = reader.cell('time_zone');
  if (timeZone && !isTimeZone(timeZone)) {
    reader.reject('time_zone', 'There is no such time zone.', 'Write it as Europe/Berlin.');
  }
  const officeHours = reader.cell('office_hours');
  if (officeHours && !isOfficeHours(officeHours)) {
    reader.reject('office_hours', 'These are no office hours.', 'Write them as mon-fri 08:00-18:00, or off.');
  }
  return {
    reader,
    name: name.trim(),
    parent: reader.cell('parent'),
    data: {
      ...(description !== undefined && { description }),
      ...(location !== undefined && { location }),
      ...(provisioning && { provisioning }),
      ...(autoAdd !== undefined && { autoAdd }),
      ...(downloadPath !== undefined && { downloadPath: downloadPath.replace(/([^/])$/, '$1/') || null }),
      ...(timeZone !== undefined && { timeZone: timeZone || null }),
      ...(officeHours !== undefined && { officeHours: officeHours || null }),
    },
    subnets: readSubnets(reader, ledger),
  };
}

function readSubnets(reader: RowReader<Column>, ledger: ImportLedger): readonly SiteSubnet[] | undefined {
  const cell = reader.cell('subnets');
  if (cell === undefined) return undefined;
  const parsed = parseSubnets(cell);
  if (!parsed.ok) {
    reader.reject(
      'subnets',
      `The subnets cannot be read: ${parsed.reason}.`,
      'Write them as the template does, in JSON.',
    );
    return undefined;
  }
  for (const warning of parsed.warnings) ledger.warn(`Line ${reader.line}: ${warning}`);
  return parsed.subnets;
}

function readProvisioning(reader: RowReader<Column>): SiteData['provisioning'] | undefined {
  const cell = reader.cell('provisioning')?.toLowerCase();
  if (cell === undefined || cell === '') return undefined;
  const found = PROVISIONING.find((value) => value === cell);
  if (found === undefined)
    reader.reject('provisioning', 'There is no such way.', `Write one of ${PROVISIONING.join(', ')}.`);
  return found;
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['true', true],
  ['1', true],
  ['no', false],
  ['false', false],
  ['0', false],
]);

function readFlag(reader: RowReader<Column>): boolean | undefined {
  const cell = reader.cell('auto_add')?.toLowerCase();
  if (cell === undefined || cell === '') return undefined;
  const flag = FLAGS.get(cell);
  if (flag === undefined) reader.reject('auto_add', 'It is neither yes nor no.', 'Write yes or no.');
  return flag;
}

/** SITE-02, 07, 22: what the special sites keep. The same values again are no change. */
function checkProtected(row: SiteRow, site: SiteRecord): void {
  const { reader, data } = row;
  if (site.kind === 'internet') {
    const remedy = 'Delete the row, or leave these cells as an export writes them.';
    for (const [column, field] of [
      ['description', 'description'],
      ['location_name', 'location'],
      ['download_path', 'downloadPath'],
    ] as const) {
      if (data[field] !== undefined && data[field] !== site[field]) {
        reader.reject(column, `The site ${site.name} cannot be changed here.`, remedy);
      }
    }
    if (row.subnets !== undefined && row.subnets.length > 0) {
      reader.reject('subnets', `The site ${site.name} takes what no subnet claims.`, remedy);
    }
  }
  const moved = row.parent !== undefined && nameKey(row.parent) !== nameKey(site.parent ?? '');
  if (moved && (site.kind === 'company' || site.kind === 'internet')) {
    reader.reject(
      'parent',
      `The site ${site.name} keeps its place in the tree.`,
      'Leave the cell as an export writes it.',
    );
  }
}

/** Parents must exist, in the store or in a good row, and no site may lie below itself. */
function checkTree(
  rows: Map<string, SiteRow>,
  known: ReadonlyMap<string, SiteRecord>,
  ledger: ImportLedger,
): Map<string, SiteRow> {
  const parentOf = (key: string): string | undefined => {
    const parent = rows.get(key)?.parent ?? known.get(key)?.parent;
    return parent ? nameKey(parent) : undefined;
  };
  const inFile = new Set(rows.keys());
  for (let wrong: SiteRow[] | undefined; wrong === undefined || wrong.length > 0; ) {
    // All rows are looked at before one is dropped, so that every site of a circle is told the same.
    wrong = [...rows].filter(([key, row]) => !checkParent(key, row)).map(([, row]) => row);
    for (const { reader, name } of wrong) {
      rows.delete(nameKey(name));
      ledger.reject(reader.row, name, reader.errors);
    }
  }
  return rows;

  function checkParent(key: string, { reader, parent }: SiteRow): boolean {
    if (!parent) return true;
    const parentKey = nameKey(parent);
    if (!rows.has(parentKey) && !known.has(parentKey)) {
      if (inFile.has(parentKey)) {
        reader.reject('parent', `The row of the site "${excerpt(parent)}" is rejected.`, 'Correct that row first.');
      } else {
        const near = nearest(
          parent,
          [...known.values()].map((site) => site.name),
        );
        const remedy = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Add it as a row or with `site add`.';
        reader.reject('parent', `There is no site "${excerpt(parent)}".`, remedy);
      }
    } else if (isBelowItself(key, parentOf, rows.size + known.size)) {
      reader.reject('parent', 'The site would lie below itself.', 'Give one site of the circle another parent.');
    }
    return reader.errors.length === 0;
  }
}

function isBelowItself(start: string, parentOf: (key: string) => string | undefined, most: number): boolean {
  let key = parentOf(start);
  for (let step = 0; key !== undefined && step <= most; step += 1) {
    if (key === start) return true;
    key = parentOf(key);
  }
  return false;
}

/** Returns whether anything was changed. */
async function apply(
  context: OperationContext,
  { sites }: Repositories,
  rows: readonly SiteRow[],
  known: ReadonlyMap<string, SiteRecord>,
  ledger: ImportLedger,
): Promise<boolean> {
  const now = context.clock.now();
  const company = await sites.idOf('company');
  const ids = new Map<string, number>();
  const written: number[] = [];
  for (const row of rows) {
    const key = nameKey(row.name);
    const existing = known.get(key);
    const id =
      existing?.id ?? (await sites.insert('site', { ...BLANK, ...row.data, name: row.name, parentId: company }, now));
    ids.set(key, id);
    const changed = existing === undefined || differs(row, existing);
    if (existing !== undefined && changed) await sites.update(id, { ...row.data, name: row.name }, now);
    if (row.subnets !== undefined && changed) await sites.setSubnets(id, row.subnets, now);
    if (changed) written.push(id);
    ledger.count(row.reader.line, row.name, existing === undefined ? 'created' : changed ? 'updated' : 'unchanged');
  }
  for (const { name, parent } of rows) {
    if (!parent) continue;
    const parentId = ids.get(nameKey(parent)) ?? known.get(nameKey(parent))?.id ?? company;
    const before = known.get(nameKey(name))?.parentId ?? company;
    if (parentId !== before) await sites.update(ids.get(nameKey(name))!, { parentId }, now);
  }
  const warnings: string[] = [];
  if (written.length > 0) await settleSubnets(sites, written, warnings, now);
  for (const warning of warnings) ledger.warn(warning);
  return written.length > 0;
}

const BLANK: Omit<SiteData, 'name' | 'parentId'> = {
  description: '',
  location: '',
  provisioning: 'credential',
  autoAdd: false,
  downloadPath: null,
  timeZone: null,
  officeHours: null,
};

function differs(row: SiteRow, site: SiteRecord): boolean {
  if (row.name !== site.name) return true;
  if (row.parent && nameKey(row.parent) !== nameKey(site.parent ?? '')) return true;
  if (row.subnets !== undefined && subnetKey(row.subnets) !== subnetKey(site.subnets)) return true;
  const fields = Object.keys(row.data) as (keyof SiteRow['data'])[];
  return fields.some((field) => row.data[field] !== site[field]);
}

/** Subnets are a set: their order means nothing. */
function subnetKey(subnets: readonly SiteSubnet[]): string {
  return rulesOf(subnets).map(ruleText).sort().join('\n');
}
