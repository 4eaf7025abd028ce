/**
 * Importing devices: every row is checked before anything is written, then the good ones are applied in batches. Killed
 * at any moment it leaves whole rows only, and the same command completes it.
 */
import { UNSET_SUBNET } from '../../../domain/site.ts';
import { nameKey } from '../../../domain/text.ts';
import type { OperationContext } from '../../context.ts';
import { type ImportReport, type ImportSummary, REPORTED_ERRORS } from '../../csv/report.ts';
import { openTable, type Table } from '../../csv/table.ts';
import type { ImportEvent, RowOutcome } from '../../imports/events.ts';
import type { ImportInput } from '../../imports/fields.ts';
import type { BulkDevices, Outcome, StagedDevice } from '../../ports/bulk.ts';
import type { SiteRepository } from '../../ports/sites.ts';
import { siteResolver } from '../../sites/relocate.ts';
import { ENROLMENT_WINDOW } from '../announce.ts';
import { type Catalogues, type DeviceColumns, isDeviceColumn, readColumns } from './columns.ts';
import { RowCompiler, type Surroundings } from './compile.ts';
import { planUpdate, type UpdateRules } from './plan.ts';
import { fillSealed } from './profile.ts';

export interface DeviceImportInput extends ImportInput {
  /** What becomes of devices that exist (CSV-11): default skip. */
  readonly update?: 'skip' | 'merge' | 'overwrite' | undefined;
  /** Whether the accounts of a row replace those of an existing device (ACCT-11): default replace. */
  readonly accounts?: 'replace' | 'append' | undefined;
  /** Gives new devices whose row names no group the default groups (B-28). */
  readonly defaultGroups?: boolean | undefined;
  /** Send rejected rows with all their cells, so that they can be written back. */
  readonly cells?: boolean | undefined;
}

/** Rows applied in one transaction: the lock is held for about a tenth of a second. */
const BATCH = 10_000;

/** Rows that are checked, sealed and staged together, and how many such pieces may wait for their secrets. */
const PIECE = 250;
const AHEAD = 4;

export async function importDevices(context: OperationContext, input: DeviceImportInput): Promise<ImportReport> {
  const table = await openTable(input.source, {
    separator: input.separator,
    encoding: input.encoding,
    name: input.name,
    known: isDeviceColumn,
  });
  const { loadModels, loadCatalogue, isSecretName } = await import('../../../vendors/registry.ts');
  const [poly, yealink, cisco] = await Promise.all([
    loadCatalogue('poly', context.home),
    loadCatalogue('yealink', context.home),
    loadCatalogue('cisco', context.home),
  ]);
  const catalogues: Catalogues = { poly, yealink, cisco };
  const columns = readColumns(table.header, catalogues, isSecretName);
  const around = await surroundings(context, await loadModels(context.home));
  tell(context, { kind: 'header', columns: table.header.map(({ name }) => name) });
  const bulk = await context.store.bulkDevices(context.home.file('run'), {
    accounts: columns.accounts.length > 0,
    groups: columns.fields.has('groups'),
  });
  try {
    return await run(context, input, { table, columns, around, bulk });
  } finally {
    await bulk.close();
  }
}

interface Parts {
  readonly table: Table;
  readonly columns: DeviceColumns;
  readonly around: Surroundings;
  readonly bulk: BulkDevices;
}

async function run(context: OperationContext, input: DeviceImportInput, parts: Parts): Promise<ImportReport> {
  const { table, columns, around, bulk } = parts;
  const compiler = new RowCompiler(columns, around, bulk, input.cells ?? false);
  await stageAll(context, input, parts, compiler);
  const found = bulk.resolve(context.scope, compiler.profiles.keeps);
  const update = input.update ?? 'skip';
  const rules: UpdateRules = {
    update: update === 'skip' ? 'merge' : update,
    accounts: input.accounts ?? 'replace',
    columns,
    secrets: context.secrets,
  };
  bulk.classify((pair) => {
    if (planUpdate(pair, rules) === undefined) return 'unchanged';
    return update === 'skip' ? 'skip' : 'update';
  });
  const counts = bulk.counts();
  const applies = counts.reject === 0 || (input.partial === true && counts.reject < counts.rows);
  tellRejected(context, bulk);
  const expected: ImportSummary = {
    rows: counts.rows,
    created: counts.create,
    updated: counts.update,
    unchanged: counts.unchanged,
    skipped: counts.skip,
    rejected: counts.reject,
  };
  const warnings = [...table.warnings, ...columns.warnings, ...compiler.warnings, ...found];
  const summary = input.dryRun ? expected : await applyAll(context, input, bulk, { rules, expected, applies });
  if (input.details) tellOutcomes(context, bulk);
  return { summary, errors: bulk.errors(REPORTED_ERRORS), warnings, applied: applies && !input.dryRun };
}

