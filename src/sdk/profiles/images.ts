/** Firmware images as profiles see them: by the software profiles that are made for them (FW-11). */

import type { Target } from '../../domain/stack.ts';
import { nameKey } from '../../domain/text.ts';
import { loadModels } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { misfit } from '../firmware/infer.ts';
import { notFound } from '../missing.ts';
import type { ProfileRecord } from '../ports/profiles.ts';

export interface KnownImage {
  readonly imageId: number;
  readonly vendor: string;
  /** Name of the image's software profile. */
  readonly name: string;
}

export function imagesOf(profiles: Iterable<ProfileRecord>): readonly KnownImage[] {
  return [...profiles].flatMap(({ type, imageId, vendor, name }) =>
    type === 'software' && imageId !== null ? [{ imageId, vendor, name }] : [],
  );
}

/** The image of that name. Throws `not_found` with the nearest names (FW-13). */
export async function requireImage({ read }: Pick<OperationContext, 'read'>, name: string): Promise<KnownImage> {
  const images = imagesOf(await read.profiles.profiles());
  const found = images.find((image) => nameKey(image.name) === nameKey(name));
  if (found !== undefined) return found;
  throw notFound(
    'software image',
    name,
    images.map((image) => image.name),
  );
}

/**
 * The image that a profile chooses, as it may be chosen: one for Group Series codecs only where there is such a codec
 * (FW-17). Throws `not_found`, `conflict`.
 */
export async function requireSoftware(
  context: Pick<OperationContext, 'read' | 'home'>,
  name: string,
): Promise<KnownImage> {
  const image = await requireImage(context, name);
  const record = await context.read.images.find(String(image.imageId));
  if (record?.family !== 'group-series') return image;
  const counts = await context.read.models.deviceCounts('all');
  const models = (await loadModels(context.home)).list().filter(({ kind }) => kind === 'codec');
  if (models.some((model) => (counts.get(`${model.vendor} ${model.name}`) ?? 0) > 0)) return image;
  throw new PhonectlError('conflict', `"${name}" is for Group Series codecs, and the fleet has none (FW-17).`, {
    hints: ['Add the codec first: phonectl device add MAC --model MODEL'],
  });
}

/**
 * What a profile brings must suit what it is assigned to by name (FW-04), and a Group Series image needs its licence
 * (FW-18). Groups, sites and all phones are mixed: there the phones that it does not suit are left out, and lint says so.
 * Throws `conflict`.
 */
export async function requireFit(
  { read, home }: Pick<OperationContext, 'read' | 'home'>,
  { name, imageId }: Pick<ProfileRecord, 'name' | 'imageId'>,
  target: Target,
): Promise<void> {
  const image = imageId === null ? undefined : await read.images.find(String(imageId));
  if (image === undefined) return;
  if (image.family === 'group-series' && image.license === null) {
    throw new PhonectlError(
      'conflict',
      `"${image.name}" has no licence file, without which no codec takes it (FW-18).`,
      {
        hints: [`Add it: phonectl firmware license add "${image.name}" FILE`],
      },
    );
  }
  const [device] = target.layer === 'device' ? [...read.profiles.positions('all', [target.id])] : [];
  const asked = target.layer === 'model' ? target.model : device?.model;
  const model = asked == null ? undefined : (await loadModels(home)).find(asked);
  const reason = model === undefined ? undefined : misfit(image, model);
  if (reason === undefined) return;
  const whom = target.layer === 'model' ? model?.name : device?.name || device?.mac || device?.serial;
  throw new PhonectlError('conflict', `"${name}" does not suit ${whom}: ${reason} (FW-04).`, {
    hints: ['Choose an image that suits: phonectl firmware list'],
  });
}
