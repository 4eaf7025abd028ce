import type { Selectable } from 'kysely';
import { PhonectlError } from '../../sdk/errors.ts';
import type { TrustedAuthority, TrustRepository } from '../../sdk/ports/trust.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import type { TrustedCaTable } from '../schema/fleet.ts';

export class SqlTrustRepository implements TrustRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async list(): Promise<readonly TrustedAuthority[]> {
    const rows = await this.#kysely
      .selectFrom('trusted_ca')
      .selectAll()
      .where('enterprise_id', '=', ENTERPRISE)
      .orderBy('id')
      .execute();
    return rows.map(toAuthority);
  }

  async add(authority: Omit<TrustedAuthority, 'id'>): Promise<void> {
    const known = await this.#kysely
      .selectFrom('trusted_ca')
      .select('id')
      .where('enterprise_id', '=', ENTERPRISE)
      .where('fingerprint', '=', authority.fingerprint)
      .executeTakeFirst();
    if (known !== undefined) {
      throw new PhonectlError('exists', `${authority.subject} is trusted already.`, {
        hints: ['List the trusted authorities with `phonectl cert trust list`.'],
      });
    }
    const { allowExpired, createdAt, ...rest } = authority;
    await this.#kysely
      .insertInto('trusted_ca')
      .values({ ...rest, enterprise_id: ENTERPRISE, allow_expired: allowExpired ? 1 : 0, created_at: createdAt })
      .execute();
  }

  async remove(fingerprint: string): Promise<readonly TrustedAuthority[]> {
    const rows = await this.#kysely
      .deleteFrom('trusted_ca')
      .where('enterprise_id', '=', ENTERPRISE)
      .where('fingerprint', 'like', `${fingerprint}%`)
      .returningAll()
      .execute();
    return rows.map(toAuthority);
  }
}

/** A row as the port shows it; the hot path uses it too. */
export function toAuthority(row: Selectable<TrustedCaTable>): TrustedAuthority {
  return {
    id: row.id,
    vendor: row.vendor,
    subject: row.subject,
    fingerprint: row.fingerprint,
    pem: row.pem,
    allowExpired: row.allow_expired === 1,
    createdAt: row.created_at,
  };
}
