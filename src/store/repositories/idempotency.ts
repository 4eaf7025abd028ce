import { sql } from 'kysely';
import type { IdempotencyRecord, IdempotencyRepository } from '../../sdk/ports/idempotency.ts';
import type { Connection } from '../connection.ts';

export class SqlIdempotencyRepository implements IdempotencyRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async find(caller: string, key: string): Promise<IdempotencyRecord | undefined> {
    return await this.#find(caller, 'idempotency_key', key);
  }

  async findRun(caller: string, run: string): Promise<IdempotencyRecord | undefined> {
    return await this.#find(caller, 'run', run);
  }

  async #find(
    caller: string,
    column: 'idempotency_key' | 'run',
    value: string,
  ): Promise<IdempotencyRecord | undefined> {
    const row = await this.#kysely
      .selectFrom('idempotency')
      .selectAll()
      .where('caller', '=', caller)
      .where(column, '=', value)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { idempotency_key, created_at, ...rest } = row;
    return { ...rest, key: idempotency_key, createdAt: created_at };
  }

  async begin(record: Pick<IdempotencyRecord, 'caller' | 'key' | 'fingerprint' | 'run' | 'createdAt'>): Promise<void> {
    const { key, createdAt, ...rest } = record;
    await this.#kysely
      .insertInto('idempotency')
      .values({ ...rest, idempotency_key: key, created_at: createdAt })
      .execute();
  }

  async finish(caller: string, key: string, status: number, answer: Uint8Array): Promise<void> {
    await this.#kysely
      .updateTable('idempotency')
      .set({ status, answer })
      .where('caller', '=', caller)
      .where('idempotency_key', '=', key)
      .execute();
  }

  async delete(caller: string, key: string): Promise<void> {
    await this.#kysely
      .deleteFrom('idempotency')
      .where('caller', '=', caller)
      .where('idempotency_key', '=', key)
      .execute();
  }

  async keepNewest(answers: number, bytes: number): Promise<void> {
    const order = sql`PARTITION BY caller ORDER BY created_at DESC, idempotency_key`;
    await sql`DELETE FROM idempotency WHERE (caller, idempotency_key) IN (
      SELECT caller, idempotency_key FROM (
        SELECT caller, idempotency_key, row_number() OVER (${order}) AS place
        FROM idempotency WHERE status IS NOT NULL) AS placed
      WHERE place > ${answers})`.execute(this.#kysely);
    await sql`UPDATE idempotency SET answer = NULL WHERE (caller, idempotency_key) IN (
      SELECT caller, idempotency_key FROM (
        SELECT caller, idempotency_key, sum(length(answer)) OVER (${order}) AS size
        FROM idempotency WHERE answer IS NOT NULL) AS sized
      WHERE size > ${bytes})`.execute(this.#kysely);
  }

  async deleteBefore(createdAt: number): Promise<void> {
    await this.#kysely.deleteFrom('idempotency').where('created_at', '<', createdAt).execute();
  }
}
