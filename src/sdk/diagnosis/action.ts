/**
 * Settings of a diagnosis for the task engine: they are noted as a layer of the phone's configuration, and then pushed as
 * any other change is. Ending it takes them away, and its capture with them (DIAG-25).
 */
import { randomUUID } from 'node:crypto';
import type { DiagnosisChange } from '../../domain/diagnosis.ts';
import type { Parameter } from '../../domain/effective.ts';
import type { AttemptOutcome, ProbeResult, TaskAction } from '../../tasks/action.ts';
import type { Driver, RenderDevice } from '../../vendors/driver.ts';
import { resolveFor } from '../configuration/configuration.ts';
import { readingSource } from '../configuration/source.ts';
import { type ControlContext, loadPhone } from '../control/phone.ts';
import type { Diagnosis } from '../ports/diagnoses.ts';
import { open, store } from '../profiles/parameters.ts';
import type { Inspector } from '../push/inspect.ts';
import { DiagnosisLayer, sealedFor } from './layer.ts';

/** What the content of such a task holds; the password is sealed in it. */
export interface DiagnosisInput {
  readonly change: DiagnosisChange;
  readonly password?: string;
  readonly author: string;
}

/** Ends the capture of a phone and keeps nothing of it. */
export type EndCapture = (deviceId: number, signal: AbortSignal) => Promise<AttemptOutcome>;

const NOTHING: AttemptOutcome = { outcome: 'not-applicable', reason: 'nothing is set on it for a diagnosis' };
/** Milliseconds until a phone that restarts over it is asked again whether its capture has ended. */
const AGAIN = 5_000;

export function changeOf({ change, password }: DiagnosisInput): DiagnosisChange {
  if (password === undefined || change.backup === undefined) return change;
  return { ...change, backup: { ...change.backup, password } };
}

/** Why a phone cannot have it, known before anything is noted. */
export function cannotHave(driver: Driver, device: RenderDevice, input: DiagnosisInput): string | undefined {
  const nowhere = { serverUrl: 'https://server.invalid/', eventUrl: 'https://server.invalid/e/secret' };
  const result = driver.diagnosis(device, changeOf(input), nowhere);
  return 'reason' in result ? result.reason : undefined;
}

/** `push` is the action of `config push`. */
export function changeAction(
  context: ControlContext,
  input: DiagnosisInput,
  push: TaskAction,
  inspector: Inspector,
): TaskAction {
  return {
    ...push,
    probe: (deviceId, elapsed, signal) => probeOwn(context, push, inspector, { deviceId, elapsed, signal }),
    attempt: async (deviceId, signal) => (await note(context, deviceId, input)) ?? push.attempt(deviceId, signal),
  };
}

/** Writes what the phone gets; an outcome when it cannot have it. */
async function note(
  context: ControlContext,
  deviceId: number,
  input: DiagnosisInput,
): Promise<AttemptOutcome | undefined> {
  const phone = await loadPhone(context, deviceId);
  if ('reason' in phone) return { outcome: 'not-applicable', reason: phone.reason };
  const { driver, target } = phone;
  if (target.eventUrl === undefined) {
    return { outcome: 'refused', reason: 'it has not fetched a configuration yet, so there is none to add this to' };
  }
  const places = { eventUrl: target.eventUrl, serverUrl: target.eventUrl.replace(/e\/[^/]*$/, '') };
  const made = driver.diagnosis(target, changeOf(input), places);
  if ('reason' in made) return { outcome: 'not-applicable', reason: made.reason };
  const before = context.store.read.diagnoses.find(deviceId);
  const had = before === undefined ? [] : open(sealedFor(before), before.parameters, context.secrets);
  await put(context, { deviceId, author: input.author }, merged(had, made.parameters));
  return undefined;
}

function merged(had: readonly Parameter[], more: readonly Parameter[]): readonly Parameter[] {
  return [...new Map([...had, ...more].map((parameter) => [parameter.name, parameter])).values()];
}

function isSame(one: readonly Parameter[], other: readonly Parameter[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ name, value }, at) => other[at]?.name === name && other[at].value === value)
  );
}

