/**
 * From a device to its files: layers → effective parameters → bytes. The one place where a device's secrets are opened
 * for its phone.
 */
import { type Effective, resolve } from '../../domain/effective.ts';
import type { BaseContext, Driver, Line, RenderDevice, RenderedFile, Vendor } from '../../vendors/driver.ts';
import { PhonectlError } from '../errors.ts';
import type { CredentialPurpose, NewCredential } from '../ports/credentials.ts';
import type { SecretBox } from '../ports/secrets.ts';
import type { SealedLine, ServedDevice, ServingReader } from '../ports/serving.ts';
import type { FleetBase } from './base.ts';
import { deviceKey, neededPurposes, newCredential, type OpenCredential, openCredential } from './credentials.ts';
import { collectSources, type LayerProvider } from './layers.ts';

export interface Configuration {
  readonly device: RenderDevice;
  readonly effective: Effective;
  /** Digest of the effective parameters: what the phone should run (*desired*). */
  readonly digest: string;
  readonly files: readonly RenderedFile[];
}

export interface ConfigurationSource {
  readonly reader: ServingReader;
  readonly secrets: SecretBox;
  readonly base: FleetBase;
  readonly layers: readonly LayerProvider[];
  readonly driverOf: (vendor: Vendor) => Promise<Driver>;
  /** Keeps credentials that a device did not have yet. */
  readonly addCredentials: (credentials: readonly NewCredential[]) => Promise<void>;
  readonly now: () => number;
}

/** What a device is given, before it becomes files. */
export interface Resolved extends Pick<Configuration, 'device' | 'effective' | 'digest'> {
  readonly driver: Driver;
}

/** Resolves a device's layers; with `document`, as if that were its CSV profile. Throws `conflict` when its vendor is not known. */
export async function resolveFor(
  source: ConfigurationSource,
  stored: ServedDevice,
  given: { readonly document?: string | null } = {},
): Promise<Resolved> {
  const { driver, device, base } = await prepare(source, stored);
  const document = given.document === undefined ? await source.reader.document(stored.id) : given.document;
  const subject = { stored, document, device, driver, base, secrets: source.secrets };
  const sources = await collectSources(source.layers, subject);
  const effective = resolve(sources);
  return { driver, device, effective, digest: digestOf(effective) };
}

/** Renders a device. Throws `conflict` when its vendor is not known, `invalid_input` for a value no file can carry. */
export async function configurationFor(source: ConfigurationSource, stored: ServedDevice): Promise<Configuration> {
  const { driver, device, effective, digest } = await resolveFor(source, stored);
  return { device, effective, digest, files: driver.render(device, effective) };
}

/** The files of an enrolment window: the way in, and nothing of an account. */
export async function enrolmentFor(
  source: ConfigurationSource,
  stored: ServedDevice,
): Promise<readonly RenderedFile[]> {
  const { driver, device, base } = await prepare(source, stored, []);
  return driver.enrolment(device, base);
}

async function prepare(
  source: ConfigurationSource,
  stored: ServedDevice,
  lines?: readonly SealedLine[],
): Promise<{ driver: Driver; device: RenderDevice; base: BaseContext }> {
  const vendor = stored.vendor as Vendor | null;
  if (vendor === null) {
    throw new PhonectlError('conflict', `The vendor of ${deviceKey(stored)} is not known yet.`, {
      hints: [`Set it with \`phonectl device edit ${deviceKey(stored)} --vendor VENDOR\`, or let the phone connect.`],
    });
  }
  const driver = await source.driverOf(vendor);
  const sealed = lines ?? (await source.reader.lines(stored.id));
  const device: RenderDevice = {
    ...(stored.mac !== null && { mac: stored.mac }),
    ...(stored.serial !== null && { serial: stored.serial }),
    vendor,
    ...(stored.model !== null && { model: stored.model }),
    ...(stored.firmware !== null && { firmware: stored.firmware }),
    name: stored.name,
    lines: sealed.map((line) => openLine(line, source.secrets)),
  };
  return { driver, device, base: baseContext(source.base, await ensureCredentials(source, stored)) };
}

type Credentials = ReadonlyMap<CredentialPurpose, OpenCredential>;

/** The device's secrets, opened; those that its site's mode needs are made when they are missing. */
export async function ensureCredentials(
  source: Pick<ConfigurationSource, 'reader' | 'secrets' | 'addCredentials' | 'now'>,
  stored: ServedDevice,
): Promise<Credentials> {
  const { reader, secrets } = source;
  let rows = await reader.credentials(stored.id);
  const missing = neededPurposes(stored.provisioning).filter((purpose) => rows.every((row) => row.purpose !== purpose));
  if (missing.length > 0) {
    await source.addCredentials(missing.map((purpose) => newCredential(secrets, stored, purpose, source.now())));
    // Read back: another process may have been faster, and then its secrets are the ones that count.
    rows = await reader.credentials(stored.id);
  }
  return new Map(rows.map((row) => [row.purpose, openCredential(secrets, stored, row)]));
}

function baseContext(base: FleetBase, credentials: Credentials): BaseContext {
  const own = credentials.get('provisioning');
  const admin = credentials.get('admin');
  return {
    serverUrl: base.serverUrl,
    pollWindow: base.pollWindow,
    ...(base.syslog !== undefined && { syslog: base.syslog }),
    controlAddresses: base.controlAddresses,
    eventUrl: `${base.serverUrl}e/${credentials.get('event')?.password ?? ''}`,
    ...(own !== undefined && { credential: own }),
    ...(admin !== undefined && { adminPassword: admin.password }),
    ...(base.caCertificate !== undefined && { caCertificate: base.caCertificate }),
    ...(base.timeServer !== undefined && { timeServer: base.timeServer }),
  };
}

function openLine(line: SealedLine, secrets: SecretBox): Line {
  const { type, nameKey, username, authName, password, displayName, label, server, port, transport } = line;
  return {
    line: line.line,
    type: type as Line['type'],
    username,
    authName,
    password: password === null ? '' : secrets.open(password, `account:${type}/${nameKey}:password`),
    displayName,
    label,
    server,
    ...(port !== null && { port }),
    ...(transport !== null && { transport: transport as NonNullable<Line['transport']> }),
    server2: line.server2,
    ...(line.port2 !== null && { port2: line.port2 }),
  };
}

/** Independent of the order in which layers name their parameters. */
export function digestOf(effective: Effective): string {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  const pairs = Array.from(effective.values(), ({ name, value }) => [name, value] as const);
  pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return hash.update(JSON.stringify(pairs)).digest('hex').slice(0, 32);
}
