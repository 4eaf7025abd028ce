/** `resource push`: files to chosen phones, one of each type, and only to those that they suit (RES-03, RES-11). */
import type { OperationContext } from '../context.ts';
import { deviceLabel, loadPhone, requireSome } from '../control/phone.ts';
import { type ControlEvent, type ControlRequest, runControl } from '../control/run.ts';
import { PhonectlError } from '../errors.ts';
import type { ResourceRecord } from '../ports/files.ts';
import { withAway } from '../push/push.ts';
import { chosenDevices, type Placed } from '../tasks/targets.ts';
import type { ResourceInput } from './action.ts';
import { requireResource } from './resources.ts';
import { loadTellings, tell } from './telling.ts';

export interface ResourceWish {
  /** Names or numbers; one of each type. */
  readonly resources: readonly string[];
  /** The parameter for the file, where phonectl does not know one; with one resource only. */
  readonly param?: string | undefined;
}

export interface ResourcePush extends ControlRequest, ResourceWish {
  /** Leaves out devices that it does not suit, instead of refusing the whole. */
  readonly fitting?: boolean | undefined;
}

export async function* pushResources(context: OperationContext, request: ResourcePush): AsyncGenerator<ControlEvent> {
  const devices = await chosenDevices(context, request.selector);
  requireSome(devices.length);
  const input = await checkedResources(context, request, devices);
  for await (const event of runControl(context, 'resource', { ...request, input: { ...input } })) yield withAway(event);
}

/** The wish as it is stored with a task that is for these devices now. */
export async function checkedResources(
  context: OperationContext,
  wish: ResourceWish & { readonly fitting?: boolean | undefined },
  devices: readonly Placed[],
): Promise<ResourceInput> {
  const input = await resourceInput(context, wish);
  if (wish.fitting !== true) await requireFitting(context, devices, input, wish);
  return input;
}

/** The wish as it is stored with a task. Throws `usage` for two of a type, `not_found`. */
async function resourceInput(context: OperationContext, wish: ResourceWish): Promise<ResourceInput> {
  const records = await Promise.all(wish.resources.map((reference) => requireResource(context, reference)));
  const byType = Map.groupBy(records, ({ type }) => type);
  for (const [type, [one, other]] of byType) {
    if (one === undefined || other === undefined) continue;
    throw new PhonectlError('usage', `"${one.name}" and "${other.name}" are both of the type ${type} (RES-11).`, {
      hints: ['A phone takes one file of each type at a time: push them one after the other.'],
    });
  }
  if (wish.param !== undefined && records.length > 1) {
    throw new PhonectlError('usage', 'One parameter can name one file: push them one after the other.');
  }
  return { resources: records.map(({ id }) => ({ id, ...(wish.param !== undefined && { param: wish.param }) })) };
}

/** How many of them an error names. */
const NAMED = 5;

async function requireFitting(
  context: OperationContext,
  devices: readonly Placed[],
  { resources }: ResourceInput,
  { resources: names }: ResourceWish,
): Promise<void> {
  const [tellings, records] = await Promise.all([
    loadTellings(context.home),
    Promise.all(resources.map(async ({ id, param }) => ({ resource: await found(context, id), param }))),
  ]);
  const misfits: { device: string; name: string; reason: string }[] = [];
  for (const device of devices) {
    context.signal.throwIfAborted();
    const phone = await loadPhone(context, device.id);
    const reasons =
      'reason' in phone
        ? [phone.reason]
        : records.map((each) => tell(tellings, phone.driver, phone.target.model, each));
    const reason = reasons.find((each) => typeof each === 'string');
    if (typeof reason === 'string') misfits.push({ device: deviceLabel(device, device.id), name: device.name, reason });
  }
  if (misfits.length === 0) return;
  const named = misfits.slice(0, NAMED).map(({ device, name, reason }) => `${name || device}: ${reason}.`);
  const more = misfits.length > NAMED ? [`And ${misfits.length - NAMED} more.`] : [];
  throw new PhonectlError(
    'conflict',
    `${names.join(', ')} suits ${devices.length - misfits.length} of ${devices.length} devices only.`,
    {
      hints: [
        ...named,
        ...more,
        'Leave the others out with --fitting, or name the parameter for the file with --param.',
      ],
      details: { misfits: misfits.slice(0, 1000) },
    },
  );
}

async function found({ read }: OperationContext, id: number): Promise<ResourceRecord> {
  const record = await read.resources.find(String(id));
  if (record === undefined) throw new PhonectlError('stale', 'The resource was deleted meanwhile.');
  return record;
}
