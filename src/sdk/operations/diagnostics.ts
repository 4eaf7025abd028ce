/** Looking inside phones, as operations. */
import {
  boolean,
  exactOptional,
  integer,
  maxValue,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  strictObject,
} from 'valibot';
import { CONFIG_PARTS } from '../../domain/commands.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import { hostInput } from '../access/inputs.ts';
import type { OperationContext } from '../context.ts';
import { downloadCrash, listCrashes } from '../device-files/crashes.ts';
import { selectorSchema } from '../devices/fields.ts';
import { bundle } from '../diagnostics/bundle.ts';
import { configurations, logs, screens } from '../diagnostics/files.ts';
import { ping, traceroute } from '../diagnostics/network.ts';
import { performanceHistory, performances } from '../diagnostics/performance.ts';
import { syslogLines } from '../diagnostics/syslog.ts';
import { durationField } from '../enrolment/duration.ts';
import { referenceField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';

const askFields = {
  selector: selectorSchema,
  /** Phones at the same time. */
  concurrency: exactOptional(pipe(number(), integer(), minValue(1), maxValue(1000))),
  /** Accepts Basic over plain HTTP, where a phone knows nothing better. */
  plainBasic: exactOptional(boolean()),
};

type Selected<T> = Omit<T, 'selector'> & { readonly selector: DeviceSelector };

function selected<T extends { readonly selector: unknown }>(input: T): Selected<T> {
  return { ...input, selector: input.selector as DeviceSelector };
}

/** Secrets are shown to those who may see them, and that is recorded. */
async function noteReveal(context: OperationContext, showSecrets: boolean, object: string): Promise<void> {
  if (!showSecrets) return;
  context.require('config:reveal');
  await context.write(async () => [undefined, { object, result: 'done' }]);
}

export const diagnostics = {
  screen: streamOperation({
    summary: 'Takes pictures of the screens of devices.',
    permission: 'diag:screen',
    effect: 'read',
    input: strictObject({
      ...askFields,
      /** Switches the feature on for this once where it is off. */
      enable: optional(boolean(), false),
    }),
    run: (context: OperationContext, input) => screens(context, selected(input)),
  }),

  logs: streamOperation({
    summary: 'Fetches the logs of devices, or what they have uploaded.',
    permission: 'diag:logs',
    effect: 'read',
    reveals: ({ showSecrets }) => showSecrets,
    input: strictObject({ ...askFields, showSecrets: optional(boolean(), false) }),
    async *run(context: OperationContext, input) {
      await noteReveal(context, input.showSecrets, 'devices');
      yield* logs(context, selected(input));
    },
  }),

  syslog: streamOperation({
    summary: 'Shows what the server received by syslog of a device.',
    permission: 'diag:logs',
    effect: 'read',
    reveals: ({ showSecrets }) => showSecrets,
    input: strictObject({
      showSecrets: optional(boolean(), false),
      device: referenceField,
      /** The last so many lines. */
      lines: optional(pipe(number(), integer(), minValue(0), maxValue(10_000)), 20),
      /** Goes on with what comes. */
      follow: optional(boolean(), false),
    }),
    async *run(context: OperationContext, input) {
      await noteReveal(context, input.showSecrets, `device:${input.device}`);
      for await (const line of syslogLines(context, input)) yield { line };
    },
  }),

  configuration: streamOperation({
    summary: 'Fetches the configuration that devices run, as they export it.',
    permission: 'diag:config',
    effect: 'read',
    reveals: ({ showSecrets }) => showSecrets,
    input: strictObject({
      ...askFields,
      /** All of it, what they fetched, or one of their own layers. */
      part: optional(picklist(CONFIG_PARTS), 'all'),
      showSecrets: optional(boolean(), false),
    }),
    async *run(context: OperationContext, input) {
      await noteReveal(context, input.showSecrets, 'devices');
      yield* configurations(context, selected(input));
    },
  }),

  performance: streamOperation({
    summary: 'Asks devices for CPU and memory, once or several times.',
    permission: 'diag:read',
    effect: 'read',
    input: strictObject({
      ...askFields,
      samples: optional(pipe(number(), integer(), minValue(1), maxValue(1000)), 1),
      /** Seconds between two samples. */
      every: optional(pipe(number(), minValue(1), maxValue(3600)), 5),
    }),
    run: (context: OperationContext, input) => performances(context, selected(input)),
  }),

  performanceHistory: streamOperation({
    summary: 'Shows what is kept of the CPU and memory of devices.',
    permission: 'diag:read',
    effect: 'read',
    input: strictObject({
      selector: selectorSchema,
      /** How far back: `24h`, `7d`. */
      since: optional(durationField, '24h'),
    }),
    run: (context: OperationContext, input) => performanceHistory(context, selected(input)),
  }),

  ping: operation({
    summary: 'Pings a device, or another host, from the machine of the fleet.',
    permission: 'diag:network',
    effect: 'read',
    input: strictObject({
      device: referenceField,
      /** Another target: an address or a name. */
      host: exactOptional(hostInput()),
      count: optional(pipe(number(), integer(), minValue(1), maxValue(100)), 4),
    }),
    run: (context: OperationContext, input) => ping(context, input),
  }),

  traceroute: operation({
    summary: 'Traces the way to a device, or another host, from the machine of the fleet.',
    permission: 'diag:network',
    effect: 'read',
    input: strictObject({ device: referenceField, host: exactOptional(hostInput()) }),
    run: (context: OperationContext, input) => traceroute(context, input),
  }),

  crashes: streamOperation({
    summary: 'Lists the crash files that devices sent.',
    permission: 'diag:logs',
    effect: 'read',
    input: strictObject({ selector: exactOptional(selectorSchema) }),
    run: (context: OperationContext, { selector }) =>
      listCrashes(context, selector === undefined ? {} : { selector: selector as DeviceSelector }),
  }),

  crashDownload: streamOperation({
    summary: 'Gives out a crash file; who did so is recorded.',
    permission: 'diag:crash',
    effect: 'read',
    reveals: () => true,
    input: strictObject({ device: referenceField, file: exactOptional(referenceField) }),
    run: (context: OperationContext, input) => downloadCrash(context, input),
  }),

  bundle: streamOperation({
    summary: 'Collects all that is known of a device, without its secrets, as a ZIP archive.',
    permission: 'diag:bundle',
    effect: 'read',
    input: strictObject({
      device: referenceField,
      plainBasic: exactOptional(boolean()),
      /** Switches screen capture on for this once where it is off. */
      enable: exactOptional(boolean()),
    }),
    run: (context: OperationContext, input) => bundle(context, input),
  }),
};
