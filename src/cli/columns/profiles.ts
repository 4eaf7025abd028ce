/** How profiles look, in lists and alone; and what is said when they were written. */
import type { ProfileImported } from '../../sdk/profiles/import.ts';
import type { AssignmentRow, ProfileDetail, ProfileRow } from '../../sdk/profiles/read.ts';
import type { ProfileWritten } from '../../sdk/profiles/write.ts';
import type { Style } from '../style.ts';
import { cleanText, count } from '../text.ts';
import { type Column, type TextView, textView } from '../view.ts';
import { committedLines } from './plans.ts';

/** PROF-07. */
export const PROFILE_COLUMNS: readonly Column<ProfileRow>[] = [
  { name: 'name' },
  { name: 'vendor', priority: 1 },
  { name: 'type', priority: 1 },
  { name: 'parameterCount', header: 'PARAMETERS', kind: 'number', priority: 2 },
  { name: 'assignmentCount', header: 'ASSIGNED', kind: 'number', priority: 2 },
  { name: 'description', priority: 4 },
  { name: 'modifiedBy', priority: 5 },
  { name: 'modifiedAt', kind: 'time', priority: 3 },
  { name: 'models', kind: 'list', extra: true },
  { name: 'version', kind: 'number', extra: true },
  { name: 'id', kind: 'number', extra: true },
];

/** The parameters and places of a profile, under its fields. */
export function profileParts({ parameters, assignments }: ProfileDetail, style: Style): readonly string[] {
  return [
    '',
    style.paint('bold', 'Parameters'),
    ...(parameters.length === 0 ? ['  none'] : []),
    ...parameters.map(({ name, value }) => `  ${name} = ${cleanText(value)}`),
    '',
    style.paint('bold', 'Assigned to'),
    ...(assignments.length === 0 ? ['  nothing: no phone has it'] : []),
    ...assignments.map((assignment) => `  ${assignmentText(assignment)}`),
  ];
}

function assignmentText({ layer, target, priority, apply }: AssignmentRow): string {
  const where = target === '' ? layer : `${layer} ${cleanText(target)}`;
  return `${where}, priority ${priority}${apply === 'manual' ? ', only when pushed' : ''}`;
}

/** `✔ Profile x changed.`, the parameters that nobody knows, the plan. */
export function profileWrittenView(done: string): TextView<ProfileWritten> {
  return textView((result, style) => [
    ...committedLines(`Profile ${cleanText(result.profile)} ${done}.`, result, style),
    ...result.custom.map(
      (name) =>
        `${style.paint('yellow', style.symbol('warn'))} ${cleanText(name)} is in no catalogue; it is sent as it is.`,
    ),
  ]);
}

/** More remarks than this are in the JSON. */
const REMARKS = 20;

/** What was taken over from a file, and what is worth knowing of it. */
export function profileImportedView(): TextView<ProfileImported> {
  return textView((result, style) => {
    const { profile, created, parameters, remarks, references, custom } = result;
    const warn = style.paint('yellow', style.symbol('warn'));
    const more = remarks.length - REMARKS;
    return [
      ...committedLines(
        `Profile ${cleanText(profile)} ${created ? 'added' : 'changed'}: ${count(parameters, 'parameter')}.`,
        result,
        style,
      ),
      ...(custom.length > 0
        ? [`${count(custom.length, 'parameter')} that no catalogue knows; they are sent as they are.`]
        : []),
      ...remarks
        .slice(0, REMARKS)
        .map(({ line, column, message }) => `${warn} line ${line}, column ${column}: ${cleanText(message)}`),
      ...(more > 0 ? [`… and ${count(more, 'more remark')}; all of them: --json`] : []),
      ...(references.length > 0 ? [`It refers to ${references.map(cleanText).join(', ')}.`] : []),
    ];
  });
}
