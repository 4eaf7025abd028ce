import { type Expression, type Selectable, type SqlBool, sql } from 'kysely';
import type { DataScope } from '../../sdk/context.ts';
import type {
  Lease,
  NamedTarget,
  NewTask,
  ReasonCode,
  RunState,
  Strategy,
  TargetChange,
  TargetRecord,
  TargetState,
  TaskCounters,
  TaskQuery,
  TaskRecord,
  TaskRepository,
} from '../../sdk/ports/tasks.ts';
import { FINAL_STATES } from '../../sdk/ports/tasks.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import type { TaskRunTable, TaskTable, TaskTargetTable } from '../schema.ts';

const WORKED_ON: readonly TargetState[] = ['leased', 'running'];

type Row<T> = Selectable<T>;

/** A task is seen by those who see all its devices: its name, its counts and its retry are about all of them. */
function within(scope: DataScope): Expression<SqlBool> {
  if (scope === 'all') return sql<SqlBool>`1 = 1`;
  const foreign =
    scope.length === 0 ? sql`1 = 1` : sql`device.site_id IS NULL OR device.site_id NOT IN (${sql.join(scope)})`;
  return sql<SqlBool>`NOT EXISTS (
    SELECT 1 FROM task_run JOIN task_target ON task_target.run_id = task_run.id
    LEFT JOIN device ON device.id = task_target.device_id
    WHERE task_run.task_id = task.id AND (${foreign}))`;
}

export class SqlTaskRepository implements TaskRepository {
  readonly #database: Connection['database'];
  readonly #kysely: Connection['kysely'];
  constructor({ database, kysely }: Connection) {
    this.#database = database;
    this.#kysely = kysely;
  }

  async create(
    task: NewTask,
    deviceIds: readonly number[],
    holder?: Lease,
  ): Promise<{ taskId: number; runId: number }> {
    const { id: taskId } = await this.#kysely
      .insertInto('task')
      .values({
        enterprise_id: ENTERPRISE,
        name: task.name,
        type: task.type,
        content: JSON.stringify(task.content),
        selector: JSON.stringify(task.selector),
        schedule: JSON.stringify({ kind: 'now' }),
        strategy: JSON.stringify(task.strategy),
        state: 'executing',
        created_by: task.createdBy,
        created_at: task.at,
        updated_at: task.at,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return { taskId, runId: await this.#insertRun(taskId, 1, deviceIds, task.at, holder) };
  }

  async addRun(taskId: number, deviceIds: readonly number[], at: number, holder?: Lease): Promise<number | undefined> {
    const task = await this.get(taskId);
    if (task === undefined) return undefined;
    await this.#kysely
      .updateTable('task')
      .set({ state: 'executing', updated_at: at })
      .where('id', '=', taskId)
      .execute();
    return this.#insertRun(taskId, task.runs + 1, deviceIds, at, holder);
  }

  async #insertRun(
    taskId: number,
    occurrence: number,
    deviceIds: readonly number[],
    at: number,
    holder: Lease | undefined,
  ): Promise<number> {
    const { id } = await this.#kysely
      .insertInto('task_run')
      .values({
        task_id: taskId,
        occurrence: String(occurrence),
        state: 'executing',
        evidence_mark: 0,
        due_at: at,
        started_at: at,
        total: deviceIds.length,
        lease_owner: holder?.owner ?? null,
        lease_until: holder?.until ?? null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const insert = this.#database.prepare(
      `INSERT INTO task_target (run_id, device_id, position, state) VALUES (?, ?, ?, 'pending')`,
    );
    deviceIds.forEach((deviceId, position) => {
      insert.run(id, deviceId, position);
    });
    return id;
  }

  async get(taskId: number, scope: DataScope = 'all'): Promise<TaskRecord | undefined> {
    const [record] = await this.#select((query) => query.where('task.id', '=', taskId).where(within(scope)));
    return record;
  }

  async list(query: TaskQuery = {}): Promise<readonly TaskRecord[]> {
    return this.#select((select) => {
      let filtered = select.where(within(query.scope ?? 'all'));
      if (query.search !== undefined) {
        filtered = filtered.where(sql<SqlBool>`instr(lower(task.name), lower(${query.search})) > 0`);
      }
      if (query.type !== undefined) filtered = filtered.where('task.type', '=', query.type);
      if (query.state !== undefined) filtered = filtered.where('run.state', '=', query.state);
      if (query.since !== undefined) filtered = filtered.where('task.created_at', '>=', query.since);
      if (query.until !== undefined) filtered = filtered.where('task.created_at', '<', query.until);
      return query.limit === undefined ? filtered : filtered.limit(query.limit);
    });
  }

  async orphaned(now: number): Promise<readonly TaskRecord[]> {
    return this.#select((select) =>
      select
        .where('run.state', '=', 'executing')
        .where(({ or, eb }) => or([eb('run.lease_until', 'is', null), eb('run.lease_until', '<', now)])),
    );
  }

