import { sql } from 'kysely';
import type { DataScope } from '../../sdk/context.ts';
import type { Approval, ModelRepository } from '../../sdk/ports/models.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import { inScope } from '../listing.ts';

export class SqlModelRepository implements ModelRepository {
  readonly #kysely: Connection['kysely'];

  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async approvals(): Promise<readonly Approval[]> {
    const rows = await this.#kysely
      .selectFrom('approved_model')
      .leftJoin('site', 'site.id', 'approved_model.site_id')
      .select(['approved_model.vendor', 'approved_model.model', 'approved_model.site_id', 'site.name as site'])
      .where('approved_model.enterprise_id', '=', ENTERPRISE)
      .orderBy('approved_model.vendor')
      .orderBy('approved_model.model')
      .orderBy('site.name_key')
      .execute();
    return rows.map(({ vendor, model, site_id, site }) => ({ vendor, model, siteId: site_id, site }));
  }

  async approve(vendor: string, model: string, siteId: number | null): Promise<boolean> {
    const there = (await this.approvals()).some(
      (approval) => approval.vendor === vendor && approval.model === model && approval.siteId === siteId,
    );
    if (there) return false;
    await this.#kysely
      .insertInto('approved_model')
      .values({ enterprise_id: ENTERPRISE, vendor, model, site_id: siteId })
      .execute();
    return true;
  }

  async revoke(vendor: string, model: string, siteId: number | null): Promise<boolean> {
    let query = this.#kysely
      .deleteFrom('approved_model')
      .where('enterprise_id', '=', ENTERPRISE)
      .where('vendor', '=', vendor)
      .where('model', '=', model);
    if (siteId !== null) query = query.where('site_id', '=', siteId);
    return (await query.executeTakeFirst()).numDeletedRows > 0n;
  }

  async deviceCounts(scope: DataScope): Promise<ReadonlyMap<string, number>> {
    const query = sql<{ vendor: string; model: string; count: number }>`select vendor, model, count(*) as count
      from device where enterprise_id = ${ENTERPRISE} and state <> 'replaced' and model is not null
        and ${inScope(scope, sql`site_id`)} group by vendor, model`;
    const { rows } = await query.execute(this.#kysely);
    return new Map(rows.map(({ vendor, model, count }) => [`${vendor} ${model}`, count]));
  }
}
