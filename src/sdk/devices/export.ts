/**
 * Devices as a table that imports as unchanged (DEV-52..55). Secrets of the CSV profiles stand as asterisks, which an
 * import takes for the stored ones, unless they may be revealed.
 */
import { documentRow, formatTags } from '../../domain/device.ts';
import type { ModelCatalogue } from '../../domain/models.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import { isEmptySelector } from '../../domain/selector.ts';
import { nameKey, nearest } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { MASK } from '../csv/report.ts';
import { writeTable } from '../csv/write.ts';
import { PhonectlError } from '../errors.ts';
import type { ExportInput } from '../imports/export-fields.ts';
import type { ExportRow } from '../ports/devices.ts';
import { openValue, readDocument } from './document.ts';
import { filterOf } from './references.ts';

export interface DeviceExportInput extends ExportInput {
  /** Which devices; all when empty. */
  readonly selector?: DeviceSelector | undefined;
  /** `manual`: the columns of the manual's bulk edit (DEV-55), `own` (default): everything, exactly. */
  readonly format?: 'own' | 'manual' | undefined;
  /** Only these columns, in this order (DEV-53). */
  readonly columns?: readonly string[] | undefined;
  readonly reveal?: boolean | undefined;
  /** `identity`: the same devices always come in the same order. */
  readonly order?: 'id' | 'identity' | undefined;
}

interface ExportColumn {
  readonly name: string;
  readonly cell: (device: ExportRow) => string;
}

export async function* exportDevices(context: OperationContext, input: DeviceExportInput): AsyncGenerator<string> {
  const { selector = {}, format = 'own', columns: wanted, reveal, search, order, ...options } = input;
  const filter = await filterOf(context, { ...selector, ...(search !== undefined && { search }) });
  if (reveal) {
    context.require('device:reveal');
    // Recorded before the first secret leaves.
    const details = { revealed: 'CSV profiles', all: isEmptySelector(selector) };
    await context.write(async () => [undefined, { object: 'devices', result: 'done', details }]);
  }
  const { loadModels } = await import('../../vendors/registry.ts');
  const cells = new Cells(
    context,
    await loadModels(context.home),
    await context.read.devices.sharedAccountNames(),
    reveal ?? false,
  );
  const shape = await context.read.devices.exportShape(filter);
  const all = format === 'manual' ? cells.manual(shape.parameters) : cells.own(shape.lines, shape.parameters);
  const columns = wanted === undefined ? all : chosen(wanted, [...all, ...cells.more()]);
  const batches = context.read.devices.exportRows(filter, shape, order);
  yield* writeTable(
    columns.map(({ name }) => name),
    rowsOf(batches, columns, cells, context.signal),
    options,
  );
}

async function* rowsOf(
  batches: AsyncIterable<readonly ExportRow[]>,
  columns: readonly ExportColumn[],
  cells: Cells,
  signal: AbortSignal,
): AsyncGenerator<readonly (readonly string[])[]> {
  for await (const batch of batches) {
    signal.throwIfAborted();
    yield batch.map((device) => {
      cells.turnTo(device);
      return columns.map(({ cell }) => cell(device));
    });
  }
}

/** Attributes that the manual's file always has, for lines 1 to 5. */
const MANUAL_LINES = [1, 2, 3, 4, 5].flatMap((line) =>
  ['address', 'displayName', 'auth.userId', 'auth.password'].map((name) => `reg.${line}.${name}`),
);

/** The cells of one device at a time: its profile is opened once for all of them. */
class Cells {
  readonly #context: OperationContext;
  readonly #models: ModelCatalogue;
  readonly #shared: ReadonlySet<string>;
  readonly #reveal: boolean;
  #profile: ReadonlyMap<string, string> = new Map();

  constructor(context: OperationContext, models: ModelCatalogue, shared: ReadonlySet<string>, reveal: boolean) {
    this.#context = context;
    this.#models = models;
    this.#shared = shared;
    this.#reveal = reveal;
  }

