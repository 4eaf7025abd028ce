/** How phones find the server, as operations: snippets for DHCP, and the ways for one phone. */
import {
  array,
  boolean,
  check,
  exactOptional,
  integer,
  maxValue,
  minLength,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  strictObject,
  string,
  trim,
} from 'valibot';
import { parseMac } from '../../domain/mac.ts';
import { checkFirmware } from '../../domain/models.ts';
import { excerpt } from '../../domain/text.ts';
import { authorityCertificate } from '../certificates/authority.ts';
import { readIdentities } from '../certificates/identity.ts';
import { PROVISIONING_URL } from '../configuration/base.ts';
import type { OperationContext } from '../context.ts';
import { DHCP_FORMATS, DHCP_VENDORS, type DhcpFormat, type DhcpVendor, dhcpSnippet } from '../deploy/dhcp.ts';
import { commonCfg, handover } from '../deploy/handover.ts';
import { deployPlan, type PlanStep } from '../deploy/plan.ts';
import { deployPush } from '../deploy/push.ts';
import { isControlUrl } from '../devices/fields.ts';
import { PhonectlError } from '../errors.ts';
import { dryRunField } from '../fields.ts';
import { operation } from '../operation.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import { SHARED_ACCOUNT, type StoredSharedAccount } from '../settings/shared-account.ts';

export interface DhcpSnippet {
  readonly format: DhcpFormat;
  readonly vendors: readonly DhcpVendor[];
  readonly url: string;
  readonly text: string;
}

export interface DeployPlan {
  readonly mac: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly url: string;
  /** ISO 8601; null when it never came. */
  readonly seenAt: string | null;
  readonly steps: readonly PlanStep[];
}

export const deploy = {
  dhcp: operation({
    summary: 'Makes a snippet for a DHCP server that leads phones to this server. It holds no login.',
    permission: 'deploy:read',
    effect: 'read',
    input: strictObject({
      format: picklist(DHCP_FORMATS),
      vendors: exactOptional(pipe(array(picklist(DHCP_VENDORS)), minLength(1))),
      /** IPv4 addresses of time servers; default the fleet's, if it is an address. */
      timeServers: exactOptional(array(string())),
      /** Instead of the fleet's provisioning URL, such as that of the bootstrap listener. */
      url: exactOptional(string()),
    }),
    async run(context: OperationContext, input): Promise<DhcpSnippet> {
      const { loadModels } = await import('../../vendors/registry.ts');
      const models = await loadModels(context.home);
      const vendors = input.vendors ?? [...DHCP_VENDORS];
      const url = input.url ?? (await fleetUrl(context));
      const ouis = {
        poly: models.ouisOf('poly'),
        yealink: models.ouisOf('yealink'),
        cisco: models.ouisOf('cisco'),
      };
      const timeServers = input.timeServers ?? (await fleetTimeServers(context));
      const text = dhcpSnippet(input.format, { url, vendors, ouis, timeServers });
      return { format: input.format, vendors, url, text };
    },
  }),

  handover: operation({
    summary: 'Makes the files by which the server that phones obey now sends them here. They hold no login.',
    permission: 'deploy:read',
    effect: 'read',
    input: strictObject({ vendor: picklist(DHCP_VENDORS) }),
    run: handover,
  }),

  commonCfg: operation({
    summary: 'Makes a common file for Yealink phones that sends them here.',
    permission: 'deploy:read',
    effect: 'read',
    reveals: ({ credentials }) => credentials === true,
    input: strictObject({
      platform: optional(string()),
      firmware: optional(string()),
      credentials: optional(boolean()),
    }),
    run: commonCfg,
  }),

  push: operation({
    summary: 'Leads one phone here at its own address, with its admin login.',
    permission: 'deploy:push',
    effect: 'disruptive',
    input: strictObject({
      address: pipe(string(), trim(), check(isAddress, 'is neither an IP address nor the URL of a phone')),
      vendor: optional(picklist(['poly', 'yealink', 'cisco'])),
      username: optional(string()),
      password: string(),
      bootstrap: optional(pipe(string(), check(isHttp, 'is no http:// or https:// URL'))),
      wait: optional(pipe(number(), integer(), minValue(0), maxValue(3_600_000))),
      plainBasic: optional(boolean()),
      ...dryRunField,
    }),
    run: deployPush,
  }),

  plan: operation({
    summary: 'Lists the ways to bring one phone to this server, in order.',
    permission: 'deploy:read',
    effect: 'read',
    input: strictObject({ mac: string() }),
    async run(context: OperationContext, { mac: text }): Promise<DeployPlan> {
      const mac = parseMac(text);
      if (mac === undefined) {
        throw new PhonectlError('invalid_input', `"${excerpt(text)}" is not a MAC address.`, {
          hints: ['It stands on the back of the phone: 0004f2abcdef, in any spelling.'],
        });
      }
      return planFor(context, mac);
    },
  }),
};

