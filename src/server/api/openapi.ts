/** The OpenAPI 3.1 document, from the same table and the same schemas that the door checks by. */
import { packageVersion } from '../../sdk/assets.ts';
import { ERROR_CODES, type ErrorCode } from '../../sdk/errors.ts';
import type { AnyOperation, OperationTable } from '../../sdk/operation.ts';
import { bytesAreOptional, bytesField } from './input.ts';
import { LINES, type Results, readResults, resultContent } from './openapi-results.ts';
import { PROBLEM_TYPE, statusOf } from './problems.ts';
import { NDJSON_TYPE } from './wire.ts';

type Json = Readonly<Record<string, unknown>>;

export async function openApi(operations: OperationTable): Promise<Json> {
  const { toJsonSchema } = await import('@valibot/to-json-schema');
  const schemaOf = (operation: AnyOperation): Json => {
    const { $schema: _, ...schema } = toJsonSchema(operation.input as never, {
      typeMode: 'input',
      // Checks that JSON Schema has no words for are left to the server.
      errorMode: 'ignore',
    });
    return schema;
  };
  const remote = [...operations].filter(([, { local }]) => local !== true).sort(([a], [b]) => a.localeCompare(b));
  const results = readResults();
  const paths = remote.map(([name, operation]) => [
    pathOf(name),
    pathItem(name, operation, schemaOf(operation), results),
  ]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'phonectl',
      version: packageVersion(),
      license: { name: 'MIT' },
      description:
        'Every operation of phonectl. Lists and long work are streams of JSON lines (NDJSON); a line with one key that ' +
        'begins with `$` is the transport speaking: `$progress`, `$result`, `$problem` (always last), and `$bytes` ' +
        '(base64) in place of bytes. An empty line is a sign of life.',
    },
    security: [{ bearer: [] }, {}],
    tags: [...new Set(remote.map(([name]) => nounOf(name)))].map((name) => ({ name })),
    paths: { ...Object.fromEntries(paths), ...RUN_PATHS },
    components: {
      securitySchemes: SECURITY,
      schemas: { ...results.schemas, ...LINES, Problem: PROBLEM, Run: RUN },
      responses: RESPONSES,
    },
  };
}

export function pathOf(name: string): string {
  return `/v1/${name.replace('.', '/')}`;
}

function nounOf(name: string): string {
  return name.slice(0, name.indexOf('.'));
}

function pathItem(name: string, operation: AnyOperation, schema: Json, results: Results): Json {
  const field = bytesField(operation);
  const common = {
    summary: operation.summary,
    tags: [nounOf(name)],
    'x-permission': operation.permission,
    'x-effect': operation.effect,
    security: operation.permission === 'auth:anonymous' ? [{}] : [{ bearer: [] }],
    responses: responsesOf(operation, results.operations[name] ?? {}),
  };
  const query = parametersOf(schema, field);
  const headers = operation.effect === 'read' ? [] : WRITE_HEADERS;
  const post =
    field === undefined
      ? { parameters: headers, requestBody: { required: false, content: { 'application/json': { schema } } } }
      : {
          parameters: [...query, ...headers],
          requestBody: bytesAreOptional(operation, field)
            ? {
                required: false,
                content: { 'application/octet-stream': {}, 'application/json': { schema: omit(schema, field) } },
                description: `\`${field}\`, beside the query; without it all of the input as JSON`,
              }
            : { required: true, content: { 'application/octet-stream': {} }, description: `\`${field}\`` },
        };
  const get = operation.effect === 'read' && field === undefined;
  return {
    post: { operationId: name, ...common, ...post },
    ...(get && { get: { operationId: `${name}.get`, ...common, parameters: query } }),
  };
}

function omit(schema: Json, field: string): Json {
  const { [field]: _, ...properties } = (schema as { properties?: Record<string, Json> }).properties ?? {};
  return { ...schema, properties };
}

