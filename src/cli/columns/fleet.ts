/** What a fleet folder would change, on a terminal and as Markdown for a merge request. */
import type { FleetPlan } from '../../sdk/fleet/plan.ts';
import type { ChangeView } from '../../sdk/profiles/plan.ts';
import type { Style } from '../style.ts';
import { cleanText, count, truncate } from '../text.ts';
import { place, planLines, radius } from './plans.ts';

const NAMES = 12;

/** With their names for people. */
const TOPICS = {
  settings: 'settings',
  models: 'model files',
  sites: 'sites',
  groups: 'groups',
  approvals: 'approved models',
  accounts: 'accounts',
  devices: 'devices',
  resources: 'resources',
  firmware: 'firmware images',
  profiles: 'profiles',
  assignments: 'assignments',
  pushed: 'manual applications',
  given: 'files given by tasks',
  macFiles: 'MAC files',
  deviceFiles: 'device files',
} as const satisfies Record<keyof FleetPlan['changes'], string>;

/** `2 sites, 1 MAC file` and so on; what there is none of is left out. */
export function topicCounts(counts: Readonly<Record<string, number>>): string {
  const told = Object.entries(TOPICS).flatMap(([topic, name]) => {
    const number = counts[topic] ?? 0;
    return number === 0 ? [] : [`${number} ${number === 1 ? name.replace(/s$/, '') : name}`];
  });
  return told.length === 0 ? 'nothing in it' : told.join(', ');
}

interface Line {
  readonly sign: '+' | '~' | '-' | '=';
  readonly topic: string;
  readonly names: readonly string[];
}

function topicLines({ changes, strangers, prune }: FleetPlan): readonly Line[] {
  return Object.entries(TOPICS).flatMap(([key, topic]): Line[] => {
    const { created, changed, deleted } = changes[key as keyof typeof TOPICS];
    const stays = prune ? [] : (strangers[key] ?? []);
    return [
      { sign: '+' as const, topic, names: created },
      { sign: '~' as const, topic, names: changed },
      { sign: '-' as const, topic, names: deleted },
      { sign: '=' as const, topic, names: stays },
    ].filter(({ names }) => names.length > 0);
  });
}

const COLOURS = { '+': 'green', '~': 'yellow', '-': 'red', '=': 'dim' } as const;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES).map((name) => truncate(cleanText(name), 60));
  return names.length > NAMES ? `${shown.join(', ')} and ${names.length - NAMES} more` : shown.join(', ');
}

export function fleetLines(plan: FleetPlan, style: Style): string[] {
  const lines = topicLines(plan).map(({ sign, topic, names }) =>
    style.paint(
      COLOURS[sign],
      `${sign} ${names.length} ${topic}: ${listed(names)}${sign === '=' ? '; not in the folder, stays without --prune' : ''}`,
    ),
  );
  const warnings = plan.warnings
    .slice(0, NAMES)
    .map((text) => style.paint('yellow', `${style.symbol('warn')} ${cleanText(text)}`));
  if (!plan.different) return [...lines, ...warnings, 'The fleet is as the folder says.'];
  const { phonesAdded, phonesRemoved, phones } = plan;
  const coming = [
    ...(phonesAdded > 0 ? [`${count(phonesAdded, 'phone')} new`] : []),
    ...(phonesRemoved > 0 ? [`${count(phonesRemoved, 'phone')} gone`] : []),
  ];
  return [...lines, ...(coming.length > 0 ? [coming.join(', ')] : []), ...planLines(phones, style), ...warnings];
}

const GROUPS = 20;
const CHANGES = 50;

/** For the comment of a merge request. */
export function fleetMarkdown(plan: FleetPlan): string {
  const lines = [`## phonectl: ${plan.different ? radius(plan.phones) : 'no changes'}`, ''];
  const topics = topicLines(plan);
  if (topics.length > 0) {
    lines.push('| | what | which |', '|---|---|---|');
    for (const { sign, topic, names } of topics) {
      const note = sign === '=' ? ' (not in the folder)' : '';
      lines.push(`| ${sign} | ${names.length} ${topic}${note} | ${escaped(listed(names))} |`);
    }
    lines.push('');
  }
  if (plan.phonesAdded > 0) lines.push(`${count(plan.phonesAdded, 'phone')} new.`, '');
  if (plan.phonesRemoved > 0) lines.push(`${count(plan.phonesRemoved, 'phone')} gone.`, '');
  for (const { devices, changes, causes } of plan.phones.groups.slice(0, GROUPS)) {
    const names = listed(devices.map(({ device, site }) => `${device} (${site})`));
    const effect = causes === 'nothing' ? '' : ` · ${causes}`;
    lines.push(`<details><summary>${devices.length} × ${html(names)}${effect}</summary>`, '', '```diff');
    lines.push(...changes.slice(0, CHANGES).flatMap(diffLines));
    if (changes.length > CHANGES) lines.push(`# … ${count(changes.length - CHANGES, 'more parameter')}`);
    lines.push('```', '', '</details>', '');
  }
  const more = plan.phones.groups.length - GROUPS;
  if (more > 0) lines.push(`… ${count(more, 'more group')} of phones.`, '');
  for (const warning of plan.warnings.slice(0, NAMES)) lines.push(`> ⚠ ${escaped(cleanText(warning))}`, '');
  return `${lines.join('\n').trimEnd()}\n`;
}

function diffLines({ param, before, after }: ChangeView): string[] {
  const line = (sign: string, origin: NonNullable<ChangeView['before']>): string =>
    `${sign} ${param} = ${truncate(cleanText(origin.value), 80)}   (${place(origin)})`.replaceAll('```', "'''");
  return [...(before === null ? [] : [line('-', before)]), ...(after === null ? [] : [line('+', after)])];
}

function escaped(text: string): string {
  return html(text).replace(/[|\\`*_[\]]/g, '\\$&');
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
