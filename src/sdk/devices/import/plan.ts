/** What a row makes of a device that exists (CSV-11..13, ACCT-11, B-11). */
import { documentRow } from '../../../domain/device.ts';
import type {
  CurrentValues,
  DeviceUpdate,
  ImportedFields,
  LineOf,
  StagedPair,
  StagedValues,
} from '../../ports/bulk.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import { type DocumentValue, openValue, readDocument, sameDocument, sealValue, writeDocument } from '../document.ts';
import { nextFree } from '../lines.ts';
import type { DeviceColumn, DeviceColumns } from './columns.ts';

export interface UpdateRules {
  /** `merge` takes what the row says; `overwrite` also clears what its columns leave empty. */
  readonly update: 'merge' | 'overwrite';
  readonly accounts: 'replace' | 'append';
  readonly columns: DeviceColumns;
  readonly secrets: SecretBox;
}

/** The update, or `undefined` when the device is as the row wants it. */
export function planUpdate({ staged, current }: StagedPair, rules: UpdateRules): DeviceUpdate | undefined {
  const fields = { ...ownFields(staged, current, rules), ...documentOf(staged, current, rules) } as ImportedFields;
  const groups = groupsOf(staged, current, rules);
  const lines = linesOf(staged, current, rules);
  const same = (Object.keys(fields) as (keyof ImportedFields)[]).every((name) => fields[name] === current[name]);
  if (same && groups === undefined && lines === undefined) return undefined;
  return { fields, ...(groups && { groups }), ...(lines && { lines }) };
}

function ownFields(
  staged: StagedValues,
  current: CurrentValues,
  { update, columns }: UpdateRules,
): Omit<ImportedFields, 'document'> {
  function field<T>(column: DeviceColumn, said: T | null, was: T, empty: T): T {
    if (said !== null) return said;
    return update === 'overwrite' && columns.fields.has(column) ? empty : was;
  }
  return {
    mac: current.mac ?? staged.mac,
    serial: current.serial ?? staged.serial,
    machineId: field('machine_id', staged.machineId, current.machineId, null),
    ...whatOf(staged, current),
    name: field('name', staged.name, current.name, ''),
    description: field('description', staged.description, current.description, ''),
    ...siteOf(staged, current, update === 'overwrite' && columns.fields.has('site')),
    privateIp: field('private_ip', staged.privateIp, current.privateIp, null),
    controlUrl: field('control_url', staged.controlUrl, current.controlUrl, null),
    port: field('port', staged.port, current.port, null),
    tags: tagsOf(staged, current, update === 'overwrite' && columns.fields.has('tags')),
  };
}

/** A guess of the vendor never changes what is known; a new model brings its family and kind. */
function whatOf(
  { what }: StagedValues,
  current: CurrentValues,
): Pick<ImportedFields, 'vendor' | 'model' | 'family' | 'kind'> {
  const kind = what.kind ?? current.kind;
  if (what.model !== null) return { vendor: what.vendor, model: what.model, family: what.family, kind };
  const vendor = what.vendorSaid ? what.vendor : (current.vendor ?? what.vendor);
  const fits = vendor === current.vendor || current.vendor === null;
  if (what.family !== null && what.family !== current.family) return { vendor, model: null, family: what.family, kind };
  return fits
    ? { vendor, model: current.model, family: current.family, kind }
    : { vendor, model: null, family: null, kind };
}

/** A device whose addresses decide keeps the site that they gave it, whatever the file says beside `auto`. */
function siteOf(
  staged: StagedValues,
  current: CurrentValues,
  cleared: boolean,
): Pick<ImportedFields, 'siteId' | 'siteMode'> {
  const { siteId, siteMode } = current;
  if (staged.siteMode === 'pinned') return { siteId: staged.siteId ?? siteId, siteMode: 'pinned' };
  if (siteMode === 'auto' || (staged.siteMode === null && !cleared)) return { siteId, siteMode };
  return { siteId: staged.siteId ?? siteId, siteMode: 'auto' };
}

function tagsOf(staged: StagedValues, current: CurrentValues, replace: boolean): string {
  if (staged.tags === null) return replace ? '{}' : current.tags;
  if (replace) return staged.tags;
  const merged = new Map([...Object.entries(JSON.parse(current.tags)), ...Object.entries(JSON.parse(staged.tags))]);
  return JSON.stringify(Object.fromEntries([...merged].sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Merge keeps parameters that the file does not have, overwrite drops them (CSV-12, CSV-13). */
function documentOf(
  staged: StagedValues,
  current: CurrentValues,
  { update, columns, secrets }: UpdateRules,
): Pick<ImportedFields, 'document'> {
  const identity = { mac: current.mac ?? staged.mac, serial: current.serial ?? staged.serial };
  const [stagedRow, oldRow, newRow] = [documentRow(staged), documentRow(current), documentRow(identity)];
  if (columns.parameters.length === 0 && oldRow === newRow) return { document: current.document };
  const stored = readDocument(current.document);
  const said = readDocument(staged.document);
  const wanted = new Map<string, DocumentValue>(update === 'merge' || columns.parameters.length === 0 ? stored : []);
  const touched = new Set<string>();
  for (const [name, value] of said) {
    const kept = 'keep' in value ? stored.get(name) : undefined;
    if (kept !== undefined) wanted.set(name, kept);
    if ('keep' in value) continue;
    touched.add(name);
    wanted.set(name, stagedRow === newRow ? value : resealed(value, stagedRow, newRow, secrets));
  }
  if (oldRow !== newRow) {
    for (const [name, value] of wanted) {
      if (!touched.has(name)) wanted.set(name, resealed(value, oldRow, newRow, secrets));
    }
  } else if (sameDocument(stored, wanted, newRow, secrets)) return { document: current.document };
  return { document: writeDocument(wanted) };
}

function resealed(value: DocumentValue, from: string, to: string, secrets: SecretBox): DocumentValue {
  return 'value' in value ? value : sealValue(openValue(value, from, secrets), to, secrets);
}

function groupsOf(staged: StagedValues, current: CurrentValues, rules: UpdateRules): readonly number[] | undefined {
  if (!rules.columns.fields.has('groups')) return undefined;
  if (staged.groups === null && rules.update === 'merge') return undefined;
  const said = staged.groups ?? [];
  const wanted = rules.update === 'overwrite' ? said : [...new Set([...current.groups, ...said])];
  return sameList(wanted, current.groups) ? undefined : wanted;
}

function linesOf(staged: StagedValues, current: CurrentValues, rules: UpdateRules): readonly LineOf[] | undefined {
  if (rules.columns.accounts.length === 0) return undefined;
  if (rules.accounts === 'append') return appended(staged.lines, current.lines);
  if (staged.lines.length === 0 && rules.update === 'merge') return undefined;
  return sameList(staged.lines.map(lineText), current.lines.map(lineText)) ? undefined : staged.lines;
}

function appended(said: readonly LineOf[], current: readonly LineOf[]): readonly LineOf[] | undefined {
  const lines = new Map(current.map((line) => [line.line, line]));
  const held = new Set(current.map(({ accountId }) => accountId));
  const added = said.filter(({ accountId }) => !held.has(accountId));
  for (const { line: wish, accountId } of added) {
    const line = lines.has(wish) ? nextFree(lines) : wish;
    lines.set(line, { line, accountId });
  }
  return added.length === 0 ? undefined : [...lines.values()].sort((a, b) => a.line - b.line);
}

function lineText({ line, accountId }: LineOf): string {
  return `${line}:${accountId}`;
}

function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
