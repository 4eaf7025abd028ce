/**
 * Firmware for the task engine. A phone is given the image's address when its turn comes, not before, so that a poll or a
 * reboot jumps no queue; it has done it when it reports the release. What it was given is taken back when it did not.
 */
import { sameRelease } from '../../domain/version.ts';
import type { AttemptOutcome, ProbeResult, TaskAction } from '../../tasks/action.ts';
import type { DeviceStatus } from '../../vendors/driver.ts';
import { loadModels } from '../../vendors/models.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import type { Resolved } from '../configuration/configuration.ts';
import { type ControlContext, loadPhone, type Phone } from '../control/phone.ts';
import { isPhonectlError } from '../errors.ts';
import type { Evidence } from '../ports/evidence.ts';
import type { ImageRecord } from '../ports/files.ts';
import { FIRMWARE_SLOT, type GivenFile } from '../ports/given-files.ts';
import type { TargetState } from '../ports/tasks.ts';
import { FIRMWARE, IMAGE } from '../profiles/references.ts';
import type { Tell } from '../push/action.ts';
import { Inspector } from '../push/inspect.ts';
import { choose, type FirmwareInput } from './choice.ts';
import { loadStock } from './stock.ts';

/** Which run this is about: what it gives is its own, and it takes back nothing else. */
export interface GivingRun {
  readonly taskId: number;
  readonly runId: number;
  /** Sends nothing: the phones fetch what they were given at their next poll. */
  readonly skip: boolean;
}

/** What the server saw of a phone since it was told. */
interface Seen {
  readonly image: ImageRecord | undefined;
  /** Bytes of the image that it has fetched, of how many. */
  fetched: number;
  size: number;
  /** When it had the whole image, and when it booted after that; milliseconds since the epoch. */
  complete?: number;
  booted?: number;
  /** What it ran when it asked for its files, after that boot or as what it was to become. */
  told?: string;
  /** Whether it has fetched anything since, and so knows of the image; and why it could not take it, in its own words. */
  came?: boolean;
  failure?: string;
}

/** Milliseconds after a boot before the answer of a phone is surely one of after it. */
const SETTLED = 2_000;

