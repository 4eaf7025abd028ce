import type { Selectable } from 'kysely';
import { nameKey } from '../../domain/text.ts';
import type { KeyDraft, KeyProof, KeyProofs, KeyRecord, KeyRepository, KeyTerms } from '../../sdk/ports/keys.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import type { AccessKeyTable } from '../schema/access.ts';

export class SqlKeyRepository implements KeyRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async list(): Promise<readonly KeyRecord[]> {
    const rows = await this.#kysely
      .selectFrom('access_key')
      .selectAll()
      .where('enterprise_id', '=', ENTERPRISE)
      .orderBy('name_key')
      .execute();
    const roles = await this.#rolesOf(rows.map((row) => row.id));
    return rows.map((row) => record(row, roles.get(row.id) ?? []));
  }

  async find(reference: string): Promise<KeyRecord | undefined> {
    const row = await this.#kysely
      .selectFrom('access_key')
      .selectAll()
      .where('enterprise_id', '=', ENTERPRISE)
      .where((where) => where.or([where('key_id', '=', reference), where('name_key', '=', nameKey(reference))]))
      // A key may be named like another's id; the id wins.
      .orderBy((order) => order.case().when('key_id', '=', reference).then(0).else(1).end())
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const roles = await this.#rolesOf([row.id]);
    return record(row, roles.get(row.id) ?? []);
  }

  async #rolesOf(ids: readonly number[]): Promise<Map<number, { id: number; name: string }[]>> {
    const found = new Map<number, { id: number; name: string }[]>();
    if (ids.length === 0) return found;
    const rows = await this.#kysely
      .selectFrom('access_key_role')
      .innerJoin('role', 'role.id', 'access_key_role.role_id')
      .select(['access_key_role.key_id', 'role.id', 'role.name'])
      .where('access_key_role.key_id', 'in', ids)
      .orderBy('role.name_key')
      .execute();
    for (const { key_id, id, name } of rows) {
      const list = found.get(key_id);
      if (list) list.push({ id, name });
      else found.set(key_id, [{ id, name }]);
    }
    return found;
  }

  async proofs(keyId: string): Promise<KeyProofs | undefined> {
    const row = await this.#kysely
      .selectFrom('access_key')
      .select(['verifier', 'public_key', 'previous_verifier', 'previous_public_key'])
      .where('key_id', '=', keyId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const current: KeyProof = { verifier: row.verifier, publicKey: row.public_key };
    if (row.previous_verifier === null || row.previous_public_key === null) return { current };
    return { current, previous: { verifier: row.previous_verifier, publicKey: row.previous_public_key } };
  }

  async add(key: KeyDraft, now: number): Promise<number> {
    const { id } = await this.#kysely
      .insertInto('access_key')
      .values({
        enterprise_id: ENTERPRISE,
        key_id: key.keyId,
        ...columns(key),
        verifier: key.proof.verifier,
        public_key: key.proof.publicKey,
        created_by: key.createdBy,
        created_at: now,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await this.#setRoles(id, key.roleIds);
    return id;
  }

  async edit(id: number, terms: KeyTerms): Promise<void> {
    await this.#kysely
      .updateTable('access_key')
      .set((expression) => ({ ...columns(terms), version: expression('version', '+', 1) }))
      .where('id', '=', id)
      .execute();
    await this.#setRoles(id, terms.roleIds);
  }

  async #setRoles(keyId: number, roleIds: readonly number[]): Promise<void> {
    await this.#kysely.deleteFrom('access_key_role').where('key_id', '=', keyId).execute();
    const roles = [...new Set(roleIds)].map((role_id) => ({ key_id: keyId, role_id }));
    if (roles.length > 0) await this.#kysely.insertInto('access_key_role').values(roles).execute();
  }

  async revoke(id: number, now: number): Promise<void> {
    await this.#kysely
      .updateTable('access_key')
      .set((expression) => ({ revoked_at: now, version: expression('version', '+', 1) }))
      .where('id', '=', id)
      .execute();
  }

  async rotate(id: number, proof: KeyProof, previousUntil: number, now: number): Promise<void> {
    await this.#kysely
      .updateTable('access_key')
      .set((expression) => ({
        previous_verifier: expression.ref('verifier'),
        previous_public_key: expression.ref('public_key'),
        previous_until: previousUntil,
        verifier: proof.verifier,
        public_key: proof.publicKey,
        rotated_at: now,
        version: expression('version', '+', 1),
      }))
      .where('id', '=', id)
      .execute();
  }

  async used(id: number, from: string, now: number): Promise<void> {
    await this.#kysely
      .updateTable('access_key')
      .set({ last_used_at: now, last_used_from: from })
      .where('id', '=', id)
      .execute();
  }
}

function columns({ name, description, networks, callback, expiresAt }: KeyTerms) {
  return {
    name,
    name_key: nameKey(name),
    description,
    networks: JSON.stringify(networks),
    callback,
    expires_at: expiresAt,
  };
}

function record(row: Selectable<AccessKeyTable>, roles: KeyRecord['roles']): KeyRecord {
  return {
    id: row.id,
    keyId: row.key_id,
    name: row.name,
    description: row.description,
    version: row.version,
    roles,
    networks: JSON.parse(row.networks) as string[],
    callback: row.callback,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    createdBy: row.created_by,
    createdAt: row.created_at,
    rotatedAt: row.rotated_at,
    lastUsedAt: row.last_used_at,
    lastUsedFrom: row.last_used_from,
    previousUntil: row.previous_until,
  };
}
