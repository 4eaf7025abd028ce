/** Opening the way in: enrolment windows of announced devices, and letting in phones from the quarantine. */
import { parseMac } from '../../domain/mac.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import { normaliseCidr } from '../../domain/site.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevices } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import type { QuarantinedDevice } from '../ports/enrolments.ts';

export interface OpenedWindow {
  readonly device: string;
  readonly name: string;
  readonly site: string;
  /** ISO 8601. */
  readonly closesAt: string;
  /** Where the phone may come from; empty: private networks, since neither flag nor site names any. */
  readonly networks: readonly string[];
}

export interface OpenInput {
  readonly selector: DeviceSelector;
  /** Milliseconds. */
  readonly window: number;
  readonly from?: readonly string[] | undefined;
  readonly dryRun?: boolean | undefined;
}

const MOST = 30 * 86_400_000;

/** Opens a window for each selected device, or opens it again. Throws `invalid_input`, `not_found`, `conflict`. */
export async function openEnrolment(context: OperationContext, input: OpenInput): Promise<readonly OpenedWindow[]> {
  if (input.window > MOST) {
    throw new PhonectlError('invalid_input', 'An enrolment window is open for 30 days at the most.', {
      hints: ['Open it again when it has closed: a window that stays open is a way in.'],
    });
  }
  const from = input.from?.map(readNetwork);
  const devices = [];
  for await (const device of resolveDevices(context, input.selector)) {
    if (device.state === 'active') devices.push(device);
  }
  const networks = from === undefined ? await context.read.enrolments.siteNetworks(devices.map(({ id }) => id)) : null;
  const now = context.clock.now();
  const closesAt = now + input.window;
  const opened = devices.map((device) => ({
    id: device.id,
    networks: from ?? networks?.get(device.id) ?? [],
    shown: {
      device: device.mac ?? device.serial ?? String(device.id),
      name: device.name,
      site: device.site,
      closesAt: new Date(closesAt).toISOString(),
    },
  }));
  if (input.dryRun !== true) {
    const windows = opened.map(({ id, networks: where }) => ({
      deviceId: id,
      openedAt: now,
      closesAt,
      networks: where,
    }));
    await context.write(async ({ enrolments }) => {
      await enrolments.open(windows);
      return [undefined, { object: `devices (${windows.length})`, result: 'done', details: { closesAt, from } }];
    });
  }
  return opened.map(({ shown, networks: where }) => ({ ...shown, networks: where }));
}

function readNetwork(text: string): string {
  const cidr = normaliseCidr(text)?.cidr ?? normaliseCidr(text.includes(':') ? `${text}/128` : `${text}/32`)?.cidr;
  if (cidr === undefined) {
    throw new PhonectlError('invalid_input', `'${text}' is no network.`, {
      hints: ['Write it as 10.20.0.0/16, or a single address as 10.20.0.7.'],
    });
  }
  return cidr;
}

export interface ApprovedDevice {
  readonly device: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly address: string;
  readonly id: number | null;
}

export interface ApproveInput {
  readonly macs: readonly string[];
  /** Milliseconds. */
  readonly window: number;
  readonly dryRun?: boolean | undefined;
}

/** Lets phones in from the quarantine, all or none, each with a window for the address that it was seen from. */
export async function approve(context: OperationContext, input: ApproveInput): Promise<readonly ApprovedDevice[]> {
  const found: QuarantinedDevice[] = [];
  for (const text of input.macs) found.push(await quarantined(context, text));
  if (input.dryRun === true) return found.map((one) => shown(one, null));
  const now = context.clock.now();
  return await context.write(async (repositories) => {
    const approved: ApprovedDevice[] = [];
    for (const one of found) {
      const { mac, vendor, model, firmware, address } = one;
      const id = await repositories.enrolments.admit({ mac, vendor, model, firmware, address, at: now });
      const networks = await repositories.enrolments.siteNetworks([id]);
      await repositories.enrolments.open([
        {
          deviceId: id,
          openedAt: now,
          closesAt: now + input.window,
          networks: [...(networks.get(id) ?? []), readNetwork(address)],
        },
      ]);
      approved.push(shown(one, id));
    }
    return [approved, { object: `devices (${approved.length})`, result: 'done', details: { macs: found.map(macOf) } }];
  });
}

function macOf({ mac }: QuarantinedDevice): string {
  return mac;
}

function shown({ mac, vendor, model, address }: QuarantinedDevice, id: number | null): ApprovedDevice {
  return { device: mac, vendor, model, address, id };
}

async function quarantined({ read, scope }: OperationContext, text: string): Promise<QuarantinedDevice> {
  const mac = parseMac(text);
  if (mac === undefined) throw new PhonectlError('invalid_input', `'${text}' is not a MAC address.`);
  // A phone that nobody announced has no site: only those who see all sites see it.
  if (scope === 'all') for await (const found of read.enrolments.quarantined({ mac })) return found;
  throw new PhonectlError('not_found', `${mac} is not in the quarantine.`, {
    hints: ['List what is there with `phonectl device quarantine`.', 'Announce a phone with `phonectl device add`.'],
    details: { mac },
  });
}
