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
    if (event.type === 'device') yield { ...event, device: awayIsPending(event.device) };
    else if (event.type === 'finished' && event.task !== undefined) yield withAway(event);
    else yield event;
  }
}

function withAway(event: ControlEvent & { readonly type: 'finished' }): ControlEvent {
  const results = event.results.map(awayIsPending);
  const away = results.filter(({ result }, index) => result !== event.results[index]?.result).length;
  const { summary } = event;
  return {
    ...event,
    results,
    summary: { ...summary, skipped: summary.skipped - away, pending: summary.pending + away },
  };
}

function awayIsPending(result: ControlResult): ControlResult {
  return result.result === 'skipped' && result.code === 'unreachable' ? { ...result, result: 'pending' } : result;
}
