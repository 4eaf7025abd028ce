/** What a firmware file says of itself by its name: vendor, release, models (FW-01, FW-04). Pure. */
import type { Model, ModelCatalogue } from '../../domain/models.ts';
import { comparable, compareVersions, parseVersion } from '../../domain/version.ts';
import type { ImageRecord } from '../ports/files.ts';

export interface Inferred {
  readonly vendor?: 'poly' | 'yealink' | 'cisco';
  readonly release?: string;
  readonly models: readonly string[];
}

/**
 * Poly: `3111-48840-001.sip.ld` names one model's part, `sip.ld` none. Yealink: `T54W-96.86.0.75.rom`, whose first number
 * belongs to the hardware. Cisco: `sip88xx.12-0-7MPP0201-66.loads`.
 */
export function inferImage(fileName: string, catalogue: ModelCatalogue): Inferred {
  const poly = /^(?:(\d{4}-\d{5}-\d{3})\.)?(?:sip|bootrom|updater)\.ld$/i.exec(fileName);
  if (poly !== null) {
    const model = poly[1] === undefined ? undefined : catalogue.byPart(poly[1]);
    return { vendor: 'poly', models: model === undefined ? [] : [model.name] };
  }
  const yealink = /(?:^|[^0-9])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,4})(?:\(.*\))?\.rom$/i.exec(fileName);
  if (yealink !== null) {
    const release = yealink[1] ?? '';
    const prefix = Number(release.split('.', 1)[0]);
    const models = catalogue.list({ vendor: 'yealink' }).filter(({ prefixes }) => prefixes.includes(prefix));
    return { vendor: 'yealink', release, models: models.map(({ name }) => name) };
  }
  const cisco = /^sip(\d{2})xx\.(\d{1,2}-\d{1,2}-\d{1,2}[\w-]*)\.(?:loads|zip)$/i.exec(fileName);
  if (cisco !== null) {
    const [, series = '', release = ''] = cisco;
    const models = catalogue.list({ vendor: 'cisco' }).filter(({ name }) => name.startsWith(series));
    return {
      vendor: 'cisco',
      release: release.replace(/^(\d+)-(\d+)-(\d+)/, '$1.$2.$3'),
      models: models.map(({ name }) => name),
    };
  }
  return { models: [] };
}

/** Family in the model files whose devices fetch their firmware in a way of their own (FW-15). */
export const CX = 'CX';

/** Why this image is nothing for a phone of this model; `undefined` when it fits (FW-04). */
export function misfit(
  image: Pick<ImageRecord, 'vendor' | 'family' | 'models' | 'name'>,
  model: Model,
): string | undefined {
  if (image.vendor !== model.vendor) return `${image.name} is for ${image.vendor} phones`;
  // FW-15, FW-16.
  if (image.family === 'cx' && model.family !== CX) return `${image.name} is for CX5100 and CX5500`;
  if (image.family === 'group-series' && model.kind !== 'codec') return `${image.name} is for Group Series codecs`;
  if (image.family === 'phone' && (model.family === CX || model.kind === 'codec')) {
    return `${image.name} is for phones, not for the ${model.name}`;
  }
  if (image.models.length > 0 && !image.models.includes(model.name))
    return `${image.name} is not for the ${model.name}`;
  return undefined;
}

/** True when the image's release is newer than what the phone runs; `undefined` when the two cannot be compared. */
export function isNewer(release: string, running: string, vendor: string): boolean | undefined {
  const [offered, has] = [parseVersion(release), parseVersion(running)];
  if (offered === undefined || has === undefined) return undefined;
  // Yealink counts its releases behind the hardware's number.
  if (vendor === 'yealink' && !comparable(offered, has)) return undefined;
  return compareVersions(offered, has) > 0;
}
