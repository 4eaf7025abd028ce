/**
 * CSV profiles (PROF-21, PROF-22): what an import set for one device, shown beside the profiles. They live with their
 * device, beat every profile, and can be assigned to nothing else.
 */
import { documentName } from '../../domain/device.ts';
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { maskedDocument } from '../devices/document.ts';
import type { PositionRecord } from '../ports/profiles.ts';
import { labelOf } from './plan.ts';
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