async function stageAll(
  context: OperationContext,
  input: DeviceImportInput,
  { table, bulk }: Parts,
  compiler: RowCompiler,
): Promise<void> {
  const sealer = context.secrets.bulkSealer();
  // While the secrets of some rows are sealed, the next ones are checked. Few are under way at a time: objects that live
  // for a moment only cost next to no memory.
  const underWay: Promise<readonly StagedDevice[]>[] = [];
  let n = 0;
  const stageNext = async (): Promise<void> => bulk.stage((await underWay.shift()) ?? []);
  try {
    for await (const batch of table.batches()) {
      context.signal.throwIfAborted();
      for (let start = 0; start < batch.length; start += PIECE) {
        const good: StagedDevice[] = [];
        for (const row of batch.slice(start, start + PIECE)) {
          n += 1;
          const result = compiler.compile(row, n);
          if (isStaged(result)) good.push(result);
          else bulk.reject(n, input.cells ? row.cells : null, result);
        }
        const sealed = sealer.seal(compiler.profiles.takeSecrets()).then((values) => fillSealed(good, values));
        // Awaited some rounds later; until then a failure is nobody's, and would end the process.
        sealed.catch(() => undefined);
        underWay.push(sealed);
        if (underWay.length > AHEAD) await stageNext();
      }
      tell(context, { kind: 'rows', phase: 'checking', rows: n });
    }
    while (underWay.length > 0) await stageNext();
  } finally {
    await sealer.close();
  }
}

function isStaged(result: ReturnType<RowCompiler['compile']>): result is StagedDevice {
  return 'n' in result;
}

interface Decision {
  readonly rules: UpdateRules;
  readonly expected: ImportSummary;
  readonly applies: boolean;
}

/** One entry in the log before the first batch and one after the last, with the counts. */
async function applyAll(
  context: OperationContext,
  input: DeviceImportInput,
  bulk: BulkDevices,
  { rules, expected, applies }: Decision,
): Promise<ImportSummary> {
  const object = `devices (${expected.rows})`;
  const file = input.name ?? 'stdin';
  if (!applies) {
    await context.write(async () => [undefined, { object, result: 'failed', details: { file, ...expected } }]);
    return { ...expected, created: 0, updated: 0 };
  }
  const defaultGroups = input.defaultGroups ? await context.read.devices.defaultGroupIds() : [];
  await context.write(async () => [
    undefined,
    { object, result: 'done', details: { phase: 'started', file, ...expected } },
  ]);
  let created = 0;
  let updated = 0;
  let accountsMoved = 0;
  const last = expected.created + expected.updated > 0 ? bulk.last : 0;
  for (let first = 1; first <= last; first += BATCH) {
    context.signal.throwIfAborted();
    const now = context.clock.now();
    const applied = await bulk.apply(
      { first, last: Math.min(first + BATCH - 1, last) },
      (pair) => planUpdate(pair, rules),
      { now, windowEnds: now + ENROLMENT_WINDOW, defaultGroups },
    );
    created += applied.created;
    updated += applied.updated;
    accountsMoved += applied.accountsMoved;
    tell(context, { kind: 'rows', phase: 'applying', rows: Math.min(first + BATCH - 1, last) });
  }
  // What others did between the check and the batch: rows that were there by then, and rows that had nothing to do.
  const summary = {
    ...expected,
    created,
    updated,
    skipped: expected.skipped + (expected.created - created),
    unchanged: expected.unchanged + (expected.updated - updated),
  };
  const result = expected.rejected > 0 ? 'partial' : 'done';
  await context.write(async () => [
    undefined,
    { object, result, details: { phase: 'finished', file, ...summary, accountsMoved } },
  ]);
  return summary;
}

async function surroundings(context: OperationContext, models: Surroundings['models']): Promise<Surroundings> {
  const { devices, sites } = context.read;
  const [places, groups, approvals, locate] = await Promise.all([
    devices.places(context.scope),
    devices.groups(),
    devices.approvedModels(),
    locator(sites),
  ]);
  return {
    sites: new Map(places.map((site) => [nameKey(site.name), site])),
    groups: new Map(groups.map((group) => [nameKey(group.name), group])),
    locate,
    models,
    approvals,
    standing: standingDevices(context),
    scoped: context.scope !== 'all',
  };
}

/** Reads the devices at the first question: most imports never ask. */
function standingDevices({ read, scope }: OperationContext): Surroundings['standing'] {
  let devices: Map<string, { model: string | null; siteId: number }> | undefined;
  return (key) => {
    devices ??= new Map(
      [...read.profiles.positions(scope)].map(({ mac, serial, model, siteId }) => [
        mac ?? serial ?? '',
        { model, siteId },
      ]),
    );
    return devices.get(key);
  };
}

/** SITE-10. Without any rule every address leads to the same site. */
async function locator(sites: SiteRepository): Promise<Surroundings['locate']> {
  const resolver = await siteResolver(sites);
  const rules = await sites.rules();
  if (rules.some(({ publicCidr }) => publicCidr !== UNSET_SUBNET)) {
    return (privateIp) => resolver.resolve({ privateIp }).siteId;
  }
  const unlocated = resolver.resolve({}).siteId;
  const elsewhere = await sites.idOf('internet');
  return (privateIp) => (privateIp === null ? unlocated : elsewhere);
}

function tellRejected(context: OperationContext, bulk: BulkDevices): void {
  for (const { cells, errors } of bulk.rejected()) {
    tell(context, { kind: 'row', line: errors[0]?.line ?? 0, name: '', outcome: 'rejected', errors, cells });
  }
}

const OUTCOMES: Readonly<Record<Outcome, RowOutcome>> = {
  create: 'created',
  update: 'updated',
  unchanged: 'unchanged',
  skip: 'skipped',
  reject: 'rejected',
};

function tellOutcomes(context: OperationContext, bulk: BulkDevices): void {
  for (const { line, device, outcome } of bulk.outcomes()) {
    if (outcome !== 'reject') tell(context, { kind: 'row', line, name: device, outcome: OUTCOMES[outcome] });
  }
}

function tell(context: OperationContext, event: ImportEvent): void {
  context.progress(event);
}
