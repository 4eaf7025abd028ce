/** The targets of runs: who has which, and what became of them. */
import { type Expression, type Selectable, type SqlBool, sql } from 'kysely';
import type {
  Candidate,
  CandidateQuery,
  DeviceTask,
  Lease,
  NamedTarget,
  NewTarget,
  ReasonCode,
  RunProgress,
  RunState,
  TargetChange,
  TargetRecord,
  TargetState,
  TaskCounters,
  WaveCounters,
} from '../../sdk/ports/tasks.ts';
import { FINAL_STATES } from '../../sdk/ports/tasks.ts';
import { chunked } from '../chunks.ts';
import type { Connection } from '../connection.ts';
import type { TaskTargetTable } from '../schema/tasks.ts';

export const WORKED_ON: readonly TargetState[] = ['leased', 'running'];
const UNFINISHED: readonly TargetState[] = ['pending', ...WORKED_ON];

/** No lease and no pause before a retry is longer: what says so was written by a clock that was ahead. Milliseconds. */
const LONGEST = 3_600_000;

export interface RunCounts {
  readonly total: number;
  readonly success: number;
  readonly failure: number;
  readonly not_applicable: number;
  readonly skipped: number;
}

/** Counts are kept with the run, in the transactions that change its targets: nothing is counted to read them. */
export function toCounters({ total, success, failure, not_applicable, skipped }: RunCounts): TaskCounters {
  const inProgress = total - success - failure - not_applicable - skipped;
  return { total, success, failure, notApplicable: not_applicable, skipped, inProgress };
}

export class SqlTargets {
  protected readonly database: Connection['database'];
  protected readonly kysely: Connection['kysely'];
  constructor({ database, kysely }: Connection) {
    this.database = database;
    this.kysely = kysely;
  }

  protected insertTargets(runId: number, targets: readonly NewTarget[]): void {
    const insert = this.database.prepare(
      `INSERT INTO task_target (run_id, device_id, position, wave, source, zone, state)
       VALUES (?, ?, ?, ?, ?, ?, 'pending')`,
    );
    targets.forEach(({ deviceId, wave, source, zone }, position) => {
      insert.run(runId, deviceId, position, wave, source, zone);
    });
  }

  async progress(runId: number, now: number): Promise<RunProgress> {
    // Prepared: asked after every result.
    const row = this.database
      .prepare(
        `SELECT state, total, success, failure, not_applicable, skipped,
           (SELECT count(*) FROM task_target WHERE run_id = task_run.id AND state IN ('leased', 'running')) AS worked_on,
           (SELECT count(*) FROM task_target WHERE run_id = task_run.id AND state IN ('leased', 'running')
              AND lease_until >= ? AND lease_until <= ?) AS in_flight,
           (SELECT min(wave) FROM task_target WHERE run_id = task_run.id AND state = 'pending') AS pending_wave,
           (SELECT min(wave) FROM task_target WHERE run_id = task_run.id AND state = 'leased') AS leased_wave,
           (SELECT min(wave) FROM task_target WHERE run_id = task_run.id AND state = 'running') AS running_wave
         FROM task_run WHERE id = ?`,
      )
      .get(now, now + LONGEST, runId) as
      | (RunCounts & {
          state: string;
          worked_on: number;
          in_flight: number;
          pending_wave: number | null;
          leased_wave: number | null;
          running_wave: number | null;
        })
      | undefined;
    if (row === undefined) throw new Error(`There is no run ${runId}.`);
    const waves = [row.pending_wave, row.leased_wave, row.running_wave].filter((wave) => wave !== null);
    return {
      state: row.state as RunState,
      counters: toCounters(row),
      inFlight: row.in_flight,
      abandoned: row.worked_on - row.in_flight,
      wave: waves.length === 0 ? undefined : Math.min(...waves),
    };
  }

  async waves(runId: number): Promise<readonly WaveCounters[]> {
    const rows = await this.kysely
      .selectFrom('task_target')
      .select(({ fn }) => ['wave', 'state', fn.countAll<number>().as('number'), fn.max('ended_at').as('ended_at')])
      .where('run_id', '=', runId)
      .groupBy(['wave', 'state'])
      .orderBy('wave')
      .execute();
    return [...new Set(rows.map(({ wave }) => wave))].map((wave) => {
      const own = rows.filter((row) => row.wave === wave);
      const count = (...states: readonly string[]): number =>
        own.filter(({ state }) => states.includes(state)).reduce((sum, { number }) => sum + number, 0);
      const ends = own.map(({ ended_at }) => ended_at).filter((at) => at !== null);
      return {
        wave,
        total: count(...UNFINISHED, ...FINAL_STATES),
        success: count('success'),
        failure: count('failure'),
        notApplicable: count('not-applicable'),
        skipped: count('skipped'),
        inProgress: count(...UNFINISHED),
        running: count('running'),
        endedAt: ends.length === 0 ? null : Math.max(...ends),
      };
    });
  }

