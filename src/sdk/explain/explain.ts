/**
 * `config explain`: for every parameter of a device the value, the layer and the source that it comes from, and
 * everything that it beat, nearest first (PROF-28, PROF-29, FW-08, FW-12).
 */
import { type EffectiveParameter, type LayerSource, resolve } from '../../domain/effective.ts';
import { indexStack, type Position, profileSources, type Stack } from '../../domain/stack.ts';
import { nearest } from '../../domain/text.ts';
import type { Catalogue, Driver } from '../../vendors/driver.ts';
import { MASK } from '../configuration/mask.ts';
import { readingSource } from '../configuration/source.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { ProfileRecord } from '../ports/profiles.ts';
import type { ServedDevice } from '../ports/serving.ts';
import type { OriginView } from '../profiles/plan.ts';
import { surroundings, toPosition } from '../profiles/positions.ts';
import { uploadedOverrides } from '../push/uploaded.ts';
import { downloadSources } from './download.ts';
import { servedDevice } from './stack.ts';
import { shownFor } from './view.ts';

export interface ExplainInput {
  readonly device: string;
  /** Parameter names, compared without case; `*` stands for any text. All when empty. */
  readonly params?: readonly string[] | undefined;
  /** Which firmware image the device gets, instead of its parameters (FW-12). */
  readonly software?: boolean | undefined;
  /** Where it fetches the image from, instead of its parameters (FW-08). */
  readonly downloadPath?: boolean | undefined;
}

export interface ExplainedParameter extends OriginView {
  readonly param: string;
  /** What this value beat, nearest first. */
  readonly beaten: readonly OriginView[];
  /** The phone's own value, where that beats all of them (REST-07): as it last uploaded it. */
  readonly overridden?: PhoneOverride;
}

export interface PhoneOverride {
  readonly value: string;
  /** Such as `web`: what was set on its page or over REST. */
  readonly layer: string;
  readonly at: string;
}

/** Secrets are masked everywhere. Throws `not_found` for a device or a parameter that there is none of, `conflict`. */
export async function explainDevice(
  context: OperationContext,
  input: ExplainInput,
): Promise<readonly ExplainedParameter[]> {
  const source = await readingSource(context);
  const stored = await servedDevice(context, source, input.device);
  if (input.software || input.downloadPath) return await explainImage(context, input, stored);
  const { shown, driver } = await shownFor(context, source, stored);
  const own = await ownOverrides(context, stored, driver);
  const given = Array.from(shown.values(), (parameter) => {
    const overridden = own.get(parameter.name);
    return { ...explained(parameter), ...(overridden !== undefined && { overridden }) };
  });
  // What only the phone itself sets stands beside what it is given.
  const added = [...own].filter(([name]) => !shown.has(name)).map(([name, override]) => ofPhone(name, override));
  return choose([...given, ...added], input.params ?? [], driver.catalogue, input.device);
}

function ofPhone(param: string, { value, layer }: PhoneOverride): ExplainedParameter {
  return { param, value, layer: 'phone', source: `its own ${layer} settings`, beaten: [] };
}

/** By name. Secrets are masked. */
async function ownOverrides(
  context: OperationContext,
  stored: ServedDevice,
  driver: Driver,
): Promise<ReadonlyMap<string, PhoneOverride>> {
  const { parameters } = await uploadedOverrides(context, stored.id, driver);
  return new Map(
    parameters.map(({ name, value, layer, at }) => {
      const secret = driver.catalogue.find(name)?.secret === true;
      const shown = secret ? MASK : (value ?? '');
      return [name, { value: shown, layer: layer ?? '', at: new Date(at).toISOString() }];
    }),
  );
}

