/** Operations for tests of the transport: they do what is hard to arrange with real ones. */
import { setTimeout as sleep } from 'node:timers/promises';
import { number, optional, strictObject, string } from 'valibot';
import { bytesInput } from '../../src/sdk/bytes.ts';
import { PhonectlError } from '../../src/sdk/errors.ts';
import { type OperationTable, operation, streamOperation } from '../../src/sdk/operation.ts';

export interface Traces {
  /** What writes have done, in order. */
  readonly done: string[];
  /** How often an operation noticed that it was aborted. */
  aborted: number;
}

export function testOperations(traces: Traces): OperationTable {
  const entries = {
    'test.note': operation({
      summary: 'Notes a text.',
      permission: 'test:write',
      effect: 'write',
      input: strictObject({ text: string() }),
      run: (context, { text }) =>
        context.write(async () => {
          traces.done.push(text);
          return [
            { text, number: traces.done.length },
            { object: 'test', result: 'done' },
          ];
        }),
    }),
    'test.fail': operation({
      summary: 'Fails after it has said something.',
      permission: 'test:write',
      effect: 'write',
      input: strictObject({ code: string() }),
      async run(context, { code }) {
        context.progress({ half: true });
        throw new PhonectlError(code as 'conflict', 'It was meant to fail.', { hints: ['Do not.'], details: { n: 1 } });
      },
    }),
    'test.crash': operation({
      summary: 'Breaks.',
      permission: 'test:read',
      effect: 'read',
      input: strictObject({}),
      async run(): Promise<never> {
        throw new TypeError('secret-in-a-stack is not a function');
      },
    }),
    'test.slow': operation({
      summary: 'Takes its time, and says how far it is.',
      permission: 'test:write',
      effect: 'write',
      input: strictObject({ steps: number(), time: number() }),
      async run(context, { steps, time }) {
        context.signal.addEventListener('abort', () => {
          traces.aborted += 1;
        });
        for (let step = 1; step <= steps; step += 1) {
          await sleep(time, undefined, { signal: context.signal });
          context.progress({ step });
        }
        return context.write(async () => {
          traces.done.push(`slow ${steps}`);
          return [{ steps }, { object: 'test', result: 'done' }];
        });
      },
    }),
    'test.count': streamOperation({
      summary: 'Counts.',
      permission: 'test:read',
      effect: 'read',
      input: strictObject({ to: number(), fail: optional(number()) }),
      async *run(_, { to, fail }) {
        for (let index = 1; index <= to; index += 1) {
          if (index === fail) throw new PhonectlError('conflict', 'It was meant to fail.');
          yield { index, text: 'x'.repeat(100) };
        }
      },
    }),
    'test.tick': streamOperation({
      summary: 'Ticks for ever, and does not look at the signal.',
      permission: 'test:read',
      effect: 'read',
      input: strictObject({}),
      async *run() {
        for (let tick = 1; ; tick += 1) {
          yield { tick };
          await sleep(50);
        }
      },
    }),
    'test.effects': streamOperation({
      summary: 'Acts on many, with a result for each.',
      permission: 'test:write',
      effect: 'disruptive',
      input: strictObject({ targets: number(), time: number() }),
      async *run(context, { targets, time }) {
        await context.write(async () => [undefined, { object: 'test', result: 'done' }]);
        for (let target = 1; target <= targets; target += 1) {
          if (time > 0) await sleep(time, undefined, { signal: context.signal });
          traces.done.push(`target ${target}`);
          yield { device: `phone-${target}`, result: 'success' };
        }
      },
    }),
    'test.upload': operation({
      summary: 'Takes a file.',
      permission: 'test:write',
      effect: 'write',
      input: strictObject({ source: bytesInput(), name: string(), lines: optional(number()) }),
      async run(context, { source, name }) {
        let size = 0;
        for await (const chunk of source) {
          context.signal.throwIfAborted();
          size += chunk.length;
          context.progress({ size });
        }
        return context.write(async () => {
          traces.done.push(`${name} ${size}`);
          return [
            { name, size },
            { object: 'test', result: 'done' },
          ];
        });
      },
    }),
    'test.bytes': streamOperation({
      summary: 'Gives bytes.',
      permission: 'test:read',
      effect: 'read',
      input: strictObject({}),
      async *run() {
        yield new Uint8Array([0, 255, 10, 13]);
        yield 'text\n';
      },
    }),
  };
  return new Map(Object.entries(entries)) as OperationTable;
}
