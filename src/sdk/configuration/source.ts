/** Rendering for people: the same configuration that `serve` gives out, from an operation's context. */
import { driverOf } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import type { NewCredential } from '../ports/credentials.ts';
import type { ServedDevice, ServingReader } from '../ports/serving.ts';
import { readFleetBase } from './base.ts';
import type { ConfigurationSource } from './configuration.ts';
import { neededPurposes, newCredential } from './credentials.ts';
import { configurationLayers } from './layers.ts';

/** Credentials that devices do not have yet are made and recorded. */
export async function configurationSource(context: OperationContext): Promise<ConfigurationSource> {
  return {
    ...(await readingSource(context)),
    addCredentials: (credentials) => addCredentials(context, credentials),
  };
}

/**
 * The same for who only compares: a device without credentials of its own is given none, so that what it should run is
 * like nothing that it was ever served.
 */
export async function readingSource(
  context: Pick<OperationContext, 'home' | 'secrets' | 'clock' | 'store'>,
): Promise<ConfigurationSource> {
  const { home, secrets, clock, store } = context;
  return {
    reader: await store.serving(),
    secrets,
    base: await readFleetBase((name) => store.read.settings.get(name), home, secrets),
    layers: configurationLayers(store.read, secrets),
    driverOf: (vendor) => driverOf(vendor, home),
    addCredentials: async () => undefined,
    now: clock.now,
  };
}

async function addCredentials(context: OperationContext, fresh: readonly NewCredential[]): Promise<void> {
  if (fresh.length === 0) return;
  const devices = new Set(fresh.map(({ deviceId }) => deviceId)).size;
  await context.write(async ({ credentials }) => {
    const made = await credentials.add(fresh);
    return [undefined, { object: `devices (${devices})`, result: 'done', details: { credentials: made } }];
  });
}

/** Makes what a batch of devices lacks in one transaction: one disk flush for all instead of one for each. */
export async function prepareCredentials(
  context: OperationContext,
  reader: ServingReader,
  devices: readonly ServedDevice[],
): Promise<void> {
  const fresh: NewCredential[] = [];
  for (const device of devices) {
    const have = new Set((await reader.credentials(device.id)).map(({ purpose }) => purpose));
    for (const purpose of neededPurposes(device.provisioning)) {
      if (!have.has(purpose)) fresh.push(newCredential(context.secrets, device, purpose, context.clock.now()));
    }
  }
  await addCredentials(context, fresh);
}
