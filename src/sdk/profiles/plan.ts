/** Plans of stack changes over the real fleet, and how they look from outside. */
import type { Origin } from '../../domain/effective.ts';
import { type Cause, type ParameterChange, type Plan, type PlanDevice, planChange } from '../../domain/plan.ts';
import type { Stack } from '../../domain/stack.ts';
import type { OperationContext } from '../context.ts';
import type { PositionRecord } from '../ports/profiles.ts';
import { ownOrigins } from './own.ts';
import { MASK } from './parameters.ts';
import { surroundings, toPosition } from './positions.ts';

/** A value with the layer and the source it comes from; secrets are masked. */
export interface OriginView {
  readonly value: string;
  readonly layer: string;
  readonly source: string;
}

export interface ChangeView {
  readonly param: string;
  readonly kind: 'added' | 'changed' | 'removed';
  readonly before: OriginView | null;
  readonly after: OriginView | null;
  readonly causes: Cause;
}

export interface PlanGroupView {
  readonly devices: readonly { readonly id: number; readonly device: string; readonly site: string }[];
  readonly changes: readonly ChangeView[];
  /** Edited parameters whose value stays here, and what keeps it. */
  readonly shadowed: readonly { readonly param: string; readonly by: OriginView }[];
  readonly causes: Cause;
}

/** What a change would do. Phones to which the same happens are one group, the largest first. */
export interface PlanView {
  readonly devices: number;
  readonly sites: number;
  readonly restart: number;
  readonly reboot: number;
  readonly groups: readonly PlanGroupView[];
  readonly unchanged: readonly PlanGroupView[];
}

export const NO_CHANGES: PlanView = { devices: 0, sites: 0, restart: 0, reboot: 0, groups: [], unchanged: [] };

/** Plans over every device of the caller's scope. Reads only. */
export async function planFleet(
  context: Pick<OperationContext, 'read' | 'scope' | 'home' | 'secrets'>,
  before: Stack,
  after: Stack,
): Promise<PlanView> {
  const names = editedNames(before, after);
  if (names.size === 0) return NO_CHANGES;
  const repository = context.read.profiles;
  const shared = await surroundings(repository);
  const own = await ownOrigins(context, names);
  // One at a time: nothing but the groups of the plan stays.
  function* devices(): Generator<PlanDevice> {
    for (const record of repository.positions(context.scope)) {
      const position = toPosition(record, shared);
      if (position === undefined) continue;
      yield { ...position, label: labelOf(record), siteName: record.siteName, own: own.of(record) };
    }
  }
  return viewPlan(planChange(before, after, devices(), { causes: own.causes }));
}

/** What people call a device: its name, else its MAC, else its serial number. */
export function labelOf(record: Pick<PositionRecord, 'id' | 'name' | 'mac' | 'serial'>): string {
  if (record.name !== '') return record.name;
  return record.mac ?? record.serial ?? String(record.id);
}

/** Names that could come out differently: of bound profiles that differ, or that are bound differently. */
function editedNames(before: Stack, after: Stack): ReadonlySet<string> {
  const [bindingsBefore, bindingsAfter] = [bindingsOf(before), bindingsOf(after)];
  const names = new Set<string>();
  for (const id of new Set([...before.profiles.keys(), ...after.profiles.keys()])) {
    const [old, now] = [before.profiles.get(id), after.profiles.get(id)];
    const [boundBefore, boundAfter] = [bindingsBefore.get(id), bindingsAfter.get(id)];
    if (boundBefore === undefined && boundAfter === undefined) continue;
    if (boundBefore === boundAfter && JSON.stringify(old?.parameters) === JSON.stringify(now?.parameters)) continue;
    for (const { name } of [...(old?.parameters ?? []), ...(now?.parameters ?? [])]) names.add(name);
  }
  return names;
}

/** What each bound profile is bound to, as a text. */
function bindingsOf({ assignments }: Stack): ReadonlyMap<number, string> {
  const bindings = new Map<number, string>();
  for (const assignment of assignments) {
    const { profileId } = assignment;
    bindings.set(profileId, `${bindings.get(profileId) ?? ''}${JSON.stringify(assignment)}`);
  }
  return bindings;
}

export function viewPlan(plan: Plan): PlanView {
  const group = ({ devices, changes, shadowed, causes }: Plan['groups'][number]): PlanGroupView => ({
    devices: devices.map(({ id, label, site }) => ({ id, device: label, site })),
    changes: changes.map(viewChange),
    shadowed: shadowed.map(({ name, by }) => ({ param: name, by })),
    causes,
  });
  const { devices, sites, restart, reboot } = plan;
  return {
    devices,
    sites,
    restart,
    reboot,
    groups: plan.groups.map(group),
    unchanged: plan.unchanged.map(group),
  };
}

function viewChange({ name, kind, before, after, secret, causes }: ParameterChange): ChangeView {
  const masked = (origin: Origin | undefined): OriginView | null =>
    origin === undefined ? null : secret ? { ...origin, value: MASK } : origin;
  return { param: name, kind, before: masked(before), after: masked(after), causes };
}

export function strongestCause(changes: readonly ChangeView[]): Cause {
  if (changes.some(({ causes }) => causes === 'reboot')) return 'reboot';
  return changes.some(({ causes }) => causes === 'restart') ? 'restart' : 'nothing';
}

/** The plan that consists of these groups. */
export function summarisePlan(groups: readonly PlanGroupView[], unchanged: readonly PlanGroupView[]): PlanView {
  const count = (wanted: readonly PlanGroupView[]): number =>
    wanted.reduce((sum, { devices }) => sum + devices.length, 0);
  return {
    devices: count(groups),
    sites: new Set(groups.flatMap(({ devices }) => devices.map(({ site }) => site))).size,
    restart: count(groups.filter(({ causes }) => causes === 'restart')),
    reboot: count(groups.filter(({ causes }) => causes === 'reboot')),
    groups: groups.toSorted((a, b) => b.devices.length - a.devices.length),
    unchanged,
  };
}

export function joinPlans(one: PlanView, other: PlanView): PlanView {
  return summarisePlan([...one.groups, ...other.groups], [...one.unchanged, ...other.unchanged]);
}
