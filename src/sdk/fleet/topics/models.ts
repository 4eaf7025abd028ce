/** The fleet's own model files, and which models may be added (MODEL-18). */
import { array, optional, record, strictObject, string } from 'valibot';
import { loadModels } from '../../../vendors/registry.ts';
import type { OperationContext } from '../../context.ts';
import { requireModel } from '../../models/model.ts';
import { importModels } from '../../models/overrides.ts';
import type { Approval } from '../../ports/models.ts';
import { requireSite } from '../../sites/site.ts';
import { APPROVALS, type Folder, type FolderPart, isIn, readText } from '../folder.ts';
import type { Problems } from '../problems.ts';
import { readYaml, writeYaml } from '../yaml.ts';
import { NOTHING, Tally, type ToldChanges } from './topic.ts';

export async function* modelFiles({ home }: Pick<OperationContext, 'home'>): AsyncGenerator<FolderPart> {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  for (const name of ownFiles(home)) {
    // JSON is YAML.
    yield { file: `models/${withoutEnding(name)}.yaml`, text: readFileSync(home.file('models', name), 'utf8') };
  }
}

function ownFiles(home: OperationContext['home']): readonly string[] {
  const { existsSync, readdirSync } = process.getBuiltinModule('node:fs');
  if (!existsSync(home.file('models'))) return [];
  return readdirSync(home.file('models'))
    .filter((name) => /\.(?:ya?ml|json)$/i.test(name) && !name.startsWith('.'))
    .sort();
}

function withoutEnding(name: string): string {
  return name.replace(/\.[^.]+$/, '');
}

export async function applyModels(
  context: OperationContext,
  folder: Folder,
  problems: Problems,
  prune: boolean,
): Promise<ToldChanges> {
  const tally = new Tally();
  const named = new Set<string>();
  for (const file of folder.names.filter((name) => isIn('models', name))) {
    const name = withoutEnding(file.slice('models/'.length));
    named.add(name);
    await problems.within(file, async () => {
      const { outcome } = await importModels(context, { source: folder.open(file), name });
      tally.count(name, outcome === 'updated' ? 'changed' : outcome);
    });
  }
  const strangers = ownFiles(context.home).filter((name) => !named.has(withoutEnding(name)));
  for (const name of strangers) tally.stranger(withoutEnding(name));
  if (prune && strangers.length > 0) {
    await context.write(async () => {
      const { rmSync } = process.getBuiltinModule('node:fs');
      for (const name of strangers) rmSync(context.home.file('models', name), { force: true });
      return [undefined, { object: 'model files', result: 'done', details: { pruned: strangers } }];
    });
  }
  return tally.result(prune);
}

const approvalFile = strictObject({
  everywhere: optional(array(string()), []),
  sites: optional(record(string(), array(string())), {}),
});

export async function* approvalFileOf(context: OperationContext): AsyncGenerator<FolderPart> {
  const approvals = await context.read.models.approvals();
  const everywhere = approvals.filter(({ siteId }) => siteId === null).map(({ model }) => model);
  const sites = new Map<string, string[]>();
  for (const { site, model } of approvals) if (site !== null) sites.set(site, [...(sites.get(site) ?? []), model]);
  const sorted = [...sites].map(([site, models]): [string, string[]] => [site, models.sort()]).sort(byName);
  yield {
    file: APPROVALS,
    text: await writeYaml({ everywhere: everywhere.sort(), sites: Object.fromEntries(sorted) }),
  };
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** A folder without the file says nothing of approvals. */
export async function applyApprovals(
  context: OperationContext,
  folder: Folder,
  problems: Problems,
  prune: boolean,
): Promise<ToldChanges> {
  if (!folder.names.includes(APPROVALS)) return { ...NOTHING, strangers: [] };
  const yaml = await problems.within(
    APPROVALS,
    async () => await readYaml(APPROVALS, await readText(folder, APPROVALS), approvalFile, problems),
  );
  if (yaml === undefined) return { ...NOTHING, strangers: [] };
  const catalogue = await loadModels(context.home);
  const tally = new Tally();
  const wanted: Approval[] = [];
  const places: [string | null, readonly string[], (string | number)[]][] = [
    [null, yaml.value.everywhere, ['everywhere']],
    ...Object.entries(yaml.value.sites).map(([site, models]): [string, readonly string[], (string | number)[]] => [
      site,
      models,
      ['sites', site],
    ]),
  ];
  for (const [site, models, keys] of places) {
    await problems.at(yaml.place(...keys), async () => {
      const siteId = site === null ? null : (await requireSite(context.read.sites, site, 'all')).id;
      for (const reference of models) {
        const { vendor, name } = requireModel(catalogue, reference);
        wanted.push({ vendor, model: name, siteId, site });
      }
    });
  }
  const before = await context.read.models.approvals();
  const has = (list: readonly Approval[], { vendor, model, siteId }: Approval): boolean =>
    list.some((other) => other.vendor === vendor && other.model === model && other.siteId === siteId);
  const missing = wanted.filter((approval) => !has(before, approval));
  const strangers = before.filter((approval) => !has(wanted, approval));
  for (const approval of wanted) tally.count(labelOf(approval), missing.includes(approval) ? 'created' : 'unchanged');
  for (const approval of strangers) tally.stranger(labelOf(approval));
  const gone = prune ? strangers : [];
  if (missing.length + gone.length > 0) {
    await context.write(async ({ models }) => {
      // Without a site every approval of a model ends: those that stay are given again.
      for (const { vendor, model, siteId } of gone) await models.revoke(vendor, model, siteId);
      for (const { vendor, model, siteId } of wanted) await models.approve(vendor, model, siteId);
      const details = { approved: missing.map(labelOf), revoked: gone.map(labelOf) };
      return [undefined, { object: 'models', result: 'done', details }];
    });
  }
  return tally.result(prune);
}

function labelOf({ model, site }: Approval): string {
  return site === null ? model : `${model} (${site})`;
}
