/**
 * The pipelines of docs/guides/ci.md, run as they stand there: a server with its management API, phones of the lab, and
 * runners that have an address and a key. Only what is not ours is played: `gh`, and GitLab's place for notes.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { BIN, cleanEnv } from '../cli/harness.ts';
import { examplesOf } from '../support/guides.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';

type Env = Record<string, string>;
type Job = { readonly script: string; readonly env: Env };

const examples = examplesOf('ci.md');
const NUMBER = '17';

/** `${{ secrets.X }}` and the like, as the runner would fill them in. */
function filledIn(env: Readonly<Record<string, string>> = {}, known: Env): Env {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value.replace(/\$\{\{ (\S+) \}\}/g, (_, expression: string) => {
        assert.ok(expression in known, `${expression} is not among the settings of the guide`);
        return known[expression]!;
      }),
    ]),
  );
}

/** The commands of a runner, but for what installs phonectl. */
function script(lines: readonly (string | undefined)[]): string {
  return ['set -e', ...lines.filter((line) => line !== undefined && !/^npm /.test(line))].join('\n');
}

function githubJobs(known: Env): Map<string, Job> {
  const workflow = parse(examples.get('github')!) as {
    env: Env;
    jobs: Record<string, { env?: Env; steps: { run?: string }[] }>;
  };
  return new Map(
    Object.entries(workflow.jobs).map(([name, job]) => [
      name,
      { script: script(job.steps.map(({ run }) => run)), env: filledIn({ ...workflow.env, ...job.env }, known) },
    ]),
  );
}

function gitlabJobs(envOf: (job: string) => Env): Map<string, Job> {
  const pipeline = parse(examples.get('gitlab')!) as Record<string, { script: string[] }>;
  return new Map(
    ['check', 'apply', 'nightly'].map((name) => [name, { script: script(pipeline[name]!.script), env: envOf(name) }]),
  );
}

