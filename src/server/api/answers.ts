/** Answers with what a call gave: a value with its entity tag, or a run and what it says. */
import type { ServerResponse } from 'node:http';
import { PhonectlError } from '../../sdk/errors.ts';
import type { Machinery, Request } from './machinery.ts';
import { StreamWriter, sendJson } from './output.ts';
import { toProblem } from './problems.ts';
import type { Run } from './runs.ts';
import { KIND_HEADER, NDJSON_TYPE, problemLine, toWire } from './wire.ts';

export function sendValue(response: ServerResponse, result: unknown): void {
  const version = versionOf(result);
  if (version !== undefined) response.setHeader('etag', `"${version}"`);
  sendJson(response, 200, toWire(result));
}

/** Objects that are edited carry a version; it is their entity tag. */
function versionOf(result: unknown): number | undefined {
  if (typeof result !== 'object' || result === null || !('version' in result)) return undefined;
  return Number.isSafeInteger(result.version) ? (result.version as number) : undefined;
}

/** Answers with a run: its lines as they come, or its result when it has ended. */
export async function answerRun(machinery: Machinery, exchange: Request, run: Run, after: number): Promise<void> {
  const { request, response } = exchange;
  response.setHeader('phonectl-run', run.id);
  response.setHeader(KIND_HEADER, run.kind);
  const lines = run.kind === 'stream' || (request.headers.accept ?? '').includes(NDJSON_TYPE);
  const guard = machinery.watch.guard(exchange);
  try {
    if (!lines) {
      await Promise.race([run.ended, guard.aborted]);
      if (run.problem === undefined) sendValue(response, run.result);
      else throw asThrown(run);
      return;
    }
    await followRun(machinery, exchange, run, after, guard.aborted);
  } finally {
    guard.release();
  }
}

async function followRun(
  { limits }: Machinery,
  { response }: Request,
  run: Run,
  after: number,
  aborted: Promise<never>,
): Promise<void> {
  const writer = new StreamWriter(response, NDJSON_TYPE, limits);
  const lines = run.follow(after);
  // Work that says nothing for long gets its head sent, and signs of life: proxies close what is silent.
  const early = setTimeout(() => writer.start(true), limits.heartbeat);
  try {
    let first = true;
    for (;;) {
      const next = await Promise.race([lines.next(), aborted]);
      if (next.done) break;
      // A run that failed before it said anything is answered by its problem alone, with the status for it.
      if (first && run.problem !== undefined && run.report().lines === 1 && !response.headersSent) throw asThrown(run);
      first = false;
      writer.start(true);
      const waiting = writer.write(next.value);
      if (waiting) await waiting;
    }
    writer.start(false);
    writer.end();
  } catch (error) {
    if (!response.headersSent) throw error;
    await writer.write(problemLine(toProblem(error)));
    writer.end();
  } finally {
    clearTimeout(early);
  }
}

/** The problem of a run as an error again, so that it is answered like any other. */
function asThrown({ problem }: Run): PhonectlError {
  const { code, detail, hints, details } = problem!;
  return new PhonectlError(code, detail, { hints, details });
}
