import { type Expression, type Selectable, type SqlBool, sql } from 'kysely';
import type { DataScope } from '../../sdk/context.ts';
import type {
  Holder,
  Lease,
  NewRun,
  NewTarget,
  NewTask,
  RunState,
  Schedule,
  Strategy,
  TaskEdit,
  TaskQuery,
  TaskRecord,
  TaskRepository,
  TaskState,
  WaitingState,
} from '../../sdk/ports/tasks.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import type { TaskTable } from '../schema/tasks.ts';
import { announce } from './callbacks.ts';
import { SqlTaskKeeping } from './task-keeping.ts';
import { alive, toCounters } from './task-targets.ts';

const REPEATS = sql<SqlBool>`json_extract(task.schedule, '$.kind') = 'repeat'`;

/** A timer is what it waits for, while it does not run; everything else is what its newest run is. */
const STATE = sql<TaskState>`CASE WHEN run.state = 'executing' OR (run.state IS NOT NULL AND NOT ${REPEATS})
  THEN run.state ELSE task.state END`;

/**
 * A task is seen by those who see all its devices: its name, its counts and its retry are about all of them. Before it
 * has any, by those who see all that its maker may act on.
 */
function within(scope: DataScope): Expression<SqlBool> {
  if (scope === 'all') return sql<SqlBool>`1 = 1`;
  const sites = JSON.stringify(scope);
  const foreign = (site: string) =>
    sql`(${sql.ref(site)} IS NULL OR ${sql.ref(site)} NOT IN (SELECT value FROM json_each(${sites})))`;
  const targets = sql`task_run JOIN task_target ON task_target.run_id = task_run.id
    LEFT JOIN device ON device.id = task_target.device_id WHERE task_run.task_id = task.id`;
  return sql<SqlBool>`CASE WHEN EXISTS (SELECT 1 FROM ${targets})
    THEN NOT EXISTS (SELECT 1 FROM ${targets} AND ${foreign('device.site_id')})
    ELSE json_type(task.scope) = 'array'
      AND NOT EXISTS (SELECT 1 FROM json_each(task.scope) AS own WHERE ${foreign('own.value')}) END`;
}

