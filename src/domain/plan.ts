/**
 * What a change of the stack means for the fleet, before anything happens: per phone the parameters that are added,
 * changed and removed, grouped so that 50,000 phones make a short list (design.md section 9, issue "plan before apply").
 */
import { type Effective, LAYERS, type Layer, type Origin, resolve } from './effective.ts';
import { classifier, indexStack, type Position, profileSources, type Stack, type StackIndex } from './stack.ts';

/** What the phone does when it gets the new value. */
export type Cause = 'nothing' | 'restart' | 'reboot';

export interface PlanDevice extends Position {
  /** Name for people: the device's name, else MAC or serial. */
  readonly label: string;
  readonly siteName: string;
  /**
   * Values from layers that profiles do not make (base, accounts, CSV profile, MAC file), by parameter. Asked only for
   * parameters that a plan touches.
   */
  own(name: string): readonly Origin[];
}

export interface ParameterChange {
  readonly name: string;
  readonly kind: 'added' | 'changed' | 'removed';
  readonly before?: Origin;
  readonly after?: Origin;
  readonly secret: boolean;
  readonly causes: Cause;
}

/** Devices to which exactly the same happens. */
export interface PlanGroup {
  readonly changes: readonly ParameterChange[];
  /** Parameters of the edit that stay as they are here, because something higher wins. */
  readonly shadowed: readonly { readonly name: string; readonly by: Origin }[];
  readonly devices: readonly { readonly id: number; readonly label: string; readonly site: string }[];
  readonly causes: Cause;
}

export interface Plan {
  /** Groups with changes, the largest first. */
  readonly groups: readonly PlanGroup[];
  /** Groups that the edit touches but whose values stay. */
  readonly unchanged: readonly PlanGroup[];
  readonly devices: number;
  readonly sites: number;
  readonly restart: number;
  readonly reboot: number;
}

/** `causes` says what a vendor's parameter makes the phone do; unknown ones count as `restart`, to be careful. */
export interface PlanOptions {
  causes(vendor: string, name: string): Cause;
}

/** Devices of one class to which the same happens, since nothing of their own touches it. */
interface PlannedClass {
  readonly differences: readonly Difference[];
  /** Where devices go that have nothing of their own to say. */
  plain?: GrownGroup;
}

interface GrownGroup {
  readonly group: PlanGroup;
  readonly devices: { id: number; label: string; site: string }[];
}

export function planChange(before: Stack, after: Stack, devices: Iterable<PlanDevice>, options: PlanOptions): Plan {
  const [indexBefore, indexAfter] = [indexStack(before), indexStack(after)];
  const classOfDevice = classifier(indexBefore, indexAfter);
  const classes = new Map<string, PlannedClass>();
  const groups = new Map<string, GrownGroup>();

  function groupOf(outcome: Omit<PlanGroup, 'devices'>): GrownGroup {
    const key = JSON.stringify([outcome.changes, outcome.shadowed]);
    let entry = groups.get(key);
    if (entry === undefined) {
      const list: GrownGroup['devices'] = [];
      entry = { group: { ...outcome, devices: list }, devices: list };
      groups.set(key, entry);
    }
    return entry;
  }

  for (const device of devices) {
    const key = classOfDevice(device);
    let planned = classes.get(key);
    if (planned === undefined) {
      planned = { differences: compare(indexBefore, indexAfter, device) };
      classes.set(key, planned);
    }
    if (planned.differences.length === 0) continue;
    const own = planned.differences.map(({ name }) => device.own(name));
    let entry: GrownGroup;
    if (own.some((origins) => origins.length > 0)) {
      entry = groupOf(settle(planned.differences, own, device.vendor, options));
    } else {
      planned.plain ??= groupOf(settle(planned.differences, own, device.vendor, options));
      entry = planned.plain;
    }
    entry.devices.push({ id: device.id, label: device.label, site: device.siteName });
  }
  return summarise([...groups.values()].map(({ group }) => group));
}

interface Difference {
  readonly name: string;
  readonly secret: boolean;
  /** Winner among the profile layers. */
  readonly before: Origin | undefined;
  readonly after: Origin | undefined;
}

/** Parameters on whose profile-layer value the two stacks differ for this class of devices. */
function compare(before: StackIndex, after: StackIndex, position: Position): readonly Difference[] {
  const old = resolve(profileSources(before, position));
  const now = resolve(profileSources(after, position));
  const differences: Difference[] = [];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [a, b] = [origin(old, name), origin(now, name)];
    if (a?.value === b?.value && a?.layer === b?.layer && a?.source === b?.source) continue;
    const secret = old.get(name)?.secret === true || now.get(name)?.secret === true;
    differences.push({ name, secret, before: a, after: b });
  }
  return differences.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function origin(effective: Effective, name: string): Origin | undefined {
  const found = effective.get(name);
  return found && { value: found.value, layer: found.layer, source: found.source };
}

/** Puts the device's own layers around each difference: what wins before and after decides. */
function settle(
  differences: readonly Difference[],
  ownOf: readonly (readonly Origin[])[],
  vendor: string,
  options: PlanOptions,
): Pick<PlanGroup, 'changes' | 'shadowed' | 'causes'> {
  const changes: ParameterChange[] = [];
  const shadowed: { name: string; by: Origin }[] = [];
  for (const [index, { name, secret, before, after }] of differences.entries()) {
    const own = ownOf[index] ?? [];
    const [a, b] = [highest(own, before), highest(own, after)];
    if (a?.value === b?.value) {
      if (b !== undefined && b !== after) shadowed.push({ name, by: b });
      continue;
    }
    changes.push({
      name,
      kind: a === undefined ? 'added' : b === undefined ? 'removed' : 'changed',
      ...(a && { before: a }),
      ...(b && { after: b }),
      secret,
      causes: options.causes(vendor, name),
    });
  }
  return { changes, shadowed, causes: strongest(changes.map(({ causes }) => causes)) };
}

const rank = new Map<Layer, number>(LAYERS.map((layer, index) => [layer, index]));

function highest(own: readonly Origin[], profile: Origin | undefined): Origin | undefined {
  let winner = profile;
  for (const candidate of own) {
    const above = winner === undefined ? 1 : rank.get(candidate.layer)! - rank.get(winner.layer)!;
    // What a task gave to the device alone comes after the profiles of its layer.
    if (above > 0 || (above === 0 && winner === profile)) winner = candidate;
  }
  return winner;
}

function strongest(causes: readonly Cause[]): Cause {
  if (causes.includes('reboot')) return 'reboot';
  return causes.includes('restart') ? 'restart' : 'nothing';
}

function summarise(groups: readonly PlanGroup[]): Plan {
  const bySize = (a: PlanGroup, b: PlanGroup): number => b.devices.length - a.devices.length;
  const changing = groups.filter(({ changes }) => changes.length > 0).toSorted(bySize);
  const count = (cause: Cause): number =>
    changing.filter(({ causes }) => causes === cause).reduce((sum, { devices }) => sum + devices.length, 0);
  return {
    groups: changing,
    unchanged: groups.filter(({ changes, shadowed }) => changes.length === 0 && shadowed.length > 0).toSorted(bySize),
    devices: changing.reduce((sum, { devices }) => sum + devices.length, 0),
    sites: new Set(changing.flatMap(({ devices }) => devices.map(({ site }) => site))).size,
    restart: count('restart'),
    reboot: count('reboot'),
  };
}
