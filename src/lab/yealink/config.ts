/** Yealink's files as the phone reads them: boot files and CFG files (yealink.md A2, A3). */
import { LabError } from '../errors.ts';
import { detached, internName, type ParameterMap, ParsedFiles } from '../parameters.ts';

/** The first line of every file; without it the phone ignores the file. */
const HEADER = '#!version:1.0.0.1';

export interface BootFile {
  /** Targets of the includes that fit the model, in their order. */
  includes: string[];
  /** Parameters that the downloaded files leave out go back to their default. */
  overwrites: boolean;
}

/** Reads a boot file for one model. Throws `LabError('unparsable')`. */
export function parseBootFile(body: Buffer, model: string): BootFile {
  const general: string[] = [];
  const specific: string[] = [];
  const both: string[] = [];
  let overwrites = false;
  let excludes = false;
  for (const line of linesOf(body, 'boot file')) {
    const include = /^(?:\[([^\]]*)\])?\s*include:config\s+(?:"([^"]+)"|<([^>]+)>)$/.exec(line);
    if (include !== null) {
      const [, models, quoted, angled] = include;
      const target = quoted ?? angled ?? '';
      if (!/\.cfg(?:\?|$)/i.test(target))
        throw new LabError('unparsable', `a boot file includes .cfg files, not "${target}"`);
      const isForUs = models === undefined || models.split(',').some((token) => token.trim().toUpperCase() === model);
      if (!isForUs) continue;
      both.push(target);
      (models === undefined ? general : specific).push(target);
      continue;
    }
    const setting = /^([\w.]+)\s*=\s*(.*)$/.exec(line);
    if (setting === null)
      throw new LabError(
        'unparsable',
        `the boot file holds a line that is neither include nor setting: ${line.slice(0, 80)}`,
      );
    if (setting[1] === 'overwrite_mode') overwrites = setting[2] === '1';
    else if (/^(?:static\.)?specific_model\.excluded_mode$/.test(setting[1]!)) excludes = setting[2] === '1';
  }
  return { includes: excludes && specific.length > 0 ? specific : both, overwrites };
}

const files = new ParsedFiles<ParameterMap>();

/**
 * The values in a CFG file. Blank values are left out ("leave as it is"), `%NULL%` becomes ''.
 * `static.security.user_password` holds `login:password` and may stand once per login, so the login joins its name.
 */
export function parseCfg(body: Buffer): ParameterMap {
  return files.get(body, collect);
}

function collect(body: Buffer): ParameterMap {
  const found = new Map<string, string>();
  for (const line of linesOf(body, 'CFG file')) {
    const at = line.indexOf('=');
    if (at < 0) continue;
    const name = line.slice(0, at).trim();
    const value = line.slice(at + 1).trim();
    if (name === '' || value === '') continue;
    const login = /^(?:static\.)?security\.user_password$/.test(name) ? /^([^:]+):(.*)$/.exec(value) : null;
    if (login !== null) found.set(internName(`${PASSWORD_OF}${login[1]}`), detached(login[2]!));
    else found.set(internName(name), value === '%NULL%' ? '' : detached(value));
  }
  return found;
}

/** Prefix of the name under which a web login's password is kept. */
export const PASSWORD_OF = 'security.user_password:';

function linesOf(body: Buffer, what: string): string[] {
  const lines = body
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  if (lines[0]?.trim() !== HEADER)
    throw new LabError(
      'unparsable',
      `a ${what} begins with ${HEADER}, this one with "${(lines[0] ?? '').slice(0, 40)}"`,
    );
  return lines
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** `<mac>-local.cfg` as the phone uploads it: what the user changed, without `static.` settings (yealink.md A3). */
export function renderLocal(values: ParameterMap): string {
  const lines = [...values]
    .filter(([name]) => !name.startsWith('static.'))
    .map(([name, value]) => `${name} = ${value === '' ? '%NULL%' : value}`);
  return `${[HEADER, ...lines].join('\n')}\n`;
}
