/** The examples of docs/guides/api.md are run as they stand there. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnv } from '../cli/harness.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { examplesOf } from '../support/guides.ts';

describe('the examples of the guides', function () {
  this.timeout(60_000);
  let test: TestApi;
  let folder: string;
  let env: Record<string, string>;

  before(async () => {
    test = await startTestApi();
    const { phonectl } = test.home;
    await phonectl.sites.add({ sites: [{ name: 'HQ' }] });
    await phonectl.devices.add({ devices: [{ mac: '0004f2aaaa01', name: 'lobby', site: 'HQ', model: 'VVX 450' }] });
    await phonectl.roles.add({ name: 'helpdesk', permissions: ['device:read'], sites: ['HQ'] });
    const key = await test.key();
    folder = mkdtempSync(join(tmpdir(), 'phonectl-guides-'));
    writeFileSync(join(folder, 'ca.pem'), test.ca);
    env = {
      ...cleanEnv(),
      SERVER: test.server,
      KEY: `${key.id}.${key.secret}`,
      CA: join(folder, 'ca.pem'),
      ETAG: '"1"',
    };
    writeFileSync(join(folder, 'devices.csv'), 'mac,name,site,model\n0004f2aaaa02,bar,HQ,VVX 450\n');
  });
  after(async () => {
    await test.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function run(script: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn('bash', ['-c', script], { cwd: folder, env });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, stdout, stderr }));
    });
  }

  const EXPECTED: Readonly<Record<string, (stdout: string) => void>> = {
    openapi: (stdout) => assert.equal(JSON.parse(stdout).openapi, '3.1.0'),
    list: (stdout) => assert.equal(JSON.parse(stdout).name, 'lobby'),
    show: (stdout) => assert.match(stdout, /etag: "\d+"[\s\S]*"name":"HQ"/i),
    add: (stdout) => assert.match(stdout, /Berlin/),
    'if-match': (stdout) => assert.equal(JSON.parse(stdout).description, 'First line'),
    import: (stdout) => assert.equal(JSON.parse(stdout).summary.created, 1),
    export: (stdout) => assert.match(stdout, /HQ/),
    async: (stdout) => assert.equal(JSON.parse(stdout.trim().split('\n').at(-1)!).state, 'done'),
    problem: (stdout) => assert.deepEqual([JSON.parse(stdout).code, JSON.parse(stdout).exitCode], ['not_found', 5]),
  };
  const curl = examplesOf('api.md');

  it('are all of them run', () => {
    assert.deepEqual([...curl.keys()].sort(), Object.keys(EXPECTED).sort());
  });

  for (const [name, check] of Object.entries(EXPECTED)) {
    it(`api.md: ${name}`, async () => {
      const { status, stdout, stderr } = await run(curl.get(name)!);
      assert.equal(status, 0, `${stderr}${stdout}`);
      check(stdout);
    });
  }
});
