/**
 * A scripted session of the command line, killed at every commit that it makes: before it, and after it. What a command
 * writes is there as a whole or not at all, and the command that died can be typed again.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openDatabase } from '../../src/store/sqlite.ts';
import { type RunResult, runCli } from '../cli/harness.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const DEADLY = pathToFileURL(join(import.meta.dirname, 'deadly-runner.ts')).href;

/** The environment in which a process notes its commits, and dies at one of them. */
export function deadlyEnv(death?: string, notes?: string): Record<string, string> {
  return {
    NODE_OPTIONS: `--import ${DEADLY}`,
    ...(death !== undefined && { PHONECTL_TORTURE_DEATH: death }),
    ...(notes !== undefined && { PHONECTL_TORTURE_COMMITS: notes }),
  };
}

const PHONES = Array.from({ length: 60 }, (_, index) => `0004f2${index.toString(16).padStart(6, '0')}`);
const CSV = `mac,model,site\n${PHONES.map((mac) => `${mac},VVX 450,Berlin`).join('\n')}\n`;

/** Each step is typed once more after its death; `again` says that it then does its work a second time. */
const SESSION: readonly { readonly argv: readonly string[]; readonly stdin?: string; readonly again?: true }[] = [
  { argv: ['site', 'add', 'Berlin'] },
  { argv: ['device', 'import', '-', '--update', 'merge'], stdin: CSV },
  { argv: ['group', 'add', 'lobby'] },
  { argv: ['account', 'add', '1001', '--type', 'sip', '--server', 'sip.example.com'] },
  { argv: ['device', 'edit', ...PHONES.slice(0, 5), '--tag', 'floor=1'] },
  { argv: ['device', 'reboot', '--all', '--yes', '--no-wait'], again: true },
  { argv: ['task', 'pause', '1'] },
  { argv: ['task', 'resume', '1', '--no-wait'] },
  { argv: ['timer', 'add', '--type', 'reboot', '--all', '--repeat', 'daily', '--at', '03:00'], again: true },
  { argv: ['timer', 'edit', '2', '--name', 'nightly'] },
  { argv: ['task', 'end', '1', '--yes'] },
  { argv: ['timer', 'end', '2', '--yes'] },
];

export interface SessionReport {
  readonly kills: number;
  /** Commands that were killed after their last commit, and whose work was not there. */
  readonly lost: readonly string[];
  /** Commands of one commit that left something else than all or nothing. */
  readonly torn: readonly string[];
  /** Commands that could not be typed again, or did something else then. */
  readonly stuck: readonly string[];
}

/** Kills every `each`-th of all deaths of the first steps of the session; without numbers all of them. */
export async function killSession(each = 1, steps = SESSION.length): Promise<SessionReport> {
  const home = await makeHome();
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-session-'));
  const report = { kills: 0, lost: [] as string[], torn: [] as string[], stuck: [] as string[] };
  let turn = 0;
  try {
    for (const step of SESSION.slice(0, steps)) {
      const start = copyOf(home.path, join(folder, 'start'));
      const before = fingerprint(start);
      const notes = join(folder, `commits-${turn}`);
      const healthy = await type(home, home.path, step, deadlyEnv(undefined, notes));
      assert.ok([0, 8].includes(healthy.status ?? -1), `${step.argv.join(' ')}: ${healthy.stderr}`);
      const after = fingerprint(home.path);
      const wanted = stateOf(home.path);
      const commits = existsSync(notes) ? readFileSync(notes, 'utf8').split('\n').length - 1 : 0;
      assert.ok(commits > 0, `${step.argv.join(' ')} writes nothing`);
      for (let number = 1; number <= commits; number += 1) {
        for (const where of ['before', 'after'] as const) {
          turn += 1;
          if (turn % each !== 0) continue;
          const name = `${step.argv.join(' ')}: ${where} commit ${number} of ${commits}`;
          const there = copyOf(start, join(folder, 'there'));
          const { signal } = await type(home, there, step, deadlyEnv(`main:${where}:${number}`));
          assert.equal(signal, 'SIGKILL', `${name} did not die`);
          report.kills += 1;
          const left = fingerprint(there);
          if (where === 'after' && number === commits && left !== after) report.lost.push(name);
          if (commits === 1 && left !== before && left !== after) report.torn.push(name);
          // Who sees its work done does not ask for it again.
          if (left === after && step.again === true) continue;
          const repeated = await type(home, there, step, {});
          const fits = [0, 6, 8].includes(repeated.status ?? -1) && stateOf(there) === wanted;
          if (!fits) report.stuck.push(`${name}: ${repeated.status} ${repeated.stderr}`);
        }
      }
    }
    return report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await home.remove();
  }
}

function type(
  home: TestHome,
  path: string,
  { argv, stdin }: (typeof SESSION)[number],
  env: Readonly<Record<string, string>>,
): Promise<RunResult> {
  return runCli([...argv, '--json'], {
    home: path,
    env: { ...home.env, PHONECTL_HOME: path, ...env },
    ...(stdin !== undefined && { stdin }),
    timeout: 60_000,
  });
}

/** A home as a crash would leave it: the files as they are. */
function copyOf(home: string, to: string): string {
  rmSync(to, { recursive: true, force: true });
  cpSync(home, to, { recursive: true });
  return to;
}

/** What is in the store, without times and without what is made up at random. */
const STATE = [
  'SELECT name FROM site ORDER BY name',
  'SELECT mac, model, site_id, tags FROM device ORDER BY mac',
  'SELECT name FROM device_group ORDER BY name',
  'SELECT name FROM account ORDER BY name',
  "SELECT id, type, state, name LIKE 'Apply-%' AS own FROM task ORDER BY id",
  'SELECT task_id, state, total, skipped FROM task_run ORDER BY id',
  'SELECT run_id, device_id, state FROM task_target ORDER BY run_id, device_id',
];

/** What was done is in the log, and what is not there is not. */
const LOG = 'SELECT operation, result, count(*) AS number FROM operation_log GROUP BY operation, result';

function fingerprint(home: string): string {
  return look(home, [...STATE, LOG, 'SELECT id, version FROM task ORDER BY id']);
}

function stateOf(home: string): string {
  return look(home, STATE);
}

function look(home: string, statements: readonly string[]): string {
  const database = openDatabase({ path: join(home, 'phonectl.db') });
  try {
    assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
    return JSON.stringify(statements.map((sql) => database.prepare(sql).all()));
  } finally {
    database.close();
  }
}
