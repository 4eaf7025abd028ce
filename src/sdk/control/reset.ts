/** What a reset takes from the server as well: the files in which phones keep what was set at them (DEV-49). */
import { rm } from 'node:fs/promises';
import { openWindows } from '../devices/announce.ts';
import type { ControlContent } from './kinds.ts';
import type { ControlContext, Phone } from './phone.ts';

/** Layers that a scope clears; everything that the phone keeps with us for `factory`. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  web: ['web'],
  local: ['local', 'phone'],
  device: [],
  all: ['web', 'local', 'phone'],
};

/** Kinds of uploads that are about the phone's own memory; logs stay, somebody may want to read why. */
const MEMORY = new Set(['override', 'contacts', 'calls']);

/** Scopes after which a phone knows neither where it provisions nor as whom, nor its admin password. */
export function forgetsLogin({ input }: ControlContent): boolean {
  return ['device', 'all', 'factory'].includes(String(input?.['scope']));
}

/**
 * Deletes the phone's own files of the scope, and lets a phone come back that forgot who it is: a reset that was ordered
 * here reopens its enrolment window by itself (design.md section 6). Right after the phone took the order: it fetches
 * its files when it comes back, and would have again what it just forgot.
 */
export async function forgetLayers(
  context: ControlContext,
  { device, driver }: Phone,
  content: ControlContent,
): Promise<void> {
  const { store, home, clock } = context;
  const scope = String(content.input?.['scope']);
  const layers = LAYERS[scope];
  const endings = driver.overrides.flatMap(({ layer, upload }) => (layers?.includes(layer) === true ? [upload] : []));
  const uploads = (await store.read.uploads.list(device.id)).filter(({ name, kind }) =>
    layers === undefined ? MEMORY.has(kind) : endings.some((ending) => name.endsWith(ending)),
  );
  const reopens = forgetsLogin(content);
  if (uploads.length === 0 && !reopens) return;
  await store.transaction(async (repositories) => {
    if (reopens) await openWindows(repositories, [device.id], clock.now());
    for (const { name } of uploads) await repositories.uploads.delete(device.id, name);
  });
  for (const { path } of uploads) await rm(home.file('uploads', path), { force: true });
}
