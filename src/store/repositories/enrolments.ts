import type {
  Admission,
  Enrolment,
  EnrolmentRepository,
  NewWindow,
  QuarantinedDevice,
} from '../../sdk/ports/enrolments.ts';
import { admitDevice } from '../admission.ts';
import { chunked } from '../chunks.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import type { EnrolmentTable } from '../schema/fleet.ts';

export class SqlEnrolmentRepository implements EnrolmentRepository {
  readonly #kysely: Connection['kysely'];
  readonly #database: Connection['database'];
  constructor({ kysely, database }: Connection) {
    this.#kysely = kysely;
    this.#database = database;
  }

  async find(deviceId: number): Promise<Enrolment | undefined> {
    const row = await this.#kysely
      .selectFrom('enrolment')
      .selectAll()
      .where('device_id', '=', deviceId)
      .executeTakeFirst();
    return row && toEnrolment(row);
  }

  async open(windows: readonly NewWindow[]): Promise<void> {
    // Prepared, since an import opens one for every row.
    const open = this.#database.prepare(
      `INSERT INTO enrolment (device_id, opened_at, closes_at, networks) VALUES (?, ?, ?, ?)
       ON CONFLICT (device_id) DO UPDATE SET opened_at = excluded.opened_at, closes_at = excluded.closes_at,
         networks = excluded.networks, bound_address = NULL, served_at = NULL, completed_at = NULL`,
    );
    const settle = this.#database.prepare(
      'UPDATE device_fact SET attention = NULL WHERE device_id = ? AND attention IS NOT NULL',
    );
    for (const { deviceId, openedAt, closesAt, networks } of windows) {
      open.run(deviceId, openedAt, closesAt, JSON.stringify(networks));
      settle.run(deviceId);
    }
  }

  async close(deviceIds: readonly number[]): Promise<void> {
    for (const ids of chunked(deviceIds)) {
      await this.#kysely.deleteFrom('enrolment').where('device_id', 'in', ids).execute();
    }
  }

  async siteNetworks(deviceIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>> {
    const networks = new Map<number, string[]>();
    for (const ids of chunked(deviceIds)) {
      const rows = await this.#kysely
        .selectFrom('device')
        .innerJoin('site_subnet', 'site_subnet.site_id', 'device.site_id')
        .select(['device.id', 'site_subnet.public_cidr'])
        .distinct()
        .where('device.id', 'in', ids)
        .execute();
      for (const { id, public_cidr } of rows) {
        const list = networks.get(id);
        if (list === undefined) networks.set(id, [public_cidr]);
        else list.push(public_cidr);
      }
    }
    return networks;
  }

  async *quarantined(query: { readonly mac?: string } = {}): AsyncIterable<QuarantinedDevice> {
    let select = this.#kysely.selectFrom('quarantine').selectAll().where('enterprise_id', '=', ENTERPRISE);
    if (query.mac !== undefined) select = select.where('mac', '=', query.mac);
    for await (const row of select.orderBy('last_seen_at', 'desc').stream()) {
      yield {
        mac: row.mac,
        firstSeenAt: row.first_seen_at,
        lastSeenAt: row.last_seen_at,
        requests: row.requests,
        address: row.address,
        userAgent: row.user_agent,
        vendor: row.vendor,
        model: row.model,
        firmware: row.firmware,
      };
    }
  }

  async admit(admission: Admission): Promise<number> {
    return admitDevice(this.#database, admission);
  }

  async discard(mac: string): Promise<boolean> {
    const removed = await this.#kysely
      .deleteFrom('quarantine')
      .where('enterprise_id', '=', ENTERPRISE)
      .where('mac', '=', mac)
      .executeTakeFirst();
    return removed.numDeletedRows > 0n;
  }
}

/** A row as the port shows it; the hot path uses it too. */
export function toEnrolment(row: EnrolmentTable): Enrolment {
  return {
    deviceId: row.device_id,
    openedAt: row.opened_at,
    closesAt: row.closes_at,
    networks: JSON.parse(row.networks),
    boundAddress: row.bound_address,
    servedAt: row.served_at,
    completedAt: row.completed_at,
  };
}
