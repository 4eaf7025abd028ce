/** What the lab needs of a fleet: the phones to play, and where to reach them afterwards. About this machine only. */
import * as v from 'valibot';
import { type DeviceSelector, isEmptySelector } from '../../domain/selector.ts';
import { selectorSchema } from '../devices/fields.ts';
import { resolveDevices } from '../devices/references.ts';
import { openEnrolment } from '../enrolment/windows.ts';
import { PhonectlError } from '../errors.ts';
import { addressesFor } from '../lab/addresses.ts';
import { operation } from '../operation.ts';
import { readSharedAccount } from '../settings/shared-account.ts';

/** A phone of the inventory that the lab can play. */
export interface LabPlayer {
  readonly id: number;
  readonly mac: string;
  readonly vendor: 'poly' | 'yealink' | 'cisco';
  readonly model: string;
  readonly name: string;
  /** Loopback address of its own. */
  readonly address: string;
}

export interface Enlisted {
  readonly players: readonly LabPlayer[];
  /** Devices that were selected but cannot be played, with the reason. */
  readonly left: readonly { readonly device: string; readonly reason: string }[];
  /** What the phones are told by DHCP: where to provision, and with which account. */
  readonly server: string;
  readonly credential: { readonly username: string; readonly password: string };
}

/** Long enough for a lab that somebody plays with, in milliseconds. */
const DAY = 86_400_000;

const mac = v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/, 'not 12 hexadecimal digits'));

export const lab = {
  enlist: operation({
    summary: 'Picks the devices that simulated phones will play, and says how they provision.',
    permission: 'lab:run',
    effect: 'write',
    local: true,
    input: v.strictObject({ selector: selectorSchema }),
    async run(context, { selector }): Promise<Enlisted> {
      const account = await readSharedAccount(context.read.settings, context.secrets);
      if (account === undefined) {
        throw new PhonectlError('conflict', 'There is no provisioning account that phones could be told (PROV-05).', {
          hints: ['Set one with `phonectl settings provisioning account`.'],
        });
      }
      const server = (await context.read.settings.get<string>('provisioning.url')) ?? '';
      const { players, left } = await pick(context, selector as DeviceSelector);
      // A phone of the lab begins as one from the factory: whatever its device enrolled before is forgotten.
      await openEnrolment(context, { selector: selector as DeviceSelector, window: DAY, from: ['127.0.0.0/8'] });
      return { players, left, server, credential: account };
    },
  }),

  place: operation({
    summary: 'Notes where simulated phones are reached.',
    permission: 'lab:run',
    effect: 'write',
    local: true,
    input: v.strictObject({
      places: v.array(
        v.strictObject({ id: v.number(), mac, address: v.pipe(v.string(), v.ipv4()), controlUrl: v.string() }),
      ),
    }),
    async run(context, { places }): Promise<{ placed: number }> {
      return context.write(async ({ devices }) => {
        const now = context.clock.now();
        for (const { id, address, controlUrl } of places) {
          await devices.update(id, { privateIp: address, controlUrl }, now);
        }
        return [{ placed: places.length }, { object: `devices (${places.length})`, result: 'done' }];
      });
    },
  }),
};

async function pick(
  context: Parameters<typeof resolveDevices>[0],
  selector: DeviceSelector,
): Promise<Pick<Enlisted, 'players' | 'left'>> {
  if (isEmptySelector(selector)) throw new PhonectlError('usage', 'No device is selected.', { hints: ['Try --all.'] });
  const players: Omit<LabPlayer, 'address'>[] = [];
  const left: { device: string; reason: string }[] = [];
  const wished: (string | null)[] = [];
  for await (const device of resolveDevices(context, selector)) {
    const reason = unplayable(device);
    const label = device.name || device.mac || device.serial || String(device.id);
    if (reason !== undefined) {
      left.push({ device: label, reason });
      continue;
    }
    const { id, mac, vendor, model, name } = device;
    players.push({ id, mac: mac!, vendor: vendor!, model: model!, name });
    wished.push(device.privateIp);
  }
  const addresses = addressesFor(wished);
  return { players: players.map((player, index) => ({ ...player, address: addresses[index]! })), left };
}

function unplayable(device: {
  readonly mac: string | null;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly kind: string;
}): string | undefined {
  if (device.kind !== 'sip') return `the lab plays no ${device.kind} devices`;
  if (device.mac === null) return 'it has no MAC address';
  if (device.vendor === null || device.model === null) return 'its vendor or model is not known';
  return undefined;
}
