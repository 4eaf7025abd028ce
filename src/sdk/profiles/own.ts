/**
 * What a device's own layers say of the parameters that a plan touches: the base below the profiles, the accounts, the
 * CSV profile, a diagnosis and the MAC file above them. Most plans touch none of these, so everything here is computed
 * when it is asked for.
 */
import type { LayerSource, Origin } from '../../domain/effective.ts';
import type { Cause } from '../../domain/plan.ts';
import type { BaseContext, Driver, Line, RenderDevice } from '../../vendors/driver.ts';
import { allDrivers } from '../../vendors/registry.ts';
import { readFleetBase } from '../configuration/base.ts';
import type { OperationContext } from '../context.ts';
import { DIAGNOSIS } from '../diagnosis/layer.ts';
import type { Diagnosis } from '../ports/diagnoses.ts';
import type { AccountLine, PositionRecord } from '../ports/profiles.ts';
import { closed, MASK } from './parameters.ts';
import { givenSource } from './references.ts';

export interface OwnOrigins {
  /** The device's own values of a parameter, low to high. */
  of(record: PositionRecord): (name: string) => readonly Origin[];
  /** What a new value makes the phone do; a restart when nobody knows. */
  causes(vendor: string, name: string): Cause;
}

type Context = Pick<OperationContext, 'read' | 'scope' | 'home' | 'secrets'>;

/** `names` are the parameters that the plan may touch. */
export async function ownOrigins(context: Context, names: ReadonlySet<string>): Promise<OwnOrigins> {
  const drivers = new Map((await allDrivers(context.home)).map((driver) => [driver.vendor as string, driver]));
  const base = await readFleetBase((name) => context.read.settings.get(name), context.home, context.secrets);
  const baseContext: BaseContext = {
    serverUrl: base.serverUrl,
    pollWindow: base.pollWindow,
    controlAddresses: base.controlAddresses,
    // Words that every vendor's file can carry: a Cisco profile rule takes no asterisks.
    credential: { username: 'masked', password: 'masked' },
    adminPassword: MASK,
    eventUrl: `${base.serverUrl}e/masked`,
    ...optional(base),
  };
  // Names that the lines of a vendor can make at all; devices are looked at only for these.
  const lined = new Set([...drivers.values()].flatMap((driver) => touchedByLines(driver, names)));
  const lines = lined.size === 0 ? undefined : linesOfFleet(context);
  const based = new BaseNames(baseContext);
  // Few devices have files of their own; asking for each of 50,000 would take longer than all the rest.
  const filed = context.read.profiles.devicesWithFiles();
  const diagnosed = new Map(context.read.diagnoses.all().map((diagnosis) => [diagnosis.deviceId, diagnosis]));

  return {
    of(record) {
      const driver = record.vendor === null ? undefined : drivers.get(record.vendor);
      if (driver === undefined) return nothing;
      const { id, document } = record;
      const [hasMacFile, isGiven] = [filed.macFiles.has(id), filed.given.has(id)];
      const base = based.of(driver, record);
      const its = lines?.get(id);
      const diagnosis = diagnosed.get(id);
      const isPlain = !hasMacFile && !isGiven && document === null && diagnosis === undefined;
      if (isPlain && its === undefined && isDisjoint(names, base)) return nothing;
      let made: readonly LayerSource[] | undefined;
      const makes = (name: string): boolean => base.has(name) || (its !== undefined && lined.has(name));
      return (name) => {
        if (makes(name)) {
          made ??= [
            driver.base(renderDevice(record, []), baseContext),
            ...(its === undefined ? [] : driver.lines(renderDevice(record, its))),
          ];
        }
        return [
          ...(makes(name) && made !== undefined ? originsIn(made, name) : []),
          ...(isGiven ? inGiven(context, record, name) : []),
          ...inDocument(record, name),
          ...inDiagnosis(diagnosis, name),
          ...(hasMacFile ? inMacFile(context, record, name) : []),
        ];
      };
    },
    causes: (vendor, name) => drivers.get(vendor)?.catalogue.find(name)?.causes ?? 'restart',
  };
}

function nothing(): readonly Origin[] {
  return [];
}

function isDisjoint(names: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const name of names) if (others.has(name)) return false;
  return true;
}

/** Which parameters the base has is the same for all phones of a model and firmware; only their values differ. */
class BaseNames {
  readonly #context: BaseContext;
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(context: BaseContext) {
    this.#context = context;
  }

