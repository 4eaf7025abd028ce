/** MODEL-18: which models may be added, everywhere or at a site. */
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { writeOrRehearse } from '../rehearse.ts';
import { requireSite } from '../sites/site.ts';
import { catalogueOf, requireModel } from './model.ts';

export interface ApprovalInput {
  readonly models: readonly string[];
  /** Only there; else everywhere. */
  readonly site?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface ApprovalsChanged {
  readonly models: readonly string[];
  readonly site: string | null;
  /** Those for which it made a difference. */
  readonly changed: readonly string[];
  /** True when no approval is left: then every model may be added. */
  readonly everyModel: boolean;
}

export async function approveModels(context: OperationContext, input: ApprovalInput): Promise<ApprovalsChanged> {
  return await changeApprovals(context, input, 'approve');
}

export async function revokeModels(context: OperationContext, input: ApprovalInput): Promise<ApprovalsChanged> {
  return await changeApprovals(context, input, 'revoke');
}

async function changeApprovals(
  context: OperationContext,
  input: ApprovalInput,
  verb: 'approve' | 'revoke',
): Promise<ApprovalsChanged> {
  const catalogue = await catalogueOf(context);
  const wanted = input.models.map((reference) => requireModel(catalogue, reference));
  return await writeOrRehearse(context, input.dryRun, async ({ models, sites }) => {
    const site = input.site === undefined ? undefined : await requireSite(sites, input.site, context.scope);
    if (site === undefined && context.scope !== 'all') {
      throw new PhonectlError('forbidden', `You may ${verb} models at your sites only.`, {
        hints: ['Name the site with --site.'],
      });
    }
    if (verb === 'revoke' && (await models.approvals()).length === 0) {
      throw new PhonectlError('conflict', 'No model is approved by name: every model may be added.', {
        hints: ['Approve the models that you use with `phonectl model approve`; then no other can be added.'],
      });
    }
    const changed: string[] = [];
    for (const { vendor, name } of wanted) {
      if (await models[verb](vendor, name, site?.id ?? null)) changed.push(name);
    }
    const names = wanted.map(({ name }) => name);
    const everyModel = (await models.approvals()).length === 0;
    return [
      { models: names, site: site?.name ?? null, changed, everyModel },
      { object: `models (${names.length})`, result: 'done', details: { models: names, site: site?.name ?? null } },
    ];
  });
}
