/** `config push`: phones fetch what they should run, and are seen to run it. */
import type { OperationContext } from '../context.ts';
import { type ControlEvent, type ControlRequest, type ControlResult, runControl } from '../control/run.ts';

/**
 * Runs the task. A phone that is away is pending and no failure: it gets the change at its next contact, and nothing has
 * to be done again for it (PROV-12, PROF-32).
 */
export async function* pushConfiguration(
  context: OperationContext,
  request: ControlRequest,
): AsyncGenerator<ControlEvent> {
  for await (const event of runControl(context, 'config-push', request)) {
    yield withAway(event);
  }
}

/** The event as it is told where phones that are away are waited for. */
export function withAway(event: ControlEvent): ControlEvent {
  if (event.type === 'device') return { ...event, device: awayIsPending(event.device) };
  return event.type === 'finished' && event.task !== undefined ? withoutAway(event) : event;
}

function withoutAway(event: ControlEvent & { readonly type: 'finished' }): ControlEvent {
  const results = event.results.map(awayIsPending);
  const away = results.filter(({ result }, index) => result !== event.results[index]?.result).length;
  const { summary } = event;
  return {
    ...event,
    results,
    summary: { ...summary, skipped: summary.skipped - away, pending: summary.pending + away },
  };
}

/** A result as it is told where phones that are away are waited for. */
export function awayIsPending<Result extends ControlResult>(result: Result): Result {
  return result.result === 'skipped' && result.code === 'unreachable' ? { ...result, result: 'pending' } : result;
}
