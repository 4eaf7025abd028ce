/** Looking after runs: what dead runners held, and what has been over for long. */
import { SqlTargets, WORKED_ON } from './task-targets.ts';

export class SqlTaskKeeping extends SqlTargets {
  async holders(): Promise<readonly string[]> {
    const rows = await this.kysely
      .selectFrom('task_run as run')
      .innerJoin('task_target as target', 'target.run_id', 'run.id')
      .select('target.lease_owner as owner')
      .where('run.state', '=', 'executing')
      .where('target.state', 'in', WORKED_ON)
      .union(this.kysely.selectFrom('task_run').select('lease_owner as owner').where('state', '=', 'executing'))
      .execute();
    return rows.map(({ owner }) => owner).filter((owner) => owner !== null);
  }

  async expire(owners: readonly string[]): Promise<void> {
    // Long ago, and not never: a lease without an end is one that was given back.
    const over = { lease_until: 0 };
    for (const table of ['task_target', 'task_run'] as const) {
      await this.kysely.updateTable(table).set(over).where('lease_owner', 'in', owners).execute();
    }
  }

  async runsEndedBefore(at: number): Promise<readonly number[]> {
    const rows = await this.kysely
      .selectFrom('task_run as run')
      .select('run.id')
      .where('run.state', '=', 'done')
      .where('run.ended_at', '<', at)
      .where(({ exists, selectFrom }) =>
        exists(selectFrom('task_target').select('device_id').whereRef('run_id', '=', 'run.id')),
      )
      .execute();
    return rows.map(({ id }) => id);
  }

  async removeResults(runId: number): Promise<number> {
    const { numDeletedRows } = await this.kysely
      .deleteFrom('task_target')
      .where('run_id', '=', runId)
      .where(({ exists, selectFrom }) =>
        exists(selectFrom('task_run').select('id').where('id', '=', runId).where('state', '=', 'done')),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  }
}
