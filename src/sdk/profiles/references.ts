/**
 * What stands in a profile for the address of a file: `@resource:NAME` in a parameter (RES-10), and the firmware image
 * that a profile chooses, which becomes the parameter by which the vendor's phones are told their firmware (FW-06, FW-12).
 */
import type { LayerSource, Parameter } from '../../domain/effective.ts';
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { notFound } from '../missing.ts';
import { type ImageFamily, imagePath } from '../ports/files.ts';
import type { GivenParameters, ProfileRecord, ServedFiles } from '../ports/profiles.ts';

export const RESOURCE = '@resource:';
export const IMAGE = '@image:';

/** The parameter by which each vendor's phones are told their firmware. */
export const FIRMWARE: Readonly<Record<string, string>> = {
  poly: 'APP_FILE_PATH',
  yealink: 'static.firmware.url',
  cisco: 'Upgrade_Rule',
};

/** The parameters of a profile with its choice of firmware among them; its own word for it counts more (FW-07). */
export function withFirmware(
  { vendor, imageId }: Pick<ProfileRecord, 'vendor' | 'imageId'>,
  parameters: readonly Parameter[],
): readonly Parameter[] {
  const name = FIRMWARE[vendor];
  if (imageId === null || name === undefined || parameters.some((parameter) => parameter.name === name)) {
    return parameters;
  }
  return [...parameters, { name, value: `${IMAGE}${imageId}` }];
}

/** An image, as far as its address depends on it. */
interface KnownFile {
  readonly path: string;
  readonly family: ImageFamily;
  /** Keys of names; empty for all. */
  readonly models: readonly string[];
}

/** Where files are found, below some URL. */
export interface Addresses {
  /** By the resource's name, compared without case. */
  readonly resources: ReadonlyMap<string, string>;
  readonly images: ReadonlyMap<number, KnownFile>;
}

export function addressesOf({ resources, images }: ServedFiles): Addresses {
  const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
  return {
    resources: new Map(resources.map(({ name, servedAs }) => [nameKey(name), encodeURIComponent(servedAs)])),
    images: new Map(
      images.map((image) => [
        image.id,
        { path: encoded(imagePath(image)), family: image.family, models: image.models.map(nameKey) },
      ]),
    ),
  };
}

/** Whose file it will be. */
export interface AddressedTo {
  readonly vendor: string;
  readonly model: string | null;
  /** With a slash at the end. */
  readonly serverUrl: string;
  /** Where this phone fetches firmware from when that is elsewhere (FW-08). */
  readonly downloadUrl: string | undefined;
  /** What an address of firmware on our server becomes; the address itself where this is missing. */
  readonly firmwareRule?: (url: string) => Parameter;
}

/**
 * The sources with addresses in the place of references. What leads nowhere is left out: a resource that is gone, an
 * image that is gone or not for the model. The phone then has what a lower layer says instead of a text that is no
 * address; `profile lint` tells.
 */
export function withAddresses(
  sources: readonly LayerSource[],
  addresses: Addresses,
  phone: AddressedTo,
): readonly LayerSource[] {
  const firmware = FIRMWARE[phone.vendor];
  // FW-07: with a path of one's own, the choices of firmware are ignored, whatever their layer.
  const own = sources.some(({ parameters }) =>
    parameters.some(({ name, value }) => name === firmware && !value.startsWith(IMAGE)),
  );
  return sources.map((source) => {
    if (!source.parameters.some(isReference)) return source;
    const parameters = source.parameters.flatMap((parameter) => {
      if (!isReference(parameter)) return [parameter];
      if (own && parameter.value.startsWith(IMAGE)) return [];
      const image = imageFor(parameter.value, addresses, phone);
      if (image?.family === 'cx') return cxUpdate(`${phone.downloadUrl ?? phone.serverUrl}${folderOf(image.path)}`);
      const value = addressOf(parameter.value, addresses, phone);
      if (value === undefined) return [];
      const ours = parameter.value.startsWith(IMAGE) && value.startsWith(phone.serverUrl);
      return [{ ...parameter, value, ...(ours && phone.firmwareRule?.(value)) }];
    });
    return { ...source, parameters };
  });
}