  async targets(runId: number, states?: readonly TargetState[], since?: number): Promise<readonly NamedTarget[]> {
    let select = this.kysely
      .selectFrom('task_target as target')
      .leftJoin('device', 'device.id', 'target.device_id')
      .where('target.run_id', '=', runId)
      .selectAll('target')
      .select(['device.mac', 'device.serial', 'device.name']);
    if (states !== undefined) select = select.where('target.state', 'in', states);
    if (since !== undefined) select = select.where('target.ended_at', '>', since);
    const rows = await select.orderBy('target.position').execute();
    return rows.map((row) => ({ ...toTarget(row), mac: row.mac, serial: row.serial, name: row.name }));
  }

  async latestOf(deviceId: number, limit: number): Promise<readonly DeviceTask[]> {
    const rows = await this.kysely
      .selectFrom('task_target as target')
      .innerJoin('task_run as run', 'run.id', 'target.run_id')
      .innerJoin('task', 'task.id', 'run.task_id')
      .where('target.device_id', '=', deviceId)
      .selectAll('target')
      .select(['task.id as task', 'task.name as name', 'task.type as type'])
      .orderBy('target.run_id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ task, name, type, ...row }) => ({ ...toTarget(row), task, name, type }));
  }

  async candidates(runId: number, query: CandidateQuery): Promise<readonly Candidate[]> {
    const { wave, now, limit, withoutSources, withoutZones } = query;
    let select = this.kysely
      .selectFrom('task_target')
      .select(['device_id as deviceId', 'source', 'zone'])
      .where('run_id', '=', runId)
      .where('state', '=', 'pending')
      .where('wave', '=', wave)
      .where(({ or, eb }) =>
        or([eb('not_before', 'is', null), eb('not_before', '<=', now), eb('not_before', '>', now + LONGEST)]),
      );
    for (const [column, without] of [['source', withoutSources] as const, ['zone', withoutZones] as const]) {
      if (without.length === 0) continue;
      const list = sql<SqlBool>`coalesce(${sql.ref(column)}, '') NOT IN (SELECT value FROM json_each(${JSON.stringify(without)}))`;
      select = select.where(list);
    }
    return await select.orderBy('position').limit(limit).execute();
  }

  async claim(
    runId: number,
    lease: Lease,
    limit: number,
    deviceIds: readonly number[],
  ): Promise<readonly TargetRecord[]> {
    const { owner, now } = lease;
    // A runner that was asleep for longer than its lease still has its own in hand.
    const expired = this.kysely
      .selectFrom('task_target')
      .select('device_id')
      .where('run_id', '=', runId)
      .where('state', 'in', WORKED_ON)
      .where('lease_owner', '<>', owner)
      .where(({ not }) => not(alive('lease_until', now)))
      .orderBy('position')
      .limit(limit);
    const orphans = await this.#take(runId, lease, expired);
    const taken = [...orphans];
    for (const ids of chunked(deviceIds.slice(0, limit - orphans.length))) {
      taken.push(...(await this.#take(runId, lease, ids, 'pending')));
    }
    return taken;
  }

  async #take(
    runId: number,
    { owner, now, until }: Lease,
    which: Expression<{ device_id: number }> | readonly number[],
    state?: TargetState,
  ): Promise<TargetRecord[]> {
    let update = this.kysely
      .updateTable('task_target')
      .set({
        state: sql`CASE state WHEN 'running' THEN 'running' ELSE 'leased' END`,
        lease_owner: owner,
        lease_until: until,
        started_at: sql`coalesce(started_at, ${now})`,
      })
      .where('run_id', '=', runId)
      .where('device_id', 'in', which as readonly number[])
      // A phone is never in the hands of two runs at once.
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('task_target as other')
              .select(sql`1`.as('one'))
              .whereRef('other.device_id', '=', 'task_target.device_id')
              .where('other.run_id', '<>', runId)
              .where('other.state', 'in', WORKED_ON)
              .where(alive('other.lease_until', now)),
          ),
        ),
      );
    if (state !== undefined) update = update.where('state', '=', state);
    const rows = await update.returningAll().execute();
    return rows.map(toTarget).sort((a, b) => a.position - b.position);
  }

  async renew({ owner, until }: Lease): Promise<void> {
    await this.kysely
      .updateTable('task_target')
      .set({ lease_until: until })
      .where('lease_owner', '=', owner)
      .where('state', 'in', WORKED_ON)
      .execute();
    await this.kysely
      .updateTable('task_run')
      .set({ lease_until: until })
      .where('lease_owner', '=', owner)
      .where('state', '=', 'executing')
      .execute();
  }

  async release(runId: number, owner: string): Promise<void> {
    await this.kysely
      .updateTable('task_target')
      .set({ state: 'pending', lease_owner: null, lease_until: null })
      .where('run_id', '=', runId)
      .where('lease_owner', '=', owner)
      .where('state', '=', 'leased')
      .execute();
    await this.kysely
      .updateTable('task_run')
      .set({ lease_owner: null, lease_until: null })
      .where('id', '=', runId)
      .where('lease_owner', '=', owner)
      .execute();
  }

  async record(runId: number, owner: string, changes: readonly TargetChange[]): Promise<readonly number[]> {
    // Prepared: one per progress step of every phone. A lease that was lost writes nothing.
    const update = this.database.prepare(
      `UPDATE task_target SET state = ?, attempts = ?, code = ?, reason = ?, evidence = ?, via = ?, mark = ?, sent_at = ?,
         not_before = ?, ended_at = ?, lease_owner = CASE WHEN ? THEN lease_owner END,
         lease_until = CASE WHEN ? THEN lease_until END
       WHERE run_id = ? AND device_id = ? AND lease_owner = ?`,
    );
    const lost: number[] = [];
    const ended = new Map<TargetState, number>();
    for (const change of changes) {
      const held = WORKED_ON.includes(change.state) ? 1 : 0;
      const final = isFinal(change.state);
      const { changes: written } = update.run(
        change.state,
        change.attempts,
        change.code,
        change.reason,
        change.evidence,
        change.via,
        change.mark,
        change.sentAt,
        change.notBefore,
        final ? change.at : null,
        held,
        held,
        runId,
        change.deviceId,
        owner,
      );
      if (Number(written) === 0) lost.push(change.deviceId);
      else if (final) ended.set(change.state, (ended.get(change.state) ?? 0) + 1);
    }
    if (ended.size > 0) this.#count(runId, ended);
    return lost;
  }

  async skipPending(runId: number, reason: string, at: number, outside?: readonly number[]): Promise<number> {
    const pending = this.kysely
      .updateTable('task_target')
      .set({ state: 'skipped', reason, ended_at: at })
      .where('run_id', '=', runId)
      .where('state', '=', 'pending');
    const foreign = sql<SqlBool>`EXISTS (SELECT 1 FROM device WHERE device.id = device_id
      AND device.site_id NOT IN (SELECT value FROM json_each(${JSON.stringify(outside)})))`;
    const { numUpdatedRows } = await (outside === undefined ? pending : pending.where(foreign)).executeTakeFirst();
    if (numUpdatedRows > 0n) this.#count(runId, new Map([['skipped', Number(numUpdatedRows)]]));
    return Number(numUpdatedRows);
  }

  /** A target is held when it becomes final and never again after: each is counted once. */
  #count(runId: number, ended: ReadonlyMap<TargetState, number>): void {
    this.database
      .prepare(
        `UPDATE task_run SET success = success + ?, failure = failure + ?, not_applicable = not_applicable + ?,
           skipped = skipped + ? WHERE id = ?`,
      )
      .run(...FINAL_STATES.map((state) => ended.get(state) ?? 0), runId);
  }
}

function isFinal(state: TargetState): boolean {
  return (FINAL_STATES as readonly TargetState[]).includes(state);
}

/** Until when a lease holds, by a clock that may have been set since: one that holds for hours was not made by ours. */
export function alive(column: string, now: number): Expression<SqlBool> {
  return sql<SqlBool>`(${sql.ref(column)} >= ${now} AND ${sql.ref(column)} <= ${now + LONGEST})`;
}

function toTarget(row: Selectable<TaskTargetTable>): TargetRecord {
  return {
    runId: row.run_id,
    deviceId: row.device_id,
    position: row.position,
    wave: row.wave,
    state: row.state as TargetState,
    attempts: row.attempts,
    code: row.code as ReasonCode | null,
    reason: row.reason,
    evidence: row.evidence,
    via: row.via,
    mark: row.mark,
    sentAt: row.sent_at,
    notBefore: row.not_before,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}
