/**
 * CSV profiles (PROF-21, PROF-22): what an import set for one device, shown beside the profiles. They live with their
 * device, beat every profile, and can be assigned to nothing else.
 */
import { documentName } from '../../domain/device.ts';
import { nameKey } from '../../domain/text.ts';
import { resolveFor } from '../configuration/configuration.ts';
import { readingSource } from '../configuration/source.ts';
import type { OperationContext } from '../context.ts';
import { maskedDocument } from '../devices/document.ts';
import { changesFor } from '../explain/changes.ts';
import type { PositionRecord } from '../ports/profiles.ts';
import { labelOf, type PlanGroupView, type PlanView, strongestCause, summarisePlan } from './plan.ts';
import type { ProfileDetail, ProfileRow } from './read.ts';

/** Rows of all devices of the scope that have one, in the order of the devices. */
export function* csvProfiles(context: Pick<OperationContext, 'read' | 'scope'>): Generator<ProfileDetail> {
  for (const record of context.read.profiles.positions(context.scope)) {
    if (record.document !== null) yield detailOf(record);
  }
}

/** The CSV profile of that name (B-27: in any case), if there is one. */
export function findCsvProfile(
  context: Pick<OperationContext, 'read' | 'scope'>,
  name: string,
): ProfileDetail | undefined {
  const wanted = nameKey(name);
  if (!wanted.endsWith('_csv_profile')) return undefined;
  for (const profile of csvProfiles(context)) if (nameKey(profile.name) === wanted) return profile;
  return undefined;
}

/** A device with the CSV profile that it is to lose. */
export interface CsvProfile {
  readonly name: string;
  readonly record: PositionRecord;
}

/** The CSV profiles among these names; names of other profiles are passed over. */
export function csvProfilesNamed(
  context: Pick<OperationContext, 'read' | 'scope'>,
  names: readonly string[],
): readonly CsvProfile[] {
  const wanted = new Set(names.map(nameKey).filter((key) => key.endsWith('_csv_profile')));
  if (wanted.size === 0) return [];
  const found: CsvProfile[] = [];
  for (const record of context.read.profiles.positions(context.scope)) {
    const name = documentName(record);
    if (record.document !== null && wanted.has(nameKey(name))) found.push({ name, record });
  }
  return found;
}

/** PROF-21: what phones lose and what then holds instead. */
export async function planWithout(context: OperationContext, profiles: readonly CsvProfile[]): Promise<PlanView> {
  const source = await readingSource(context);
  for (const layer of source.layers) await layer.refresh?.();
  const groups: PlanGroupView[] = [];
  for (const { record } of profiles) {
    const stored = await source.reader.deviceById(record.id);
    if (stored === undefined || stored.vendor === null) continue;
    const side = { context, stored };
    const changes = await changesFor(
      { ...side, resolved: await resolveFor(source, stored) },
      { ...side, resolved: await resolveFor(source, stored, { document: null }) },
    );
    if (changes.length === 0) continue;
    const devices = [{ id: record.id, device: labelOf(record), site: record.siteName }];
    groups.push({ devices, changes, shadowed: [], causes: strongestCause(changes) });
  }
  return summarisePlan(groups, []);
}

function detailOf(record: PositionRecord): ProfileDetail {
  const values = Object.entries(maskedDocument(record.document));
  const secrets = JSON.parse(record.document ?? '{}') as Record<string, object>;
  const row: ProfileRow = {
    id: null,
    name: documentName(record),
    vendor: record.vendor ?? '',
    type: 'imported',
    description: '',
    models: record.model === null ? [] : [record.model],
    parameterCount: values.length,
    assignmentCount: 1,
    version: 0,
    modifiedBy: '',
    modifiedAt: new Date(record.updatedAt).toISOString(),
  };
  return {
    ...row,
    parameters: values.map(([name, value]) => ({ name, value, secret: 'sealed' in (secrets[name] ?? {}) })),
    assignments: [{ layer: 'csv', target: labelOf(record), priority: 1, apply: 'auto' }],
  };
}
