/** The columns of a device file: the manuals', ours, account columns, and vendor parameters (CSV-05, CSV-08, PROF-21). */
import { nearest } from '../../../domain/text.ts';
import type { Catalogue, Vendor } from '../../../vendors/driver.ts';
import { type ColumnNames, mapColumns } from '../../csv/columns.ts';
import { type HeaderColumn, headerKey } from '../../csv/table.ts';
import { PhonectlError } from '../../errors.ts';
import { ERROR_COLUMN } from '../../imports/events.ts';

export type DeviceColumn =
  | 'mac'
  | 'serial'
  | 'machine_id'
  | 'type'
  | 'kind'
  | 'vendor'
  | 'model'
  | 'name'
  | 'site'
  | 'site_mode'
  | 'groups'
  | 'description'
  | 'private_ip'
  | 'control_url'
  | 'port'
  | 'tags';

export const DEVICE_COLUMN_NAMES: ColumnNames<DeviceColumn> = {
  mac: ['mac_address', 'macaddress', 'mac_addr'],
  serial: ['serial_number', 'serialnumber'],
  machine_id: ['machineid'],
  type: ['endpoint_type', 'device_type'],
  kind: [],
  vendor: ['manufacturer'],
  model: ['device_model'],
  name: ['endpoint_name', 'device_name'],
  site: ['site_name'],
  site_mode: [],
  groups: ['endpoint_group', 'endpoint_groups', 'group', 'device_group', 'device_groups'],
  description: [],
  private_ip: ['ip', 'ip_address', 'privateip'],
  control_url: [],
  port: [],
  tags: ['tag'],
};

/** Columns that only the manual's files have: their rows are Polycom's until they connect (DEV-41). */
const MANUAL = new Set(['mac_address', 'serial_number', 'endpoint_type', 'endpoint_name', 'endpoint_group']);

export interface ParameterName {
  /** As the catalogue spells it, else as the header does. */
  readonly name: string;
  readonly secret: boolean;
}

/** A column of a vendor parameter. */
export interface ParameterColumn {
  readonly header: HeaderColumn;
  /** By vendor whose catalogue knows it. */
  readonly known: Partial<Readonly<Record<Vendor, ParameterName>>>;
  /** For every other vendor. */
  readonly custom: ParameterName;
}

export interface AccountColumn {
  readonly header: HeaderColumn;
  readonly line: number;
}

export interface DeviceColumns {
  readonly fields: ReadonlyMap<DeviceColumn, HeaderColumn>;
  readonly accounts: readonly AccountColumn[];
  readonly parameters: readonly ParameterColumn[];
  /** True when the file has the manual's column names. */
  readonly manual: boolean;
  readonly warnings: readonly string[];
}

export type Catalogues = Readonly<Record<Vendor, Catalogue>>;

/** `line1.account`, `line 1 account`, `line_1_account`. */
const ACCOUNT = /^line_?(\d{1,3})[._]account$/;

/** Dotted (Poly, Yealink), or numbered between underscores (Cisco): what vendors call parameters. */
const SHAPE = /^[a-z_][\w-]*(?:\.[\w-]+)+$|^[a-z][\w]*_\d+_(?:\w+_?)?$/i;

/** Whether a header means something; decides between separators. */
export function isDeviceColumn(name: string): boolean {
  const key = headerKey(name);
  return KNOWN.has(key) || ACCOUNT.test(key) || SHAPE.test(name.trim());
}

const KNOWN = new Set(Object.entries(DEVICE_COLUMN_NAMES).flatMap(([name, aliases]) => [name, ...aliases]));

/** Throws `invalid_file` for columns that mean nothing and for a file that names no device. */
export function readColumns(
  header: readonly HeaderColumn[],
  catalogues: Catalogues,
  isSecret: (catalogue: Catalogue, name: string) => boolean,
): DeviceColumns {
  const { columns: fields, others } = mapColumns(header, DEVICE_COLUMN_NAMES);
  const accounts: AccountColumn[] = [];
  const parameters: ParameterColumn[] = [];
  const unknown: HeaderColumn[] = [];
  for (const column of others) {
    const line = ACCOUNT.exec(column.key)?.[1];
    const parameter = line === undefined ? parameterColumn(column, catalogues, isSecret) : undefined;
    if (line !== undefined) accounts.push({ header: column, line: Number(line) });
    else if (parameter !== undefined) parameters.push(parameter);
    else if (column.key !== ERROR_COLUMN) unknown.push(column);
  }
  if (unknown.length > 0) throw meaningless(unknown, catalogues);
  if (!fields.has('mac') && !fields.has('serial')) {
    throw new PhonectlError('invalid_file', 'The file has neither a column mac nor a column serial.', {
      hints: ['The first line must name the columns; `phonectl device template` prints one.'],
    });
  }
  const zero = accounts.find(({ line }) => line === 0);
  if (zero !== undefined) {
    throw new PhonectlError('invalid_file', `Lines are counted from 1: ${zero.header.name} is none.`);
  }
  return {
    fields,
    accounts: accounts.sort((a, b) => a.line - b.line),
    parameters,
    manual: header.some(({ key }) => MANUAL.has(key)),
    warnings: parameters
      .filter(({ known }) => Object.keys(known).length === 0)
      .map(({ header: { name } }) => `No catalogue knows the parameter ${name}: it is taken as it is written.`),
  };
}

function parameterColumn(
  header: HeaderColumn,
  catalogues: Catalogues,
  isSecret: (catalogue: Catalogue, name: string) => boolean,
): ParameterColumn | undefined {
  const known: Partial<Record<Vendor, ParameterName>> = {};
  for (const [vendor, catalogue] of Object.entries(catalogues) as [Vendor, Catalogue][]) {
    const entry = catalogue.find(header.name);
    if (entry !== undefined) known[vendor] = { name: entry.name, secret: isSecret(catalogue, entry.name) };
  }
  if (Object.keys(known).length === 0 && !SHAPE.test(header.name)) return undefined;
  // Where one vendor calls it a secret it is one, whoever's it is.
  const secret = Object.values(known).some((entry) => entry.secret) || isSecret(catalogues.poly, header.name);
  return { header, known, custom: { name: header.name, secret } };
}

function meaningless(unknown: readonly HeaderColumn[], catalogues: Catalogues): PhonectlError {
  const hints = unknown.slice(0, 10).map(({ name, key }) => {
    const near = [
      ...nearest(key, KNOWN, 2),
      ...Object.values(catalogues).flatMap((catalogue) => catalogue.suggest(name, 1)),
    ];
    return near.length > 0
      ? `${name}: did you mean ${near.slice(0, 3).join(' or ')}?`
      : `${name}: rename or delete it.`;
  });
  const names = unknown.map(({ name }) => name);
  return new PhonectlError(
    'invalid_file',
    `The file has columns that are neither of a device nor a vendor's parameter: ${names.slice(0, 10).join(', ')}.`,
    { hints, details: { columns: names } },
  );
}