export class SqlTaskRepository extends SqlTaskKeeping implements TaskRepository {
  async define(
    task: NewTask,
    next: { readonly at: number; readonly state?: WaitingState } | undefined,
  ): Promise<number> {
    const { id } = await this.kysely
      .insertInto('task')
      .values({
        enterprise_id: ENTERPRISE,
        name: task.name,
        type: task.type,
        content: JSON.stringify(task.content),
        selector: JSON.stringify(task.selector),
        schedule: JSON.stringify(task.schedule),
        strategy: JSON.stringify(task.strategy),
        scope: JSON.stringify(task.scope),
        state: next?.state ?? 'scheduled',
        next_at: next?.at ?? null,
        planned_at: next === undefined ? null : task.at,
        created_by: task.createdBy,
        created_kind: task.createdKind,
        created_at: task.at,
        updated_at: task.at,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  async create(
    task: NewTask,
    targets: readonly NewTarget[],
    holder?: Lease,
  ): Promise<{ taskId: number; runId: number }> {
    const taskId = await this.define(task, undefined);
    const run = { occurrence: '1', dueAt: task.at, at: task.at, targets };
    return { taskId, runId: await this.#insertRun(taskId, run, holder) };
  }

  async addRun(taskId: number, run: NewRun, holder?: Lease): Promise<number | undefined> {
    const task = await this.get(taskId);
    if (task === undefined || (await this.hasRun(taskId, run.occurrence))) return undefined;
    return this.#insertRun(taskId, run, holder);
  }

  async #insertRun(taskId: number, run: NewRun, holder: Lease | undefined): Promise<number> {
    const { id } = await this.kysely
      .insertInto('task_run')
      .values({
        task_id: taskId,
        occurrence: run.occurrence,
        state: run.state ?? 'executing',
        reason: run.reason ?? null,
        evidence_mark: 0,
        due_at: run.dueAt,
        started_at: run.at,
        ended_at: run.state === 'missed' ? run.at : null,
        total: run.targets.length,
        lease_owner: holder?.owner ?? null,
        lease_until: holder?.until ?? null,
        holder: run.holder === undefined ? null : JSON.stringify(run.holder),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    this.insertTargets(id, run.targets);
    await this.#followRun(taskId, run.state ?? 'executing', run.at);
    if (run.state === 'missed') await announce(this.kysely, 'task.ended', String(taskId), run.at);
    return id;
  }

  /** The state of a task that does not repeat is that of its run. */
  async #followRun(taskId: number, state: RunState, at: number): Promise<void> {
    await this.kysely.updateTable('task').set({ updated_at: at }).where('id', '=', taskId).execute();
    await this.kysely
      .updateTable('task')
      .set({ state })
      .where('id', '=', taskId)
      .where(({ not }) => not(REPEATS))
      .execute();
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
      if (query.state !== undefined) filtered = filtered.where(sql<SqlBool>`${STATE} = ${query.state}`);
      if (query.repeating === true) filtered = filtered.where(REPEATS);
      if (query.repeating === false) filtered = filtered.where(({ not }) => not(REPEATS));
      if (query.since !== undefined) filtered = filtered.where('task.created_at', '>=', query.since);
      if (query.until !== undefined) filtered = filtered.where('task.created_at', '<', query.until);
      return query.limit === undefined ? filtered : filtered.limit(query.limit);
    });
  }

  async executing(): Promise<readonly TaskRecord[]> {
    return this.#select((select) => select.where('run.state', '=', 'executing'));
  }

  async handOver(runId: number, holder: Holder): Promise<void> {
    await this.kysely
      .updateTable('task_run')
      .set({ holder: JSON.stringify(holder) })
      .where('id', '=', runId)
      .execute();
  }

  async orphaned(now: number): Promise<readonly TaskRecord[]> {
    return this.#select((select) =>
      select
        .where('run.state', '=', 'executing')
        .where(({ or, eb, not }) => or([eb('run.lease_until', 'is', null), not(alive('run.lease_until', now))])),
    );
  }

  async due(now: number): Promise<readonly TaskRecord[]> {
    return this.#select((select) =>
      select
        .where('task.state', '=', 'scheduled')
        .where('task.next_at', 'is not', null)
        .where(({ or, eb }) => or([eb('task.next_at', '<=', now), eb('task.planned_at', '>', now)])),
    );
  }

  async nextDue(): Promise<number | undefined> {
    const row = await this.kysely
      .selectFrom('task')
      .select(({ fn }) => fn.min('next_at').as('next'))
      .where('state', '=', 'scheduled')
      .where('next_at', 'is not', null)
      .executeTakeFirst();
    return row?.next ?? undefined;
  }

  async hasRun(taskId: number, occurrence: string): Promise<boolean> {
    const row = await this.kysely
      .selectFrom('task_run')
      .select('id')
      .where('task_id', '=', taskId)
      .where('occurrence', '=', occurrence)
      .executeTakeFirst();
    return row !== undefined;
  }

