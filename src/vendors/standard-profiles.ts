/** The standard profiles that the package ships (PROF-03): YAML under `templates/profiles`, read when they have changed. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { assetPath } from '../sdk/assets.ts';
import type { Vendor } from './driver.ts';

export interface StandardProfile {
  readonly vendor: Vendor;
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Changes with the shipped files; costs a few `stat` calls. */
export function standardProfilesSignature(): string {
  const folder = assetPath('templates', 'profiles');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${Math.round(mtimeMs)}`;
    })
    .join('\n');
}

let loaded: { readonly signature: string; readonly profiles: readonly StandardProfile[] } | undefined;

/** Read once, until a file changes. */
export async function loadStandardProfiles(): Promise<readonly StandardProfile[]> {
  const signature = standardProfilesSignature();
  if (loaded?.signature !== signature) {
    const { compileProfiles } = await import('./compile.ts');
    loaded = { signature, profiles: compileProfiles(assetPath('templates')) };
  }
  return loaded.profiles;
}
