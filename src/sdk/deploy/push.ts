/**
 * `deploy push`: one phone that nobody manages yet is led here at its own address, with its own admin login (DEPLOY-06,
 * DEPLOY-07). What it answers proves nothing: it is here when it has come to fetch.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptResult, BootstrapContext, ControlTarget, DeviceStatus, Vendor } from '../../vendors/driver.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import type { OperationContext } from '../context.ts';
import { phoneTransport } from '../control/transport.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import { readSharedAccount } from '../settings/shared-account.ts';
import { ownAuthority, provisioningUrl } from './handover.ts';
import { byHand } from './plan.ts';

export interface DeployPush {
  /** IP address of the phone, or `https://ADDRESS:PORT` of its web page. */
  readonly address: string;
  /** By default that of the device at this address. */
  readonly vendor?: Vendor | undefined;
  /** Admin user of the phone; by default the vendor's. */
  readonly username?: string | undefined;
  readonly password: string;
  /** `http://ADDRESS/` of `serve --bootstrap-http`, where the phone fetches our authority. */
  readonly bootstrap?: string | undefined;
  /** Milliseconds that it is waited for; 0 for not at all. */
  readonly wait?: number | undefined;
  /** Sends the password as Basic over plain HTTP, where the phone knows nothing better. */
  readonly plainBasic?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface DeployPushed {
  readonly address: string;
  readonly vendor: Vendor;
  /** What the phone says of itself; null where it cannot be asked. */
  readonly mac: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  /** Where it is sent. */
  readonly url: string;
  /** `came`: it has fetched from here since · `told`: it took the order · `not-applicable`: to be done by hand. */
  readonly result: 'came' | 'told' | 'not-applicable' | 'dry-run';
  readonly via: string | null;
  /** ISO 8601: when it came. */
  readonly cameAt: string | null;
  readonly reason: string | null;
  /** What is left to do, one line each. */
  readonly next: readonly string[];
}

/** Throws `usage` for a phone of unknown vendor, `unreachable`, and `conflict` when the phone refuses. */
export async function deployPush(context: OperationContext, input: DeployPush): Promise<DeployPushed> {
  const url = await provisioningUrl(context);
  const known = await deviceAt(context, input.address);
  const vendor = input.vendor ?? (known?.vendor as Vendor | null | undefined) ?? (known?.facts.vendor as Vendor | null);
  if (!vendor) throw unknownVendor(input.address);
  const { driverOf } = await import('../../vendors/registry.ts');
  const account = await readSharedAccount(context.read.settings, context.secrets);
  const { actions, adminUser } = await driverOf(vendor, context.home);
  const target: ControlTarget = {
    vendor,
    name: '',
    lines: [],
    controlUrl: input.address.includes('://') ? input.address : `https://${bracketed(input.address)}`,
    admin: { username: input.username ?? adminUser, password: input.password },
  };
  const transport = await phoneTransport(context, input);
  // Where nothing can be done from here, nothing is asked: the steps by hand are the answer.
  const byOrder = actions.adopt.transports.length > 0;
  const status = byOrder ? await identity(actions.status, target, transport, context.signal) : {};
  const mac = status.mac ?? known?.mac ?? null;
  const device = mac === null ? known : await deviceOf(context, mac);
  const phone = { ...target, ...(mac !== null && { mac }), ...(status.model !== undefined && { model: status.model }) };
  const answer = {
    address: input.address,
    vendor,
    mac,
    model: status.model ?? null,
    firmware: status.firmware ?? null,
    url,
    via: null,
    cameAt: null,
    reason: null,
    next: device === undefined ? announce(mac) : [],
  };
  // Recorded before it happens: the phone may be somebody else's.
  if (input.dryRun !== true) {
    const object = mac === null ? `phone at ${input.address}` : `device:${mac}`;
    await context.write(async () => [
      undefined,
      { object, result: 'done', details: { address: input.address, vendor } },
    ]);
  }
  const reason = actions.adopt.notApplicable(phone);
  if (reason !== undefined) {
    const { steps } = byHand({ vendor, url, account: account?.username ?? null });
    return { ...answer, result: 'not-applicable', reason, next: [...answer.next, ...steps] };
  }
  if (input.dryRun === true) return { ...answer, result: 'dry-run' };
  const since = context.clock.now();
  const result = await actions.adopt.run(
    phone,
    { ...(await bootstrapContext(context, url, input)), ...(account && { account }) },
    transport,
    {
      signal: context.signal,
    },
  );
  if (result.outcome !== 'accepted') throw refused(input.address, result);
  const cameAt = device === undefined ? undefined : await comes(context, device.id, since, input.wait ?? 0);
  return {
    ...answer,
    via: result.via,
    ...(cameAt === undefined
      ? { result: 'told', next: [...answer.next, ...look(mac)] }
      : { result: 'came', cameAt: new Date(cameAt).toISOString() }),
  };
}

