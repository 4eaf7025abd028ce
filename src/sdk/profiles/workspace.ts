/**
 * The stack while it is being edited: the records as they were, the records as they will be. Edits are data, so that a
 * named change can collect them, and the difference of the two states is what a revision remembers.
 */
import { type Stack, type Target, targetKey } from '../../domain/stack.ts';
import { nameKey } from '../../domain/text.ts';
import { PhonectlError } from '../errors.ts';
import type {
  AssignmentRecord,
  ProfileRecord,
  ProfileRepository,
  RevisionEntry,
  StoredParameter,
} from '../ports/profiles.ts';

/** One edit of the stack. Profiles are named by uid; secret values are sealed already. */
export type Edit =
  | {
      readonly kind: 'profile.add';
      readonly uid: string;
      readonly name: string;
      readonly vendor: string;
      readonly type: ProfileRecord['type'];
      readonly description: string;
      readonly models: readonly string[];
      readonly imageId: number | null;
      readonly parameters: readonly StoredParameter[];
    }
  | {
      readonly kind: 'profile.edit';
      readonly profile: string;
      readonly name?: string;
      readonly description?: string;
      readonly models?: readonly string[];
      readonly imageId?: number | null;
    }
  | {
      readonly kind: 'profile.set';
      readonly profile: string;
      readonly set: readonly StoredParameter[];
      readonly unset: readonly string[];
    }
  | { readonly kind: 'profile.delete'; readonly profile: string }
  | {
      readonly kind: 'assign';
      readonly profile: string;
      readonly target: Target;
      /** 1 is the highest; without it the profile becomes the lowest of its target. */
      readonly priority?: number;
      readonly apply: 'auto' | 'manual';
    }
  | { readonly kind: 'unassign'; readonly profile: string; readonly target: Target };

/** Who edits, and when; ids that new objects take. */
export interface EditStamp {
  readonly author: string;
  readonly at: number;
}

export class Workspace {
  readonly #profilesBefore: ReadonlyMap<number, ProfileRecord>;
  readonly #assignmentsBefore: ReadonlyMap<number, AssignmentRecord>;
  readonly profiles: Map<number, ProfileRecord>;
  readonly assignments: Map<number, AssignmentRecord>;
  /** Number of the revision that this workspace started from. */
  readonly base: number;
  #next: { profile: number; assignment: number };

  private constructor(
    profiles: readonly ProfileRecord[],
    assignments: readonly AssignmentRecord[],
    next: { profile: number; assignment: number },
    base: number,
  ) {
    this.#profilesBefore = new Map(profiles.map((p) => [p.id, p]));
    this.#assignmentsBefore = new Map(assignments.map((a) => [a.id, a]));
    this.profiles = new Map(this.#profilesBefore);
    this.assignments = new Map(this.#assignmentsBefore);
    this.#next = { ...next };
    this.base = base;
  }

  static async load(repository: ProfileRepository): Promise<Workspace> {
    const [profiles, assignments, next, base] = await Promise.all([
      repository.profiles(),
      repository.assignments(),
      repository.nextIds(),
      repository.revision(),
    ]);
    return new Workspace(profiles, assignments, next, base);
  }

  /** The profile of that uid. Throws `not_found`: a collected change may outlive its profile. */
  byUid(uid: string): ProfileRecord {
    for (const profile of this.profiles.values()) if (profile.uid === uid) return profile;
    throw new PhonectlError('not_found', 'A profile of this change is not there any more.', {
      hints: ['Look at the change with `phonectl change show`.'],
    });
  }

  /** The profile of that name, compared without case. */
  byName(name: string): ProfileRecord | undefined {
    const key = nameKey(name);
    for (const profile of this.profiles.values()) if (nameKey(profile.name) === key) return profile;
    return undefined;
  }

  /** Assignments of a target, the highest first. */
  at(target: Target): readonly AssignmentRecord[] {
    const key = targetKey(target);
    return [...this.assignments.values()]
      .filter((assignment) => targetKey(assignment.target) === key)
      .sort((a, b) => a.priority - b.priority || a.id - b.id);
  }

  apply(edit: Edit, stamp: EditStamp): void {
    if (edit.kind === 'profile.add') this.#add(edit, stamp);
    else if (edit.kind === 'profile.edit') this.#edit(edit, stamp);
    else if (edit.kind === 'profile.set') this.#set(edit, stamp);
    else if (edit.kind === 'profile.delete') this.#delete(this.byUid(edit.profile));
    else if (edit.kind === 'assign') this.#assign(edit, stamp);
    else this.#unassign(this.byUid(edit.profile), edit.target);
  }

  /** Undoes what the entries say, newest first. Used by rollback. */
  undo(entries: readonly RevisionEntry[]): void {
    for (const { kind, objectId, before } of entries) {
      if (kind === 'profile') put(this.profiles, objectId, before as ProfileRecord | undefined);
      else put(this.assignments, objectId, before as AssignmentRecord | undefined);
    }
  }

  /** What differs from the state that was loaded: profiles first, so that assignments find them. */
  entries(): readonly RevisionEntry[] {
    return [
      ...difference('profile', this.#profilesBefore, this.profiles),
      ...difference('assignment', this.#assignmentsBefore, this.assignments),
    ];
  }

  /** Both states as stacks; `toParameters` decides how sealed values are seen. */
  stacks(
    toParameters: (profile: ProfileRecord) => Stack['profiles'] extends ReadonlyMap<number, infer P> ? P : never,
  ): {
    before: Stack;
    after: Stack;
  } {
    const stack = (
      profiles: ReadonlyMap<number, ProfileRecord>,
      assignments: ReadonlyMap<number, AssignmentRecord>,
    ): Stack => ({
      profiles: new Map([...profiles].map(([id, profile]) => [id, toParameters(profile)])),
      assignments: [...assignments.values()],
    });
    return {
      before: stack(this.#profilesBefore, this.#assignmentsBefore),
      after: stack(this.profiles, this.assignments),
    };
  }

  #add({ kind: _, ...profile }: Extract<Edit, { kind: 'profile.add' }>, { author, at }: EditStamp): void {
    if (this.byName(profile.name) !== undefined) {
      throw new PhonectlError('exists', `There is a profile named "${profile.name}" (VAL-16).`, {
        hints: ['Choose another name, or change that one with `phonectl profile set`.'],
      });
    }
    const id = this.#next.profile++;
    const parameters = merge([], profile.parameters, []);
    const record = { ...profile, id, parameters, version: 1, modifiedBy: author, createdAt: at, updatedAt: at };
    this.profiles.set(id, record);
  }

  #edit({ kind: _, profile: uid, ...fields }: Extract<Edit, { kind: 'profile.edit' }>, stamp: EditStamp): void {
    const profile = this.byUid(uid);
    const other = fields.name === undefined ? undefined : this.byName(fields.name);
    if (other !== undefined && other.id !== profile.id) {
      throw new PhonectlError('exists', `There is a profile named "${fields.name}" (VAL-16).`);
    }
    const changed = { ...profile, ...fields };
    if (JSON.stringify(changed) !== JSON.stringify(profile)) this.#touch(changed, stamp);
  }

  #set({ profile: uid, set, unset }: Extract<Edit, { kind: 'profile.set' }>, stamp: EditStamp): void {
    const profile = this.byUid(uid);
    const parameters = merge(profile.parameters, set, unset);
    if (same(parameters, profile.parameters)) return;
    this.#touch({ ...profile, parameters, version: profile.version + 1 }, stamp);
  }

  #touch(profile: ProfileRecord, { author, at }: EditStamp): void {
    this.profiles.set(profile.id, { ...profile, modifiedBy: author, updatedAt: at });
  }

  #delete(profile: ProfileRecord): void {
    // PROF-19: its associations go with it.
    for (const assignment of this.assignments.values()) {
      if (assignment.profileId === profile.id) this.#unassign(profile, assignment.target);
    }
    this.profiles.delete(profile.id);
  }

