/** `fleet plan` and `fleet apply`: what a folder would make of the fleet, found out on a copy; and making it so. */
import type { OperationContext } from '../context.ts';
import { digestOf } from '../history/plans.ts';
import { stale } from '../profiles/commit.ts';
import type { PlanView } from '../profiles/plan.ts';
import { applyFolder, type FolderChanges, isMoved, TOPICS } from './apply.ts';
import { type Folder, unpackFolder } from './folder.ts';
import { comparePhones } from './phones.ts';
import { Problems } from './problems.ts';
import { copyOf, remove, scratchFolder } from './rehearsal.ts';
import { type GivenSecrets, SecretFinder } from './secrets.ts';

export interface FleetPlanInput {
  /** From `packFolder`. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Delete what the folder does not have. */
  readonly prune?: boolean | undefined;
}

export interface FleetPlan {
  readonly format: 'phonectl-fleet-plan/1';
  /** False when the fleet is as the folder says. */
  readonly different: boolean;
  readonly changes: FolderChanges;
  /** What the phones that there are get. */
  readonly phones: PlanView;
  /** MAC or serial number of each of them, for `config push`. */
  readonly affected: readonly string[];
  readonly phonesAdded: number;
  readonly phonesRemoved: number;
  /** What the fleet has and the folder does not, by topic; it stays unless it is pruned. */
  readonly strangers: Readonly<Record<string, readonly string[]>>;
  readonly prune: boolean;
  readonly warnings: readonly string[];
  /** Of everything above but the warnings: what `fleet apply --plan` compares. */
  readonly digest: string;
}

export async function planFolder(context: OperationContext, input: FleetPlanInput): Promise<FleetPlan> {
  return await unpacked(
    context,
    input.source,
    async (folder, secrets) => await rehearse(context, folder, secrets, input),
  );
}

export interface FleetApplyInput extends FleetPlanInput {
  /** Of the plan that was looked at: refused with `stale` when this would be another one. */
  readonly digest?: string | undefined;
  readonly reason?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface FleetApplied extends FleetPlan {
  readonly applied: boolean;
  /** Number of the new revision of the configuration; null when profiles and assignments stay. */
  readonly revision: number | null;
}

/** Everything is tried out on a copy first: what is wrong is found before anything happens. Run again, it changes nothing. */
export async function applyFleet(context: OperationContext, input: FleetApplyInput): Promise<FleetApplied> {
  return await unpacked(context, input.source, async (folder, secrets) => {
    const plan = await rehearse(context, folder, secrets, input);
    if (input.digest !== undefined && input.digest !== plan.digest) {
      throw stale('The plan does not fit the fleet or the folder any more.', {
        planned: input.digest,
        now: plan.digest,
      });
    }
    if (input.dryRun) return { ...plan, applied: false, revision: null };
    let revision: number | null = null;
    if (plan.different) {
      const options = {
        secrets: new SecretFinder(secrets),
        prune: input.prune ?? false,
        reason: input.reason,
        all: false,
        alone: false,
      };
      revision = (await applyFolder(context, folder, new Problems(), options)).revision;
    }
    const details = Object.fromEntries(
      TOPICS.map((topic) => {
        const { created, changed, deleted } = plan.changes[topic];
        return [topic, { created: created.length, changed: changed.length, deleted: deleted.length }];
      }),
    );
    await context.write(async () => [undefined, { object: 'fleet', result: 'done', details }]);
    return { ...plan, applied: plan.different, revision };
  });
}

async function unpacked<T>(
  context: OperationContext,
  source: AsyncIterable<Uint8Array>,
  work: (folder: Folder, secrets: GivenSecrets) => Promise<T>,
): Promise<T> {
  const path = scratchFolder(context.home.file('run'));
  try {
    const { folder, secrets } = await unpackFolder(source, path);
    return await work(folder, secrets);
  } finally {
    remove(path);
  }
}

async function rehearse(
  context: OperationContext,
  folder: Folder,
  secrets: GivenSecrets,
  { prune = false }: Pick<FleetPlanInput, 'prune'>,
): Promise<FleetPlan> {
  await using copy = await copyOf(context);
  const problems = new Problems();
  const options = { secrets: new SecretFinder(secrets), prune, all: true, alone: false };
  const { changes, strangers, touched } = await applyFolder(copy.context, folder, problems, options);
  problems.throwIfAny();
  const phones = await comparePhones(context, copy.context, touched);
  const content = {
    changes,
    phones: phones.plan,
    affected: phones.affected,
    phonesAdded: phones.added,
    phonesRemoved: phones.removed,
    strangers,
    prune,
  };
  const moved = TOPICS.some((topic) => isMoved(changes[topic]));
  return {
    format: 'phonectl-fleet-plan/1',
    different: moved || phones.plan.devices > 0,
    ...content,
    warnings: problems.warnings,
    digest: digestOf(content),
  };
}
