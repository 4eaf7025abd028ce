/** Firmware to phones: `firmware push` to some, `firmware rollout` to many, in waves that stop themselves (FW-03, FW-04). */
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { deviceLabel, requireSome } from '../control/phone.ts';
import { type ControlEvent, type ControlRequest, type ControlResult, runControl } from '../control/run.ts';
import { PhonectlError } from '../errors.ts';
import { FIRMWARE_SLOT } from '../ports/given-files.ts';
import type { Strategy } from '../ports/tasks.ts';
import { withAway } from '../push/push.ts';
import { strategyOf } from '../tasks/make.ts';
import { officeHourWarnings } from '../tasks/office-hours.ts';
import { chosenDevices, type Placed } from '../tasks/targets.ts';
import type { FirmwareInput } from './choice.ts';
import { type ChosenDevice, chooseAll } from './choose-all.ts';
import { type FirmwarePlan, planFirmware } from './plan.ts';
import { findTargets } from './stock.ts';

/** What is brought, and to whom it may be. */
export interface FirmwareWish {
  /** Name or number of an image, or a release: then every phone gets the image of it that fits. */
  readonly firmware: string;
  /** Leaves out devices that it is nothing for, instead of refusing the whole. */
  readonly fitting?: boolean | undefined;
  readonly downgrade?: boolean | undefined;
}

export interface FirmwareRequest extends ControlRequest, FirmwareWish {}

/** Of a rollout, where nothing else is said: one of each model first, and an end to it at one failure in twenty. */
const ROLLOUT: Partial<Strategy> = { canary: 1, maxFailures: '5%' };

/** A phone that is away gets it at its next contact, and is no failure. */
export async function* pushFirmware(context: OperationContext, request: FirmwareRequest): AsyncGenerator<ControlEvent> {
  for await (const event of give(context, request, 'next-contact')) yield withAway(event);
}

/** A phone that is away has failed: nothing happens to it later, when nobody looks. */
export async function* rollOut(context: OperationContext, request: FirmwareRequest): AsyncGenerator<ControlEvent> {
  if (request.strategy.skip === true) {
    throw new PhonectlError(
      'usage',
      'A rollout cannot be left to the next poll of the phones: nobody would watch it.',
      {
        hints: ['Phones that poll by themselves: phonectl firmware push … --skip, or a software profile.'],
      },
    );
  }
  yield* give(context, withDefaults(request), 'fails');
}

/** What either of them would do. Nothing is sent, and nothing is written. */
export async function planRequest(
  context: OperationContext,
  request: FirmwareRequest & { readonly rollout: boolean },
): Promise<FirmwarePlan> {
  const asked = request.rollout ? withDefaults(request) : request;
  const devices = await chosenDevices(context, request.selector);
  requireSome(devices.length);
  const input = await inputOf(context, request, 'fails');
  const strategy = strategyOf('firmware', asked.strategy);
  const planned = { type: 'firmware', schedule: request.schedule, strategy, devices };
  return {
    ...(await planFirmware(context, input, devices, strategy)),
    warnings: await officeHourWarnings(context.read, planned, context.clock.now()),
  };
}

function withDefaults(request: FirmwareRequest): FirmwareRequest {
  return { ...request, strategy: { ...ROLLOUT, ...request.strategy } };
}

async function inputOf(
  context: OperationContext,
  { firmware, downgrade }: FirmwareWish,
  away: FirmwareInput['away'],
): Promise<FirmwareInput> {
  const targets = await findTargets(context, firmware);
  const [first] = targets;
  return {
    images: targets.map(({ id }) => id),
    target: targets.length === 1 && first !== undefined ? first.name : firmware,
    away,
    ...(downgrade === true && { downgrade }),
  };
}

/** The wish as it is stored with a task that is for these devices now. Throws `conflict` for those that it does not fit. */
export async function checkedInput(
  context: OperationContext,
  wish: FirmwareWish,
  away: FirmwareInput['away'],
  devices: readonly Placed[],
): Promise<FirmwareInput> {
  return (await checkedChoice(context, wish, away, devices)).input;
}