  #assign({ profile: uid, target, priority, apply }: Extract<Edit, { kind: 'assign' }>, { at }: EditStamp): void {
    const profile = this.byUid(uid);
    const others = this.at(target).filter(({ profileId }) => profileId !== profile.id);
    const existing = this.at(target).find(({ profileId }) => profileId === profile.id);
    const place = Math.min(priority ?? existing?.priority ?? others.length + 1, others.length + 1);
    const assignment: AssignmentRecord =
      existing === undefined
        ? { id: this.#next.assignment++, profileId: profile.id, target, priority: place, apply, createdAt: at }
        : { ...existing, apply };
    this.#renumber(others.toSpliced(place - 1, 0, assignment));
  }

  #unassign(profile: ProfileRecord, target: Target): void {
    const all = this.at(target);
    const found = all.find(({ profileId }) => profileId === profile.id);
    if (found === undefined) throw notAssigned(profile);
    this.assignments.delete(found.id);
    this.#renumber(all.filter(({ id }) => id !== found.id));
  }

  /** Priorities of a target are 1, 2, 3 …, without gaps. */
  #renumber(assignments: readonly AssignmentRecord[]): void {
    assignments.forEach((assignment, index) => {
      const current = this.assignments.get(assignment.id);
      if (current === assignment && assignment.priority === index + 1) return;
      this.assignments.set(assignment.id, { ...assignment, priority: index + 1 });
    });
  }
}

/** What a profile is answered with that should be assigned to a target and is not. */
export function notAssigned({ name }: Pick<ProfileRecord, 'name'>): PhonectlError {
  return new PhonectlError('not_found', `"${name}" is not assigned there.`, {
    hints: [`See where it is assigned with \`phonectl profile show "${name}"\`.`],
  });
}

function put<T>(map: Map<number, T>, id: number, value: T | undefined): void {
  if (value === undefined) map.delete(id);
  else map.set(id, value);
}

/** New values in the place of the old ones, new names at the end; of a name that is given twice the last wins (B-10). */
function merge(
  current: readonly StoredParameter[],
  set: readonly StoredParameter[],
  unset: readonly string[],
): readonly StoredParameter[] {
  const merged = new Map(current.map((parameter) => [parameter[0], parameter]));
  for (const name of unset) merged.delete(name);
  for (const parameter of set) {
    const old = merged.get(parameter[0]);
    // A secret that is sealed again differs in its bytes; its print says whether it is another secret.
    if (old === undefined || print(old) !== print(parameter)) merged.set(parameter[0], parameter);
  }
  return [...merged.values()];
}

function print([, value]: StoredParameter): string {
  return typeof value === 'string' ? `=${value}` : `#${value.print}`;
}

function same(one: readonly StoredParameter[], two: readonly StoredParameter[]): boolean {
  return (
    one.length === two.length &&
    one.every((parameter, index) => parameter[0] === two[index]![0] && print(parameter) === print(two[index]!))
  );
}

function difference<T extends ProfileRecord | AssignmentRecord>(
  kind: RevisionEntry['kind'],
  before: ReadonlyMap<number, T>,
  after: ReadonlyMap<number, T>,
): readonly RevisionEntry[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted((a, b) => a - b)
    .flatMap((objectId) => {
      const [a, b] = [before.get(objectId), after.get(objectId)];
      if (a === b || JSON.stringify(a) === JSON.stringify(b)) return [];
      return [{ kind, objectId, ...(a && { before: a }), ...(b && { after: b }) }];
    });
}
