import { sql } from 'kysely';
import { nameKey } from '../../domain/text.ts';
import type { Grant, RoleDraft, RoleGroupRecord, RoleRecord, RoleRepository } from '../../sdk/ports/roles.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';

export class SqlRoleRepository implements RoleRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async groups(): Promise<readonly RoleGroupRecord[]> {
    const rows = await this.#kysely
      .selectFrom('role_group')
      .leftJoin('role', 'role.group_id', 'role_group.id')
      .select(['role_group.id', 'role_group.name', 'role_group.builtin'])
      .select((expression) => expression.fn.count<number>('role.id').as('roles'))
      .where('role_group.enterprise_id', '=', ENTERPRISE)
      .groupBy('role_group.id')
      .orderBy('role_group.name_key')
      .execute();
    return rows.map(({ builtin, ...row }) => ({ ...row, builtin: builtin === 1 }));
  }

  async addGroup(name: string): Promise<number> {
    const { id } = await this.#kysely
      .insertInto('role_group')
      .values({ enterprise_id: ENTERPRISE, name, name_key: nameKey(name) })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  async renameGroup(id: number, name: string): Promise<void> {
    await this.#kysely
      .updateTable('role_group')
      .set({ name, name_key: nameKey(name) })
      .where('id', '=', id)
      .execute();
  }

  async deleteGroup(id: number): Promise<void> {
    await this.#kysely.deleteFrom('role_group').where('id', '=', id).execute();
  }

  async list(): Promise<readonly RoleRecord[]> {
    return await this.#records();
  }

  async find(name: string): Promise<RoleRecord | undefined> {
    return (await this.#records(nameKey(name)))[0];
  }

  async #records(key?: string): Promise<RoleRecord[]> {
    let query = this.#kysely
      .selectFrom('role')
      .innerJoin('role_group', 'role_group.id', 'role.group_id')
      .selectAll('role')
      .select('role_group.name as group_name')
      .select((expression) => [
        expression
          .selectFrom('user_role')
          .select(({ fn }) => fn.countAll<number>().as('n'))
          .whereRef('user_role.role_id', '=', 'role.id')
          .as('users'),
        expression
          .selectFrom('access_key_role')
          .innerJoin('access_key', 'access_key.id', 'access_key_role.key_id')
          .select(({ fn }) => fn.countAll<number>().as('n'))
          .whereRef('access_key_role.role_id', '=', 'role.id')
          .where('access_key.revoked_at', 'is', null)
          .as('keys'),
      ])
      .where('role.enterprise_id', '=', ENTERPRISE);
    if (key !== undefined) query = query.where('role.name_key', '=', key);
    const rows = await query.orderBy('role.name_key').execute();
    const sites = await this.#sitesOf(rows.filter((row) => row.all_sites === 0).map((row) => row.id));
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      group: row.group_name,
      groupId: row.group_id,
      description: row.description,
      builtin: row.builtin === 1,
      permissions: JSON.parse(row.permissions) as string[],
      sites: row.all_sites === 1 ? 'all' : (sites.get(row.id) ?? []),
      version: row.version,
      users: row.users ?? 0,
      keys: row.keys ?? 0,
    }));
  }

  async #sitesOf(roleIds: readonly number[]): Promise<Map<number, { id: number; name: string }[]>> {
    const found = new Map<number, { id: number; name: string }[]>();
    if (roleIds.length === 0) return found;
    const rows = await this.#kysely
      .selectFrom('role_site')
      .innerJoin('site', 'site.id', 'role_site.site_id')
      .select(['role_site.role_id', 'site.id', 'site.name'])
      .where('role_site.role_id', 'in', roleIds)
      .orderBy('site.name_key')
      .execute();
    for (const { role_id, id, name } of rows) {
      const list = found.get(role_id);
      if (list) list.push({ id, name });
      else found.set(role_id, [{ id, name }]);
    }
    return found;
  }

  async add(role: RoleDraft, now: number): Promise<number> {
    const { id } = await this.#kysely
      .insertInto('role')
      .values({ enterprise_id: ENTERPRISE, ...columns(role), created_at: now, updated_at: now })
      .returning('id')
      .executeTakeFirstOrThrow();
    await this.#setSites(id, role.sites);
    return id;
  }

  async edit(id: number, role: RoleDraft, now: number): Promise<void> {
    await this.#kysely
      .updateTable('role')
      .set((expression) => ({ ...columns(role), version: expression('version', '+', 1), updated_at: now }))
      .where('id', '=', id)
      .execute();
    await this.#setSites(id, role.sites);
  }

  async #setSites(roleId: number, sites: RoleDraft['sites']): Promise<void> {
    await this.#kysely.deleteFrom('role_site').where('role_id', '=', roleId).execute();
    if (sites === 'all' || sites.length === 0) return;
    await this.#kysely
      .insertInto('role_site')
      .values([...new Set(sites)].map((site_id) => ({ role_id: roleId, site_id })))
      .execute();
  }

  async delete(id: number): Promise<void> {
    // Revoked keys are kept for the record; they hold a role no longer.
    await this.#kysely.deleteFrom('access_key_role').where('role_id', '=', id).execute();
    await this.#kysely.deleteFrom('role').where('id', '=', id).execute();
  }

  async grants(ids: readonly number[]): Promise<readonly Grant[]> {
    if (ids.length === 0) return [];
    const roles = await this.#kysely
      .selectFrom('role')
      .select(['id', 'permissions', 'all_sites'])
      .where('id', 'in', ids)
      .execute();
    const reached = await this.#reached(roles.filter((role) => role.all_sites === 0).map((role) => role.id));
    return roles.map((role) => ({
      permissions: JSON.parse(role.permissions) as string[],
      sites: role.all_sites === 1 ? 'all' : (reached.get(role.id) ?? []),
    }));
  }

  /** The chosen sites and everything below them. UNION, not UNION ALL: a cycle in the tree must not hang us. */
  async #reached(roleIds: readonly number[]): Promise<Map<number, number[]>> {
    const found = new Map<number, number[]>();
    if (roleIds.length === 0) return found;
    const { rows } = await sql<{ role_id: number; site_id: number }>`
      WITH RECURSIVE reach(role_id, site_id) AS (
        SELECT role_id, site_id FROM role_site WHERE role_id IN (${sql.join(roleIds)})
        UNION SELECT reach.role_id, site.id FROM site JOIN reach ON site.parent_id = reach.site_id)
      SELECT role_id, site_id FROM reach`.execute(this.#kysely);
    for (const { role_id, site_id } of rows) {
      const list = found.get(role_id);
      if (list) list.push(site_id);
      else found.set(role_id, [site_id]);
    }
    return found;
  }

  async sitesNamed(names: readonly string[]): Promise<readonly { readonly id: number; readonly name: string }[]> {
    if (names.length === 0) return [];
    return await this.#kysely
      .selectFrom('site')
      .select(['id', 'name'])
      .where('enterprise_id', '=', ENTERPRISE)
      .where('name_key', 'in', names.map(nameKey))
      .execute();
  }
}

function columns(role: RoleDraft): {
  group_id: number;
  name: string;
  name_key: string;
  description: string;
  permissions: string;
  all_sites: number;
} {
  return {
    group_id: role.groupId,
    name: role.name,
    name_key: nameKey(role.name),
    description: role.description,
    permissions: JSON.stringify(role.permissions),
    all_sites: role.sites === 'all' ? 1 : 0,
  };
}
