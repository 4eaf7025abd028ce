/** What a Poly phone asks for and in which order (poly.md C.2..C.4). */
import type { FileSpec, RenderDevice } from '../driver.ts';
import { deviceKey } from '../support.ts';

/** The master file, asked for first. */
export function masterName(device: RenderDevice): string {
  return `${deviceKey(device)}.cfg`;
}

/** The one parameter file that the master names. */
export function parametersName(device: RenderDevice): string {
  return `${deviceKey(device)}-phonectl.cfg`;
}

export function files(device: RenderDevice): readonly FileSpec[] {
  const key = deviceKey(device);
  return [
    { name: `${key}-boot.log`, kind: 'upload' },
    { name: masterName(device), kind: 'config' },
    { name: 'sip.ld', kind: 'firmware' },
    { name: parametersName(device), kind: 'config' },
    { name: `${key}-phone.cfg`, kind: 'upload' },
    { name: `${key}-web.cfg`, kind: 'upload' },
    { name: '000000000000-license.cfg', kind: 'static' },
    { name: `${key}-license.cfg`, kind: 'static' },
    { name: `${key}-calls.xml`, kind: 'upload' },
    { name: `${key}-directory.xml`, kind: 'upload' },
    { name: '000000000000-directory.xml', kind: 'static' },
    { name: `${key}-app.log`, kind: 'upload' },
  ];
}

/** COREFILE_DIRECTORY of the master file. */
export const CRASH_FOLDER = 'core';

export function isCrashFile(name: string): boolean {
  return /^core\/[a-z0-9][\w.-]{0,120}$/.test(name);
}
