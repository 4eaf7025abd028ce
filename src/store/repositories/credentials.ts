import type { CredentialRepository, NewCredential, StoredCredential } from '../../sdk/ports/credentials.ts';
import type { Connection } from '../connection.ts';
import type { DeviceCredentialTable } from '../schema/fleet.ts';

export class SqlCredentialRepository implements CredentialRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async list(deviceId: number): Promise<readonly StoredCredential[]> {
    const rows = await this.#kysely
      .selectFrom('device_credential')
      .selectAll()
      .where('device_id', '=', deviceId)
      .orderBy('purpose')
      .execute();
    return rows.map(toCredential);
  }

  async add(credentials: readonly NewCredential[]): Promise<number> {
    if (credentials.length === 0) return 0;
    const rows = credentials.map(({ deviceId, at, ...rest }) => ({ ...rest, device_id: deviceId, created_at: at }));
    const added = await this.#kysely
      .insertInto('device_credential')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['device_id', 'purpose']).doNothing())
      .executeTakeFirst();
    return Number(added.numInsertedOrUpdatedRows ?? 0n);
  }

  async rotate(credential: NewCredential, previousUntil: number): Promise<void> {
    const { deviceId, purpose, username, secret, verifier, at } = credential;
    const fresh = { username, secret, verifier, created_at: at, first_used_at: null, last_used_at: null };
    await this.#kysely
      .insertInto('device_credential')
      .values({ device_id: deviceId, purpose, ...fresh })
      .onConflict((conflict) =>
        conflict.columns(['device_id', 'purpose']).doUpdateSet((row) => ({
          ...fresh,
          previous: row.ref('device_credential.secret'),
          previous_verifier: row.ref('device_credential.verifier'),
          previous_until: previousUntil,
        })),
      )
      .execute();
    await this.#kysely
      .updateTable('device')
      .set((row) => ({ version: row('version', '+', 1), updated_at: at }))
      .where('id', '=', deviceId)
      .execute();
  }

  async delete(deviceId: number): Promise<void> {
    await this.#kysely.deleteFrom('device_credential').where('device_id', '=', deviceId).execute();
  }
}

/** A row as the port shows it; the hot path uses it too. */
export function toCredential(row: DeviceCredentialTable): StoredCredential {
  return {
    deviceId: row.device_id,
    purpose: row.purpose,
    username: row.username,
    secret: row.secret,
    verifier: row.verifier,
    previous: row.previous,
    previousVerifier: row.previous_verifier,
    previousUntil: row.previous_until,
    createdAt: row.created_at,
    firstUsedAt: row.first_used_at,
    lastUsedAt: row.last_used_at,
  };
}
