/** Names that phones ask for, and whose they are. */
import { parseMac } from '../domain/mac.ts';
import type { ServedDevice } from '../sdk/ports/serving.ts';
import type { Driver } from '../vendors/driver.ts';

/** The MAC that a path names by the convention of some vendor. */
export function macOf(drivers: readonly Driver[], path: string): string | undefined {
  for (const driver of drivers) {
    const mac = driver.macInPath(path);
    if (mac !== undefined) return mac;
  }
  return undefined;
}

/** Twelve hex digits that stand alone, with or without separators: a MAC wherever it is in a name. */
const MAC = /(?<![0-9a-z])(?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2}(?![0-9a-z])/gi;

/**
 * Whether a path names a device that is not this one. Every MAC in it counts, whatever the vendor's convention: a folder
 * of files that an administrator lays under ours may hold other phones' files (security.md S-14).
 */
export function namesAnother(drivers: readonly Driver[], path: string, device: ServedDevice): boolean {
  const named = [macOf(drivers, path), ...Array.from(path.matchAll(MAC), ([text]) => parseMac(text))];
  return named.some((mac) => mac !== undefined && mac !== device.mac);
}

/**
 * Finds the file that a phone means: the name itself, its last part (phones put folders of their own in front, such as
 * `Cisco/CP-8841-3PCC/`), or the file that stands for a name all phones of the vendor ask for.
 */
export function fileFor<T>(
  driver: Driver | undefined,
  device: ServedDevice,
  name: string,
  find: (name: string) => T | undefined,
): T | undefined {
  const wanted = name.toLowerCase();
  const last = wanted.slice(wanted.lastIndexOf('/') + 1);
  const found = find(wanted) ?? find(last);
  if (found !== undefined || driver === undefined) return found;
  const alias = aliasOf(driver, device, last);
  return alias === undefined ? undefined : find(alias);
}

/** PROV-09, PROV-10 and cisco.md section 2: entry points that name no device. */
function aliasOf({ vendor }: Driver, { mac, serial }: ServedDevice, name: string): string | undefined {
  const key = mac ?? serial?.toLowerCase();
  if (key === undefined) return undefined;
  if (vendor === 'yealink' && name === 'dm.cfg') return `${key}.cfg`;
  if (vendor === 'poly' && name === '000000000000.cfg') return `${key}.cfg`;
  if (vendor === 'cisco' && /^(?:cp-)?[a-z0-9]{3,8}(?:-3pcc)?\.(?:xml|cfg)$/.test(name)) return `${key}.xml`;
  return undefined;
}
