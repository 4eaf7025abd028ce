import type { LoadSample, Reading, ReadingRepository } from '../../sdk/ports/readings.ts';
import type { Connection } from '../connection.ts';

export class SqlReadingRepository implements ReadingRepository {
  readonly #database: Connection['database'];
  readonly #kysely: Connection['kysely'];
  constructor({ database, kysely }: Connection) {
    this.#database = database;
    this.#kysely = kysely;
  }

  async record(readings: readonly Reading[]): Promise<void> {
    const add = this.#database.prepare(
      `INSERT INTO device_fact (device_id, first_seen_at) SELECT id, ?2 FROM device WHERE id = ?1
       ON CONFLICT (device_id) DO NOTHING`,
    );
    // A phone that answered is online, whoever asked first.
    const update = this.#database.prepare(
      `UPDATE device_fact SET online = 1, seen_at = max(coalesce(seen_at, 0), ?2),
         model = coalesce(?3, model), firmware = coalesce(?4, firmware),
         identity_at = CASE WHEN ?3 IS NULL AND ?4 IS NULL THEN identity_at ELSE ?2 END,
         call = coalesce(?5, call), call_at = CASE WHEN ?5 IS NULL THEN call_at ELSE ?2 END,
         sip = coalesce(?6, sip), sip_at = CASE WHEN ?6 IS NULL THEN sip_at ELSE ?2 END, lines = coalesce(?7, lines)
       WHERE device_id = ?1`,
    );
    for (const { deviceId, at, model, firmware, inCall, sip, lines } of readings) {
      add.run(deviceId, at);
      update.run(
        deviceId,
        at,
        model ?? null,
        firmware ?? null,
        inCall === undefined ? null : inCall ? 'in-call' : 'idle',
        sip ?? null,
        lines === undefined ? null : JSON.stringify(lines.map((line) => ({ ...line, at }))),
      );
    }
  }

  async recordLoads(samples: readonly LoadSample[], oldest: number): Promise<void> {
    const add = this.#database.prepare(
      `INSERT INTO load_sample (device_id, at, cpu, cpu_average, memory_used, memory_total)
       SELECT id, ?2, ?3, ?4, ?5, ?6 FROM device WHERE id = ?1 ON CONFLICT (device_id, at) DO NOTHING`,
    );
    const forget = this.#database.prepare('DELETE FROM load_sample WHERE device_id = ?1 AND at < ?2');
    for (const { deviceId, at, cpu, cpuAverage, memoryUsed, memoryTotal } of samples) {
      add.run(deviceId, at, cpu, cpuAverage, memoryUsed, memoryTotal);
      forget.run(deviceId, oldest);
    }
  }

  async loads(deviceId: number, since: number): Promise<readonly LoadSample[]> {
    const rows = await this.#kysely
      .selectFrom('load_sample')
      .selectAll()
      .where('device_id', '=', deviceId)
      .where('at', '>=', since)
      .orderBy('at')
      .execute();
    return rows.map(({ device_id, at, cpu, cpu_average, memory_used, memory_total }) => ({
      deviceId: device_id,
      at,
      cpu,
      cpuAverage: cpu_average,
      memoryUsed: memory_used,
      memoryTotal: memory_total,
    }));
  }
}
