/** What is wrong with profiles, or may be (VAL-15, FW-07, FW-13, PROF-13, B-10). */
import { classOf, indexStack, profileSources, targetKey } from '../../domain/stack.ts';
import { editDistance } from '../../domain/text.ts';
import { parseRange } from '../../domain/version.ts';
import type { CatalogueEntry, Vendor } from '../../vendors/driver.ts';
import { loadModels } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import type { ImageRecord } from '../ports/files.ts';
import type { ProfileRecord } from '../ports/profiles.ts';
import { requireProfile } from './edits.ts';
import { imagesOf } from './images.ts';
import { closedProfile, open } from './parameters.ts';
import { surroundings, toPosition } from './positions.ts';
import { missingResources, RESOURCE } from './references.ts';
import { targetNames } from './targets.ts';
import { checkParameters, type Rules, rulesFor } from './validate.ts';
import { Workspace } from './workspace.ts';

export interface Finding {
  readonly profile: string;
  /** Empty where the profile as a whole is meant. */
  readonly param: string;
  readonly severity: 'error' | 'warning';
  readonly reason: string;
  readonly remedy: string;
}

/** All profiles when none is named; shipped ones are right by a test of ours. */
export async function* lintProfiles(
  context: OperationContext,
  input: { readonly profiles?: readonly string[] | undefined },
): AsyncGenerator<Finding> {
  const workspace = await Workspace.load(context.read.profiles);
  const profiles =
    input.profiles?.map((reference) => requireProfile(workspace, reference)) ??
    [...workspace.profiles.values()].filter(({ type }) => type !== 'standard');
  const limited = new Map<string, Limit[]>();
  const codecs = new Map(
    (await context.read.images.list()).flatMap((image) => (image.family === 'group-series' ? [[image.id, image]] : [])),
  );
  for (const profile of profiles) {
    const rules = await rulesFor(context, profile.vendor as Vendor, profile.imageId);
    yield* ofParameters(context, profile, rules);
    yield* ofSoftware(profile, workspace);
    yield* ofCodecs(profile, codecs);
    const limits = limitsOf(profile, rules);
    if (limits.length > 0) limited.set(profile.name, limits);
  }
  yield* await ofPriorities(context, workspace, profiles);
  yield* await ofPhones(context, workspace, limited);
}

async function* ofParameters(context: OperationContext, profile: ProfileRecord, rules: Rules): AsyncGenerator<Finding> {
  const given = open(`profile:${profile.uid}`, profile.parameters, context.secrets);
  const unknown: string[] = [];
  for (const { param, reason, remedy } of checkParameters(rules, given).problems) {
    // PROF-14: what is not in the catalogue is never wrong for that, but it may be misspelt.
    if (rules.catalogue.find(param) !== undefined) {
      yield { profile: profile.name, param, severity: 'error', reason, remedy };
    } else if (
      rules.catalogue.suggest(param, 3).some((near) => editDistance(near.toLowerCase(), param.toLowerCase()) <= 2)
    ) {
      yield { profile: profile.name, param, severity: 'warning', reason, remedy };
    } else unknown.push(param);
  }
  for (const { name, value } of await missingResources(context, given)) {
    yield {
      profile: profile.name,
      param: name,
      severity: 'error',
      reason: `There is no resource "${value.slice(RESOURCE.length)}": phones do not get this parameter.`,
      remedy: 'Add it with `phonectl resource add`, or set another.',
    };
  }
  if (unknown.length > 0) {
    yield {
      profile: profile.name,
      param: '',
      severity: 'warning',
      reason: `In no catalogue, and sent as they are: ${unknown.slice(0, NAMED).join(', ')}${unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : ''}.`,
      remedy: 'Poly: the schema of your firmware teaches them: phonectl profile catalog upload polycomConfig.xsd',
    };
  }
}

/** Names that one finding holds. */
const NAMED = 10;

/** FW-07, FW-13. */
function* ofSoftware(profile: ProfileRecord, { profiles }: Workspace): Generator<Finding> {
  const { name, imageId } = profile;
  if (imageId === null || profile.type === 'software') return;
  if (!imagesOf(profiles.values()).some((image) => image.imageId === imageId)) {
    yield {
      profile: name,
      param: '',
      severity: 'error',
      reason: "Couldn't find the software image of this profile.",
      remedy: `Choose another with \`phonectl profile edit "${name}" --software NAME\`, or add the image again.`,
    };
  }
  const path = profile.parameters.find(([param]) => /^APP_FILE_PATH(?:_|$)/i.test(param));
  if (path !== undefined) {
    yield {
      profile: name,
      param: path[0],
      severity: 'warning',
      reason: `With ${path[0]} set, phones ignore the software that this profile chooses, and all download paths (FW-07).`,
      remedy: `Take one of the two away: phonectl profile unset "${name}" ${path[0]}`,
    };
  }
}

