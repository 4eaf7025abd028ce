/**
 * Saved views: the flags of a list under a name (PLAT-08). `--save-view` keeps them, `--view` takes them again, and one that
 * is in force (`view use`) is taken on a terminal until `view reset` or a logout. Scripts never get rows by what is in force.
 *
 * They are in `views.json` in the configuration folder. conf writes it; reading it, which every list does, needs no conf.
 */
import type { FlagInput, OutputFlags, ParserOutput } from '@oclif/core/interfaces';
import { PhonectlError } from '../sdk/errors.ts';
import { globalFlags } from './flags.ts';
import { didYouMean } from './suggest.ts';

type FlagOutput = OutputFlags<FlagInput>;
type Metadata = ParserOutput['metadata'];
type Env = Readonly<Record<string, string | undefined>>;

/** Values of flags as oclif parsed them. */
export type ViewValues = Readonly<Record<string, unknown>>;

export interface SavedView {
  readonly name: string;
  /** `device list`. */
  readonly list: string;
  readonly flags: ViewValues;
  readonly inForce: boolean;
}

interface ViewsFile {
  /** By list, then by name. */
  readonly views?: Readonly<Record<string, Readonly<Record<string, ViewValues>>>>;
  /** Name of the view that is in force, by list. */
  readonly inForce?: Readonly<Record<string, string>>;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** What belongs to a call and not to what one wants to see. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  ...Object.keys(globalFlags),
  ...['view', 'save-view', 'watch', 'interval', 'page', 'yes', 'dry-run'],
]);

/** The flags that were given on the command line itself. */
function given(flags: FlagOutput, metadata: Metadata): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => value !== undefined && !metadata.flags[name]?.setFromDefault),
  );
}

/** What a call to a list amounts to, with its view: flags that were given win over those of the view. */
export async function withSavedView(
  list: string,
  parsed: { readonly flags: FlagOutput; readonly metadata: Metadata },
  { interactive, env, tell }: { interactive: boolean; env: Env; tell: (text: string) => void },
): Promise<FlagOutput> {
  const own = given(parsed.flags, parsed.metadata);
  const { view: wanted, 'save-view': saved } = own as { view?: string; 'save-view'?: string };
  const file = readViews(env);
  const name = wanted ?? (interactive && saved === undefined ? file.inForce?.[list] : undefined);
  const flags = name === undefined ? undefined : findView(file, list, name);
  if (name !== undefined && wanted === undefined) {
    tell(`View ${name}: ${describeFlags(flags ?? {})}   everything: phonectl view reset`);
  }
  const merged = { ...parsed.flags, ...flags, ...own };
  if (saved !== undefined) await saveView(list, saved, merged, own, flags ?? {}, env);
  return merged;
}

async function saveView(
  list: string,
  name: string,
  merged: ViewValues,
  own: ViewValues,
  base: ViewValues,
  env: Env,
): Promise<void> {
  if (!NAME.test(name)) {
    throw new PhonectlError('usage', `"${name}" cannot be the name of a view.`, {
      hints: ['Use letters, digits, hyphens and underscores.'],
    });
  }
  const names = [...new Set([...Object.keys(base), ...Object.keys(own)])].filter((flag) => !NOT_KEPT.has(flag));
  if (names.length === 0) {
    throw new PhonectlError('usage', 'There is nothing to keep: no flag says what to show.', {
      hints: [`phonectl ${list} --search berlin --save-view ${name}`],
    });
  }
  const store = await open(env);
  store.set(`views.${list}.${name}`, Object.fromEntries(names.map((flag) => [flag, merged[flag]])));
}

function findView(file: ViewsFile, list: string, name: string): ViewValues {
  const views = file.views?.[list] ?? {};
  if (Object.hasOwn(views, name)) return views[name]!;
  const meant = didYouMean(name, Object.keys(views));
  throw new PhonectlError('not_found', `There is no view "${name}" of \`phonectl ${list}\`.`, {
    hints: [...(meant ? [meant] : []), 'See `phonectl view list`.'],
  });
}

/** All saved views, by list and name. */
export function listViews(env: Env): SavedView[] {
  const file = readViews(env);
  return Object.entries(file.views ?? {})
    .flatMap(([list, views]) =>
      Object.entries(views).map(([name, flags]) => ({ name, list, flags, inForce: file.inForce?.[list] === name })),
    )
    .sort((a, b) => a.list.localeCompare(b.list) || a.name.localeCompare(b.name));
}

/** A view by its name, and its list where the name alone says too little. Throws `not_found`, `ambiguous`. */
export function findSavedView(name: string, list: string | undefined, env: Env): SavedView {
  const all = listViews(env);
  const found = all.filter((view) => view.name === name && (list === undefined || view.list === list));
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new PhonectlError(
      'ambiguous',
      `Several lists have a view "${name}": ${found.map((v) => v.list).join(', ')}.`,
      {
        hints: [`Say which: --of "${found[0]!.list}".`],
      },
    );
  }
  const meant = didYouMean(
    name,
    all.map((view) => view.name),
  );
  throw new PhonectlError('not_found', `There is no view "${name}".`, {
    hints: [...(meant ? [meant] : []), 'Keep one: phonectl device list --site Berlin --save-view berlin'],
  });
}

/** Puts a view in force for its list. */
export async function useView({ name, list }: SavedView, env: Env): Promise<void> {
  (await open(env)).set(`inForce.${list}`, name);
}

/** Takes every view out of force; tells how many there were. */
export async function resetViews(env: Env): Promise<number> {
  const number = Object.keys(readViews(env).inForce ?? {}).length;
  if (number > 0) (await open(env)).delete('inForce');
  return number;
}

export async function deleteView({ name, list, inForce }: SavedView, env: Env): Promise<void> {
  const store = await open(env);
  store.delete(`views.${list}.${name}`);
  if (inForce) store.delete(`inForce.${list}`);
}

/** `--site Berlin --status offline`. */
export function describeFlags(flags: ViewValues): string {
  return Object.entries(flags)
    .flatMap(([name, value]) => {
      if (value === true) return [`--${name}`];
      if (value === false) return [`--no-${name}`];
      return [value].flat().map((one) => `--${name} ${quoted(String(one))}`);
    })
    .join(' ');
}

function quoted(text: string): string {
  return /^[\w.,:/@%+=~!-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function folder(env: Env): string {
  const { join } = process.getBuiltinModule('node:path');
  const { homedir } = process.getBuiltinModule('node:os');
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'phonectl');
}

function readViews(env: Env): ViewsFile {
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  const path = process.getBuiltinModule('node:path').join(folder(env), 'views.json');
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ViewsFile;
  } catch (cause) {
    throw new PhonectlError('invalid_file', `${path} cannot be read: it is not JSON.`, {
      hints: ['Correct it, or remove it and save your views again.'],
      cause,
    });
  }
}

async function open(env: Env): Promise<{ set(key: string, value: unknown): void; delete(key: string): void }> {
  const { default: Conf } = await import('conf');
  return new Conf<Record<string, unknown>>({ cwd: folder(env), configName: 'views', configFileMode: 0o600 });
}
