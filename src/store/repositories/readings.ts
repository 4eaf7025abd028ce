import type { Reading, ReadingRepository } from '../../sdk/ports/readings.ts';
import type { Connection } from '../connection.ts';

export class SqlReadingRepository implements ReadingRepository {
  readonly #database: Connection['database'];
  constructor({ database }: Connection) {
    this.#database = database;
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
}
