/** How the origin of parameters, and differences between configurations, look on a terminal. */
import { LAYERS } from '../../domain/effective.ts';
import type { ConfigDiff } from '../../sdk/explain/diff.ts';
import type { ExplainedParameter, PhoneOverride } from '../../sdk/explain/explain.ts';
import type { Style } from '../style.ts';
import { cleanText, count, displayWidth, padEnd, truncate } from '../text.ts';
import { changeLine, place } from './plans.ts';

const VALUE = 60;
/** Parameters up to which everything that they beat is written out. */
const WRITTEN_OUT = 20;

/** One line for each parameter; of a few also what each beat and why. */
export function explainLines(parameters: readonly ExplainedParameter[], style: Style): string[] {
  if (parameters.length === 0) return ['Nothing sets it: the phone decides.'];
  if (parameters.length > WRITTEN_OUT) return parameters.map((parameter) => shortLine(parameter, style));
  const lines = parameters.flatMap((parameter) => longLines(parameter, style));
  if (parameters.every(({ beaten }) => beaten.length === 0)) return lines;
  return [...lines, style.paint('dim', `Higher layers win: ${LAYERS.join(' < ')}.`)];
}

function shortLine({ param, value, layer, source, beaten, overridden }: ExplainedParameter, style: Style): string {
  const beats = beaten.length === 0 ? '' : `, beats ${beaten.map(({ layer: lower }) => lower).join(', ')}`;
  const own = overridden === undefined ? '' : `  ${style.paint('yellow', `the phone has ${shown(overridden.value)}`)}`;
  return `${param} = ${shown(value)}  ${style.paint('dim', place({ value, layer, source }) + beats)}${own}`;
}

function longLines(explained: ExplainedParameter, style: Style): string[] {
  const { param, value, layer, source, beaten, overridden } = explained;
  const origins = [{ value, layer, source }, ...beaten];
  const values = Math.max(...origins.map((origin) => displayWidth(shown(origin.value)))) + 2;
  return [
    style.paint('bold', param),
    ...origins.map((origin, index) => {
      const wins = index === 0;
      const line = `${style.symbol(wins ? 'on' : 'off')} ${padEnd(shown(origin.value), values)}${place(origin)}`;
      return wins ? `  ${style.paint('green', line)}` : `  ${style.paint('dim', line)}`;
    }),
    ...(overridden === undefined ? [] : [style.paint('yellow', `  ${overrideText(overridden)}`)]),
  ];
}

function overrideText({ value, layer, at }: PhoneOverride): string {
  return `The phone itself has ${shown(value)}: its own ${layer} settings, as it uploaded them at ${at}.`;
}

function shown(value: string): string {
  return value === '' ? '""' : truncate(cleanText(value), VALUE);
}

const GROUPS = 10;
const CHANGES = 20;
const NAMES = 4;

/** The sum, then each group of devices with the same differences. */
export function diffLines({ against, summary, groups, unknown }: ConfigDiff, style: Style): string[] {
  const { devices, same, different } = summary;
  const lines = [
    style.paint('bold', `${count(different, 'device')} of ${devices} differ from ${against}; ${same} do not.`),
  ];
  for (const group of groups.slice(0, GROUPS)) {
    const names = group.devices.slice(0, NAMES).map(({ device }) => cleanText(device));
    const more = group.devices.length > NAMES ? ` and ${group.devices.length - NAMES} more` : '';
    lines.push(
      `${group.devices.length}×  ${style.paint('dim', names.join(', ') + more)}`,
      ...group.changes.slice(0, CHANGES).map((change) => changeLine(change, style)),
      ...(group.changes.length > CHANGES ? [`    … ${count(group.changes.length - CHANGES, 'more parameter')}`] : []),
      ...(group.note === null ? [] : [style.paint('yellow', `    ${style.symbol('warn')} ${cleanText(group.note)}`)]),
    );
  }
  if (groups.length > GROUPS)
    lines.push(style.paint('dim', `… ${count(groups.length - GROUPS, 'more group')}: --json`));
  for (const { device, reason } of unknown.slice(0, CHANGES)) {
    lines.push(`${style.symbol('unknown')} ${cleanText(device)}: ${cleanText(reason)}`);
  }
  if (unknown.length > CHANGES) lines.push(`… ${count(unknown.length - CHANGES, 'more device')}: --json`);
  return lines;
}
