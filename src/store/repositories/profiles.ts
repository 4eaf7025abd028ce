/** Profiles, where they are assigned, and every revision of both. */
import type { Selectable } from 'kysely';
import type { Target } from '../../domain/stack.ts';
import { nameKey } from '../../domain/text.ts';
import type {
  AssignmentRecord,
  ProfileRecord,
  ProfileRepository,
  RevisionEntry,
  RevisionRecord,
} from '../../sdk/ports/profiles.ts';
import { ENTERPRISE } from '../connection.ts';
import type { AssignmentTable, ProfileTable, RevisionEntryTable, RevisionTable } from '../schema/configuration.ts';
import { SqlLayout } from './layout.ts';

export class SqlProfileRepository extends SqlLayout implements ProfileRepository {
  async profiles(): Promise<readonly ProfileRecord[]> {
    const rows = await this.kysely
      .selectFrom('profile')
      .selectAll()
      .where('enterprise_id', '=', ENTERPRISE)
      .orderBy('id')
      .execute();
    return rows.map(toProfile);
  }

  async assignments(): Promise<readonly AssignmentRecord[]> {
    const rows = await this.kysely
      .selectFrom('assignment')
      .selectAll()
      .where('enterprise_id', '=', ENTERPRISE)
      .orderBy('id')
      .execute();
    return rows.map(toAssignment);
  }

  async putProfile(profile: ProfileRecord): Promise<void> {
    const { id, ...row } = fromProfile(profile);
    await this.kysely
      .insertInto('profile')
      .values({ id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }

  async putAssignment(assignment: AssignmentRecord): Promise<void> {
    const { id, ...row } = fromAssignment(assignment);
    await this.kysely
      .insertInto('assignment')
      .values({ id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }

  async deleteProfile(id: number): Promise<void> {
    await this.kysely.deleteFrom('profile').where('enterprise_id', '=', ENTERPRISE).where('id', '=', id).execute();
  }

  async deleteAssignment(id: number): Promise<void> {
    await this.kysely.deleteFrom('assignment').where('enterprise_id', '=', ENTERPRISE).where('id', '=', id).execute();
  }

  async nextIds(): Promise<{ profile: number; assignment: number }> {
    // The history remembers deleted objects; an id that came back would let a rollback hit the wrong one.
    const [profile, assignment] = await Promise.all([this.#highest('profile'), this.#highest('assignment')]);
    return { profile: profile + 1, assignment: assignment + 1 };
  }

  async #highest(kind: 'profile' | 'assignment'): Promise<number> {
    const { max } = this.kysely.fn;
    const [living, remembered] = await Promise.all([
      this.kysely.selectFrom(kind).select(max('id').as('id')).executeTakeFirst(),
      this.kysely
        .selectFrom('revision_entry')
        .select(max('object_id').as('id'))
        .where('kind', '=', kind)
        .executeTakeFirst(),
    ]);
    return Math.max(living?.id ?? 0, remembered?.id ?? 0);
  }

  async revision(): Promise<number> {
    const { max } = this.kysely.fn;
    const row = await this.kysely
      .selectFrom('revision')
      .select(max('id').as('id'))
      .where('enterprise_id', '=', ENTERPRISE)
      .executeTakeFirst();
    return row?.id ?? 0;
  }

  async addRevision(revision: Omit<RevisionRecord, 'id'>, entries: readonly RevisionEntry[]): Promise<number> {
    const { id } = await this.kysely
      .insertInto('revision')
      .values({ ...revision, enterprise_id: ENTERPRISE, summary: JSON.stringify(revision.summary) })
      .returning('id')
      .executeTakeFirstOrThrow();
    for (const { kind, objectId, before, after } of entries) {
      await this.kysely
        .insertInto('revision_entry')
        .values({
          revision_id: id,
          kind,
          object_id: objectId,
          before: before === undefined ? null : JSON.stringify(before),
          after: after === undefined ? null : JSON.stringify(after),
        })
        .execute();
    }
    return id;
  }

  async revisions(limit?: number): Promise<readonly RevisionRecord[]> {
    let select = this.kysely
      .selectFrom('revision')
      .selectAll()
      .where('enterprise_id', '=', ENTERPRISE)
      .orderBy('id', 'desc');
    if (limit !== undefined) select = select.limit(limit);
    return (await select.execute()).map(toRevision);
  }

  async entriesAbove(id: number): Promise<readonly RevisionEntry[]> {
    const rows = await this.kysely
      .selectFrom('revision_entry')
      .innerJoin('revision', 'revision.id', 'revision_entry.revision_id')
      .selectAll('revision_entry')
      .where('revision.enterprise_id', '=', ENTERPRISE)
      .where('revision_id', '>', id)
      .orderBy('revision_entry.id', 'desc')
      .execute();
    return rows.map(toEntry);
  }

  async entriesOf(id: number): Promise<readonly RevisionEntry[]> {
    const rows = await this.kysely
      .selectFrom('revision_entry')
      .selectAll()
      .where('revision_id', '=', id)
      .orderBy('id')
      .execute();
    return rows.map(toEntry);
  }
}

function toProfile(row: Selectable<ProfileTable>): ProfileRecord {
  return {
    id: row.id,
    uid: row.uid,
    name: row.name,
    vendor: row.vendor,
    type: row.type,
    description: row.description,
    models: JSON.parse(row.models),
    imageId: row.image_id,
    parameters: JSON.parse(row.parameters),
    version: row.version,
    modifiedBy: row.modified_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function fromProfile(profile: ProfileRecord): Selectable<ProfileTable> {
  return {
    id: profile.id,
    enterprise_id: ENTERPRISE,
    uid: profile.uid,
    name: profile.name,
    name_key: nameKey(profile.name),
    vendor: profile.vendor,
    type: profile.type,
    description: profile.description,
    models: JSON.stringify(profile.models),
    image_id: profile.imageId,
    parameters: JSON.stringify(profile.parameters),
    version: profile.version,
    modified_by: profile.modifiedBy,
    created_at: profile.createdAt,
    updated_at: profile.updatedAt,
  };
}

function toAssignment(row: Selectable<AssignmentTable>): AssignmentRecord {
  return {
    id: row.id,
    profileId: row.profile_id,
    target: toTarget(row.layer, row.target),
    priority: row.priority,
    apply: row.apply,
    createdAt: row.created_at,
  };
}

function fromAssignment(assignment: AssignmentRecord): Selectable<AssignmentTable> {
  const { target } = assignment;
  return {
    id: assignment.id,
    enterprise_id: ENTERPRISE,
    profile_id: assignment.profileId,
    layer: target.layer,
    target: target.layer === 'global' ? '' : target.layer === 'model' ? target.model.toLowerCase() : String(target.id),
    priority: assignment.priority,
    apply: assignment.apply,
    created_at: assignment.createdAt,
  };
}

function toTarget(layer: AssignmentTable['layer'], target: string): Target {
  if (layer === 'global') return { layer };
  if (layer === 'model') return { layer, model: target };
  return { layer, id: Number(target) };
}

function toRevision(row: Selectable<RevisionTable>): RevisionRecord {
  const { id, at, author, reason, operation } = row;
  return { id, at, author, reason, operation, summary: JSON.parse(row.summary) };
}

function toEntry(row: Selectable<RevisionEntryTable>): RevisionEntry {
  return {
    kind: row.kind,
    objectId: row.object_id,
    ...(row.before !== null && { before: JSON.parse(row.before) }),
    ...(row.after !== null && { after: JSON.parse(row.after) }),
  };
}