  of(driver: Driver, record: PositionRecord): ReadonlySet<string> {
    const { model, firmware, mac, serial } = record;
    const key = `${driver.vendor}/${model}/${firmware}/${mac === null}/${serial === null}`;
    let names = this.#known.get(key);
    if (names === undefined) {
      names = new Set(driver.base(renderDevice(record, []), this.#context).parameters.map(({ name }) => name));
      this.#known.set(key, names);
    }
    return names;
  }
}

function optional(base: { caCertificate: string | undefined; timeServer: string | undefined }): Partial<BaseContext> {
  return {
    ...(base.caCertificate !== undefined && { caCertificate: base.caCertificate }),
    ...(base.timeServer !== undefined && { timeServer: base.timeServer }),
  };
}

/** A line with every field filled, so that a driver names every parameter that it can make of one. */
function sampleLine(line: number): Line {
  return {
    line,
    type: 'sip',
    username: 'u',
    authName: 'a',
    password: MASK,
    displayName: 'd',
    label: 'l',
    server: 's.example',
    port: 5061,
    transport: 'tls',
    server2: 't.example',
    port2: 5062,
  };
}

function touchedByLines(driver: Driver, names: ReadonlySet<string>): readonly string[] {
  const lines = Array.from({ length: 4 }, (_, index) => sampleLine(index + 1));
  const patterns = new Set(
    driver
      .lines({ vendor: driver.vendor, name: 'x', lines })
      .flatMap(({ parameters }) => parameters.map(({ name }) => pattern(name))),
  );
  return [...names].filter((name) => patterns.has(pattern(name)));
}

/** Indexed families are one: `reg.12.address` and `reg.1.address` are the same pattern. */
function pattern(name: string): string {
  return name.replace(/\d+/g, 'N');
}

function linesOfFleet(context: Context): ReadonlyMap<number, readonly AccountLine[]> {
  const byDevice = new Map<number, AccountLine[]>();
  for (const line of context.read.profiles.accountLines(context.scope)) {
    const lines = byDevice.get(line.deviceId);
    if (lines === undefined) byDevice.set(line.deviceId, [line]);
    else lines.push(line);
  }
  return byDevice;
}

function renderDevice(record: PositionRecord, lines: readonly AccountLine[]): RenderDevice {
  return {
    vendor: record.vendor as RenderDevice['vendor'],
    ...(record.mac !== null && { mac: record.mac }),
    ...(record.serial !== null && { serial: record.serial }),
    ...(record.model !== null && { model: record.model }),
    ...(record.firmware !== null && { firmware: record.firmware }),
    name: record.name,
    lines: lines.map(toLine),
  };
}

function toLine({ deviceId: _, type, hasPassword, port, transport, port2, ...rest }: AccountLine): Line {
  return {
    ...rest,
    type: type as Line['type'],
    password: hasPassword ? MASK : '',
    ...(port !== null && { port }),
    ...(transport !== null && { transport: transport as NonNullable<Line['transport']> }),
    ...(port2 !== null && { port2 }),
  };
}

function originsIn(sources: readonly LayerSource[], name: string): readonly Origin[] {
  return sources.flatMap(({ layer, source, parameters }) =>
    parameters
      .filter((parameter) => parameter.name === name)
      .map(({ value, secret }) => ({ value: secret ? MASK : value, layer, source })),
  );
}

function inDocument(record: PositionRecord, name: string): readonly Origin[] {
  if (record.document === null) return [];
  const document = JSON.parse(record.document) as Record<string, { value: string } | { sealed: string }>;
  const entry = Object.hasOwn(document, name) ? document[name] : undefined;
  if (entry === undefined) return [];
  return [{ value: 'value' in entry ? entry.value : MASK, layer: 'csv', source: 'csv profile' }];
}

function inGiven({ read }: Context, { id }: PositionRecord, name: string): readonly Origin[] {
  return read.profiles
    .givenFiles(id)
    .flatMap(({ slot, taskId, parameters }) =>
      parameters
        .filter(([param]) => param === name)
        .map(([, value]): Origin => ({ value, layer: 'device', source: givenSource(slot, taskId) })),
    );
}

function inDiagnosis(diagnosis: Diagnosis | undefined, name: string): readonly Origin[] {
  if (diagnosis === undefined) return [];
  return originsIn([{ layer: 'diagnosis', source: DIAGNOSIS, parameters: closed(diagnosis.parameters) }], name);
}

function inMacFile({ read }: Context, { id }: PositionRecord, name: string): readonly Origin[] {
  const file = read.profiles.macFile(id);
  if (file === undefined) return [];
  return originsIn([{ layer: 'mac', source: file.source, parameters: closed(file.parameters) }], name);
}
