/** One call of an operation over HTTP: recognise, admit, read the input, go through the door, answer. */
import type { IncomingMessage } from 'node:http';
import { type Principal, principalName } from '../../sdk/access/gatekeeper.ts';
import { holds } from '../../sdk/access/grants.ts';
import { type Call, type Caller, callStream, callValue } from '../../sdk/door.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { AnyOperation, CallOptions } from '../../sdk/operation.ts';
import type { Repositories, Store } from '../../sdk/ports/store.ts';
import { answerRun, sendValue } from './answers.ts';
import { type Found, lostRun } from './idempotency.ts';
import { bytesField, readInput } from './input.ts';
import type { Machinery, Request } from './machinery.ts';
import { StreamWriter, sendJson, sendText } from './output.ts';
import { PROBLEM_TYPE, toProblem } from './problems.ts';
import type { Run } from './runs.ts';
import { itemLine, KIND_HEADER, NDJSON_TYPE, problemLine } from './wire.ts';

/** Calls the operation and answers. What it throws before the answer has begun is the caller's to send. */
export async function answerCall(
  machinery: Machinery,
  exchange: Request,
  name: string,
  operation: AnyOperation,
): Promise<void> {
  const { request, url, principal } = exchange;
  const caller = permitted(machinery, principal, name, operation);
  if (operation.effect === 'read') {
    const input = await readInput(request, url, operation, machinery.limits);
    const call = { name, operation, input, caller };
    if (operation.kind === 'value') await answerRead(machinery, exchange, call);
    else await answerList(machinery, exchange, call);
    return;
  }
  await answerWrite(machinery, exchange, { name, operation, caller });
}

/** Refuses before the input is read: nobody uploads a gigabyte to be told that they may not. */
function permitted(machinery: Machinery, principal: Principal, name: string, operation: AnyOperation): Caller {
  if (operation.local) {
    throw new PhonectlError('local_only', `${name} is about the machine of the server and works only there.`, {
      hints: ['Run it on that machine, or use --context local for this one.'],
    });
  }
  const caller = machinery.gatekeeper.caller(principal, operation);
  if (principal.kind === 'anonymous' && !holds(caller.permissions, operation.permission)) {
    throw new PhonectlError('unauthenticated', 'This needs an access key or a session.', {
      hints: [
        'Send `Authorization: Bearer <key id>.<secret>`.',
        'Make a key with `phonectl key create NAME --role ROLE`.',
      ],
    });
  }
  return caller;
}

async function answerRead({ installation, watch }: Machinery, exchange: Request, call: Call): Promise<void> {
  const guard = watch.guard(exchange, call);
  try {
    const work = callValue(installation, { ...call, options: { signal: guard.signal } });
    const result = await Promise.race([work, guard.aborted]);
    sendValue(exchange.response, result);
  } finally {
    guard.release();
  }
}

/** A sequence that is only read: the client's reading paces it, and it ends with the client. */
async function answerList(machinery: Machinery, exchange: Request, call: Call): Promise<void> {
  const { response, request } = exchange;
  const { installation } = machinery;
  const guard = machinery.watch.guard(exchange, call);
  const raw = rawType(request);
  response.setHeader(KIND_HEADER, 'stream');
  const writer = new StreamWriter(response, raw ?? NDJSON_TYPE, machinery.limits);
  // A connection of its own: a client that reads slowly must not hold everybody else to the fleet as it was.
  const { read, close } = installation.store.reader();
  const items = callStream(
    { ...installation, store: withRead(installation.store, read) },
    { ...call, options: { signal: guard.signal } },
  );
  const early = setTimeout(() => writer.start(raw === undefined), machinery.limits.heartbeat);
  try {
    for (;;) {
      const next = await Promise.race([items.next(), guard.aborted]);
      if (next.done) break;
      const piece = raw === undefined ? itemLine(next.value) : rawPiece(next.value);
      writer.start(raw === undefined);
      const waiting = writer.write(piece);
      if (waiting) await waiting;
    }
    writer.start(false);
    writer.end();
  } catch (error) {
    if (!response.headersSent) throw error;
    if (raw === undefined) {
      machinery.report(error);
      await writer.write(problemLine(toProblem(error)));
      writer.end();
    } else {
      writer.abort();
    }
  } finally {
    clearTimeout(early);
    guard.release();
    // Not waited for: a generator that sleeps may take its time to notice.
    void items.return(undefined).then(close, (error: unknown) => {
      close();
      machinery.report(error);
    });
  }
}

/** The store with other repositories to read from. A proxy, since the store's own state is private to it. */
function withRead(store: Store, read: Repositories): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'read') return read;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** What the client wants in place of NDJSON: the bytes of an export as they are. */
function rawType(request: IncomingMessage): string | undefined {
  const accept = request.headers.accept ?? '';
  return /^(text\/(?:csv|plain)|application\/octet-stream)\b/i.exec(accept.trim())?.[1]?.toLowerCase();
}

