/** The parts of a device's details that were asked for, each with where it comes from. */
import type { Facts, Inspection, Learnt } from '../../sdk/control/inspect.ts';
import type { Style } from '../style.ts';
import { cleanText, headerOf, padEnd } from '../text.ts';

const TITLES = {
  extended: 'Extended',
  network: 'Network',
  call: 'Calls',
  provision: 'Provisioning',
  profiles: 'Profiles, low to high',
  files: 'Files',
} as const;

export function inspectionLines(inspection: Inspection, style: Style): readonly string[] {
  const { extended, network, inCall, calls, provision, profiles, files, notTold } = inspection;
  const section = (part: keyof typeof TITLES, lines: readonly string[] | undefined): string[] => {
    if (lines === undefined) return [];
    const reason = notTold.find((each) => each.part === part)?.reason;
    const why = reason === undefined ? [] : [`  ${style.paint('yellow', cleanText(`Not from the phone: ${reason}`))}`];
    return ['', style.paint('bold', TITLES[part]), ...why, ...(lines.length > 0 ? lines : ['  none'])];
  };
  return [
    ...section('extended', extended && factLines(extended, style)),
    ...section('network', network && factLines(network, style)),
    ...section('call', inCall && [...factLines({ inCall }, style), ...callLines(calls ?? [])]),
    ...section('provision', provision && factLines(provision, style)),
    ...section(
      'profiles',
      profiles?.map(
        ({ layer, profile, parameters, effective }) =>
          `  ${padEnd(layer, 10)} ${padEnd(cleanText(profile), 24)} ${effective} of ${parameters} parameters count`,
      ),
    ),
    ...section(
      'files',
      files?.map(
        ({ name, origin, size, at }) =>
          `  ${padEnd(cleanText(name), 32)} ${padEnd(origin, 6)} ${padEnd(`${size} bytes`, 14)} ${at === null ? 'rendered when it asks' : shown(at)}`,
      ),
    ),
  ];
}

function factLines(facts: Facts, style: Style): string[] {
  return Object.entries(facts).map(([name, fact]) => {
    const value = fact.value === null ? 'N/A' : cleanText(shown(fact.value));
    return `  ${padEnd(headerOf(name), 20)} ${padEnd(value, 36)} ${style.paint('dim', whence(fact))}`.trimEnd();
  });
}

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

/** As people read it. */
function shown(value: NonNullable<Learnt['value']>): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = String(value);
  return ISO.test(text) ? `${text.slice(0, 16).replace('T', ' ')} UTC` : text;
}

function whence({ value, source, at }: Learnt): string {
  if (value === null) return '';
  if (source === 'inventory') return 'as entered';
  if (source === 'phone') return 'the phone, now';
  return at === null ? 'the server' : `the server, ${shown(at)}`;
}

function callLines(calls: NonNullable<Inspection['calls']>): string[] {
  return calls.map(({ line, state, direction, remoteName, remoteNumber, seconds }) => {
    const far = [remoteName, remoteNumber].filter((part) => part !== null).join(' ');
    const length = seconds === null ? '' : `${seconds} s`;
    const parts = [line === null ? '' : `line ${line}`, state, direction ?? '', far, length];
    return `  ${cleanText(parts.filter((part) => part !== '').join('  '))}`;
  });
}