  turnTo(device: ExportRow): void {
    if (device.document === null) {
      this.#profile = EMPTY;
      return;
    }
    const row = documentRow(device);
    const profile = new Map<string, string>();
    for (const [name, value] of readDocument(device.document)) {
      const shown = 'value' in value ? value.value : this.#reveal ? openValue(value, row, this.#context.secrets) : MASK;
      profile.set(name, shown);
    }
    this.#profile = profile;
  }

  own(lines: number, parameters: readonly string[]): readonly ExportColumn[] {
    return [
      { name: 'mac', cell: ({ mac }) => mac ?? '' },
      { name: 'serial', cell: ({ serial }) => serial ?? '' },
      { name: 'vendor', cell: ({ vendor }) => vendor ?? '' },
      { name: 'model', cell: ({ model }) => model ?? '' },
      // A model has its family by itself.
      { name: 'type', cell: ({ model, family }) => (model === null ? (family ?? '') : '') },
      { name: 'kind', cell: ({ kind }) => kind },
      { name: 'name', cell: ({ name }) => name },
      { name: 'site', cell: ({ site }) => site },
      { name: 'site_mode', cell: ({ siteMode }) => siteMode },
      { name: 'groups', cell: ({ groups }) => groups.join('|') },
      { name: 'description', cell: ({ description }) => description },
      { name: 'private_ip', cell: ({ privateIp }) => privateIp ?? '' },
      { name: 'control_url', cell: ({ controlUrl }) => controlUrl ?? '' },
      { name: 'port', cell: ({ port }) => port ?? '' },
      { name: 'machine_id', cell: ({ machineId }) => machineId ?? '' },
      { name: 'tags', cell: ({ tags }) => (tags === '{}' ? '' : formatTags(JSON.parse(tags))) },
      ...Array.from({ length: lines }, (_, index) => this.#account(index + 1)),
      ...parameters.map((name) => this.#parameter(name)),
    ];
  }

  /** DEV-55. */
  manual(parameters: readonly string[]): readonly ExportColumn[] {
    const attributes = [...MANUAL_LINES, ...parameters.filter((name) => !MANUAL_LINES.includes(name))];
    return [
      { name: 'mac_address', cell: ({ mac }) => mac ?? '' },
      { name: 'serial_number', cell: ({ serial }) => serial ?? '' },
      { name: 'endpoint_name', cell: ({ name }) => name },
      { name: 'endpoint_type', cell: (device) => this.#endpointType(device) },
      { name: 'endpoint_group', cell: ({ groups }) => groups.join('|') },
      ...attributes.map((name) => this.#parameter(name)),
    ];
  }

  /** Columns that only `--columns` gives: an import does not know them. */
  more(): readonly ExportColumn[] {
    return [{ name: 'lines', cell: ({ model }) => String((model && this.#models.find(model)?.maxLines) ?? '') }];
  }

  #account(line: number): ExportColumn {
    return {
      name: `line${line}.account`,
      cell: ({ lines }) => {
        const account = lines.find((candidate) => candidate.line === line);
        if (account === undefined) return '';
        const alone = !this.#shared.has(nameKey(account.name)) && !/^(sip|sfb|yms|cloud|h323):/i.test(account.name);
        return alone ? account.name : `${account.type}:${account.name}`;
      },
    };
  }

  #parameter(name: string): ExportColumn {
    return { name, cell: () => this.#profile.get(name) ?? '' };
  }

  #endpointType({ model, family, vendor }: ExportRow): string {
    const known = model === null ? undefined : this.#models.find(model, vendor ?? undefined);
    const [relative] = known !== undefined || family === null ? [known] : this.#models.list({ family });
    return relative?.endpointTypes[0] ?? '';
  }
}

const EMPTY: ReadonlyMap<string, string> = new Map();

function chosen(wanted: readonly string[], all: readonly ExportColumn[]): readonly ExportColumn[] {
  const byKey = new Map(all.map((column) => [column.name.toLowerCase(), column]));
  return wanted.map((name) => {
    const column = byKey.get(name.trim().toLowerCase());
    if (column !== undefined) return column;
    const names = all.map((candidate) => candidate.name);
    const near = nearest(name, names);
    throw new PhonectlError('usage', `An export has no column "${name}".`, {
      hints: [near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Columns: ${names.slice(0, 40).join(', ')}`],
    });
  });
}