/** The fields of an input as query parameters: a list repeats its name, what is no text is JSON. */
function parametersOf(schema: Json, without: string | undefined): Json[] {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties)
    .filter(([name]) => name !== without)
    .map(([name, property]) => ({
      name,
      in: 'query',
      required: required.includes(name),
      ...(property['type'] === 'object'
        ? { content: { 'application/json': { schema: property } } }
        : { schema: property, style: 'form', explode: true }),
    }));
}

const WRITE_HEADERS: readonly Json[] = [
  {
    name: 'Idempotency-Key',
    in: 'header',
    schema: { type: 'string', maxLength: 255 },
    description: 'Sent again with the same key, the request does nothing again and gets the first answer (24 hours).',
  },
  {
    name: 'If-Match',
    in: 'header',
    schema: { type: 'string', pattern: '^"\\d+"$' },
    description: 'Only if the object still has this version (its `version`, the ETag of `show`).',
  },
  {
    name: 'Prefer',
    in: 'header',
    schema: { type: 'string', enum: ['respond-async'] },
    description: 'Answer 202 at once; the work goes on and is asked for at its Location.',
  },
  {
    name: 'Phonectl-Run',
    in: 'header',
    schema: { type: 'string', format: 'uuid' },
    description: 'A name for the run, so that it can be ended before it has answered.',
  },
];

function responsesOf(operation: AnyOperation, result: Json): Json {
  const ok = { description: operation.summary, content: resultContent(operation, result) };
  const accepted = { 202: { $ref: '#/components/responses/Started' } };
  return { 200: ok, ...(operation.effect !== 'read' && accepted), default: { $ref: '#/components/responses/Problem' } };
}

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

const PROBLEM: Json = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; `exitCode` is what the command line ends with.',
  required: ['type', 'title', 'status', 'detail', 'code', 'exitCode', 'hints', 'details'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer', enum: [...new Set([...CODES.map(statusOf), 405, 408])].sort((a, b) => a - b) },
    detail: { type: 'string' },
    code: { type: 'string', enum: CODES },
    exitCode: { type: 'integer' },
    hints: { type: 'array', items: { type: 'string' } },
    details: { type: 'object' },
  },
};

const RUN: Json = {
  type: 'object',
  required: ['id', 'operation', 'state', 'startedAt', 'endedAt', 'lines', 'forgotten'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    operation: { type: 'string' },
    state: { type: 'string', enum: ['running', 'done', 'failed'] },
    startedAt: { type: 'string', format: 'date-time' },
    endedAt: { type: ['string', 'null'], format: 'date-time' },
    lines: { type: 'integer' },
    forgotten: { type: 'integer' },
    result: {},
    problem: { $ref: '#/components/schemas/Problem' },
  },
};

const SECURITY: Json = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: '`<key id>.<secret>` of an access key, or the token of a session from /v1/auth/login.',
  },
};

const RESPONSES: Json = {
  Problem: {
    description: 'What went wrong, and what to do now.',
    content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
  },
  Started: {
    description: 'The work goes on; see Location.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Run' } } },
  },
};

const RUN_ID: Json = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } };

function runOperation(operationId: string, summary: string, type: string, extra: readonly Json[] = []): Json {
  return {
    operationId,
    summary,
    tags: ['operations'],
    parameters: [RUN_ID, ...extra],
    responses: {
      200: { description: summary, content: { [type]: { schema: { $ref: '#/components/schemas/Run' } } } },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

const RUN_PATHS: Json = {
  '/v1/operations/{id}': {
    get: runOperation('operations.show', 'Shows a run that the caller started.', 'application/json'),
    delete: runOperation('operations.end', 'Ends a run; what it has done stays done.', 'application/json'),
  },
  '/v1/operations/{id}/events': {
    get: runOperation('operations.events', 'Follows what a run says.', NDJSON_TYPE, [
      {
        name: 'after',
        in: 'query',
        schema: { type: 'integer', minimum: 0 },
        description: 'How many lines one has already.',
      },
    ]),
  },
};
