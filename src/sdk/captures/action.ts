/**
 * Captures for the task engine. The phone fills a buffer of its own; that it runs, that the capture arrived and that it
 * ended is seen, not believed. What is known of a capture stands in the store before anything is sent.
 */
import type { AttemptOutcome, ProbeResult, TaskAction } from '../../tasks/action.ts';
import type { CommandInputs } from '../../vendors/commands.ts';
import type { ControlContent, ControlType } from '../control/kinds.ts';
import { type ControlContext, loadPhone } from '../control/phone.ts';
import type { CaptureRecord } from '../ports/captures.ts';
import { captureName } from './name.ts';

type CaptureTask = Extract<ControlType, `capture-${string}`>;
type CaptureCommand = 'captureStart' | 'captureSend' | 'captureEnd';

/** Tells one phone one command; what came of it is an outcome, never thrown. */
export type TellCapture = <Type extends CaptureCommand>(
  deviceId: number,
  command: Type,
  input: CommandInputs[Type],
  signal: AbortSignal,
) => Promise<AttemptOutcome>;

/** What a start is told beside what the phone needs to know. */
export interface CaptureWish {
  readonly filter: string;
  readonly megabytes: number;
  readonly minutes: number;
  readonly enable: boolean;
  readonly author: string;
}

/** Captures at the same time in one fleet: each is an upload of some megabytes when it ends. */
export const MOST_CAPTURES = 100;

/** So long after it was told to send its capture, a phone is not waited for any more. Milliseconds. */
export const PATIENCE = 30 * 60_000;

/** Small captures arrive in a moment. Milliseconds. */
const FIRST_LOOK = 800;

const NONE: AttemptOutcome = { outcome: 'not-applicable', reason: 'no capture runs on it' };

export function isCaptureTask(type: ControlType): type is CaptureTask {
  return type.startsWith('capture-');
}

export function captureAction(
  context: ControlContext,
  type: CaptureTask,
  { input }: ControlContent,
  tell: TellCapture,
): TaskAction {
  const captures = new Captures(context, tell);
  const wish = input as unknown as CaptureWish;
  const common = { repeatable: true, proof: () => undefined, firstLook: FIRST_LOOK };
  switch (type) {
    case 'capture-start':
      return {
        ...common,
        attempt: (deviceId, signal) => captures.start(deviceId, wish, signal),
        probe: (deviceId, _elapsed, signal) => captures.hasStarted(deviceId, wish, signal),
      };
    case 'capture-stop':
      return {
        ...common,
        attempt: (deviceId, signal) => captures.send(deviceId, signal),
        probe: (deviceId, _elapsed, signal) => captures.hasArrived(deviceId, signal),
      };
    case 'capture-cancel':
      return {
        ...common,
        attempt: (deviceId, signal) => captures.cancel(deviceId, signal),
        probe: async (deviceId, _elapsed, signal) => seenBy(await captures.cancel(deviceId, signal)),
      };
  }
}

/** What the engine does to the capture of one phone. */
export class Captures {
  readonly #context: ControlContext;
  readonly #tell: TellCapture;

  constructor(context: ControlContext, tell: TellCapture) {
    this.#context = context;
    this.#tell = tell;
  }

  async start(deviceId: number, wish: CaptureWish, signal: AbortSignal): Promise<AttemptOutcome> {
    const begun = await this.#begin(deviceId, wish);
    if ('outcome' in begun) return begun;
    const outcome = await this.#tell(deviceId, 'captureStart', wish, signal);
    if (outcome.outcome !== 'accepted') await this.#forget(begun);
    else if (outcome.evidence !== undefined) await this.#change(begun, { state: 'running' });
    return outcome;
  }

  /** For phones that restarted over it: asked again when they are back, which changes nothing on one that captures. */
  async hasStarted(deviceId: number, wish: CaptureWish, signal: AbortSignal): Promise<ProbeResult> {
    const capture = await this.#open(deviceId);
    if (capture === undefined) return { done: false, final: true, seen: 'its capture was cancelled' };
    const outcome = await this.#tell(deviceId, 'captureStart', wish, signal);
    const result = seenBy(outcome);
    if (result.done === true) await this.#change(capture, { state: 'running' });
    return result;
  }

  async send(deviceId: number, signal: AbortSignal): Promise<AttemptOutcome> {
    const capture = await this.#open(deviceId);
    if (capture === undefined) return this.#none(deviceId);
    await this.#change(capture, { state: 'stopping', endsAt: this.#context.clock.now() + PATIENCE });
    return this.#tell(deviceId, 'captureSend', { token: capture.token }, signal);
  }