async function planFor(context: OperationContext, mac: string): Promise<DeployPlan> {
  const { loadModels } = await import('../../vendors/registry.ts');
  const models = await loadModels(context.home);
  const device = await deviceOf(context, mac);
  const url = await fleetUrl(context);
  const vendor = device?.vendor ?? (device?.facts.vendor as DhcpVendor | null | undefined) ?? models.vendorOfMac(mac);
  const enrolment = device && (await (await context.store.serving()).enrolment(device.id));
  const credentials = device === undefined ? [] : await context.read.credentials.list(device.id);
  const account = await context.read.settings.get<StoredSharedAccount>(SHARED_ACCOUNT);
  const now = context.clock.now();
  const open = enrolment !== undefined && enrolment.completedAt === null && enrolment.closesAt > now;
  const seenAt = device?.facts.seenAt ?? null;
  const model = device?.model ?? device?.facts.model ?? null;
  const steps = deployPlan({
    mac,
    url,
    vendor,
    model,
    announced: device !== undefined,
    windowUntil: open ? new Date(enrolment.closesAt).toISOString() : null,
    seenAt: seenAt === null ? null : new Date(seenAt).toISOString(),
    enrolled: credentials.some(({ purpose, firstUsedAt }) => purpose === 'provisioning' && firstUsedAt !== null),
    ownAuthority: usesOwnAuthority(context),
    firmwareProblem: firmwareProblem(models, device),
    account: account?.username ?? null,
  });
  return {
    mac,
    vendor: vendor ?? null,
    model,
    url,
    seenAt: seenAt === null ? null : new Date(seenAt).toISOString(),
    steps,
  };
}

async function deviceOf(context: OperationContext, mac: string): Promise<DeviceRecord | undefined> {
  const matches = await context.read.devices.match(mac, context.scope);
  const found = matches.find((match) => match.mac === mac);
  if (found === undefined) return undefined;
  return (await context.read.devices.byIds([found.id], context.scope))[0];
}

type Models = Awaited<ReturnType<typeof import('../../vendors/registry.ts')['loadModels']>>;

/** DEPLOY-14: whether the firmware that it last showed is one that can be managed. */
export function firmwareProblem(models: Models, device: DeviceRecord | undefined): string | null {
  const { firmware } = device?.facts ?? { firmware: null };
  const model = models.find(device?.model ?? device?.facts.model ?? '');
  if (firmware === null || model === undefined) return null;
  const check = checkFirmware(model, firmware);
  return check.status === 'unsupported' ? `Its firmware ${firmware} is ${check.reason}.` : null;
}

function usesOwnAuthority(context: OperationContext): boolean {
  if (authorityCertificate(context.home) === undefined) return false;
  return readIdentities(context.home, context.secrets).source === 'own';
}

async function fleetUrl({ read }: OperationContext): Promise<string> {
  const url = await read.settings.get<string>(PROVISIONING_URL);
  if (url !== undefined) return url.endsWith('/') ? url : `${url}/`;
  throw new PhonectlError('conflict', 'This home has no provisioning URL.', {
    hints: ['Set it with `phonectl settings provisioning edit --url https://…/`.'],
  });
}

async function fleetTimeServers({ read }: OperationContext): Promise<readonly string[]> {
  const server = await read.settings.get<string>('provisioning.timeServer');
  return server !== undefined && process.getBuiltinModule('node:net').isIPv4(server) ? [server] : [];
}

function isAddress(text: string): boolean {
  return process.getBuiltinModule('node:net').isIP(text) !== 0 || isControlUrl(text);
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
