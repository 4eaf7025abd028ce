/** The secrets of devices, for people: shown on demand, replaced on demand. */
import type { DeviceSelector } from '../../domain/selector.ts';
import { newCredential, openCredential } from '../configuration/credentials.ts';
import { MASK } from '../configuration/mask.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevice, resolveDevices } from '../devices/references.ts';
import type { CredentialPurpose, NewCredential } from '../ports/credentials.ts';

export interface ShownCredential {
  readonly device: string;
  readonly purpose: CredentialPurpose;
  readonly username: string;
  readonly password: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly firstUsedAt: string | null;
  readonly lastUsedAt: string | null;
  /** Until when the one before is good too. */
  readonly previousUntil: string | null;
}

/** The device's secrets; masked unless `reveal`, which needs `device:reveal` and is recorded. */
export async function showCredentials(
  context: OperationContext,
  input: { readonly device: string; readonly reveal?: boolean | undefined },
): Promise<readonly ShownCredential[]> {
  const device = await resolveDevice(context, input.device);
  const key = device.mac ?? device.serial ?? String(device.id);
  const rows = await context.read.credentials.list(device.id);
  if (input.reveal === true) {
    context.require('device:reveal');
    await context.write(async () => [undefined, { object: `device:${key}`, result: 'done' }]);
  }
  return rows.map((row) => ({
    device: key,
    purpose: row.purpose,
    username: row.username,
    password: input.reveal === true ? openCredential(context.secrets, device, row).password : MASK,
    createdAt: new Date(row.createdAt).toISOString(),
    firstUsedAt: row.firstUsedAt === null ? null : new Date(row.firstUsedAt).toISOString(),
    lastUsedAt: row.lastUsedAt === null ? null : new Date(row.lastUsedAt).toISOString(),
    previousUntil: row.previousUntil === null ? null : new Date(row.previousUntil).toISOString(),
  }));
}

export interface RotateInput {
  readonly selector: DeviceSelector;
  readonly purposes: readonly CredentialPurpose[];
  /** Milliseconds for which the old secret stays good, so that the phone can fetch the new one with it. */
  readonly grace: number;
  readonly dryRun?: boolean | undefined;
}

export interface Rotated {
  readonly devices: number;
  readonly secrets: number;
  readonly purposes: readonly CredentialPurpose[];
  /** ISO 8601. */
  readonly previousUntil: string;
}

/** So many devices are written in one transaction; other processes get their turn in between. */
const BATCH = 500;

/** Replaces secrets that exist; a device that has none yet gets its first ones when it comes. */
export async function rotateCredentials(context: OperationContext, input: RotateInput): Promise<Rotated> {
  const now = context.clock.now();
  const until = now + input.grace;
  const devices = [];
  for await (const device of resolveDevices(context, input.selector)) devices.push(device);
  let secrets = 0;
  for (let start = 0; start < devices.length; start += BATCH) {
    const batch = devices.slice(start, start + BATCH);
    const fresh: NewCredential[] = [];
    for (const device of batch) {
      const rows = await context.read.credentials.list(device.id);
      for (const { purpose } of rows.filter((row) => input.purposes.includes(row.purpose))) {
        fresh.push(newCredential(context.secrets, device, purpose, now));
      }
    }
    secrets += fresh.length;
    if (input.dryRun === true) continue;
    await context.write(async ({ credentials }) => {
      for (const credential of fresh) await credentials.rotate(credential, until);
      const details = { purposes: input.purposes, secrets: fresh.length };
      return [undefined, { object: `devices (${batch.length})`, result: 'done', details }];
    });
  }
  const previousUntil = new Date(until).toISOString();
  return { devices: devices.length, secrets, purposes: input.purposes, previousUntil };
}
