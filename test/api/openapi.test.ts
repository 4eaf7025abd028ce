import assert from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import { loadOperations } from '../../src/sdk/index.ts';
import { bytesField } from '../../src/server/api/input.ts';
import { runCli } from '../cli/harness.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { ask } from '../support/http.ts';
import { unfit } from '../support/results.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security?: object[];
  readonly 'x-permission'?: string;
  readonly parameters?: { name: string; in: string; required?: boolean; schema?: object; content?: object }[];
  readonly requestBody?: { content: Record<string, { schema?: Schema }> };
  readonly responses: Record<string, object>;
}
interface Schema {
  readonly type?: string;
  readonly properties?: Record<string, Schema>;
  readonly required?: string[];
  readonly additionalProperties?: boolean;
}

describe('the OpenAPI document (PLAT-16, KEY-03)', () => {
  let test: TestApi;
  let document: Document;

  before(async () => {
    test = await startTestApi();
    const answer = await ask(test, '/v1/openapi.json', { method: 'GET' });
    assert.equal(answer.status, 200);
    document = answer.json();
  });
  after(() => test.stop());

  it('is 3.1 and has every operation that is offered, and no other', async () => {
    assert.equal(document.openapi, '3.1.0');
    const offered = [...(await loadOperations())].filter(([, { local }]) => !local);
    const described = Object.entries(document.paths).filter(([path]) => !path.startsWith('/v1/operations/'));
    assert.deepEqual(
      described.map(([path]) => path).sort(),
      offered.map(([name]) => `/v1/${name.replace('.', '/')}`).sort(),
    );
    for (const [name, operation] of offered) {
      const item = document.paths[`/v1/${name.replace('.', '/')}`]!;
      assert.equal(item['post']!.operationId, name);
      assert.equal(item['post']!['x-permission'], operation.permission);
      const query = operation.effect === 'read' && bytesField(operation) === undefined;
      assert.equal(item['get'] !== undefined, query, name);
    }
  });

  it('is valid by the schema of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(
      structuredClone<object>(document) as Record<string, unknown>,
    );
    assert.ok(valid, JSON.stringify(errors)?.slice(0, 2000));
  });

  it('has a referee for results who sees what is missing, what is too much, and what is of another type', () => {
    const key = { id: 'pk_1', secret: null, callbackSecret: null, name: 'ci', roles: ['super'], expiresAt: null };
    assert.equal(unfit('key.create', key), undefined);
    const { name: _, ...nameless } = key;
    for (const wrong of [nameless, { ...key, more: 1 }, { ...key, roles: 'super' }, [], null, 'ci']) {
      assert.match(unfit('key.create', wrong) ?? '', /^key\.create: /, JSON.stringify(wrong));
    }
    assert.equal(unfit('resource.download', new Uint8Array([1, 2])), undefined);
    assert.match(unfit('no.such', {}) ?? '', /no schema/);
  });

  it('says of every answer what it is', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const { operationId, responses } of Object.values(item)) {
        const ok = responses['200'] as { content: Record<string, { schema?: object }> };
        for (const [type, { schema }] of Object.entries(ok.content)) {
          if (type === 'application/octet-stream') continue;
          assert.ok(Object.keys(schema ?? {}).length > 0, `${operationId} ${path} ${type}`);
        }
      }
    }
    const device = (document as unknown as { components: { schemas: Record<string, Schema> } }).components.schemas;
    assert.deepEqual(device['Device']!.properties!['siteMode'], { enum: ['auto', 'pinned'] });
  });

  it('resolves every reference and gives every operation its own id', () => {
    const root = document as unknown as Record<string, unknown>;
    for (const [, pointer] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer!
        .split('/')
        .reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], root);
      assert.notEqual(target, undefined, pointer);
    }
    const ids = Object.values(document.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('says of an input what the door says', async () => {
    const schema = document.paths['/v1/role/add']!['post']!.requestBody!.content['application/json']!.schema!;
    assert.equal(schema.type, 'object');
    assert.equal(schema.additionalProperties, false);
    assert.deepEqual([...schema.required!].sort(), ['name', 'permissions', 'sites']);
    assert.equal(schema.properties!['dryRun']!.type, 'boolean');
    const upload = document.paths['/v1/site/import']!['post']!;
    assert.ok('application/octet-stream' in upload.requestBody!.content);
    assert.ok(upload.parameters!.some(({ name }) => name === 'partial'));
    assert.ok(!upload.parameters!.some(({ name }) => name === 'source'));
    assert.deepEqual(document.paths['/v1/auth/login']!['post']!.security, [{}]);
  });

  it('describes what the command line prints with --json', async () => {
    const { phonectl, path: home, env } = test.home;
    await phonectl.sites.add({ sites: [{ name: 'HQ', subnets: [{ public: '192.0.2.0/24' }] }] });
    const sip = { type: 'sip' as const, name: 'lobby-sip', username: 'lobby', server: 'pbx.example.net' };
    await phonectl.accounts.add({ accounts: [sip] });
    const line = { accounts: [{ account: 'lobby-sip' }] };
    await phonectl.devices.add({
      devices: [{ mac: '0004f2aaaa01', name: 'lobby', site: 'HQ', model: 'VVX 450', ...line }],
    });
    const printed: readonly [operation: string, argv: string, several?: 'several'][] = [
      ['site.list', 'site list', 'several'],
      ['device.show', 'device show lobby'],
      ['device.list', 'device list', 'several'],
      ['key.create', 'key create ci --role super --expires 90d'],
      ['log.list', 'log list', 'several'],
      ['config.explain', 'config explain lobby'],
    ];
    for (const [operation, argv, several] of printed) {
      const { status, stdout, stderr } = await runCli([...argv.split(' '), '--json'], { home, env, timeout: 60_000 });
      assert.equal(status, 0, `${argv}: ${stderr}`);
      const values: unknown[] = several ? JSON.parse(stdout) : [JSON.parse(stdout)];
      assert.ok(values.length > 0, argv);
      for (const value of values) assert.equal(unfit(operation, value), undefined, argv);
    }
  }).timeout(120_000);

  it('comes from the product itself: phonectl docs openapi', async () => {
    const { status, stdout, stderr } = await runCli(['docs', 'openapi'], { home: test.home.path, env: test.home.env });
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), document);
    const list = await runCli(['docs', '--json']);
    const topics = (JSON.parse(list.stdout) as { topic: string }[]).map(({ topic }) => topic);
    for (const topic of ['api', 'ci', 'privacy', 'openapi']) assert.ok(topics.includes(topic), topic);
    assert.match((await runCli(['docs', 'privacy'])).stdout, /personal data/i);
    assert.equal((await runCli(['docs', 'nosuch'])).status, 5);
  });
});