async function checkedChoice(
  context: OperationContext,
  wish: FirmwareWish,
  away: FirmwareInput['away'],
  devices: readonly Placed[],
): Promise<{ readonly input: FirmwareInput; readonly chosen: readonly ChosenDevice<Placed>[] }> {
  const input = await inputOf(context, wish, away);
  const chosen = await chooseAll(context, input, devices);
  const misfits = chosen.flatMap(({ device, choice }) =>
    choice.kind === 'misfit'
      ? [{ device: deviceLabel(device, device.id), name: device.name, reason: choice.reason }]
      : [],
  );
  if (misfits.length > 0 && wish.fitting !== true) throw unfitting(input.target, devices.length, misfits);
  return { input, chosen };
}

async function* give(
  context: OperationContext,
  request: FirmwareRequest,
  away: FirmwareInput['away'],
): AsyncGenerator<ControlEvent> {
  const devices = await chosenDevices(context, request.selector);
  requireSome(devices.length);
  const { input, chosen } = await checkedChoice(context, request, away, devices);
  if (request.dryRun || chosen.every(({ choice }) => choice.kind !== 'upgrade')) {
    const results = chosen.map(({ device, choice }): ControlResult => {
      const base = {
        device: deviceLabel(device, device.id),
        name: device.name,
        via: null,
        evidence: null,
        attempts: 0,
      };
      if (choice.kind === 'misfit') {
        return { ...base, result: 'not-applicable', code: 'unsupported', reason: choice.reason };
      }
      if (choice.kind === 'current') return { ...base, result: 'skipped', code: 'unneeded', reason: choice.reason };
      const way = choice.steps.map(({ release }) => release).join(', then ');
      return { ...base, result: 'skipped', code: null, reason: `dry run: ${way}` };
    });
    if (!request.dryRun) {
      const details = { firmware: input.target, nothing: 'to do' };
      await context.write(async () => [undefined, { object: `devices (${devices.length})`, result: 'done', details }]);
    }
    yield finishedWithout(results);
    return;
  }
  yield* runControl(context, 'firmware', { ...request, input: { ...input } });
}

function finishedWithout(results: readonly ControlResult[]): ControlEvent {
  const count = (result: ControlResult['result']): number => results.filter((each) => each.result === result).length;
  const summary = {
    total: results.length,
    success: 0,
    failure: 0,
    notApplicable: count('not-applicable'),
    skipped: count('skipped'),
    pending: 0,
  };
  return { type: 'finished', state: 'done', summary, results };
}

export interface Unpinned {
  /** Devices whose firmware profiles choose again. */
  readonly devices: number;
}

/** Profiles choose the firmware of these phones again; what they run stays until a profile says otherwise. */
export async function unpinFirmware(
  context: OperationContext,
  { selector, dryRun }: { readonly selector: DeviceSelector; readonly dryRun?: boolean | undefined },
): Promise<Unpinned> {
  const devices = await chosenDevices(context, selector);
  requireSome(devices.length);
  const ids = devices.map(({ id }) => id);
  if (dryRun === true) {
    const given = await context.read.givenFiles.of(ids);
    return { devices: given.filter(({ slot }) => slot === FIRMWARE_SLOT).length };
  }
  return context.write(async ({ givenFiles }) => {
    const removed = await givenFiles.remove(ids, FIRMWARE_SLOT);
    return [{ devices: removed }, { object: `devices (${ids.length})`, result: 'done', details: { removed } }];
  });
}

/** How many of them an error names. */
const NAMED = 5;

function unfitting(
  target: string,
  total: number,
  misfits: readonly { readonly device: string; readonly name: string; readonly reason: string }[],
): PhonectlError {
  const named = misfits.slice(0, NAMED).map(({ device, name, reason }) => `${name || device}: ${reason}.`);
  const more = misfits.length > NAMED ? [`And ${misfits.length - NAMED} more.`] : [];
  return new PhonectlError('conflict', `${target} is nothing for ${misfits.length} of ${total} devices.`, {
    hints: [...named, ...more, 'Leave them out with --fitting, or select fewer devices.'],
    details: { misfits: misfits.slice(0, 1000) },
  });
}
