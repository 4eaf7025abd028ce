import type { Evidence, EvidenceQuery, EvidenceRepository, NewEvidence } from '../../sdk/ports/evidence.ts';
import { chunked } from '../chunks.ts';
import type { Connection } from '../connection.ts';

interface Row {
  id: number;
  device_id: number;
  at: number;
  kind: string;
  address: string | null;
  detail: string;
}

export class SqlEvidenceRepository implements EvidenceRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async mark(): Promise<number> {
    const row = await this.#kysely
      .selectFrom('evidence')
      .select((build) => build.fn.max('id').as('mark'))
      .executeTakeFirst();
    return row?.mark ?? 0;
  }

  async after(mark: number, query: EvidenceQuery = {}): Promise<readonly Evidence[]> {
    const limit = query.limit ?? 10_000;
    if (query.deviceIds === undefined) return await this.#after(mark, query.kinds, limit);
    const found: Evidence[] = [];
    for (const ids of chunked(query.deviceIds)) found.push(...(await this.#after(mark, query.kinds, limit, ids)));
    return found.sort((a, b) => a.id - b.id).slice(0, limit);
  }

  async #after(
    mark: number,
    kinds: EvidenceQuery['kinds'],
    limit: number,
    deviceIds?: readonly number[],
  ): Promise<readonly Evidence[]> {
    let select = this.#kysely.selectFrom('evidence').selectAll().where('id', '>', mark);
    if (deviceIds !== undefined) select = select.where('device_id', 'in', deviceIds);
    if (kinds !== undefined) select = select.where('kind', 'in', kinds);
    return (await select.orderBy('id').limit(limit).execute()).map(toEvidence);
  }

  async latest(deviceId: number, limit: number): Promise<readonly Evidence[]> {
    const rows = await this.#kysely
      .selectFrom('evidence')
      .selectAll()
      .where('device_id', '=', deviceId)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toEvidence);
  }

  async append(evidence: readonly NewEvidence[]): Promise<void> {
    for (const part of chunked(evidence)) {
      const rows = part.map(({ deviceId, detail, ...rest }) => ({
        ...rest,
        device_id: deviceId,
        detail: JSON.stringify(detail),
      }));
      await this.#kysely.insertInto('evidence').values(rows).execute();
    }
  }
}

function toEvidence(row: Row): Evidence {
  return {
    id: row.id,
    deviceId: row.device_id,
    at: row.at,
    kind: row.kind as Evidence['kind'],
    address: row.address,
    detail: JSON.parse(row.detail),
  };
}
