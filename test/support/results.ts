/**
 * The operations with a referee: whatever one of them answers has to fit the schema that the OpenAPI document gives for it,
 * and may hold nothing that the schema does not know. Every test that goes through the API plays under it.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { loadOperations } from '../../src/sdk/index.ts';
import type { AnyOperation, OperationTable } from '../../src/sdk/operation.ts';
import { readResults } from '../../src/server/api/openapi-results.ts';
import { toWire } from '../../src/server/api/wire.ts';

type Json = Readonly<Record<string, unknown>>;

/** Of a long list the rest is like the beginning. */
const MOST_ITEMS = 500;

let validators: Map<string, ValidateFunction> | undefined;

/** Objects that name their properties have no others. Clients must expect new ones; our tests must not. */
function strict(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strict);
  if (typeof node !== 'object' || node === null) return node;
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(node).map(([name, value]) => [name, strict(value)]),
  );
  if ('properties' in copy && !('additionalProperties' in copy)) copy['additionalProperties'] = false;
  return copy;
}

function compile(): Map<string, ValidateFunction> {
  const { operations, schemas } = readResults();
  const ajv = new Ajv2020({ strict: false, inlineRefs: false });
  ajv.addSchema({ $id: 'all', components: { schemas: strict(schemas) } });
  return new Map(
    Object.entries(operations).map(([name, schema]) => {
      // In the document references are to its own components; here those are in a schema of their own.
      const text = JSON.stringify(strict(schema)).replaceAll('"#/components/', '"all#/components/');
      return [name, ajv.compile(JSON.parse(text) as Json)];
    }),
  );
}

/** What is wrong with a result of an operation; `undefined` when it fits. */
export function unfit(name: string, result: unknown): string | undefined {
  validators ??= compile();
  const validate = validators.get(name);
  if (validate === undefined) return `${name}: there is no schema of its results; run npm run snapshots`;
  const wire: unknown = JSON.parse(JSON.stringify(toWire(result) ?? null));
  if (validate(wire)) return undefined;
  const problems = (validate.errors ?? []).slice(0, 5).map(({ instancePath, message, params }) => {
    return `${instancePath || '/'} ${message} ${JSON.stringify(params)}`;
  });
  return `${name}: ${problems.join('; ')}: ${JSON.stringify(wire).slice(0, 500)}`;
}

const misfits: string[] = [];

function check(name: string, result: unknown): void {
  const problem = unfit(name, result);
  if (problem === undefined) return;
  misfits.push(problem);
  throw new Error(`A result that does not fit its schema. ${problem}`);
}

/** Throws when the referee has seen something, in case a test that expects a failure took it for that. */
export function noMisfits(): void {
  if (misfits.length > 0) throw new Error(`Results that do not fit their schemas:\n${misfits.splice(0).join('\n')}`);
}

function refereed(name: string, operation: AnyOperation): AnyOperation {
  if (operation.local) return operation;
  if (operation.kind === 'value') {
    return {
      ...operation,
      async run(context, input) {
        const result = await operation.run(context, input);
        check(name, result);
        return result;
      },
    };
  }
  return {
    ...operation,
    async *run(context, input) {
      let seen = 0;
      for await (const item of operation.run(context, input)) {
        seen += 1;
        if (seen <= MOST_ITEMS) check(name, item);
        yield item;
      }
    },
  };
}

/** Every operation there is; a result that does not fit makes the call fail. */
export async function refereedOperations(): Promise<OperationTable> {
  return new Map([...(await loadOperations())].map(([name, operation]) => [name, refereed(name, operation)]));
}