  async hold(runId: number, { owner, now, until }: Lease): Promise<boolean> {
    const { numUpdatedRows } = await this.#kysely
      .updateTable('task_run')
      .set({ lease_owner: owner, lease_until: until })
      .where('id', '=', runId)
      .where(({ or, eb }) =>
        or([eb('lease_until', 'is', null), eb('lease_until', '<', now), eb('lease_owner', '=', owner)]),
      )
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async #select(refine: (query: TaskSelect) => TaskSelect): Promise<TaskRecord[]> {
    const rows = await refine(selectTasks(this.#kysely)).execute();
    return Promise.all(rows.map(async (row) => toTask(row, await this.counters(row.run_id))));
  }

  async targets(runId: number, states?: readonly TargetState[]): Promise<readonly NamedTarget[]> {
    let select = this.#kysely
      .selectFrom('task_target as target')
      .leftJoin('device', 'device.id', 'target.device_id')
      .where('target.run_id', '=', runId)
      .selectAll('target')
      .select(['device.mac', 'device.serial', 'device.name']);
    if (states !== undefined) select = select.where('target.state', 'in', states);
    const rows = await select.orderBy('target.position').execute();
    return rows.map((row) => ({ ...toTarget(row), mac: row.mac, serial: row.serial, name: row.name }));
  }

  async counters(runId: number): Promise<TaskCounters> {
    const rows = await this.#kysely
      .selectFrom('task_target')
      .select(({ fn }) => ['state', fn.countAll<number>().as('number')])
      .where('run_id', '=', runId)
      .groupBy('state')
      .execute();
    const count = (...states: readonly string[]): number =>
      rows.filter(({ state }) => states.includes(state)).reduce((sum, { number }) => sum + Number(number), 0);
    return {
      total: count('pending', ...WORKED_ON, ...FINAL_STATES),
      success: count('success'),
      failure: count('failure'),
      notApplicable: count('not-applicable'),
      skipped: count('skipped'),
      inProgress: count('pending', ...WORKED_ON),
    };
  }

  async claim(runId: number, lease: Lease, limit: number): Promise<readonly TargetRecord[]> {
    const orphans = await this.#take(runId, lease, limit, expired(lease.now));
    if (orphans.length >= limit) return orphans;
    return [...orphans, ...(await this.#take(runId, lease, limit - orphans.length, claimable(lease.now)))];
  }

  async #take(
    runId: number,
    { owner, now, until }: Lease,
    limit: number,
    which: Expression<SqlBool>,
  ): Promise<TargetRecord[]> {
    const rows = await this.#kysely
      .updateTable('task_target')
      .set({
        state: sql`CASE state WHEN 'running' THEN 'running' ELSE 'leased' END`,
        lease_owner: owner,
        lease_until: until,
        started_at: sql`coalesce(started_at, ${now})`,
      })
      .where('run_id', '=', runId)
      .where('device_id', 'in', ({ selectFrom }) =>
        selectFrom('task_target as target')
          .select('target.device_id')
          .where('target.run_id', '=', runId)
          .where(which)
          // A phone is never in the hands of two runs at once.
          .where(({ not, exists, selectFrom: select }) =>
            not(
              exists(
                select('task_target as other')
                  .select(sql`1`.as('one'))
                  .whereRef('other.device_id', '=', 'target.device_id')
                  .where('other.run_id', '<>', runId)
                  .where('other.state', 'in', WORKED_ON)
                  .where('other.lease_until', '>=', now),
              ),
            ),
          )
          .orderBy('target.position')
          .limit(limit),
      )
      .returningAll()
      .execute();
    return rows.map(toTarget).sort((a, b) => a.position - b.position);
  }

  async renew({ owner, until }: Lease): Promise<void> {
    await this.#kysely
      .updateTable('task_target')
      .set({ lease_until: until })
      .where('lease_owner', '=', owner)
      .where('state', 'in', WORKED_ON)
      .execute();
    await this.#kysely
      .updateTable('task_run')
      .set({ lease_until: until })
      .where('lease_owner', '=', owner)
      .where('state', '=', 'executing')
      .execute();
  }

  async release(runId: number, owner: string): Promise<void> {
    await this.#kysely
      .updateTable('task_target')
      .set({ state: 'pending', lease_owner: null, lease_until: null })
      .where('run_id', '=', runId)
      .where('lease_owner', '=', owner)
      .where('state', '=', 'leased')
      .execute();
    await this.#kysely
      .updateTable('task_run')
      .set({ lease_owner: null, lease_until: null })
      .where('id', '=', runId)
      .where('lease_owner', '=', owner)
      .execute();
  }

  async record(runId: number, owner: string, changes: readonly TargetChange[]): Promise<readonly number[]> {
    // Prepared: one per progress step of every phone. A lease that was lost writes nothing.
    const update = this.#database.prepare(
      `UPDATE task_target SET state = ?, attempts = ?, code = ?, reason = ?, evidence = ?, via = ?, mark = ?, sent_at = ?,
         not_before = ?, ended_at = ?, lease_owner = CASE WHEN ? THEN lease_owner END,
         lease_until = CASE WHEN ? THEN lease_until END
       WHERE run_id = ? AND device_id = ? AND lease_owner = ?`,
    );
    const lost: number[] = [];
    for (const change of changes) {
      const held = WORKED_ON.includes(change.state) ? 1 : 0;
      const ended = (FINAL_STATES as readonly string[]).includes(change.state) ? change.at : null;
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
        ended,
        held,
        held,
        runId,
        change.deviceId,
        owner,
      );
      if (Number(written) === 0) lost.push(change.deviceId);
    }
    return lost;
  }

  async setRunState(runId: number, state: RunState, at: number, reason?: string): Promise<void> {
    const ended = state === 'done' || state === 'halted' ? at : null;
    const { task_id: taskId } = await this.#kysely
      .updateTable('task_run')
      .set({ state, reason: reason ?? null, ended_at: ended })
      .where('id', '=', runId)
      .returning('task_id')
      .executeTakeFirstOrThrow();
    await this.#kysely.updateTable('task').set({ state, updated_at: at }).where('id', '=', taskId).execute();
  }
}

/** Every task with its newest run, newest first. */
function selectTasks(kysely: Connection['kysely']) {
  return kysely
    .selectFrom('task')
    .innerJoin('task_run as run', 'run.task_id', 'task.id')
    .where('task.enterprise_id', '=', ENTERPRISE)
    .where('run.id', '=', sql<number>`(SELECT max(newest.id) FROM task_run AS newest WHERE newest.task_id = task.id)`)
    .selectAll('task')
    .select(['run.id as run_id', 'run.occurrence', 'run.state as run_state', 'run.reason'])
    .select(['run.started_at', 'run.ended_at'])
    .orderBy('task.id', 'desc');
}

type TaskSelect = ReturnType<typeof selectTasks>;

function claimable(now: number): Expression<SqlBool> {
  return sql<SqlBool>`(target.state = 'pending' AND (target.not_before IS NULL OR target.not_before <= ${now}))`;
}

function expired(now: number): Expression<SqlBool> {
  return sql<SqlBool>`(target.state IN ('leased', 'running') AND target.lease_until < ${now})`;
}

type TaskRow = Row<TaskTable> & {
  run_id: number;
  run_state: TaskRunTable['state'];
} & Pick<TaskRunTable, 'occurrence' | 'reason' | 'started_at' | 'ended_at'>;

function toTask(row: TaskRow, counters: TaskCounters): TaskRecord {
  return {
    id: row.id,
    runId: row.run_id,
    runs: Number(row.occurrence),
    name: row.name,
    type: row.type,
    content: JSON.parse(row.content),
    selector: JSON.parse(row.selector),
    strategy: JSON.parse(row.strategy) as Strategy,
    createdBy: row.created_by,
    at: row.created_at,
    state: row.run_state as RunState,
    reason: row.reason,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    counters,
  };
}

function toTarget(row: Row<TaskTargetTable>): TargetRecord {
  return {
    runId: row.run_id,
    deviceId: row.device_id,
    position: row.position,
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
