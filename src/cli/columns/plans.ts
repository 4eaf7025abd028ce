/** What a change of the configuration does to the fleet, in words: the same for every command that makes a plan. */
import type { CommitResult } from '../../sdk/profiles/commit.ts';
import type { ChangeView, OriginView, PlanGroupView, PlanView } from '../../sdk/profiles/plan.ts';
import type { Colour, Style } from '../style.ts';
import { cleanText, count, truncate } from '../text.ts';

/** More than this is in the JSON. */
const GROUPS = 10;
const CHANGES = 20;
const NAMES = 4;
const VALUE = 60;

/** The blast radius, then each group of phones to which the same happens, then what a higher layer keeps as it is. */
export function planLines(plan: PlanView, style: Style): string[] {
  if (plan.devices === 0 && plan.unchanged.length === 0) return ['No phone changes.'];
  const lines = [style.paint('bold', radius(plan))];
  for (const group of plan.groups.slice(0, GROUPS)) lines.push(...groupLines(group, style));
  for (const group of plan.unchanged.slice(0, GROUPS)) lines.push(...groupLines(group, style));
  const more = Math.max(0, plan.groups.length - GROUPS) + Math.max(0, plan.unchanged.length - GROUPS);
  if (more > 0) lines.push(style.paint('dim', `${count(more, 'more group')}; all of them: --json`));
  return lines;
}

/** `412 phones change · 3 sites · 37 reboot`. */
export function radius({ devices, sites, restart, reboot }: Omit<PlanView, 'groups' | 'unchanged'>): string {
  if (devices === 0) return 'No phone changes.';
  return [
    `${count(devices, 'phone')} ${devices === 1 ? 'changes' : 'change'}`,
    count(sites, 'site'),
    ...(reboot > 0 ? [`${reboot} reboot`] : []),
    ...(restart > 0 ? [`${restart} restart`] : []),
  ].join(' · ');
}

function groupLines({ devices, changes, shadowed, causes }: PlanGroupView, style: Style): string[] {
  const names = devices.slice(0, NAMES).map(({ device, site }) => `${cleanText(device)} (${cleanText(site)})`);
  const more = devices.length > NAMES ? ` and ${devices.length - NAMES} more` : '';
  const effect = changes.length === 0 || causes === 'nothing' ? '' : style.paint('yellow', `  ${causes}`);
  return [
    `${devices.length}×  ${style.paint('dim', names.join(', ') + more)}${effect}`,
    ...changes.slice(0, CHANGES).map((change) => changeLine(change, style)),
    ...(changes.length > CHANGES ? [`    … ${count(changes.length - CHANGES, 'more parameter')}`] : []),
    ...shadowed
      .slice(0, CHANGES)
      .map(({ param, by }) => style.paint('dim', `    = ${param} stays ${shown(by)}: ${place(by)} wins`)),
  ];
}

const SIGNS: Readonly<Record<ChangeView['kind'], readonly [string, Colour]>> = {
  added: ['+', 'green'],
  changed: ['~', 'yellow'],
  removed: ['-', 'red'],
};

export function changeLine({ param, kind, before, after }: ChangeView, style: Style): string {
  const [sign, colour] = SIGNS[kind];
  const values = [before, after].filter((origin) => origin !== null).map(shown);
  const places =
    before !== null && after !== null && place(before) !== place(after)
      ? `${place(after)} instead of ${place(before)}`
      : place((after ?? before)!);
  return `    ${style.paint(colour, `${sign} ${param}`)} ${values.join(` ${style.symbol('arrow')} `)}  ${style.paint('dim', places)}`;
}

function shown({ value }: OriginView): string {
  return value === '' ? '""' : truncate(cleanText(value), VALUE);
}

export function place({ layer, source }: OriginView): string {
  return source === layer ? layer : `${layer} "${cleanText(source)}"`;
}

/** What was done, or would be, or was put into a change; then the plan. */
export function committedLines(done: string, result: CommitResult, style: Style): string[] {
  const { revision, changed, change, plan } = result;
  const ok = style.paint('green', style.symbol('ok'));
  if (!changed && change === null) return ['Nothing changes: it is like this already.'];
  if (change !== null) {
    return [`${ok} In the change ${cleanText(change)}, not done yet; together:`, ...planLines(plan, style)];
  }
  if (revision === null) return [`${ok} ${done}`, ...planLines(plan, style)];
  return [`${ok} ${done} ${style.paint('dim', `Revision ${revision}.`)}`, ...planLines(plan, style)];
}
