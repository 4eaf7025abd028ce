/** How rollouts look: what one would do, and how one went. */
import type { FirmwarePlan } from '../sdk/firmware/plan.ts';
import type { FirmwareReport, ReportedDevice } from '../sdk/firmware/report.ts';
import { bytesText } from './file-size.ts';
import type { Style } from './style.ts';
import { waveLine } from './task-views.ts';
import { cleanText, count, padEnd } from './text.ts';

/** More lines of a kind than this: the rest is a number. */
const LISTED = 12;

/** What a rollout would do. */
export function planLines(plan: FirmwarePlan, style: Style): string[] {
  const { target, devices, upgrade, current, misfit, misfits, moves, bytes, seconds } = plan;
  const head = [
    `${upgrade} of ${count(devices, 'device')} ${upgrade === 1 ? 'gets' : 'get'} it`,
    ...(current > 0 ? [`${current} ${current === 1 ? 'runs' : 'run'} it already`] : []),
    ...(misfit > 0 ? [`it is nothing for ${misfit}`] : []),
  ];
  return [
    style.paint('bold', `${cleanText(target)}: ${head.join(' · ')}`),
    ...shortened(
      moves.map(({ devices: number, model, from, via, to }) => {
        const way = [from ?? 'unknown', ...via, to].map(cleanText).join(' → ');
        return `${`${number}×`.padStart(6)} ${padEnd(cleanText(model ?? 'unknown model'), 12)} ${way}`;
      }),
      'more ways',
    ),
    ...(upgrade > 0
      ? [wavesLine(plan), `They fetch ${bytesText(bytes)}, which takes at least ${duration(seconds)}.`]
      : []),
    ...shortened(misfitLines(misfits, style), 'more that do not fit'),
    ...(misfit > 0 ? ['Leave out what does not fit with --fitting.'] : []),
  ];
}

/** Phones of one model that run the same do not fit for the same reason. */
function misfitLines(misfits: FirmwarePlan['misfits'], style: Style): string[] {
  const groups = Map.groupBy(misfits, ({ model, firmware, reason }) => JSON.stringify([model, firmware, reason]));
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { device, name, model, firmware, reason } = first;
      const what = [model, firmware].flatMap((text) => (text === null ? [] : [cleanText(text)])).join(' ');
      const who = group.length === 1 ? `${cleanText(name || device)} (${what || 'unknown'})` : what || 'unknown model';
      return [style.paint('yellow', `${`${group.length}×`.padStart(6)} ${who}: ${cleanText(reason)}`)];
    });
}

function wavesLine({ waves, strategy }: FirmwarePlan): string {
  const { concurrency, maxFailures, window, pauseBetween } = strategy;
  const names = waves.map(({ wave, devices }) => (wave === 0 ? `canary ${devices}` : `wave ${wave}: ${devices}`));
  const shown = names.length > 6 ? [...names.slice(0, 5), `… ${names.length - 5} more`] : names;
  return [
    shown.join(', '),
    `${concurrency} at a time`,
    ...(pauseBetween === undefined ? [] : [`${duration(pauseBetween / 1000)} between waves`]),
    ...(window === undefined ? [] : [`from ${window.replace('-', ' to ')}`]),
    maxFailures === undefined ? 'stops for no failures' : `stops above ${maxFailures} failures`,
  ].join(' · ');
}

/** How a rollout went, and what to type next. */
export function reportLines(report: FirmwareReport, style: Style): string[] {
  const { task, target, state, reason, waves, moves, problems, results, next } = report;
  const why = reason === null ? '' : `: ${cleanText(reason)}`;
  return [
    style.paint('bold', `Task ${task} · ${cleanText(target)} · ${state}${why}`),
    ...(waves.length > 1 ? waves.map((wave) => waveLine(wave, style)) : []),
    ...moves.map(({ from, to, devices }) =>
      style.paint(
        'green',
        `${style.symbol('ok')} ${`${devices}×`.padStart(5)}  ${cleanText(from ?? 'unknown')} → ${cleanText(to)}`,
      ),
    ),
    ...problems.flatMap((problem) => problemLines(problem, results, style)),
    ...leftLines(report, style),
    ...next.map((command, index) => `${index === 0 ? 'Next: ' : '      '}${command}`),
  ];
}

function problemLines(
  { reason, devices, which }: FirmwareReport['problems'][number],
  results: readonly ReportedDevice[],
  style: Style,
): string[] {
  const failed = results.find(({ device }) => device === which[0])?.result === 'failure';
  const [colour, symbol] = failed ? (['red', 'fail'] as const) : (['grey', 'none'] as const);
  const names = new Map(results.map(({ device, name }) => [device, cleanText(name || device)]));
  const shown = which.slice(0, LISTED).map((device) => names.get(device) ?? device);
  const more = which.length > LISTED ? ` and ${which.length - LISTED} more` : '';
  return [
    style.paint(colour, `${style.symbol(symbol)} ${`${devices}×`.padStart(5)}  ${cleanText(reason)}`),
    `          ${shown.join(', ')}${more}`,
  ];
}

/** Where there was nothing to do, and why. */
export function nothingLines(results: readonly Pick<ReportedDevice, 'reason'>[], style: Style): string[] {
  const groups = Map.groupBy(results, ({ reason }) => reason ?? '');
  return ['Nothing to do.', ...[...groups].map(([reason, { length }]) => idleLine(reason, length, style))];
}

function idleLine(reason: string, devices: number, style: Style): string {
  return style.paint('grey', `${style.symbol('none')} ${`${devices}×`.padStart(5)}  ${cleanText(reason)}`);
}

function leftLines({ summary, state, away, results }: FirmwareReport, style: Style): string[] {
  const { pending } = summary;
  const skipped = Map.groupBy(
    results.filter(({ result }) => result === 'skipped'),
    ({ reason }) => reason ?? '',
  );
  const left = pending - away;
  const keeps = left === 1 ? 'it keeps what it runs' : 'they keep what they run';
  return [
    ...[...skipped].map(([reason, { length }]) => idleLine(reason, length, style)),
    ...(left > 0
      ? [state === 'executing' ? `${count(left, 'device')} left.` : `${count(left, 'device')} not begun: ${keeps}.`]
      : []),
    ...(away > 0 ? [`${count(away, 'device')} away: the firmware waits until the next contact.`] : []),
  ];
}

function shortened(lines: readonly string[], what: string): readonly string[] {
  return lines.length <= LISTED ? lines : [...lines.slice(0, LISTED), `… ${lines.length - LISTED} ${what}: --json`];
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}
