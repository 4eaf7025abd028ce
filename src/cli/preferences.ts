/**
 * What a user always wants: defaults for the PHONECTL_* variables, kept in `preferences.json` in the configuration
 * folder. Flags win over variables, variables over preferences. conf writes the file; reading it, which every command
 * does, needs no conf.
 */
import { PhonectlError } from '../sdk/errors.ts';
import { COLOUR_MODES, OUTPUT_FORMATS } from './flags.ts';
import { didYouMean } from './suggest.ts';

type Env = Record<string, string | undefined>;

interface Preference {
  readonly variable: string;
  readonly summary: string;
  readonly values: readonly string[];
}

/** Every preference. Nothing that would change how many rows a script gets. */
export const PREFERENCES: Readonly<Record<string, Preference>> = {
  output: { variable: 'PHONECTL_OUTPUT', summary: 'Form of the answer.', values: OUTPUT_FORMATS },
  color: { variable: 'PHONECTL_COLOR', summary: 'Colours.', values: COLOUR_MODES },
  plain: { variable: 'PHONECTL_PLAIN', summary: 'ASCII without colours and spinners.', values: ['0', '1'] },
};

export interface PreferenceEntry {
  readonly name: string;
  readonly value: string | null;
  /** Where the value comes from. */
  readonly origin: 'environment' | 'preference' | 'default';
  readonly variable: string;
  readonly summary: string;
}

/** Puts the preferences into the environment where it says nothing itself. */
export function applyPreferences(env: Env): void {
  for (const [name, value] of Object.entries(readPreferences(env))) {
    const preference = Object.hasOwn(PREFERENCES, name) ? PREFERENCES[name] : undefined;
    if (preference && typeof value === 'string') env[preference.variable] ??= value;
  }
}

/** Every preference with its value; `env` is the environment as it was before {@link applyPreferences}, or after. */
export function listPreferences(env: Env): PreferenceEntry[] {
  const stored = readPreferences(env);
  return Object.entries(PREFERENCES).map(([name, { variable, summary }]) => {
    const own = stored[name] ?? null;
    const value = env[variable] ?? own;
    const origin = value === null ? 'default' : value === own ? 'preference' : 'environment';
    return { name, value, origin, variable, summary };
  });
}

/** Keeps a preference; without a value forgets it. Throws `usage` for an unknown name or an impossible value. */
export async function savePreference(name: string, value: string | undefined, env: Env): Promise<void> {
  checkPreference(name, value);
  const { default: Conf } = await import('conf');
  const store = new Conf<Record<string, string>>({
    cwd: folder(env),
    configName: 'preferences',
    configFileMode: 0o600,
  });
  if (value === undefined) store.delete(name);
  else store.set(name, value);
}

/** What {@link savePreference} would say, without doing it. */
export function checkPreference(name: string, value: string | undefined): void {
  const names = Object.keys(PREFERENCES);
  const preference = names.includes(name) ? PREFERENCES[name] : undefined;
  if (!preference) {
    const meant = didYouMean(name, names);
    throw new PhonectlError('usage', `There is no preference "${name}".`, {
      hints: [...(meant ? [meant] : []), `Preferences: ${names.join(', ')}`],
    });
  }
  if (value === undefined || preference.values.includes(value)) return;
  throw new PhonectlError('usage', `The preference ${name} cannot be "${value}".`, {
    hints: [`Possible: ${preference.values.join(', ')}`],
  });
}

function folder(env: Env): string {
  const { join } = process.getBuiltinModule('node:path');
  const { homedir } = process.getBuiltinModule('node:os');
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'phonectl');
}

function readPreferences(env: Env): Record<string, string> {
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  const path = process.getBuiltinModule('node:path').join(folder(env), 'preferences.json');
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  } catch (cause) {
    throw new PhonectlError('invalid_file', `${path} cannot be read: it is not JSON.`, {
      hints: ['Correct it, or remove it and set your preferences again.'],
      cause,
    });
  }
}
