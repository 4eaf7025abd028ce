/** From what people call a firmware to the images of the fleet. */
import { nearest } from '../../domain/text.ts';
import { sameRelease } from '../../domain/version.ts';
import { PhonectlError } from '../errors.ts';
import type { ImageRecord } from '../ports/files.ts';
import type { Home } from '../ports/home.ts';
import type { Repositories } from '../ports/store.ts';
import type { FirmwareInput, Stock } from './choice.ts';
import { loadPaths } from './paths.ts';

interface Source {
  readonly read: Pick<Repositories, 'images'>;
  readonly home: Home;
}

/** An image by its name or number, else all images of a release. Throws `not_found` with what is near. */
export async function findTargets({ read }: Pick<Source, 'read'>, reference: string): Promise<readonly ImageRecord[]> {
  const named = await read.images.find(reference);
  const images = await read.images.list();
  const found = named === undefined ? images.filter(({ release }) => sameRelease(reference, release)) : [named];
  const special = found.find(({ family }) => family !== 'phone');
  if (special !== undefined) {
    throw new PhonectlError(
      'conflict',
      `"${special.name}" is ${special.family} software; it is given out by profiles.`,
      {
        hints: [`Assign its profile: phonectl profile assign "${special.name}" --group GROUP`],
      },
    );
  }
  if (found.length > 0) return found;
  const near = nearest(
    reference,
    images.flatMap(({ name, release }) => [name, release]),
  );
  throw new PhonectlError('not_found', `There is no firmware "${reference}", by name or by version.`, {
    hints: near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : ['List them with `phonectl firmware list`.'],
  });
}

/** What the phones of a task are chosen for. An image that was deleted since leaves its phones without one. */
export async function loadStock({ read, home }: Source, input: FirmwareInput): Promise<Stock> {
  const [images, paths] = await Promise.all([read.images.list(), loadPaths(home)]);
  const wanted = new Set(input.images);
  return {
    targets: images.filter(({ id }) => wanted.has(id)),
    images: images.filter(({ family }) => family === 'phone'),
    paths,
    downgrade: input.downgrade === true,
  };
}
