import type { Selectable } from 'kysely';
import { nameKey } from '../../domain/text.ts';
import type { FailureRecord, SessionRecord, UserDraft, UserRecord, UserRepository } from '../../sdk/ports/users.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import type { LoginFailureTable, UserAccountTable, UserSessionTable } from '../schema/access.ts';

type FailureKind = LoginFailureTable['kind'];

export class SqlUserRepository implements UserRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async list(): Promise<readonly UserRecord[]> {
    const rows = await this.#kysely
      .selectFrom('user_account')
      .selectAll()
      .where('enterprise_id', '=', ENTERPRISE)
      .orderBy('email_key')
      .execute();
    return await this.#records(rows);
  }

  async find(email: string): Promise<UserRecord | undefined> {
    const rows = await this.#kysely
      .selectFrom('user_account')
      .selectAll()
      .where('enterprise_id', '=', ENTERPRISE)
      .where('email_key', '=', nameKey(email))
      .execute();
    return (await this.#records(rows))[0];
  }

  async byId(id: number): Promise<UserRecord | undefined> {
    const rows = await this.#kysely.selectFrom('user_account').selectAll().where('id', '=', id).execute();
    return (await this.#records(rows))[0];
  }

  async #records(rows: readonly Selectable<UserAccountTable>[]): Promise<UserRecord[]> {
    if (rows.length === 0) return [];
    const roles = await this.#kysely
      .selectFrom('user_role')
      .innerJoin('role', 'role.id', 'user_role.role_id')
      .select(['user_role.user_id', 'role.id', 'role.name'])
      .where(
        'user_role.user_id',
        'in',
        rows.map((row) => row.id),
      )
      .orderBy('role.name_key')
      .execute();
    const byUser = Map.groupBy(roles, (role) => role.user_id);
    return rows.map((row) => ({
      id: row.id,
      email: row.email,
      name: row.name,
      phone: row.phone,
      country: row.country,
      roles: (byUser.get(row.id) ?? []).map(({ id, name }) => ({ id, name })),
      mustChange: row.must_change === 1,
      passwordAt: row.password_at,
      frozenAt: row.frozen_at,
      delegatedBy: row.delegated_by,
      expiresAt: row.expires_at,
      version: row.version,
      createdAt: row.created_at,
      lastLoginAt: row.last_login_at,
    }));
  }

  async password(id: number): Promise<string | undefined> {
    const row = await this.#kysely
      .selectFrom('user_account')
      .select('password')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.password;
  }

  async add(user: UserDraft, password: string, now: number): Promise<number> {
    const { id } = await this.#kysely
      .insertInto('user_account')
      .values({
        enterprise_id: ENTERPRISE,
        ...columns(user),
        password,
        password_at: now,
        created_at: now,
        updated_at: now,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await this.#setRoles(id, user.roleIds);
    return id;
  }

  async edit(id: number, user: UserDraft, now: number): Promise<void> {
    await this.#kysely
      .updateTable('user_account')
      .set((expression) => ({ ...columns(user), version: expression('version', '+', 1), updated_at: now }))
      .where('id', '=', id)
      .execute();
    await this.#setRoles(id, user.roleIds);
  }

  async #setRoles(userId: number, roleIds: readonly number[]): Promise<void> {
    await this.#kysely.deleteFrom('user_role').where('user_id', '=', userId).execute();
    const roles = [...new Set(roleIds)].map((role_id) => ({ user_id: userId, role_id }));
    if (roles.length > 0) await this.#kysely.insertInto('user_role').values(roles).execute();
  }

  async delete(id: number): Promise<void> {
    await this.#kysely.deleteFrom('user_account').where('id', '=', id).execute();
  }

  async setPassword(id: number, password: string, mustChange: boolean, now: number): Promise<void> {
    await this.#kysely
      .updateTable('user_account')
      .set({ password, must_change: mustChange ? 1 : 0, password_at: now, updated_at: now })
      .where('id', '=', id)
      .execute();
  }

  async setDelegation(id: number, by: string, expiresAt: number | null, now: number): Promise<void> {
    await this.#kysely
      .updateTable('user_account')
      .set((expression) => ({
        delegated_by: by,
        expires_at: expiresAt,
        version: expression('version', '+', 1),
        updated_at: now,
      }))
      .where('id', '=', id)
      .execute();
  }

  async setFrozen(id: number, at: number | null, now: number): Promise<void> {
    await this.#kysely
      .updateTable('user_account')
      .set({ frozen_at: at, updated_at: now })
      .where('id', '=', id)
      .execute();
  }

  async loggedIn(id: number, now: number): Promise<void> {
    await this.#kysely.updateTable('user_account').set({ last_login_at: now }).where('id', '=', id).execute();
  }

  async addSession(userId: number, token: string, source: string, now: number): Promise<number> {
    const { id } = await this.#kysely
      .insertInto('user_session')
      .values({ user_id: userId, token, source, created_at: now, seen_at: now })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  async session(token: string): Promise<SessionRecord | undefined> {
    const row = await this.#kysely.selectFrom('user_session').selectAll().where('token', '=', token).executeTakeFirst();
    return row && session(row);
  }

  async sessionById(id: number): Promise<SessionRecord | undefined> {
    const row = await this.#kysely.selectFrom('user_session').selectAll().where('id', '=', id).executeTakeFirst();
    return row && session(row);
  }

  async touchSession(id: number, now: number): Promise<void> {
    await this.#kysely.updateTable('user_session').set({ seen_at: now }).where('id', '=', id).execute();
  }

  async deleteSession(id: number): Promise<void> {
    await this.#kysely.deleteFrom('user_session').where('id', '=', id).execute();
  }

  async deleteSessions(userId: number, except?: number): Promise<void> {
    let query = this.#kysely.deleteFrom('user_session').where('user_id', '=', userId);
    if (except !== undefined) query = query.where('id', '!=', except);
    await query.execute();
  }

  async deleteIdleSessions(seenBefore: number): Promise<void> {
    await this.#kysely.deleteFrom('user_session').where('seen_at', '<', seenBefore).execute();
  }

  async failure(kind: FailureKind, name: string): Promise<FailureRecord | undefined> {
    const row = await this.#kysely
      .selectFrom('login_failure')
      .selectAll()
      .where('kind', '=', kind)
      .where('name', '=', name)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return { failures: row.failures, firstAt: row.first_at, lastAt: row.last_at, lockedUntil: row.locked_until };
  }

  async setFailure(kind: FailureKind, name: string, failure: FailureRecord): Promise<void> {
    const values = {
      failures: failure.failures,
      first_at: failure.firstAt,
      last_at: failure.lastAt,
      locked_until: failure.lockedUntil,
    };
    await this.#kysely
      .insertInto('login_failure')
      .values({ kind, name, ...values })
      .onConflict((conflict) => conflict.columns(['kind', 'name']).doUpdateSet(values))
      .execute();
  }

  async clearFailure(kind: FailureKind, name: string): Promise<void> {
    await this.#kysely.deleteFrom('login_failure').where('kind', '=', kind).where('name', '=', name).execute();
  }

  async deleteFailures(lastBefore: number): Promise<void> {
    await this.#kysely.deleteFrom('login_failure').where('last_at', '<', lastBefore).execute();
  }

  async addReset(token: string, userId: number, expiresAt: number): Promise<void> {
    await this.#kysely.insertInto('password_reset').values({ token, user_id: userId, expires_at: expiresAt }).execute();
  }

  async takeReset(token: string, now: number): Promise<number | undefined> {
    const row = await this.#kysely
      .deleteFrom('password_reset')
      .where('token', '=', token)
      .returning(['user_id', 'expires_at'])
      .executeTakeFirst();
    return row !== undefined && row.expires_at > now ? row.user_id : undefined;
  }

  async deleteResets(userId: number): Promise<void> {
    await this.#kysely.deleteFrom('password_reset').where('user_id', '=', userId).execute();
  }
}

function columns({ email, name, phone, country }: UserDraft): {
  email: string;
  email_key: string;
  name: string;
  phone: string;
  country: string;
} {
  return { email, email_key: nameKey(email), name, phone, country };
}

function session(row: Selectable<UserSessionTable>): SessionRecord {
  return { id: row.id, userId: row.user_id, createdAt: row.created_at, seenAt: row.seen_at };
}
