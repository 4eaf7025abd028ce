/** Files for a provisioning server that phones obey now, so that it sends them here (DEPLOY-02, DEPLOY-03). */
import { authorityCertificate } from '../certificates/authority.ts';
import { readIdentities } from '../certificates/identity.ts';
import { PROVISIONING_URL } from '../configuration/base.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { readSharedAccount } from '../settings/shared-account.ts';

export interface HandoverFile {
  readonly name: string;
  readonly text: string;
}

export interface Handover {
  readonly vendor: 'poly' | 'yealink' | 'cisco';
  readonly url: string;
  /** Files as the vendor's phones read them; they hold no login. */
  readonly files: readonly HandoverFile[];
  /** What to do with them, one line each. */
  readonly steps: readonly string[];
}

const STEPS = {
  poly: [
    'Name the parameter file first in CONFIG_FILES of the master files of the old server, or put its lines into one of theirs.',
    'Phones restart and come here; those that have no window yet: phonectl device enrol SELECTOR --window 72h',
  ],
  yealink: [
    'Put the lines at the end of the common file (y0000000000NN.cfg) of the old server; the last value counts.',
    'Phones come here at their next provisioning; those that have no window yet: phonectl device enrol SELECTOR --window 72h',
  ],
  cisco: [
    'Put the elements into the profile that the old server gives; Profile_Rule leads the phone here at its next resync.',
    'A factory Cisco phone shows no login: open its window first: phonectl device enrol SELECTOR --window 72h',
  ],
} as const;

/** The vendor's secret-free file that installs our authority and points at our URL. */
export async function handover(
  context: OperationContext,
  { vendor }: { readonly vendor: Handover['vendor'] },
): Promise<Handover> {
  const { driverOf } = await import('../../vendors/registry.ts');
  const url = await provisioningUrl(context);
  const timeServer = await context.read.settings.get<string>('provisioning.timeServer');
  const caCertificate = ownAuthority(context);
  const driver = await driverOf(vendor, context.home);
  const files = driver.bootstrap({
    serverUrl: url,
    ...(caCertificate !== undefined && { caCertificate }),
    ...(timeServer !== undefined && { timeServer }),
  });
  const texts = files.map(({ name, body }) => ({ name, text: Buffer.from(body).toString('utf8') }));
  // The same content stands under several names, for phones of several models; people need it once.
  const once = texts.filter(({ text }, index) => texts.findIndex((other) => other.text === text) === index);
  return { vendor, url, files: once, steps: STEPS[vendor] };
}

export interface CommonCfg {
  readonly url: string;
  readonly text: string;
  /** True when the password stands in it. */
  readonly exact: boolean;
}

export interface CommonCfgInput {
  /** Instead of the fleet's provisioning URL. */
  readonly platform?: string | undefined;
  readonly firmware?: string | undefined;
  /** Also the provisioning account with its password: needs `home:reveal` and is recorded. */
  readonly credentials?: boolean | undefined;
}

/** DEPLOY-03: the four keys of a Yealink common file. Throws `invalid_input` for what such a line cannot carry. */
export async function commonCfg(context: OperationContext, input: CommonCfgInput): Promise<CommonCfg> {
  const base = input.platform ?? (await provisioningUrl(context));
  const url = `${base.replace(/\/+$/, '')}/dm.cfg`;
  const lines = [
    ...(input.firmware === undefined ? [] : [line('static.firmware.url', input.firmware)]),
    line('static.auto_provision.server.url', url),
  ];
  if (input.credentials === true) {
    context.require('home:reveal');
    const account = await readSharedAccount(context.read.settings, context.secrets);
    if (account === undefined) throw noAccount();
    await context.write(async () => [undefined, { object: 'provisioning account', result: 'done' }]);
    lines.push(line('static.auto_provision.server.username', account.username));
    lines.push(line('static.auto_provision.server.password', account.password));
  }
  return { url, text: `${['#!version:1.0.0.1', ...lines].join('\n')}\n`, exact: input.credentials === true };
}

function line(name: string, value: string): string {
  if (!/[\u0000-\u001f\u007f]/.test(value)) return `${name} = ${value}`;
  throw new PhonectlError('invalid_input', `The value of ${name} holds a control character.`);
}

function noAccount(): PhonectlError {
  return new PhonectlError('conflict', 'There is no provisioning account (PROV-05).', {
    hints: ['Set one: phonectl settings provisioning account --rotate'],
  });
}

/** Our authority's certificate, where the server shows one that it signed. */
export function ownAuthority({ home, secrets }: OperationContext): string | undefined {
  return authorityCertificate(home) === undefined ? undefined : readIdentities(home, secrets).caCertificate;
}

/** With a slash at the end. Throws `conflict` where none is set. */
export async function provisioningUrl({ read }: OperationContext): Promise<string> {
  const url = await read.settings.get<string>(PROVISIONING_URL);
  if (url !== undefined) return url.endsWith('/') ? url : `${url}/`;
  throw new PhonectlError('conflict', 'This home has no provisioning URL.', {
    hints: ['Set it: phonectl settings provisioning edit --url https://…/'],
  });
}
