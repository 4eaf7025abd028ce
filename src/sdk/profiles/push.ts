/**
 * Manual assignments (B-08, CFG-05..07, CFG-12): a profile that is assigned by hand takes effect on a phone when it is
 * pushed there, as it is at that moment; later edits wait for the next push.
 */
import { type Plan, planChange } from '../../domain/plan.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import { type Assignment, indexStack, profileSources } from '../../domain/stack.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevices } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import type { ProfileRecord, PushRecord } from '../ports/profiles.ts';
import { requireProfile } from './edits.ts';
import { ownOrigins } from './own.ts';
import { closedProfile, open, store } from './parameters.ts';
import { labelOf, type PlanView, viewPlan } from './plan.ts';
import { surroundings, toPosition } from './positions.ts';
import { Workspace } from './workspace.ts';

export interface ProfilePush {
  readonly profile: string;
  readonly selector: DeviceSelector;
  readonly dryRun?: boolean | undefined;
}

export interface ProfilePushed {
  readonly profile: string;
  /** Devices on which the assignment takes effect now. */
  readonly devices: number;
  /** Selected devices that no manual assignment of the profile reaches. */
  readonly skipped: number;
  readonly plan: PlanView;
}

/** Throws `conflict` when the profile has no manual assignment. */
export async function pushProfile(context: OperationContext, input: ProfilePush): Promise<ProfilePushed> {
  const workspace = await Workspace.load(context.read.profiles);
  const profile = requireProfile(workspace, input.profile);
  const manual = [...workspace.assignments.values()].filter(
    ({ profileId, apply }) => profileId === profile.id && apply === 'manual',
  );
  if (manual.length === 0) {
    throw new PhonectlError('conflict', `"${profile.name}" is assigned by hand to nothing: there is nothing to push.`, {
      hints: [`Assign it: phonectl profile assign "${profile.name}" --group GROUP --manual`],
    });
  }
  const ids: number[] = [];
  for await (const { id } of resolveDevices(context, input.selector)) ids.push(id);
  const { plan, pushes } = await planPush(context, workspace, profile, manual, ids);
  const devices = new Set(pushes.map(({ deviceId }) => deviceId)).size;
  if (!input.dryRun) {
    await context.write(async ({ profiles }) => {
      await profiles.putPushes(pushes, context.clock.now());
      return [undefined, { object: `profile:${profile.name}`, result: 'done', details: { pushed: devices } }];
    });
  }
  return { profile: profile.name, devices, skipped: ids.length - devices, plan: viewPlan(plan) };
}

async function planPush(
  context: OperationContext,
  workspace: Workspace,
  profile: ProfileRecord,
  manual: readonly Assignment[],
  ids: readonly number[],
): Promise<{ plan: Plan; pushes: readonly PushRecord[] }> {
  const { before } = workspace.stacks(closedProfile);
  // What a push does is what an automatic assignment would do to these phones, at this moment.
  const pushed = new Set(manual.map(({ id }) => id));
  const after = {
    ...before,
    assignments: before.assignments.map((one): Assignment => (pushed.has(one.id) ? { ...one, apply: 'auto' } : one)),
  };
  const shared = await surroundings(context.read.profiles, { deviceIds: ids });
  const own = await ownOrigins(context, new Set(profile.parameters.map(([name]) => name)));
  const opened = open(`profile:${profile.uid}`, profile.parameters, context.secrets);
  const reaches = new Map(
    manual.map((assignment) => [
      assignment.id,
      indexStack({ profiles: before.profiles, assignments: [{ ...assignment, apply: 'auto' }] }),
    ]),
  );
  const pushes: PushRecord[] = [];
  const devices = [...context.read.profiles.positions(context.scope, ids)].flatMap((record) => {
    const position = toPosition(record, shared);
    if (position === undefined) return [];
    for (const [assignmentId, index] of reaches) {
      if (profileSources(index, position).length === 0) continue;
      const uid = crypto.randomUUID();
      const parameters = store(`push:${uid}`, opened, context.secrets);
      pushes.push({ assignmentId, deviceId: record.id, uid, parameters });
    }
    return [{ ...position, label: labelOf(record), siteName: record.siteName, own: own.of(record) }];
  });
  return { plan: planChange(before, after, devices, { causes: own.causes }), pushes };
}