async function explainImage(
  context: OperationContext,
  input: ExplainInput,
  stored: ServedDevice,
): Promise<readonly ExplainedParameter[]> {
  const [record] = [...context.read.profiles.positions(context.scope, [stored.id])];
  const shared = await surroundings(context.read.profiles, { deviceIds: [stored.id] });
  const position = record && toPosition(record, shared);
  const profiles = await context.read.profiles.profiles();
  const assignments = await context.read.profiles.assignments();
  const sources: LayerSource[] = [];
  if (position !== undefined && input.software) {
    const images = new Map((await context.read.images.list()).map(({ id, name }) => [id, name]));
    sources.push(...profilesAs(profiles, assignments, position, (profile) => software(profile, images)));
  }
  if (input.downloadPath) {
    sources.push(...(await downloadSources(context, stored)));
    if (position !== undefined) sources.push(...profilesAs(profiles, assignments, position, applicationPath));
  }
  return [...resolve(sources).values()].map(explained);
}

/** The profile layers that reach a device, low to high, each with one fact that the profile holds: the same layers, priorities and manual pushes as for parameters. */
export function profilesAs(
  records: readonly ProfileRecord[],
  assignments: Stack['assignments'],
  position: Position,
  fact: (profile: ProfileRecord) => LayerSource['parameters'],
): readonly LayerSource[] {
  const profiles = new Map(
    records.map((record) => {
      const { id, name, vendor, type, version } = record;
      return [id, { id, name, vendor, type, version, parameters: fact(record) }];
    }),
  );
  return profileSources(indexStack({ profiles, assignments }), position);
}

/** FW-12. */
function software({ imageId }: ProfileRecord, images: ReadonlyMap<number, string>): LayerSource['parameters'] {
  return imageId === null ? [] : [{ name: 'software', value: images.get(imageId) ?? `image ${imageId} (missing)` }];
}

/** FW-07: a download server in a profile beats every path. */
function applicationPath({ parameters }: ProfileRecord): LayerSource['parameters'] {
  return parameters
    .filter(([name]) => name.toUpperCase() === 'APP_FILE_PATH')
    .flatMap(([, value]) => (typeof value === 'string' ? [{ name: 'downloadPath', value }] : []));
}

function explained({ name, value, layer, source, beaten }: EffectiveParameter): ExplainedParameter {
  return { param: name, value, layer, source, beaten };
}

function choose(
  all: readonly ExplainedParameter[],
  wanted: readonly string[],
  catalogue: Catalogue,
  device: string,
): readonly ExplainedParameter[] {
  if (wanted.length === 0) return all.toSorted((a, b) => (a.param < b.param ? -1 : 1));
  const chosen = wanted.flatMap((name) => {
    const fits = matcher(name);
    const found = all.filter(({ param }) => fits(param));
    if (found.length === 0) throw notGiven(name, all, catalogue, device);
    return found;
  });
  return [...new Set(chosen)];
}

function matcher(pattern: string): (name: string) => boolean {
  const parts = pattern.toLowerCase().split('*');
  if (parts.length === 1) return (name) => name.toLowerCase() === parts[0];
  const expression = new RegExp(`^${parts.map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&')).join('.*')}$`);
  return (name) => expression.test(name.toLowerCase());
}

function notGiven(
  name: string,
  all: readonly ExplainedParameter[],
  catalogue: Catalogue,
  device: string,
): PhonectlError {
  const entry = name.includes('*') ? undefined : catalogue.find(name);
  const near = nearest(
    name,
    all.map(({ param }) => param),
  );
  const suggested = near.length > 0 ? near : catalogue.suggest(name, 3);
  const known = entry?.default === undefined ? 'its own default' : `its own default, ${entry.default}`;
  return new PhonectlError('not_found', `${device} is given no ${entry?.name ?? name}.`, {
    hints:
      entry !== undefined
        ? [`No layer sets it, so the phone uses ${known}.`]
        : suggested.length > 0
          ? [`Did you mean ${suggested.join(' or ')}?`]
          : [`See everything that it is given: phonectl config explain ${device}`],
    details: { param: name, suggestions: suggested },
  });
}