export function firmwareAction(
  context: ControlContext,
  transport: DeviceTransport,
  tell: Tell,
  input: FirmwareInput,
  { taskId, runId, skip, force }: GivingRun & { readonly force: boolean },
): TaskAction {
  const { store, clock, scope } = context;
  const inspector = new Inspector(context);
  const seen = new Map<number, Seen>();

  async function attempt(deviceId: number, signal: AbortSignal): Promise<AttemptOutcome> {
    const phone = await loadPhone(context, deviceId);
    if ('reason' in phone) return { outcome: 'not-applicable', reason: phone.reason };
    const asked = skip ? undefined : await ask(phone, transport, signal);
    if (asked?.inCall === true && !force) return { outcome: 'busy', reason: 'the phone is in a call' };
    const running = asked?.firmware ?? phone.device.facts.firmware;
    const [stock, models] = await Promise.all([
      loadStock({ read: store.read, home: context.home }, input),
      loadModels(context.home),
    ]);
    const choice = choose(stock, models.find(phone.target.model ?? ''), running);
    if (choice.kind === 'misfit') return { outcome: 'not-applicable', reason: choice.reason };
    if (choice.kind === 'current') return { outcome: 'unneeded', reason: choice.reason };
    const [step] = choice.steps;
    if (step === undefined) throw new Error('A way without a step was chosen.');
    seen.set(deviceId, { image: step, fetched: 0, size: step.size });
    await give(phone, step, running);
    const resolved = await inspector.desired(deviceId);
    const overruled = resolved === undefined ? 'the device was deleted' : whoOverrules(resolved, taskId);
    if (overruled !== undefined) return { outcome: 'refused', reason: overruled };
    if (skip) return { outcome: 'later', reason: 'left to its next poll' };
    const outcome = await tell(deviceId, transport, signal);
    const away = outcome.outcome === 'unreachable' && !outcome.sent && input.away === 'next-contact';
    return away
      ? { outcome: 'later', reason: `${outcome.reason.replace(/\.$/, '')}; it gets the firmware at its next contact` }
      : outcome;
  }

  async function give(
    { device, target: { vendor } }: Phone,
    image: ImageRecord,
    release: string | null,
  ): Promise<void> {
    const file: GivenFile = {
      deviceId: device.id,
      slot: FIRMWARE_SLOT,
      fileId: image.id,
      parameters: [[FIRMWARE[vendor] ?? '', `${IMAGE}${image.id}`]],
      taskId,
      runId,
      at: clock.now(),
    };
    await store.transaction(async ({ givenFiles }) => {
      await givenFiles.noteBefore(runId, { deviceId: device.id, release });
      await givenFiles.give(file);
    });
  }

  /** A phone that asks for its files tells what it runs; everything else is remembered for `probe`. */
  function proof(evidence: Evidence): string | undefined {
    const known = seen.get(evidence.deviceId) ?? { image: undefined, fetched: 0, size: 0 };
    seen.set(evidence.deviceId, known);
    if (evidence.kind === 'download' && evidence.detail['kind'] === 'image') {
      known.fetched = Math.max(known.fetched, Number(evidence.detail['until']));
      known.size = Number(evidence.detail['size']);
      if (known.fetched >= known.size) known.complete ??= evidence.at;
    }
    if (evidence.kind === 'boot' && known.complete !== undefined) known.booted = evidence.at;
    if (evidence.kind === 'fetch' || evidence.kind === 'download') known.came = true;
    if (evidence.detail['event'] === 'upgrade-failed' && known.came === true) {
      known.failure = String(evidence.detail['reason']);
    }
    const { firmware } = evidence.detail;
    const { image } = known;
    if (image === undefined || typeof firmware !== 'string') return undefined;
    const isThere = sameRelease(firmware, image.release);
    if (isThere || known.booted !== undefined) known.told = firmware;
    if (!isThere || !input.images.includes(image.id)) return undefined;
    return `runs ${firmware}, said it when it fetched its files`;
  }

  /** It came back with something: the next step is due, or it refused this one. */
  function suggests({ deviceId, kind }: Evidence): boolean {
    const known = seen.get(deviceId);
    return known?.failure !== undefined || (kind === 'fetch' && known?.told !== undefined);
  }

  async function probe(deviceId: number, _elapsed: number, signal: AbortSignal): Promise<ProbeResult> {
    const [given] = (await store.read.givenFiles.of([deviceId])).filter(
      (each) => each.slot === FIRMWARE_SLOT && each.runId === runId,
    );
    const image = given && (await store.read.images.find(String(given.fileId)));
    if (given === undefined || image === undefined) {
      return { done: false, final: true, seen: 'the firmware was taken back meanwhile' };
    }
    const [device] = await store.read.devices.byIds([deviceId], scope);
    const firmware = seen.get(deviceId)?.told ?? device?.facts.firmware ?? null;
    if (firmware !== null && sameRelease(firmware, image.release)) return reached(image, firmware);
    const phone = await loadPhone(context, deviceId);
    const asked = 'reason' in phone ? undefined : await ask(phone, transport, signal);
    if (asked?.firmware !== undefined && sameRelease(asked.firmware, image.release)) {
      return reached(image, asked.firmware);
    }
    return notYet(image, deviceId, asked?.firmware ?? seen.get(deviceId)?.told, firmware);
  }

  function reached(image: ImageRecord, reported: string): ProbeResult {
    if (!input.images.includes(image.id)) {
      return { done: true, more: true, evidence: `runs ${reported}, on its way to ${input.target}` };
    }
    return { done: true, evidence: `runs ${reported}, says the phone` };
  }

  /** `now`: what it surely runs at this moment; `known`: what it ran when it last said so. */
  function notYet(image: ImageRecord, deviceId: number, now: string | undefined, known: string | null): ProbeResult {
    const state = seen.get(deviceId);
    const runs = now ?? known ?? 'what it ran';
    const settled = state?.told !== undefined || clock.now() - (state?.booted ?? 0) >= SETTLED;
    if (state?.booted !== undefined && now !== undefined && settled) {
      const words = `it fetched the image, restarted, and still runs ${now}: it refused ${image.release}`;
      return { done: false, final: true, code: 'refused', seen: words };
    }
    if (state?.failure !== undefined) {
      const words = `it says that it could not take ${image.release}: ${state.failure}`;
      return { done: false, final: true, code: 'refused', seen: words };
    }
    if (state?.complete !== undefined) return { done: false, seen: `it fetched the image, and still runs ${runs}` };
    if (state !== undefined && state.fetched > 0 && state.size > 0) {
      const share = Math.floor((state.fetched / state.size) * 100);
      return { done: false, seen: `it fetched ${share} % of the image, and runs ${runs}` };
    }
    return { done: false, seen: `it has not fetched the image, and runs ${runs}` };
  }

  async function withdraw(deviceId: number, state: TargetState): Promise<void> {
    // What a phone gets at its next contact stays until it has said no.
    if (input.away === 'next-contact' && state !== 'failure' && state !== 'not-applicable') return;
    await store.transaction(({ givenFiles }) => givenFiles.withdraw(deviceId, FIRMWARE_SLOT, runId));
  }

  return { repeatable: true, attempt, proof, suggests, probe, withdraw };
}

/** What the phone says of itself; `undefined` when it cannot be asked or does not answer. */
async function ask(
  { driver, target, unreachable, withoutLogin }: Phone,
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<DeviceStatus | undefined> {
  const { status } = driver.actions;
  if (unreachable !== undefined || withoutLogin || status.notApplicable(target) !== undefined) return undefined;
  try {
    return await status.read(target, transport, signal);
  } catch (error) {
    // Busy writing, restarting, or gone: what it says itself later counts.
    if (isPhonectlError(error) || signal.aborted) return undefined;
    throw error;
  }
}

/** Why the phone would not be told this firmware although it was given to it. */
function whoOverrules({ effective, device: { vendor, model = '' } }: Resolved, taskId: number): string | undefined {
  const name = FIRMWARE[vendor] ?? '';
  const winner = effective.get(name);
  if (winner === undefined) return `the address of the image cannot be given to it: see phonectl profile lint`;
  if (winner.source !== `${FIRMWARE_SLOT} of task ${taskId}`) {
    return `its ${winner.source} sets ${name} itself`;
  }
  // A Poly master file's own attribute for a model beats the one for all (poly.md C.2).
  const token = model.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  const own = [...effective.values()].find(({ name: each }) => each.toLowerCase() === `${name}_${token}`.toLowerCase());
  return own === undefined ? undefined : `${own.source} sets ${own.name}, which beats ${name}`;
}
