/** What is set for a diagnosis, and what the log settings of phones come to (DIAG-08). */
import { effectiveLevel, type LogSettings, type Severity } from '../../domain/diagnosis.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import { resolveFor } from '../configuration/configuration.ts';
import { readingSource } from '../configuration/source.ts';
import type { OperationContext } from '../context.ts';
import { deviceLabel } from '../control/phone.ts';
import { resolveDevices } from '../devices/references.ts';
import { isPhonectlError } from '../errors.ts';
import { MASK } from '../profiles/parameters.ts';

export interface OpenDiagnosis {
  readonly device: string;
  readonly name: string;
  /** What is set for it, without secrets. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly author: string;
  /** ISO 8601. */
  readonly changedAt: string;
}

/** Devices with settings that `diag end` takes away. */
export async function* listDiagnoses(context: OperationContext): AsyncGenerator<OpenDiagnosis> {
  const open = context.read.diagnoses.all();
  const devices = await context.read.devices.byIds(
    open.map(({ deviceId }) => deviceId),
    context.scope,
  );
  const byId = new Map(devices.map((device) => [device.id, device]));
  for (const { deviceId, parameters, author, changedAt } of open) {
    const device = byId.get(deviceId);
    if (device === undefined) continue;
    yield {
      device: deviceLabel(device, device.id),
      name: device.name,
      parameters: Object.fromEntries(
        parameters.map(([name, value]) => [name, typeof value === 'string' ? value : MASK] as const),
      ),
      author,
      changedAt: new Date(changedAt).toISOString(),
    };
  }
}

export interface ModuleLevel {
  readonly module: string;
  readonly level: Severity;
  /** DIAG-08: what comes out of it at the phone, and by syslog; null where that is off. */
  readonly local: Severity | null;
  readonly syslog: Severity | null;
}

export interface LogSettingsReport extends Omit<LogSettings, 'modules'> {
  readonly device: string;
  readonly name: string;
  readonly vendor: string;
  readonly modules: readonly ModuleLevel[];
  /** True while settings of a diagnosis are among them. */
  readonly diagnosis: boolean;
}

export interface NoLogSettings {
  readonly device: string;
  readonly name: string;
  readonly reason: string;
}

/** What the phones should run; what they do run says `config status`. */
export async function* logSettings(
  context: OperationContext,
  { selector }: { readonly selector: DeviceSelector },
): AsyncGenerator<LogSettingsReport | NoLogSettings> {
  const source = await readingSource(context);
  for await (const device of resolveDevices(context, selector)) {
    const base = { device: deviceLabel(device, device.id), name: device.name };
    const stored = await source.reader.deviceById(device.id);
    if (stored === undefined) continue;
    try {
      const { driver, device: phone, effective } = await resolveFor(source, stored);
      const { modules, ...settings } = driver.logSettings(phone, effective);
      yield {
        ...base,
        vendor: driver.vendor,
        ...settings,
        modules: Object.entries(modules).map(([module, level]) => moduleLevel(module, level, settings)),
        diagnosis: context.read.diagnoses.find(device.id) !== undefined,
      };
    } catch (error) {
      if (!isPhonectlError(error) || error.code === 'wrong_key') throw error;
      yield { ...base, reason: error.message };
    }
  }
}

function moduleLevel(module: string, level: Severity, { local, syslog }: Omit<LogSettings, 'modules'>): ModuleLevel {
  const through = (sink: Severity | null | undefined): Severity => (sink ? effectiveLevel(level, sink) : level);
  return {
    module,
    level,
    local: local?.on === true ? through(local.level) : null,
    syslog: syslog === null ? null : through(syslog.level),
  };
}