  async plan(taskId: number, expected: number | null, nextAt: number | null, now: number): Promise<boolean> {
    const { numUpdatedRows } = await this.kysely
      .updateTable('task')
      .set({ next_at: nextAt, planned_at: nextAt === null ? null : now })
      .where('id', '=', taskId)
      .where('state', '=', 'scheduled')
      .where('next_at', 'is', expected)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async setTaskState(taskId: number, state: WaitingState, at: number): Promise<void> {
    await this.kysely
      .updateTable('task')
      .set({ state, updated_at: at, version: sql`version + 1` })
      .$if(state === 'ended' || state === 'cancelled', (update) => update.set({ next_at: null, planned_at: null }))
      .where('id', '=', taskId)
      .execute();
  }

  async edit(taskId: number, edit: TaskEdit, at: number): Promise<void> {
    const { name, content, selector, strategy, schedule } = edit;
    await this.kysely
      .updateTable('task')
      .set({
        ...(name !== undefined && { name }),
        ...(content !== undefined && { content: JSON.stringify(content) }),
        ...(selector !== undefined && { selector: JSON.stringify(selector) }),
        ...(strategy !== undefined && { strategy: JSON.stringify(strategy) }),
        ...(schedule !== undefined && { schedule: JSON.stringify(schedule) }),
        updated_at: at,
        version: sql`version + 1`,
      })
      .where('id', '=', taskId)
      .execute();
  }

  async delete(taskId: number): Promise<void> {
    await this.kysely.deleteFrom('task').where('id', '=', taskId).execute();
  }

  async hold(runId: number, { owner, now, until }: Lease): Promise<boolean> {
    const { numUpdatedRows } = await this.kysely
      .updateTable('task_run')
      .set({ lease_owner: owner, lease_until: until })
      .where('id', '=', runId)
      .where(({ or, eb, not }) =>
        or([eb('lease_until', 'is', null), not(alive('lease_until', now)), eb('lease_owner', '=', owner)]),
      )
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async setRunState(runId: number, state: RunState, at: number, reason?: string): Promise<void> {
    const ended = state === 'done' || state === 'halted' ? at : null;
    const { task_id: taskId } = await this.kysely
      .updateTable('task_run')
      .set({ state, reason: reason ?? null, ended_at: ended })
      .where('id', '=', runId)
      .returning('task_id')
      .executeTakeFirstOrThrow();
    await this.#followRun(taskId, state, at);
    if (ended !== null) await announce(this.kysely, 'task.ended', String(taskId), at);
  }

  async #select(refine: (query: TaskSelect) => TaskSelect): Promise<TaskRecord[]> {
    return (await refine(selectTasks(this.kysely)).execute()).map(toTask);
  }
}

/** Every task with its newest run, newest first. */
function selectTasks(kysely: Connection['kysely']) {
  return kysely
    .selectFrom('task')
    .leftJoin('task_run as run', (join) =>
      join
        .onRef('run.task_id', '=', 'task.id')
        .on(sql<SqlBool>`run.id = (SELECT max(newest.id) FROM task_run AS newest WHERE newest.task_id = task.id)`),
    )
    .where('task.enterprise_id', '=', ENTERPRISE)
    .selectAll('task')
    .select([
      'run.id as run_id',
      'run.state as run_state',
      'run.reason',
      'run.started_at',
      'run.ended_at',
      'run.holder',
    ])
    .select(['run.total', 'run.success', 'run.failure', 'run.not_applicable', 'run.skipped'])
    .select([
      STATE.as('shown_state'),
      sql<number>`(SELECT count(*) FROM task_run AS each WHERE each.task_id = task.id)`.as('runs'),
    ])
    .orderBy('task.id', 'desc');
}

type TaskSelect = ReturnType<typeof selectTasks>;

interface TaskRow extends Selectable<TaskTable> {
  run_id: number | null;
  run_state: string | null;
  reason: string | null;
  started_at: number | null;
  ended_at: number | null;
  holder: string | null;
  total: number | null;
  success: number | null;
  failure: number | null;
  not_applicable: number | null;
  skipped: number | null;
  shown_state: TaskState;
  runs: number;
}

function toTask(row: TaskRow): TaskRecord {
  return {
    id: row.id,
    version: row.version,
    runId: row.run_id,
    runs: row.runs,
    name: row.name,
    type: row.type,
    content: JSON.parse(row.content),
    selector: JSON.parse(row.selector),
    strategy: JSON.parse(row.strategy) as Strategy,
    schedule: JSON.parse(row.schedule) as Schedule,
    scope: JSON.parse(row.scope) as DataScope,
    createdBy: row.created_by,
    createdKind: row.created_kind as TaskRecord['createdKind'],
    at: row.created_at,
    state: row.shown_state,
    runState: row.run_state as RunState | null,
    nextAt: row.state === 'scheduled' || row.state === 'paused' ? row.next_at : null,
    holder: row.holder === null ? null : (JSON.parse(row.holder) as Holder),
    reason: row.reason,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    counters: toCounters({
      total: row.total ?? 0,
      success: row.success ?? 0,
      failure: row.failure ?? 0,
      not_applicable: row.not_applicable ?? 0,
      skipped: row.skipped ?? 0,
    }),
  };
}
