/** Adding, editing and deleting groups, their members and their order. */
import { type DeviceSelector, isEmptySelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevices, within } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import type { Repositories } from '../ports/store.ts';
import { writeOrRehearse } from '../rehearse.ts';
import { type Group, groupOf, requireGroup } from './group.ts';

interface Rehearsable {
  readonly dryRun?: boolean | undefined;
}

export interface GroupsWritten {
  readonly groups: readonly Group[];
  readonly devicesAdded: number;
  readonly devicesRemoved: number;
}

export interface NewGroup {
  readonly name: string;
  readonly description?: string | undefined;
}

/** GRP-02: groups, all with the same first members when a selector is given. */
export async function addGroups(
  context: OperationContext,
  input: { readonly groups: readonly NewGroup[]; readonly devices?: DeviceSelector | undefined } & Rehearsable,
): Promise<GroupsWritten> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const devices = await deviceIds(context, repositories, input.devices);
    const ids: number[] = [];
    let devicesAdded = 0;
    for (const { name, description } of input.groups) {
      const id = await repositories.groups.insert({ name, description: description ?? '' }, now);
      devicesAdded += await repositories.groups.addMembers(id, devices, now);
      ids.push(id);
    }
    return [
      { groups: await reread(repositories, ids), devicesAdded, devicesRemoved: 0 },
      recorded(input.groups, devicesAdded),
    ];
  });
}

export interface GroupEdit extends Rehearsable {
  readonly group: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly addDevices?: DeviceSelector | undefined;
  readonly removeDevices?: DeviceSelector | undefined;
}

/** GRP-03: name, description and members. */
export async function editGroup(context: OperationContext, input: GroupEdit): Promise<GroupsWritten> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const { groups } = repositories;
    const group = await requireGroup(groups, input.group, context.scope);
    context.checkVersion(group.version);
    const { name, description } = input;
    await groups.update(
      group.id,
      { ...(name !== undefined && { name }), ...(description !== undefined && { description }) },
      now,
    );
    const devicesRemoved = await groups.removeMembers(
      group.id,
      await deviceIds(context, repositories, input.removeDevices),
      now,
    );
    const devicesAdded = await groups.addMembers(
      group.id,
      await deviceIds(context, repositories, input.addDevices),
      now,
    );
    return [
      { groups: await reread(repositories, [group.id]), devicesAdded, devicesRemoved },
      { object: `group:${group.name}`, result: 'done', details: { name, description, devicesAdded, devicesRemoved } },
    ];
  });
}

export interface GroupsDeleted {
  readonly deleted: readonly string[];
  /** Memberships that ended. */
  readonly devices: number;
}

/** GRP-04. */
export async function deleteGroups(
  context: OperationContext,
  input: { readonly groups: readonly string[] } & Rehearsable,
): Promise<GroupsDeleted> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async ({ groups }) => {
    const going = new Map<number, { readonly name: string; readonly deviceCount: number }>();
    for (const reference of input.groups) {
      const group = await requireGroup(groups, reference, context.scope);
      context.checkVersion(group.version);
      going.set(group.id, group);
    }
    await groups.delete([...going.keys()], now);
    const deleted = [...going.values()].map(({ name }) => name);
    const devices = [...going.values()].reduce((sum, { deviceCount }) => sum + deviceCount, 0);
    return [
      { deleted, devices },
      {
        object: deleted.length === 1 ? `group:${deleted[0]}` : `groups (${deleted.length})`,
        result: 'done',
        details: { deleted, devices },
      },
    ];
  });
}

/** GRP-05. */
export async function moveGroupToTop(
  context: OperationContext,
  input: { readonly group: string } & Rehearsable,
): Promise<Group> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async ({ groups }) => {
    const group = await requireGroup(groups, input.group, context.scope);
    await groups.moveToTop(group.id, now);
    return [groupOf(await groups.get(group.id)), { object: `group:${group.name}`, result: 'done' }];
  });
}

/** GRP-06: the default groups in their order; none clears them. */
export async function setDefaultGroups(
  context: OperationContext,
  input: { readonly groups: readonly string[] } & Rehearsable,
): Promise<{ readonly groups: readonly Group[] }> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const ids: number[] = [];
    for (const reference of input.groups) {
      const { id, name } = await requireGroup(repositories.groups, reference, context.scope);
      if (ids.includes(id)) throw new PhonectlError('invalid_input', `The group ${name} is named twice.`);
      ids.push(id);
    }
    await repositories.groups.setDefaults(ids, now);
    const groups = await reread(repositories, ids);
    return [
      { groups },
      { object: 'default groups', result: 'done', details: { groups: groups.map(({ name }) => name) } },
    ];
  });
}

async function deviceIds(
  context: OperationContext,
  repositories: Repositories,
  selector: DeviceSelector | undefined,
): Promise<readonly number[]> {
  if (selector === undefined || isEmptySelector(selector)) return [];
  const ids: number[] = [];
  for await (const device of resolveDevices(within(context, repositories), selector)) ids.push(device.id);
  return ids;
}

async function reread({ groups }: Repositories, ids: readonly number[]): Promise<readonly Group[]> {
  const found: Group[] = [];
  for (const id of ids) found.push(groupOf(await groups.get(id)));
  return found;
}

function recorded(
  groups: readonly NewGroup[],
  devices: number,
): { object: string; result: 'done'; details: { devices: number } } {
  const [first] = groups;
  return {
    object: groups.length === 1 && first ? `group:${first.name}` : `groups (${groups.length})`,
    result: 'done',
    details: { devices },
  };
}
