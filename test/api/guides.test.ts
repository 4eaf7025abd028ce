/** The examples of docs/guides/api.md and ci.md are run as they stand there. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { BIN, cleanEnv, ROOT } from '../cli/harness.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

/** Fenced blocks behind `<!-- example: name -->`. */
function examplesOf(guide: string): Map<string, string> {
  const text = readFileSync(join(ROOT, 'docs/guides', guide), 'utf8');
  const blocks = text.matchAll(/<!-- example: ([\w-]+) -->\n```\w+\n(.*?)\n```\n/gs);
  return new Map([...blocks].map(([, name, code]) => [name!, code!]));
}

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
    writeFileSync(join(folder, 'phonectl'), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
    chmodSync(join(folder, 'phonectl'), 0o755);
    env = {
      ...cleanEnv(),
      PATH: `${folder}${delimiter}${process.env['PATH']}`,
      SERVER: test.server,
      KEY: `${key.id}.${key.secret}`,
      CA: join(folder, 'ca.pem'),
      ETAG: '"1"',
      PHONECTL_SERVER: test.server,
      PHONECTL_CA: join(folder, 'ca.pem'),
      PHONECTL_KEY_ID: key.id,
      PHONECTL_KEY_SECRET: key.secret,
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
    };
    writeFileSync(join(folder, 'devices.csv'), 'mac,name,site,model\n0004f2aaaa02,bar,HQ,VVX 450\n');
    writeFileSync(join(folder, 'sites.csv'), 'site_name,description\nHQ,Head office\nParis,New\n');
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

  describe('of ci.md', () => {
    const ci = examplesOf('ci.md');
    interface Pipeline {
      readonly jobs?: Record<string, { steps: { run?: string }[] }>;
      readonly [job: string]: unknown;
    }
    /** The commands of a job that are phonectl's business; what installs it is the runner's. */
    function jobs(name: string): Map<string, string> {
      const pipeline = parse(ci.get(name)!) as Pipeline;
      const scripts =
        pipeline.jobs === undefined
          ? ['check', 'apply', 'nightly'].map((job) => [job, (pipeline[job] as { script: string[] }).script] as const)
          : Object.entries(pipeline.jobs).map(
              ([job, { steps }]) => [job, steps.map((step) => step.run ?? '')] as const,
            );
      return new Map(
        scripts.map(([job, lines]) => [job, ['set -e', ...lines.filter((line) => !/^npm /.test(line))].join('\n')]),
      );
    }
    const runs = {
      shell: new Map(['check', 'apply', 'nightly'].map((name) => [name, ci.get(name)!])),
      github: jobs('github'),
      gitlab: jobs('gitlab'),
    };

    for (const [kind, scripts] of Object.entries(runs)) {
      it(`${kind}: checks, applies, applies again without a change, and finds what differs`, async () => {
        writeFileSync(
          join(folder, 'devices.csv'),
          `mac,name,site,model\n0004f2aaaa01,lobby,HQ,VVX 450\n0004f2aaaa02,${kind},HQ,VVX 450\n`,
        );
        const before = await run('phonectl device list --json --columns name');
        const check = await run(scripts.get('check')!);
        assert.equal(check.status, 0, check.stderr);
        assert.equal((await run('phonectl device list --json --columns name')).stdout, before.stdout);
        for (const round of ['first', 'second']) {
          const apply = await run(`${scripts.get('apply')!}\ncp result.json /dev/stdout 2>/dev/null || true`);
          assert.equal(apply.status, 0, `${round}: ${apply.stderr}`);
        }
        const differs = await run(scripts.get('nightly')!);
        assert.equal(differs.status, 1, differs.stderr);
        writeFileSync(join(folder, 'devices.csv'), readFileSync(join(folder, 'fleet.csv')));
        const equal = await run(scripts.get('nightly')!);
        assert.equal(equal.status, 0, `${equal.stdout}${equal.stderr}`);
      });
    }

    it('a bad row stops the check with exit 12', async () => {
      writeFileSync(join(folder, 'devices.csv'), 'mac,name,site,model\nnonsense,x,HQ,VVX 450\n');
      assert.equal((await run(ci.get('check')!)).status, 12);
    });
  });
});
