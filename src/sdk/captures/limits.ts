/** DIAG-12, DIAG-13: captures end at their time, whoever started them. Part of `serve`. */
import { pause } from '../../tasks/pause.ts';
import type { ControlContext } from '../control/phone.ts';
import { strategyOf, taskName } from '../tasks/make.ts';
import { targetsFor } from '../tasks/targets.ts';
import { PATIENCE } from './action.ts';

/** Milliseconds. */
const EVERY = 5_000;

/** Stops what is over until the signal aborts; the tasks for it are run by whoever runs tasks. */
export async function keepEndingCaptures(
  context: ControlContext,
  signal: AbortSignal,
  onTrouble: (message: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    await endOverdueCaptures(context).catch((error: unknown) => {
      onTrouble(`Captures cannot be ended: ${error instanceof Error ? error.message : String(error)}`);
    });
    await pause(EVERY, signal);
  }
}

/** Makes one task that stops those whose time is over; gives up those that never came. Returns the task's id. */
export async function endOverdueCaptures({ store, clock }: ControlContext): Promise<number | undefined> {
  const now = clock.now();
  const overdue = await store.read.captures.overdue(now);
  if (overdue.length === 0) return undefined;
  const devices = await store.read.devices.byIds(
    overdue.map(({ deviceId }) => deviceId),
    'all',
  );
  const strategy = strategyOf('capture-stop', {});
  const targets = await targetsFor(store, devices, strategy);
  return store.transaction(async ({ captures, tasks, log }) => {
    const ending = new Set<number>();
    // Read again: another process may have been here.
    for (const capture of await captures.overdue(now)) {
      // Stopped by its time, or by somebody, so long ago.
      if (capture.state === 'stopping') {
        const reason = 'it was told to send its capture, and did not';
        await captures.change(capture.id, { state: 'failed', endedAt: now, reason });
      } else {
        ending.add(capture.deviceId);
        await captures.change(capture.id, { state: 'stopping', endsAt: now + PATIENCE });
      }
    }
    const chosen = targets.filter(({ deviceId }) => ending.has(deviceId));
    if (chosen.length === 0) return undefined;
    const refs = devices.filter(({ id }) => ending.has(id)).map(({ mac, serial, id }) => mac ?? serial ?? String(id));
    const { taskId } = await tasks.create(
      {
        name: taskName('capture-stop', now),
        type: 'capture-stop',
        content: {},
        selector: { refs },
        strategy,
        schedule: { kind: 'now' },
        scope: 'all',
        createdBy: 'phonectl',
        createdKind: 'system',
        at: now,
      },
      chosen,
    );
    await log.append({
      operation: 'capture.stop',
      object: `devices (${chosen.length})`,
      result: 'done',
      details: { task: taskId, devices: refs.slice(0, 100), reason: 'their time is over' },
      actor: 'phonectl',
      actorKind: 'system',
      source: 'schedule',
      at: now,
    });
    return taskId;
  });
}
