/**
 * The one door: validate the input, check the permission, run, and record (design.md section 3).
 *
 * Writes reach the store only through `context.write`, which puts the operation-log entry into the same transaction.
 * An operation that claims an effect and has recorded nothing is a defect, and the door says so.
 */
import { type BaseIssue, getDotPath, safeParse } from 'valibot';
import { isFleetWide } from './access/fleet-wide.ts';
import { holds } from './access/grants.ts';
import type { Actor, DataScope, OperationContext, Recorded } from './context.ts';
import { PhonectlError } from './errors.ts';
import type { AnyOperation, CallOptions, OperationTable } from './operation.ts';
import type { Clock } from './ports/clock.ts';
import type { Home } from './ports/home.ts';
import type { SecretBox } from './ports/secrets.ts';
import type { Store } from './ports/store.ts';

/** Everything the door needs to know of the installation; made once per process. */
export interface Installation {
  readonly store: Store;
  readonly secrets: SecretBox;
  readonly home: Home;
  readonly clock: Clock;
  readonly enterpriseId: number;
  /** Every operation there is, by name. */
  readonly operations?: () => Promise<OperationTable>;
}

/** Who calls; a permission may be `device:*`, `*:read` or `*` for everything. */
export interface Caller {
  readonly actor: Actor;
  readonly scope: DataScope;
  readonly permissions: readonly string[];
}

export interface Call {
  readonly name: string;
  readonly operation: AnyOperation;
  readonly input: unknown;
  readonly caller: Caller;
  readonly options?: CallOptions;
}

/** Runs an operation with one value as its result. */
export async function callValue(installation: Installation, call: Call): Promise<unknown> {
  return (await runValue(installation, call))[0];
}

/** The result, and how many entries the operation has made in the log. */
async function runValue(installation: Installation, call: Call): Promise<readonly [unknown, number]> {
  const { operation } = call;
  if (operation.kind !== 'value') throw new PhonectlError('unexpected', `${call.name} is a stream.`);
  const { context, input, recorded } = enter(installation, call);
  const result = await operation.run(context, input as never);
  checkRecorded(call, input, recorded());
  return [result, recorded()];
}

async function operationOf({ operations }: Installation, name: string): Promise<AnyOperation> {
  const operation = (await operations?.())?.get(name);
  if (operation === undefined) throw new PhonectlError('invalid_input', `There is no operation ${name}.`);
  return operation;
}

/** Runs an operation whose result is a sequence. */
export async function* callStream(installation: Installation, call: Call): AsyncGenerator<unknown> {
  const { operation } = call;
  if (operation.kind !== 'stream') throw new PhonectlError('unexpected', `${call.name} is not a stream.`);
  const { context, input, recorded } = enter(installation, call);
  yield* operation.run(context, input as never);
  checkRecorded(call, input, recorded());
}

function enter(
  installation: Installation,
  call: Call,
): { context: OperationContext; input: unknown; recorded: () => number } {
  const { operation, caller, name } = call;
  require(caller, operation.permission, name);
  if (caller.scope !== 'all' && isFleetWide(operation.permission)) throw limited(caller, operation.permission, name);
  const input = validate(call);
  const signal = call.options?.signal ?? new AbortController().signal;
  const ifVersion = call.options?.ifVersion;
  let entries = 0;
  let versionChecked = false;
  const context: OperationContext = {
    ...installation,
    operation: name,
    actor: caller.actor,
    scope: caller.scope,
    permissions: caller.permissions,
    read: installation.store.read,
    signal,
    require: (permission) => require(caller, permission, name),
    progress: (event) => call.options?.onProgress?.(event),
    checkVersion(version) {
      versionChecked = true;
      if (ifVersion !== undefined && version !== ifVersion) throw stale(version, ifVersion);
    },
    call: async (other, otherInput) => {
      const inner = { ...call, name: other, operation: await operationOf(installation, other), input: otherInput };
      const [result, recorded] = await runValue(installation, inner);
      entries += recorded;
      // The condition went with it, and was looked at there.
      versionChecked = true;
      return result;
    },
    write: (work) => {
      signal.throwIfAborted();
      return installation.store.transaction(async (repositories) => {
        const [result, entry] = await work(repositories);
        // Inside the transaction: a condition that the operation did not look at undoes what it did.
        if (ifVersion !== undefined && !versionChecked) throw unversioned(name);
        await repositories.log.append({ ...complete(entry, call, installation.clock) });
        entries += 1;
        return result;
      });
    },
  };
  return { context, input, recorded: () => entries };
}