function rawPiece(item: unknown): string | Uint8Array {
  if (typeof item === 'string' || item instanceof Uint8Array) return item;
  throw new PhonectlError('invalid_input', 'This operation answers in objects, not in text.', {
    hints: [`Ask for ${NDJSON_TYPE}.`],
  });
}

type Write = Omit<Call, 'input' | 'options'>;

/** A write is a run: it goes on without its client. */
async function answerWrite(machinery: Machinery, exchange: Request, write: Write): Promise<void> {
  const { request, url, principal, response } = exchange;
  const { runs, idempotency, limits } = machinery;
  const { operation, name } = write;
  const owner = principalName(principal);
  const input = await readInput(request, url, operation, limits);
  const ifVersion = readIfMatch(request);
  const id = runs.newId(header(request, 'phonectl-run'), owner);
  const key = header(request, 'idempotency-key');
  if (key !== undefined) {
    const field = bytesField(operation);
    // Two uploads are the same when they are of the same length, and of the same digest where one is sent.
    const { 'content-length': length, 'content-digest': digest } = request.headers;
    const asked = field === undefined ? input : { ...(input as object), [field]: [length, digest] };
    const found = await idempotency.claim(owner, key, [name, asked, ifVersion], id);
    if (found.is !== 'new') {
      await answerAgain(machinery, exchange, found);
      return;
    }
  }
  const run = runs.start({ id, operation: name, kind: operation.kind, owner });
  const options = ifVersion === undefined ? {} : { ifVersion };
  const work = carryOut(machinery, principal, run, { ...write, input, options });
  const settled = key === undefined ? work : work.then(() => idempotency.settle(owner, key, run));
  settled.catch(machinery.report);
  if (/\brespond-async\b/i.test(header(request, 'prefer') ?? '') && bytesField(operation) === undefined) {
    response.setHeader('location', `/v1/operations/${run.id}`);
    response.setHeader('preference-applied', 'respond-async');
    sendJson(response, 202, run.report());
    return;
  }
  await answerRun(machinery, exchange, run, 0);
}

/** The answer of the first request with this key, or its run while it goes on. */
async function answerAgain(
  machinery: Machinery,
  exchange: Request,
  found: Exclude<Found, { is: 'new' }>,
): Promise<void> {
  const { response } = exchange;
  const run = found.is === 'running' ? machinery.runs.byId(found.run) : undefined;
  if (found.is === 'running' && run === undefined) throw lostRun();
  response.setHeader('idempotency-replayed', 'true');
  if (run !== undefined) {
    await answerRun(machinery, exchange, run, 0);
  } else if (found.is === 'answered') {
    const { status, kind, body } = found.answer;
    response.setHeader(KIND_HEADER, kind);
    if (kind === 'stream') sendText(response, 200, body, NDJSON_TYPE);
    else sendText(response, status, body, status >= 400 ? PROBLEM_TYPE : 'application/json');
  }
}

/** Runs a write to its end, whoever listens. */
async function carryOut(machinery: Machinery, principal: Principal, run: Run, call: Call): Promise<void> {
  const { installation, watch, report } = machinery;
  const { clock } = installation;
  const guard = watch.guardRun(principal, call, run);
  const options: CallOptions = { ...call.options, signal: run.signal, onProgress: (event) => run.progress(event) };
  const reader = call.operation.kind === 'stream' ? installation.store.reader() : undefined;
  try {
    if (reader === undefined) {
      run.succeed(await Promise.race([callValue(installation, { ...call, options }), guard.aborted]), clock.now());
      return;
    }
    const own = { ...installation, store: withRead(installation.store, reader.read) };
    const items = callStream(own, { ...call, options });
    try {
      for (;;) {
        const next = await Promise.race([items.next(), guard.aborted]);
        if (next.done) break;
        run.item(next.value);
        await Promise.race([run.room(), guard.aborted]);
      }
      run.succeed(undefined, clock.now());
    } finally {
      void items.return(undefined).then(reader.close, (error: unknown) => {
        reader.close();
        report(error);
      });
    }
  } catch (error) {
    run.fail(error, clock.now());
    report(error);
  } finally {
    guard.release();
  }
}

/** `If-Match: "7"`: only if the object still has version 7. Throws `invalid_input` for what is no entity tag of ours. */
function readIfMatch(request: IncomingMessage): number | undefined {
  const value = header(request, 'if-match');
  if (value === undefined) return undefined;
  const match = /^"(\d{1,15})"$/.exec(value);
  if (match === null) throw new PhonectlError('invalid_input', 'If-Match has to be one entity tag such as "7".');
  return Number(match[1]);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
