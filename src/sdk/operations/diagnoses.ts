/** Settings of phones for as long as a fault is looked for, and what comes of them, as operations. */
import {
  boolean,
  check,
  exactOptional,
  integer,
  maxLength,
  maxValue,
  minLength,
  minValue,
  number,
  picklist,
  pipe,
  record,
  regex,
  strictObject,
  string,
} from 'valibot';
import { type DiagnosisChange, LOG_TRANSPORTS, SEVERITIES } from '../../domain/diagnosis.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import { checkText, excerpt } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { runControl } from '../control/run.ts';
import { selectorSchema } from '../devices/fields.ts';
import type { DiagnosisInput } from '../diagnosis/action.ts';
import { listDiagnoses, logSettings } from '../diagnosis/read.ts';
import { downloadRecording, listRecordings } from '../diagnosis/recordings.ts';
import { referenceField } from '../fields.ts';
import { streamOperation } from '../operation.ts';
import { commandFields } from './commands.ts';
import { type RunInput, toRequest } from './control.ts';

const severity = picklist(SEVERITIES);
const moduleName = pipe(string(), regex(/^[A-Za-z0-9_]{1,32}$/, 'is no name of a module'));
const line = (most: number) =>
  pipe(
    string(),
    minLength(1, 'is empty'),
    check(
      (text) => checkText(text, most) === undefined,
      ({ input }) => `"${excerpt(input)}" is longer than ${most} characters or holds what no phone takes`,
    ),
  );
const whole = (least: number, most: number) => pipe(number(), integer(), minValue(least), maxValue(most));
const url = pipe(
  line(500),
  check(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).username === '',
    // Not repeated: there may be a password in it.
    'is no HTTP address, or one with a login in it',
  ),
);

const change = strictObject({
  level: exactOptional(severity),
  /** By the vendor's name; `all` for every one. */
  modules: exactOptional(record(moduleName, severity)),
  local: exactOptional(
    strictObject({
      on: exactOptional(boolean()),
      level: exactOptional(severity),
      /** Kilobytes. */
      size: exactOptional(whole(1, 1_000_000)),
      usbExport: exactOptional(boolean()),
    }),
  ),
  /** Without a server it is switched off. */
  syslog: exactOptional(
    strictObject({
      server: exactOptional(pipe(line(255), regex(/^[\w.:-]+$/, 'is no name or address of a server'))),
      port: exactOptional(whole(1, 65_535)),
      transport: exactOptional(picklist(LOG_TRANSPORTS)),
      level: exactOptional(severity),
      facility: exactOptional(whole(0, 23)),
      prependMac: exactOptional(boolean()),
    }),
  ),
  backup: exactOptional(
    strictObject({
      on: boolean(),
      /** Our own server by default. */
      url: exactOptional(url),
      username: exactOptional(line(128)),
      method: exactOptional(picklist(['put', 'post'])),
      mode: exactOptional(picklist(['append', 'overwrite'])),
      /** Minutes. */
      every: exactOptional(whole(1, 43_200)),
    }),
  ),
});

/** Noted, pushed, and seen to run. A password is sealed in the task. */
async function* set(context: OperationContext, input: RunInput, wish: DiagnosisChange, password?: string) {
  const request = await toRequest(context, input);
  const content: DiagnosisInput = { change: wish, author: context.actor.name };
  if (password === undefined || request.dryRun) {
    yield* runControl(context, 'diagnosis', { ...request, input: { ...content } });
    return;
  }
  const row = `control:${process.getBuiltinModule('node:crypto').randomUUID()}`;
  const value = Buffer.from(context.secrets.seal(JSON.stringify({ password }), row)).toString('base64');
  yield* runControl(context, 'diagnosis', { ...request, input: { ...content }, sealed: { row, value } });
}

export const diagnoses = {
  list: streamOperation({
    summary: 'Lists devices with settings that were made for a diagnosis.',
    permission: 'diag:settings',
    effect: 'read',
    input: strictObject({}),
    run: (context: OperationContext) => listDiagnoses(context),
  }),

  logSettings: streamOperation({
    summary: 'Shows what the log settings of devices come to.',
    permission: 'diag:logs',
    effect: 'read',
    input: strictObject({ selector: selectorSchema }),
    run: (context: OperationContext, { selector }) => logSettings(context, { selector: selector as DeviceSelector }),
  }),

  setLogs: streamOperation({
    summary: 'Changes the log settings of devices until their diagnosis is ended.',
    permission: 'diag:settings',
    effect: 'disruptive',
    input: strictObject({
      ...commandFields,
      change,
      /** Of the server that logs are uploaded to. */
      password: exactOptional(pipe(string(), minLength(1, 'is empty'), maxLength(128))),
    }),
    run: (context: OperationContext, { change: wish, password, ...input }) => set(context, input, wish, password),
  }),

  end: streamOperation({
    summary: 'Takes away what was set on devices for a diagnosis, and ends their captures.',
    permission: 'diag:settings',
    effect: 'disruptive',
    input: strictObject(commandFields),
    async *run(context: OperationContext, input) {
      yield* runControl(context, 'diagnosis-end', await toRequest(context, input));
    },
  }),

  recordingAuto: streamOperation({
    summary: 'Switches on or off that devices send their recordings when they end.',
    permission: 'diag:settings',
    effect: 'write',
    input: strictObject({ ...commandFields, on: boolean() }),
    run: (context: OperationContext, { on, ...input }) => set(context, input, { recordings: on }),
  }),

  recordings: streamOperation({
    summary: 'Lists recordings that devices sent.',
    permission: 'diag:recording',
    effect: 'read',
    input: strictObject({ selector: selectorSchema }),
    run: (context: OperationContext, { selector }) => listRecordings(context, { selector: selector as DeviceSelector }),
  }),

  recordingDownload: streamOperation({
    summary: 'Gives out a recording; who did so is recorded.',
    permission: 'diag:recording',
    effect: 'read',
    reveals: () => true,
    input: strictObject({ device: referenceField, file: referenceField }),
    run: (context: OperationContext, input) => downloadRecording(context, input),
  }),
};