function stale(version: number, wanted: number): PhonectlError {
  return new PhonectlError('stale', `The object has version ${version}; the change was made for version ${wanted}.`, {
    hints: ['Read it again, look at what changed, and make the change on that.'],
    details: { version, wanted },
  });
}

function unversioned(name: string): PhonectlError {
  return new PhonectlError('invalid_input', `${name} does not take a version condition (If-Match).`);
}

function complete(
  entry: Recorded,
  { name, caller }: Call,
  clock: Clock,
): Parameters<Installation['store']['read']['log']['append']>[0] {
  return {
    operation: name,
    object: entry.object,
    result: entry.result,
    details: entry.details ?? {},
    actor: caller.actor.name,
    actorKind: caller.actor.delegated ? 'delegate' : caller.actor.kind,
    source: caller.actor.source,
    at: clock.now(),
  };
}

/** A dry run has no effect and records none; every other write and every reveal must have. */
function checkRecorded({ name, operation }: Call, input: unknown, entries: number): void {
  const dryRun = typeof input === 'object' && input !== null && 'dryRun' in input && input.dryRun === true;
  const mustRecord = (operation.effect !== 'read' && !dryRun) || operation.reveals?.(input as never) === true;
  if (mustRecord && entries === 0) {
    throw new PhonectlError('unrecorded_write', `${name} finished without an entry in the operation log.`);
  }
}

function require(caller: Caller, permission: string, operation: string): void {
  if (holds(caller.permissions, permission)) return;
  throw new PhonectlError('forbidden', `${caller.actor.name} lacks the permission ${permission}.`, {
    hints: ['Ask the owner of this installation for a role that has it.'],
    details: { permission, operation },
  });
}

function limited(caller: Caller, permission: string, operation: string): PhonectlError {
  return new PhonectlError(
    'forbidden',
    `${operation} is about the whole fleet; ${caller.actor.name} is limited to some sites.`,
    {
      hints: ['Ask somebody whose role holds for all sites.'],
      details: { permission, operation },
    },
  );
}

/** Of many problems the first ones say enough: an answer must not be larger than the question. */
const MOST_PROBLEMS = 20;
const LONGEST_PROBLEM = 300;

function validate({ operation, input, name }: Call): unknown {
  const result = safeParse(operation.input, input);
  if (result.success) return result.output;
  const problems = result.issues.slice(0, MOST_PROBLEMS).map(problemText);
  const more = result.issues.length - problems.length;
  if (more > 0) problems.push(`and ${more} more`);
  throw new PhonectlError('invalid_input', `The input of ${name} is not valid. ${problems.join('; ')}`, {
    details: { problems },
  });
}

function problemText(issue: BaseIssue<unknown>): string {
  const path = getDotPath(issue);
  // Where something else was expected than what came, what came may be a secret.
  const message = SECRET.test(path ?? '') ? issue.message.replace(/ but received .*$/s, '') : issue.message;
  const text = path === null ? message : `${path}: ${message}`;
  return text.length > LONGEST_PROBLEM ? `${text.slice(0, LONGEST_PROBLEM)}…` : text;
}

/** Names of fields, at any depth, whose content is not repeated. Parameters of phones are among them: some are passwords. */
const SECRET = /pass|secret|token|\bold\b|\bpin\b|credential|parameters|\bset\b|value/i;