describe('the pipelines of ci.md', function () {
  this.timeout(120_000);
  let fleet: PlayedFleet;
  let folder: string;
  let base: Env;
  let notes: Server;
  let keys: Record<'look' | 'apply', { id: string; secret: string }>;
  const posted: { path: string; token: unknown; body: string }[] = [];

  before(async () => {
    fleet = await playedFleet({ phones: 3, mix: { poly: 1, yealink: 1, cisco: 1 }, api: true });
    folder = mkdtempSync(join(tmpdir(), 'phonectl-pipelines-'));
    const tool = (name: string, text: string): void => {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder, name), 0o755);
    };
    tool('phonectl', `exec "${process.execPath}" "${BIN}" "$@"`);
    tool('gh', 'echo "$GH_TOKEN $@" > gh.args; cp "$5" gh.body');
    const owner: Env = {
      ...cleanEnv({ home: fleet.home.path, env: fleet.home.env }),
      PATH: `${folder}${delimiter}${process.env['PATH']}`,
    };
    await run(`${examples.get('keys')!}\nphonectl fleet export ./fleet`, owner);
    const key = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
    mkdirSync(join(folder, 'fleet/profiles'), { recursive: true });
    keys = { look: key('look'), apply: key('apply') };
    writeFileSync(join(folder, 'ca.pem'), fleet.ca);
    base = { ...cleanEnv(), PATH: owner['PATH']!, PHONECTL_SERVER: fleet.api!, PHONECTL_CA: join(folder, 'ca.pem') };
    notes = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      posted.push({ path: request.url!, token: request.headers['private-token'], body });
      response.writeHead(201, { 'content-type': 'application/json' }).end('{}');
    }).listen(0, '127.0.0.1');
    await once(notes, 'listening');
  });
  after(async () => {
    notes?.close();
    await fleet?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Ended {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }

  async function ended(text: string, env: Env): Promise<Ended> {
    const child = spawn('bash', ['-c', text], { cwd: folder, env });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const [status] = await once(child, 'close');
    return { status, stdout, stderr };
  }

  async function run(text: string, env: Env): Promise<string> {
    const { status, stdout, stderr } = await ended(text, env);
    assert.equal(status, 0, `${text}\n${stderr}${stdout}`);
    return stdout;
  }

  const keyEnv = (name: 'look' | 'apply'): Env => ({
    ...base,
    PHONECTL_KEY_ID: keys[name].id,
    PHONECTL_KEY_SECRET: keys[name].secret,
  });

  /** What a merge request changes: a parameter of every Poly phone. */
  function edit(value: string): void {
    writeFileSync(
      join(folder, 'fleet/profiles/pipeline.yaml'),
      `name: pipeline\nvendor: poly\nparameters:\n  call.autoAnswer.SIP: "${value}"\n`,
    );
    writeFileSync(join(folder, 'fleet/assignments.yaml'), 'global:\n  - pipeline\n');
  }

  async function goesThrough(value: string, jobs: ReadonlyMap<string, Job>): Promise<void> {
    edit(value);
    const { script: check, env } = jobs.get('check')!;
    await run(check, env);
    const markdown = readFileSync(join(folder, 'plan.md'), 'utf8');
    assert.match(markdown, new RegExp(`^\\+ call\\.autoAnswer\\.SIP = ${value} `, 'm'));
    const apply = jobs.get('apply')!;
    await run(apply.script, apply.env);
    const poly = fleet.macs.find((mac) => fleet.lab.phone(mac).vendor === 'poly')!;
    const running = await fleet.phonectl.configs.explain({ device: poly, params: ['call.autoAnswer.SIP'] });
    assert.equal(running[0]?.value, value);
    const nightly = jobs.get('nightly')!;
    await run(nightly.script, nightly.env);
  }

  it('plain shell: checks, applies and waits for the phones, and sees what differs', async () => {
    const jobs = ['check', 'apply', 'nightly'].map((name): [string, Job] => [
      name,
      { script: examples.get(name)!, env: keyEnv(name === 'apply' ? 'apply' : 'look') },
    ]);
    await goesThrough('1', new Map(jobs));
    assert.match(await run(examples.get('apply')!, keyEnv('apply')), /is as the folder says/);
    edit('0');
    const differs = await ended(examples.get('nightly')!, keyEnv('look'));
    assert.equal(differs.status, 20, `${differs.stdout}${differs.stderr}`);
  });

  it('GitHub Actions: the plan becomes the comment of the pull request', async () => {
    const known = {
      'vars.PHONECTL_SERVER': base['PHONECTL_SERVER']!,
      'vars.PHONECTL_LOOK_ID': keys.look.id,
      'secrets.PHONECTL_LOOK_SECRET': keys.look.secret,
      'vars.PHONECTL_APPLY_ID': keys.apply.id,
      'secrets.PHONECTL_APPLY_SECRET': keys.apply.secret,
      'github.token': 'ghs_x',
      'github.event.number': NUMBER,
    };
    const jobs = [...githubJobs(known)].map(([name, job]): [string, Job] => [
      name,
      { ...job, env: { ...base, ...job.env } },
    ]);
    await goesThrough('0', new Map(jobs));
    const plan = readFileSync(join(folder, 'plan.md'), 'utf8');
    assert.equal(readFileSync(join(folder, 'gh.body'), 'utf8'), plan);
    assert.match(readFileSync(join(folder, 'gh.args'), 'utf8'), /^ghs_x pr comment 17 --body-file plan\.md /);
  });

  it('GitLab CI: the plan becomes a note of the merge request', async () => {
    const { port } = notes.address() as { port: number };
    const gitlab = {
      CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
      CI_PROJECT_ID: '4',
      CI_MERGE_REQUEST_IID: NUMBER,
      NOTE_TOKEN: 'glpat-x',
    };
    const env = (name: string): Env => ({ ...keyEnv(name === 'apply' ? 'apply' : 'look'), ...gitlab });
    await goesThrough('1', gitlabJobs(env));
    assert.equal(posted.length, 1);
    const [{ path, token, body }] = posted as [(typeof posted)[0]];
    assert.deepEqual([path, token], [`/api/v4/projects/4/merge_requests/${NUMBER}/notes`, 'glpat-x']);
    assert.equal(new URLSearchParams(body).get('body'), readFileSync(join(folder, 'plan.md'), 'utf8'));
  });

  it('the key of merge requests can look and nothing else', async () => {
    edit('0');
    const refused = await ended('phonectl fleet apply ./fleet --yes', keyEnv('look'));
    assert.equal(refused.status, 4, refused.stderr);
    assert.match(refused.stderr, /fleet:apply/);
  });

  it('a mistake in the folder stops the check with exit 12, before any plan', async () => {
    writeFileSync(join(folder, 'fleet/profiles/pipeline.yaml'), 'name: pipeline\nvendor: nokia\nparameters: {}\n');
    rmSync(join(folder, 'plan.md'), { force: true });
    const { status, stdout } = await ended(examples.get('check')!, keyEnv('look'));
    assert.equal(status, 12);
    assert.match(stdout, /pipeline\.yaml:2/);
    assert.ok(!existsSync(join(folder, 'plan.md')));
  });
});