async function bootstrapContext(
  context: OperationContext,
  serverUrl: string,
  { bootstrap }: DeployPush,
): Promise<BootstrapContext> {
  const timeServer = await context.read.settings.get<string>('provisioning.timeServer');
  const caCertificate = ownAuthority(context);
  return {
    serverUrl,
    ...(bootstrap !== undefined && { bootstrapUrl: bootstrap.endsWith('/') ? bootstrap : `${bootstrap}/` }),
    ...(caCertificate !== undefined && { caCertificate }),
    ...(timeServer !== undefined && { timeServer }),
  };
}

/** What the phone says of itself. A wrong password is found here, before anything is changed. */
async function identity(
  status: { read(target: ControlTarget, transport: DeviceTransport, signal: AbortSignal): Promise<DeviceStatus> },
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<DeviceStatus> {
  try {
    return await status.read(target, transport, signal);
  } catch (error) {
    if (!isPhonectlError(error) || signal.aborted) throw error;
    if (error.code === 'unreachable' || error.code === 'timeout') throw error;
    if (error.details['login'] === 'refused') throw wrongLogin(target, error);
    // It answers, and tells nothing of itself.
    return {};
  }
}

async function deviceAt(context: OperationContext, address: string): Promise<DeviceRecord | undefined> {
  const host = address.includes('://') ? new URL(address).hostname.replace(/^\[|\]$/g, '') : address;
  const matches = await context.read.devices.match(host, context.scope);
  return matches.length === 1 ? (await context.read.devices.byIds([matches[0]!.id], context.scope))[0] : undefined;
}

async function deviceOf(context: OperationContext, mac: string): Promise<DeviceRecord | undefined> {
  const found = (await context.read.devices.match(mac, context.scope)).find((match) => match.mac === mac);
  return found && (await context.read.devices.byIds([found.id], context.scope))[0];
}

/** Milliseconds between two looks at what the server has seen of it. */
const LOOK = 500;

/** When it fetched after `since`; `undefined` when it did not in time. */
async function comes(
  { read, scope, signal }: OperationContext,
  deviceId: number,
  since: number,
  wait: number,
): Promise<number | undefined> {
  const end = performance.now() + wait;
  for (;;) {
    const servedAt = (await read.devices.byIds([deviceId], scope))[0]?.facts.servedAt ?? 0;
    if (servedAt > since) return servedAt;
    if (performance.now() >= end) return undefined;
    await sleep(LOOK, undefined, { signal });
  }
}

function announce(mac: string | null): readonly string[] {
  const name = mac ?? 'MAC';
  return [
    `Nobody announced it, so it will be listed as quarantined: phonectl device add --mac ${name} --model MODEL, or phonectl device approve ${name}`,
  ];
}

function look(mac: string | null): readonly string[] {
  return [
    `See whether it came: phonectl device show ${mac ?? 'MAC'}; if not: phonectl deploy plan --mac ${mac ?? 'MAC'}`,
  ];
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function unknownVendor(address: string): PhonectlError {
  return new PhonectlError('usage', `No device is known at ${address}, so its vendor has to be said.`, {
    hints: ['Give --vendor poly, yealink or cisco.'],
  });
}

const FACTORY = {
  poly: ['A Poly phone takes nothing over REST while REST is off or its password is 456 from the factory.'],
  yealink: [],
  cisco: ['A Cisco phone from the factory has no admin password: give an empty file.'],
} as const;

function wrongLogin({ vendor, controlUrl = '' }: ControlTarget, cause: unknown): PhonectlError {
  return new PhonectlError('conflict', `The phone at ${controlUrl} does not accept this admin login.`, {
    hints: [...FACTORY[vendor], 'See other ways: phonectl deploy plan --mac MAC'],
    cause,
  });
}

function refused(address: string, result: Exclude<AttemptResult, { outcome: 'accepted' }>): PhonectlError {
  const hints = 'hint' in result && result.hint !== undefined ? [result.hint] : [];
  const code = result.outcome === 'unreachable' ? 'unreachable' : 'conflict';
  return new PhonectlError(code, `The phone at ${address} was not led here: ${result.reason}.`, { hints });
}