/** What tasks gave to the phone alone: above every profile, and a profile's own path leaves it as it is. */
export function givenSources(
  given: readonly GivenParameters[],
  addresses: Addresses,
  phone: AddressedTo,
): readonly LayerSource[] {
  return given.flatMap(({ slot, taskId, parameters }) => {
    const source: LayerSource = {
      layer: 'device',
      source: givenSource(slot, taskId),
      parameters: parameters.map(([name, value]) => ({ name, value })),
    };
    return withAddresses([source], addresses, phone);
  });
}

/** For people. What a fleet folder brought along was given by a task of another fleet, which has no number here. */
export function givenSource(slot: string, taskId: number): string {
  return taskId === 0 ? `${slot} given elsewhere` : `${slot} of task ${taskId}`;
}

function isReference({ value }: Parameter): boolean {
  return value.startsWith(RESOURCE) || value.startsWith(IMAGE);
}

/** The image that a reference means, when it is one for this phone. */
function imageFor(value: string, { images }: Pick<Addresses, 'images'>, phone: AddressedTo): KnownFile | undefined {
  if (!value.startsWith(IMAGE)) return undefined;
  const image = images.get(Number(value.slice(IMAGE.length)));
  // FW-16: no phone runs what a codec runs; its Trio is told of it by parameters that nobody has documented.
  if (image === undefined || image.family === 'group-series') return undefined;
  if (image.models.length === 0 || phone.model === null) return image.family === 'cx' ? undefined : image;
  return image.models.includes(nameKey(phone.model)) ? image : undefined;
}

/** FW-15: CX5100 and CX5500 look once a week, on Sunday at one o'clock, in a folder; each value beside its switch. */
function cxUpdate(folder: string): readonly Parameter[] {
  const values = { updateTime: '3600', updateInterval: '604800', autoUpdateEnabled: '1', updateServer: folder };
  return Object.entries(values).flatMap(([name, value]) => [
    { name: `device.local.${name}`, value },
    { name: `device.local.${name}.set`, value: '1' },
  ]);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function addressOf(value: string, { resources, images }: Addresses, phone: AddressedTo): string | undefined {
  if (value.startsWith(RESOURCE)) {
    const path = resources.get(nameKey(value.slice(RESOURCE.length)));
    return path === undefined ? undefined : `${phone.serverUrl}${path}`;
  }
  const image = imageFor(value, { images }, phone);
  if (image === undefined) return undefined;
  if (phone.vendor !== 'poly') return `${phone.downloadUrl ?? phone.serverUrl}${image.path}`;
  // Poly phones put their part number before the last segment themselves (poly.md C.3), and take paths below the server.
  return `${phone.downloadUrl ?? ''}${image.path.replace(/\d{4}-\d{5}-\d{3}\.(?=[^/]+$)/, '')}`;
}

/** References to resources that there are none of. */
export async function missingResources(
  { read }: Pick<OperationContext, 'read'>,
  parameters: readonly Parameter[],
): Promise<readonly Parameter[]> {
  const references = parameters.filter(({ value }) => value.startsWith(RESOURCE));
  if (references.length === 0) return [];
  const names = new Set((await read.resources.list()).map(({ name }) => nameKey(name)));
  return references.filter(({ value }) => !names.has(nameKey(value.slice(RESOURCE.length))));
}

/** Throws `not_found` with the nearest names. */
export async function requireResources(
  context: Pick<OperationContext, 'read'>,
  parameters: readonly Parameter[],
): Promise<void> {
  const [missing] = await missingResources(context, parameters);
  if (missing === undefined) return;
  const names = (await context.read.resources.list()).map(({ name }) => name);
  throw notFound('resource', missing.value.slice(RESOURCE.length), names);
}
