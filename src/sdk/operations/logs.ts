/** The operation log: who did what, when, from where, with which result (LOG-01..05). */
import {
  boolean,
  integer,
  maxValue,
  minValue,
  nullable,
  number,
  optional,
  picklist,
  pipe,
  strictObject,
  string,
} from 'valibot';
import { timeInput } from '../access/inputs.ts';
import { downloadWeek, listLog, pruneLog, verifyLog } from '../logs/logs.ts';
import { setRetention, showRetention } from '../logs/retention.ts';
import { operation, streamOperation } from '../operation.ts';

export const logs = {
  list: streamOperation({
    summary: 'Lists what was done, newest first.',
    permission: 'log:read',
    effect: 'read',
    input: strictObject({
      since: optional(timeInput()),
      until: optional(timeInput()),
      user: optional(string()),
      ip: optional(string()),
      operation: optional(string()),
      object: optional(string()),
      result: optional(picklist(['done', 'partial', 'failed'])),
      limit: optional(pipe(number(), integer(), minValue(1))),
    }),
    run: (context, filter) => listLog(context, filter),
  }),
  download: streamOperation({
    summary: 'Gives the log of one week, Monday to Sunday, as JSON lines.',
    permission: 'log:read',
    effect: 'read',
    input: strictObject({ weekOf: optional(timeInput()) }),
    run: (context, { weekOf }) => downloadWeek(context, weekOf),
  }),
  verify: operation({
    summary: 'Finds out whether entries of the log were changed or removed.',
    permission: 'log:verify',
    effect: 'read',
    input: strictObject({ anchor: optional(string()) }),
    run: (context, { anchor }) => verifyLog(context, anchor),
  }),
  retention: operation({
    summary: 'Says for how many weeks the log is kept.',
    permission: 'log:read',
    effect: 'read',
    input: strictObject({}),
    run: (context) => showRetention(context),
  }),
  keep: operation({
    summary: 'Sets for how many weeks the log is kept; null for ever.',
    permission: 'log:prune',
    effect: 'destructive',
    input: strictObject({
      weeks: nullable(pipe(number(), integer(), minValue(4), maxValue(5_200))),
      dryRun: optional(boolean(), false),
    }),
    run: setRetention,
  }),
  prune: operation({
    summary: 'Removes the oldest weeks of the log.',
    permission: 'log:prune',
    effect: 'destructive',
    input: strictObject({
      weeks: pipe(number(), integer(), minValue(4), maxValue(5_200)),
      dryRun: optional(boolean(), false),
    }),
    run: (context, { weeks, dryRun }) => pruneLog(context, weeks, dryRun),
  }),
};
