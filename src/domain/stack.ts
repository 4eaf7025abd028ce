/**
 * Profiles and where they are bound: the middle of the configuration stack, from `global` to `device` (design.md
 * section 4, PROF-28..34, B-07..10). Pure: a {@link Stack} is a value, an edit makes a new one, and a plan compares two.
 */
import type { Layer, LayerSource, Parameter } from './effective.ts';

export type ProfileType = 'standard' | 'user' | 'software' | 'imported';

/** A small bag of one vendor's parameters (PROF-01). */
export interface Profile {
  readonly id: number;
  readonly name: string;
  readonly vendor: string;
  readonly type: ProfileType;
  /** In the order in which they were written; of one name there is one. */
  readonly parameters: readonly Parameter[];
  /** Grows with every change of the parameters. */
  readonly version: number;
}

/** What a profile is bound to. A site's profiles also hold for the sites below it, which beat it. */
export type Target =
  | { readonly layer: 'global' }
  | { readonly layer: 'group'; readonly id: number }
  | { readonly layer: 'model'; readonly model: string }
  | { readonly layer: 'site'; readonly id: number }
  | { readonly layer: 'user'; readonly id: number }
  | { readonly layer: 'device'; readonly id: number };

export interface Assignment {
  readonly id: number;
  readonly profileId: number;
  readonly target: Target;
  /** 1 is the highest of its target (PROF-30). */
  readonly priority: number;
  /** `manual` takes effect on a device only when it is pushed there (B-08). */
  readonly apply: 'auto' | 'manual';
}

/** What was pushed of a manual assignment to a device: the parameters as they were then. */
export interface Pushed {
  readonly assignmentId: number;
  readonly parameters: readonly Parameter[];
}

export interface Stack {
  readonly profiles: ReadonlyMap<number, Profile>;
  readonly assignments: readonly Assignment[];
}

/** Where a device stands; what decides which profiles reach it. */
export interface Position {
  readonly id: number;
  readonly vendor: string;
  readonly model?: string;
  /** Its site and the sites above it, nearest first. */
  readonly sites: readonly number[];
  /** Its groups, highest first (B-09). */
  readonly groups: readonly number[];
  /** Its user group, user and room, highest first (PROF-34). */
  readonly users?: readonly number[];
  readonly pushed?: readonly Pushed[];
}

/** Assignments by target, so that a device is resolved in the time of its own profiles. Build it once per stack. */
export interface StackIndex {
  readonly stack: Stack;
  /** By {@link targetKey}; lowest priority first, which is the order of application. */
  readonly byTarget: ReadonlyMap<string, readonly Assignment[]>;
}

/** A text that is equal for equal targets. Models are compared without case. */
export function targetKey(target: Target): string {
  switch (target.layer) {
    case 'global':
      return 'global';
    case 'model':
      return `model:${target.model.toLowerCase()}`;
    default:
      return `${target.layer}:${target.id}`;
  }
}

export function indexStack(stack: Stack): StackIndex {
  const byTarget = new Map<string, Assignment[]>();
  for (const assignment of stack.assignments) {
    const key = targetKey(assignment.target);
    const list = byTarget.get(key);
    if (list === undefined) byTarget.set(key, [assignment]);
    else list.push(assignment);
  }
  // Equal priorities cannot be written, but an old store may hold them: the later assignment is then the lower one.
  for (const list of byTarget.values()) list.sort((a, b) => b.priority - a.priority || b.id - a.id);
  return { stack, byTarget };
}

/** Every target whose profiles reach the device, low to high. */
function targetsOf(position: Position): readonly (readonly [Layer, string])[] {
  return [
    ['global', 'global'],
    ...position.groups.toReversed().map((id) => ['group', `group:${id}`] as const),
    ...(position.model === undefined ? [] : [['model', `model:${position.model.toLowerCase()}`] as const]),
    ...position.sites.toReversed().map((id) => ['site', `site:${id}`] as const),
    ...(position.users ?? []).toReversed().map((id) => ['user', `user:${id}`] as const),
    ['device', `device:${position.id}`],
  ];
}

/** The profile sources of a device, low to high. Profiles of another vendor pass it by. */
export function profileSources(index: StackIndex, position: Position): readonly LayerSource[] {
  const sources: LayerSource[] = [];
  for (const [layer, key] of targetsOf(position)) {
    for (const assignment of index.byTarget.get(key) ?? []) {
      const profile = index.stack.profiles.get(assignment.profileId);
      if (profile === undefined || profile.vendor !== position.vendor) continue;
      const parameters =
        assignment.apply === 'auto'
          ? profile.parameters
          : position.pushed?.find(({ assignmentId }) => assignmentId === assignment.id)?.parameters;
      if (parameters !== undefined) sources.push({ layer, source: profile.name, parameters });
    }
  }
  return sources;
}

/**
 * A text that is equal for devices which the profile layers treat alike, so that 50,000 phones are resolved as a few
 * hundred classes.
 */
export function classOf(index: StackIndex, position: Position): string {
  const reached = targetsOf(position)
    .map(([, key]) => key)
    .filter((key) => index.byTarget.has(key));
  const pushed = (position.pushed ?? []).map(({ assignmentId, parameters }) => [assignmentId, parameters]);
  return JSON.stringify([position.vendor, reached, pushed]);
}

/**
 * {@link classOf} over several stacks at once, for going through a whole fleet: what decides the class of most devices is
 * the same for all phones of a model at a site, so it is worked out once for them.
 */
export function classifier(...indexes: readonly StackIndex[]): (position: Position) => string {
  const known = new Map<string, string>();
  const classIn = (position: Position): string => indexes.map((index) => classOf(index, position)).join('');
  return (position) => {
    const { id, vendor, model, sites, groups, users, pushed } = position;
    const own = users !== undefined || pushed !== undefined;
    if (own || indexes.some(({ byTarget }) => byTarget.has(`device:${id}`))) return classIn(position);
    const key = `${vendor}/${model ?? ''}/${sites.join()}/${groups.join()}`;
    let found = known.get(key);
    if (found === undefined) {
      found = classIn(position);
      known.set(key, found);
    }
    return found;
  };
}