/** FW-16, FW-18. */
function* ofCodecs({ name, imageId }: ProfileRecord, codecs: ReadonlyMap<number, ImageRecord>): Generator<Finding> {
  const image = imageId === null ? undefined : codecs.get(imageId);
  if (image === undefined) return;
  yield {
    profile: name,
    param: '',
    severity: 'warning',
    reason: `"${image.name}" is for Group Series codecs: no phone is given it, and how a Trio tells its codec is not documented.`,
    remedy: 'Set the parameter that your Trio takes: phonectl profile set PROFILE NAME=URL --custom',
  };
  if (image.license !== null) return;
  yield {
    profile: name,
    param: '',
    severity: 'error',
    reason: `"${image.name}" has no licence file, without which no codec takes it (FW-18).`,
    remedy: `Add it: phonectl firmware license add "${image.name}" FILE`,
  };
}

/** Two profiles of one place that say different things: the one with the higher priority is right (B-10). */
async function ofPriorities(
  context: OperationContext,
  workspace: Workspace,
  chosen: readonly ProfileRecord[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const nameOf = await targetNames(context);
  const wanted = new Set(chosen.map(({ id }) => id));
  const targets = new Map([...workspace.assignments.values()].map(({ target }) => [targetKey(target), target]));
  for (const target of targets.values()) {
    const seen = new Map<string, { readonly value: string; readonly profile: string }>();
    for (const { profileId } of workspace.at(target)) {
      const record = workspace.profiles.get(profileId);
      if (record === undefined) continue;
      for (const { name: param, value } of closedProfile(record).parameters) {
        const key = `${record.vendor}:${param}`;
        const winner = seen.get(key);
        if (winner === undefined) seen.set(key, { value, profile: record.name });
        else if (winner.value !== value && wanted.has(profileId)) {
          findings.push({
            profile: record.name,
            param,
            severity: 'warning',
            reason: `"${winner.profile}" beats it at ${[target.layer, nameOf(target)].join(' ').trim()} by its priority (B-10).`,
            remedy:
              'Of one name in one profile the last edit counts; of several profiles the priority: phonectl profile order.',
          });
        }
      }
    }
  }
  return findings;
}

interface Limit {
  readonly entry: CatalogueEntry;
  readonly models: readonly string[];
}

/** What not every phone takes: by its own catalogue entry, or because the profile is meant for some models. */
function limitsOf({ models, parameters }: ProfileRecord, { catalogue }: Rules): Limit[] {
  return parameters.flatMap(([name]) => {
    const entry = catalogue.find(name) ?? { name, type: 'string', secret: false };
    const own = entry.models ?? models;
    return own.length > 0 || entry.firmware !== undefined ? [{ entry, models: own }] : [];
  });
}

/** Phones that a profile reaches although their model or firmware does not know a parameter of it. */
async function ofPhones(
  context: OperationContext,
  workspace: Workspace,
  limited: ReadonlyMap<string, readonly Limit[]>,
): Promise<readonly Finding[]> {
  if (limited.size === 0) return [];
  const index = indexStack(workspace.stacks(closedProfile).before);
  const [shared, models] = await Promise.all([surroundings(context.read.profiles), loadModels(context.home)]);
  const reach = new Map<string, readonly string[]>();
  const counts = new Map<string, { profile: string; param: string; why: string; phones: number }>();
  for (const record of context.read.profiles.positions(context.scope)) {
    const position = toPosition(record, shared);
    if (position === undefined) continue;
    const key = classOf(index, position);
    const names = reach.get(key) ?? profileSources(index, position).map(({ source }) => source);
    reach.set(key, names);
    for (const profile of names) {
      for (const { entry, models: allowed } of limited.get(profile) ?? []) {
        const model = record.model === null ? undefined : (models.find(record.model)?.name ?? record.model);
        const why = unfit(entry, allowed, model, record.firmware);
        if (why === undefined) continue;
        const id = JSON.stringify([profile, entry.name, why]);
        const count = counts.get(id) ?? { profile, param: entry.name, why, phones: 0 };
        counts.set(id, { ...count, phones: count.phones + 1 });
      }
    }
  }
  return [...counts.values()].map(({ profile, param, why, phones }) => ({
    profile,
    param,
    severity: 'warning',
    reason: `${phones} ${phones === 1 ? 'phone' : 'phones'} will not take it: ${why}.`,
    remedy: 'Assign the profile to the models or the group that take it; others ignore the parameter.',
  }));
}

function unfit(
  entry: CatalogueEntry,
  models: readonly string[],
  model: string | undefined,
  firmware: string | null,
): string | undefined {
  if (models.length > 0 && model !== undefined && !models.includes(model)) {
    return `${model} is none of ${models.slice(0, 5).join(', ')}${models.length > 5 ? ' …' : ''}`;
  }
  if (entry.firmware !== undefined && firmware !== null && parseRange(entry.firmware)?.(firmware) === false) {
    return `firmware ${firmware} is not ${entry.firmware}`;
  }
  return undefined;
}
