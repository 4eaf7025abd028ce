import type { Kysely } from 'kysely';
import { ENTERPRISE } from '../connection.ts';
import type { AssignmentTable } from '../schema/configuration.ts';
import type { Schema } from '../schema.ts';

/**
 * Takes the assignments of deleted groups, sites or devices away (GRP-04): the database may give their ids to new ones,
 * which must not inherit profiles.
 */
export async function forgetTargets(
  kysely: Kysely<Schema>,
  layer: AssignmentTable['layer'],
  ids: readonly number[],
): Promise<void> {
  await kysely
    .deleteFrom('assignment')
    .where('enterprise_id', '=', ENTERPRISE)
    .where('layer', '=', layer)
    .where('target', 'in', ids.map(String))
    .execute();
}
