/**
 * What operations answer, in the OpenAPI document. The schemas come from the TypeScript types and are generated beforehand
 * (tools/result-schemas.ts); they are read only when the document is asked for.
 */
import { readFileSync } from 'node:fs';
import { assetPath } from '../../sdk/assets.ts';
import type { AnyOperation } from '../../sdk/operation.ts';
import { NDJSON_TYPE } from './wire.ts';

type Json = Readonly<Record<string, unknown>>;

/** `templates/api/results.json`. */
export interface Results {
  /** By the operation's name: its result, or an item of the sequence that it answers. */
  readonly operations: Readonly<Record<string, Json>>;
  readonly schemas: Readonly<Record<string, Json>>;
}

export function readResults(): Results {
  return JSON.parse(readFileSync(assetPath('templates', 'api', 'results.json'), 'utf8')) as Results;
}

/** The transport's own lines, see wire.ts. */
export const LINES: Json = {
  ProblemLine: {
    type: 'object',
    description: 'It failed here; always the last line.',
    required: ['$problem'],
    properties: { $problem: { $ref: '#/components/schemas/Problem' } },
  },
  ProgressLine: {
    type: 'object',
    description: 'How far the work has come.',
    required: ['$progress'],
    properties: { $progress: {} },
  },
};

const PROBLEM_LINE: Json = { $ref: '#/components/schemas/ProblemLine' };

/** The content of an answer 200 by media type. The schema of NDJSON is that of a line. */
export function resultContent(operation: AnyOperation, result: Json): Json {
  const reads = operation.effect === 'read';
  if (operation.kind === 'stream') {
    return { [NDJSON_TYPE]: { schema: { anyOf: [result, PROBLEM_LINE] } }, ...(reads && rawContent(result)) };
  }
  const json = { 'application/json': { schema: result } };
  if (reads) return json;
  const last = { type: 'object', required: ['$result'], properties: { $result: result } };
  return {
    ...json,
    [NDJSON_TYPE]: { schema: { anyOf: [{ $ref: '#/components/schemas/ProgressLine' }, last, PROBLEM_LINE] } },
  };
}

/** Text and bytes can be had as they are. */
function rawContent(result: Json): Json {
  const text = result['type'] === 'string';
  const bytes = '$bytes' in ((result['properties'] as Json | undefined) ?? {});
  return {
    ...(text && { 'text/csv': { schema: { type: 'string' } } }),
    ...((text || bytes) && { 'application/octet-stream': {} }),
  };
}
