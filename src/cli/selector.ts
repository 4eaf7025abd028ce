/** Device selectors on the command line: the same flags and arguments on every verb. */
import { string as stringArg } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import type { DeviceSelector } from '../domain/selector.ts';
import { isEmptySelector } from '../domain/selector.ts';
import { PhonectlError } from '../sdk/errors.ts';
import { keyValues } from './flags.ts';

const HELP_GROUP = 'SELECTOR';

export const selectorFlags = {
  site: string({
    summary: 'Devices of this site. Repeatable.',
    helpValue: 'SITE',
    multiple: true,
    helpGroup: HELP_GROUP,
  }),
  group: string({
    summary: 'Devices of this group. Repeatable.',
    helpValue: 'GROUP',
    multiple: true,
    helpGroup: HELP_GROUP,
  }),
  model: string({
    summary: 'Devices of this model. Repeatable.',
    helpValue: 'MODEL',
    multiple: true,
    helpGroup: HELP_GROUP,
  }),
  vendor: string({
    summary: 'Devices of this vendor. Repeatable.',
    helpValue: 'VENDOR',
    multiple: true,
    helpGroup: HELP_GROUP,
  }),
  status: string({
    summary: 'Devices in this state. Repeatable.',
    helpValue: 'STATUS',
    multiple: true,
    helpGroup: HELP_GROUP,
  }),
  firmware: string({
    summary: "Devices with this firmware: 6.4.8, '<6.4', '>=96.86'.",
    helpValue: 'VERSION',
    helpGroup: HELP_GROUP,
  }),
  tag: string({
    summary: 'Devices with this tag. Repeatable.',
    helpValue: 'KEY=VALUE',
    multiple: true,
    helpGroup: HELP_GROUP,
  }),
  search: string({ summary: 'Devices that contain this text.', helpValue: 'TEXT', helpGroup: HELP_GROUP }),
  all: boolean({ summary: 'Every device.', helpGroup: HELP_GROUP }),
};

/** `[DEVICE…]`: any number of references; `-` reads them from stdin, one a line. */
export const deviceArgs = {
  devices: stringArg({
    description: 'MAC in any spelling, serial number, name, extension, IP address or id; - reads them from stdin.',
    multiple: true,
  }),
};

/** `DEVICE`: exactly one reference. */
export const requiredDeviceArg = {
  device: stringArg({
    required: true,
    description: 'MAC in any spelling, serial number, name, extension, IP address or id.',
  }),
};

/** `DEVICE…`, at least one. */
export const requiredDeviceArgs = {
  devices: stringArg({
    description: 'MAC in any spelling, serial number, name, extension, IP address or id; - reads them from stdin.',
    multiple: true,
    required: true,
  }),
};

export interface SelectorFlagValues {
  site?: string[] | undefined;
  group?: string[] | undefined;
  model?: string[] | undefined;
  vendor?: string[] | undefined;
  status?: string[] | undefined;
  firmware?: string | undefined;
  tag?: string[] | undefined;
  search?: string | undefined;
  all?: boolean | undefined;
}

/** Builds the selector; what was not given is not in it. */
export function toSelector(flags: SelectorFlagValues, refs: readonly string[] = []): DeviceSelector {
  const tags = keyValues(flags.tag, 'tag');
  return {
    ...(refs.length > 0 && { refs }),
    ...(flags.site && { sites: flags.site }),
    ...(flags.group && { groups: flags.group }),
    ...(flags.model && { models: flags.model }),
    ...(flags.vendor && { vendors: flags.vendor }),
    ...(flags.status && { statuses: flags.status }),
    ...(flags.firmware !== undefined && { firmware: flags.firmware }),
    ...(tags && { tags }),
    ...(flags.search !== undefined && { search: flags.search }),
    ...(flags.all && { all: true }),
  };
}

/** Refuses an empty selector and one that says both "all" and "these". */
export function requireSelection(selector: DeviceSelector): DeviceSelector {
  if (isEmptySelector(selector)) {
    throw new PhonectlError('usage', 'No device was selected.', {
      hints: ['Name devices, or use --site, --group, --model, --vendor, --status, --search, or --all.'],
    });
  }
  if (selector.all && Object.keys(selector).length > 1) {
    throw new PhonectlError('usage', '--all cannot be combined with another selection.', {
      hints: ['Leave --all out to act on the selected devices only.'],
    });
  }
  return selector;
}
