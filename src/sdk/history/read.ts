/** The numbered history of the configuration stack, as people read it. */
import type { Target } from '../../domain/stack.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type {
  AssignmentRecord,
  ProfileRecord,
  RevisionEntry,
  RevisionRecord,
  StoredParameter,
} from '../ports/profiles.ts';
import { MASK } from '../profiles/parameters.ts';
import { targetNames } from '../profiles/targets.ts';

export interface Revision {
  readonly revision: number;
  /** ISO 8601. */
  readonly at: string;
  readonly author: string;
  /** What `-m` said. */
  readonly reason: string;
  readonly operation: string;
  /** What was edited, such as `profile:no-answer`. */
  readonly object: string;
  /** Phones that it changed, by the plan of that moment. */
  readonly devices: number;
  readonly sites: number;
  readonly restart: number;
  readonly reboot: number;
}

/** One value before and after; a secret is masked, and stands here only when it is another one. */
export interface ValueChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface ObjectChange {
  readonly kind: 'profile' | 'assignment';
  readonly change: 'added' | 'changed' | 'removed';
  readonly profile: string;
  /** Of an assignment: its layer, with the target's name. */
  readonly target: string | null;
  readonly values: readonly ValueChange[];
}

export interface RevisionDetail extends Revision {
  readonly changes: readonly ObjectChange[];
}

/** Newest first. */
export async function* listRevisions(
  context: OperationContext,
  { limit }: { readonly limit?: number | undefined },
): AsyncGenerator<Revision> {
  for (const record of await context.read.profiles.revisions(limit)) yield revisionOf(record);
}

export async function showRevision(
  context: OperationContext,
  { revision }: { readonly revision: number },
): Promise<RevisionDetail> {
  const record = await requireRevision(context, revision);
  if (record === undefined) {
    throw new PhonectlError('not_found', 'Revision 0 is the fleet before its first change; it has no content.');
  }
  return {
    ...revisionOf(record),
    changes: await objectChanges(context, await context.read.profiles.entriesOf(revision)),
  };
}

/** What entries say for people: profiles and targets by name, secrets masked. */
export async function objectChanges(
  context: OperationContext,
  entries: readonly RevisionEntry[],
): Promise<readonly ObjectChange[]> {
  const nameOf = await targetNames(context);
  const names = await profileNames(context, entries);
  return entries.map((entry) => changeOf(entry, names, nameOf));
}

/** The revision; `undefined` for 0, the state before the first change. Throws `not_found`. */
export async function requireRevision(
  { read }: Pick<OperationContext, 'read'>,
  revision: number,
): Promise<RevisionRecord | undefined> {
  if (revision === 0) return undefined;
  const found = (await read.profiles.revisions()).find(({ id }) => id === revision);
  if (found !== undefined) return found;
  const newest = await read.profiles.revision();
  throw new PhonectlError('not_found', `There is no revision ${revision}.`, {
    hints: [
      newest === 0
        ? 'The configuration has not been changed yet.'
        : `The newest is ${newest}; see phonectl config history.`,
    ],
    details: { revision, newest },
  });
}

function revisionOf({ id, at, author, reason, operation, summary }: RevisionRecord): Revision {
  const count = (name: string): number => Number(summary[name] ?? 0);
  return {
    revision: id,
    at: new Date(at).toISOString(),
    author,
    reason,
    operation,
    object: String(summary['object'] ?? ''),
    devices: count('devices'),
    sites: count('sites'),
    restart: count('restart'),
    reboot: count('reboot'),
  };
}

/** An assignment names its profile by id: what the profile was called then, else what it is called now. */
async function profileNames(
  { read }: OperationContext,
  entries: readonly RevisionEntry[],
): Promise<ReadonlyMap<number, string>> {
  const names = new Map((await read.profiles.profiles()).map(({ id, name }) => [id, name]));
  for (const { kind, objectId, before, after } of entries) {
    if (kind === 'profile') names.set(objectId, ((after ?? before) as ProfileRecord).name);
  }
  return names;
}

function changeOf(
  { kind, before, after }: RevisionEntry,
  names: ReadonlyMap<number, string>,
  nameOf: (target: Target) => string,
): ObjectChange {
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  if (kind === 'profile') {
    const [old, now] = [before as ProfileRecord | undefined, after as ProfileRecord | undefined];
    const values = [...differing(fieldsOf(old), fieldsOf(now)), ...parameterChanges(old, now)];
    return { kind, change, profile: (now ?? old)?.name ?? '', target: null, values };
  }
  const [old, now] = [before as AssignmentRecord | undefined, after as AssignmentRecord | undefined];
  const { profileId, target } = (now ?? old)!;
  return {
    kind,
    change,
    profile: names.get(profileId) ?? `profile ${profileId}`,
    target: `${target.layer} ${nameOf(target)}`.trim(),
    values: differing(placeOf(old), placeOf(now)),
  };
}

type Fields = Readonly<Record<string, string>>;

function fieldsOf(profile: ProfileRecord | undefined): Fields {
  if (profile === undefined) return {};
  const { name, vendor, description, models } = profile;
  return { name, vendor, ...(description && { description }), ...(models.length > 0 && { models: models.join(', ') }) };
}

function placeOf(assignment: AssignmentRecord | undefined): Fields {
  return assignment === undefined ? {} : { priority: String(assignment.priority), apply: assignment.apply };
}

function differing(before: Fields, after: Fields): readonly ValueChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .map((name) => ({ name, before: before[name] ?? null, after: after[name] ?? null }));
}

function parameterChanges(
  before: Pick<ProfileRecord, 'parameters'> | undefined,
  after: Pick<ProfileRecord, 'parameters'> | undefined,
): readonly ValueChange[] {
  const old = new Map((before?.parameters ?? []).map((parameter) => [parameter[0], parameter]));
  const now = new Map((after?.parameters ?? []).map((parameter) => [parameter[0], parameter]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((name) => print(old.get(name)) !== print(now.get(name)))
    .map((name) => ({ name, before: shown(old.get(name)), after: shown(now.get(name)) }));
}

function print(parameter: StoredParameter | undefined): string | undefined {
  if (parameter === undefined) return undefined;
  const [, value] = parameter;
  return typeof value === 'string' ? `=${value}` : `#${value.print}`;
}

function shown(parameter: StoredParameter | undefined): string | null {
  if (parameter === undefined) return null;
  return typeof parameter[1] === 'string' ? parameter[1] : MASK;
}
