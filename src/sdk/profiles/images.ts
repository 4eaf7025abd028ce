/** Firmware images as profiles see them: by the software profiles that are made for them (FW-11). */
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
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