  /** DIAG-14: the capture is kept, and ends when it is here. */
  async hasArrived(deviceId: number, signal: AbortSignal): Promise<ProbeResult> {
    const { store } = this.#context;
    const capture = await this.#open(deviceId);
    if (capture === undefined) return { done: false, final: true, seen: 'its capture was cancelled' };
    const upload = await store.read.uploads.find(deviceId, capture.name);
    if (upload === undefined) return { done: false, seen: 'it has not sent its capture' };
    const outcome = await this.#tell(deviceId, 'captureEnd', { disable: capture.switched }, signal);
    const ended = seenBy(outcome);
    if (ended.done !== true)
      return { ...ended, seen: `it sent its capture, but was not seen to end it: ${ended.seen}` };
    await this.#change(capture, { state: 'done', endedAt: this.#context.clock.now() });
    return { done: true, evidence: `it sent ${upload.size} bytes: ${upload.name}` };
  }

  /** DIAG-14: nothing is kept. Also for one that never arrived. */
  async cancel(deviceId: number, signal: AbortSignal): Promise<AttemptOutcome> {
    const { store, clock } = this.#context;
    const capture = (await this.#open(deviceId)) ?? (await store.read.captures.newest(deviceId, ['failed']));
    if (capture === undefined) return this.#none(deviceId);
    const outcome = await this.#tell(deviceId, 'captureEnd', { disable: capture.switched }, signal);
    if (outcome.outcome === 'accepted' && outcome.evidence !== undefined) {
      await this.#change(capture, { state: 'cancelled', endedAt: clock.now() });
    }
    return outcome;
  }

  /** What a phone can never do is said before that it does not do it now. */
  async #none(deviceId: number): Promise<AttemptOutcome> {
    const phone = await loadPhone(this.#context, deviceId);
    if ('reason' in phone) return { outcome: 'not-applicable', reason: phone.reason };
    const { captureEnd } = phone.driver.actions.commands;
    const reason = captureEnd.notApplicable(phone.target, { disable: false });
    return reason === undefined ? NONE : { outcome: 'not-applicable', reason };
  }

  #open(deviceId: number): Promise<CaptureRecord | undefined> {
    return this.#context.store.read.captures.open(deviceId);
  }

  async #change(
    { id }: Pick<CaptureRecord, 'id'>,
    change: Partial<Pick<CaptureRecord, 'state' | 'endsAt' | 'endedAt' | 'reason'>>,
  ): Promise<void> {
    await this.#context.store.transaction(({ captures }) => captures.change(id, change));
  }

  async #forget({ id }: Pick<CaptureRecord, 'id'>): Promise<void> {
    await this.#context.store.transaction(({ captures }) => captures.delete(id));
  }

  /** Notes the capture, or says why there can be none now. One that this very task noted before is taken up again. */
  #begin(deviceId: number, wish: CaptureWish): Promise<Pick<CaptureRecord, 'id'> | AttemptOutcome> {
    const now = this.#context.clock.now();
    return this.#context.store.transaction(async ({ captures, devices }) => {
      const open = await captures.open(deviceId);
      if (open?.state === 'starting') return open;
      if (open !== undefined) {
        const since = new Date(open.startedAt).toISOString();
        return { outcome: 'refused', reason: `a capture runs on it since ${since}; stop or cancel that one first` };
      }
      if ((await captures.countOpen()) >= MOST_CAPTURES) {
        return { outcome: 'busy', reason: `${MOST_CAPTURES} captures run already`, retryAfter: 60_000 };
      }
      const [device] = await devices.byIds([deviceId], 'all');
      if (device === undefined) return { outcome: 'not-applicable', reason: 'the device was deleted' };
      const { filter, megabytes, minutes, enable, author } = wish;
      const id = await captures.add({
        deviceId,
        token: process.getBuiltinModule('node:crypto').randomBytes(16).toString('hex'),
        name: captureName(device.mac ?? String(deviceId), now),
        state: 'starting',
        switched: enable,
        filter,
        megabytes,
        author,
        startedAt: now,
        endsAt: now + minutes * 60_000,
        endedAt: null,
        reason: null,
      });
      return { id };
    });
  }
}

function seenBy(outcome: AttemptOutcome): ProbeResult {
  if (outcome.outcome === 'accepted' && outcome.evidence !== undefined)
    return { done: true, evidence: outcome.evidence };
  return { done: undefined, seen: reasonOf(outcome) };
}

function reasonOf(outcome: AttemptOutcome): string {
  return 'reason' in outcome ? outcome.reason : 'it took the command, and does not show that it did it';
}