/** What the phone overrides beside is its own affair: only what was set for the diagnosis counts. */
async function probeOwn(
  { store: fleet, clock }: ControlContext,
  push: TaskAction,
  inspector: Inspector,
  { deviceId, elapsed, signal }: { readonly deviceId: number; readonly elapsed: number; readonly signal: AbortSignal },
): Promise<ProbeResult> {
  const since = clock.now() - elapsed;
  const seen = (await push.probe?.(deviceId, elapsed, signal)) ?? UNASKED;
  if (seen.done !== false) return seen;
  const { state, servedAt, differences, compared } = await inspector.inspect(deviceId, signal);
  const own = new Set(fleet.read.diagnoses.find(deviceId)?.parameters.map(([name]) => name));
  const isServed = servedAt !== null && servedAt >= since;
  if (!isServed || differences.some(({ param }) => own.has(param))) return seen;
  // It restarts, most likely, and is asked again.
  if (state !== 'differs' && state !== 'running') return { done: undefined, seen: seen.seen };
  return { done: true, evidence: `runs it, says the phone (${compared} parameters compared)` };
}

const UNASKED: ProbeResult = { done: undefined, seen: 'it cannot be asked', stop: true };

export function endAction(
  context: ControlContext,
  push: TaskAction,
  inspector: Inspector,
  endCapture: EndCapture,
): TaskAction {
  const { store: fleet } = context;
  /** Those whose settings this run took away: they are told again, if they have to be. */
  const ended = new Set<number>();

  function forget(deviceId: number): Promise<void> {
    return fleet.transaction(({ diagnoses }) => diagnoses.delete(deviceId));
  }

  async function attempt(deviceId: number, signal: AbortSignal): Promise<AttemptOutcome> {
    const diagnosis = fleet.read.diagnoses.find(deviceId);
    if ((await fleet.read.captures.open(deviceId)) !== undefined) {
      const outcome = await endCapture(deviceId, signal);
      if (outcome.outcome !== 'accepted') return outcome;
      const { evidence } = outcome;
      if (evidence === undefined)
        return { outcome: 'busy', reason: 'its capture was not seen to end', retryAfter: AGAIN };
      if (diagnosis === undefined) return { ...outcome, evidence: `its capture ended: ${evidence}` };
    }
    if (diagnosis !== undefined) {
      ended.add(deviceId);
      const undoing = await undone(context, diagnosis);
      if (undoing.length === 0) await forget(deviceId);
      else await put(context, diagnosis, undoing);
    } else if (!ended.has(deviceId)) return NOTHING;
    return push.attempt(deviceId, signal);
  }

  return {
    ...push,
    attempt,
    // Until then the phone finds the values that undo it, whenever it comes.
    async probe(deviceId, elapsed, signal) {
      const seen = await probeOwn(context, push, inspector, { deviceId, elapsed, signal });
      if (seen.done === true) await forget(deviceId);
      return seen;
    },
  };
}

/** What has to be said to the phone, so that it forgets: what it would keep, and nothing else gives it a value. */
async function undone(context: ControlContext, diagnosis: Diagnosis): Promise<readonly Parameter[]> {
  const source = await readingSource(context);
  const stored = await source.reader.deviceById(diagnosis.deviceId);
  if (stored === undefined) return [];
  const layers = source.layers.filter((layer) => !(layer instanceof DiagnosisLayer));
  const { driver, device, effective } = await resolveFor({ ...source, layers }, stored);
  const kept = driver.kept(device);
  return diagnosis.parameters.flatMap(([name]) => {
    const value = kept[name];
    return value === undefined || effective.has(name) ? [] : [{ name, value }];
  });
}

async function put(
  { store: fleet, secrets, clock }: ControlContext,
  { deviceId, author }: Pick<Diagnosis, 'deviceId' | 'author'>,
  parameters: readonly Parameter[],
): Promise<void> {
  await fleet.transaction(async ({ diagnoses }) => {
    const before = diagnoses.find(deviceId);
    if (before !== undefined && isSame(open(sealedFor(before), before.parameters, secrets), parameters)) return;
    const uid = randomUUID();
    const stored = store(sealedFor({ uid }), parameters, secrets);
    await diagnoses.put({ deviceId, uid, parameters: stored, author, changedAt: clock.now() });
  });
}
