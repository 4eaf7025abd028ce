/**
 * Issue 6, acceptance 1: the tests of commands run a second time, through the API, with the same expectations. What stays
 * on this machine stands in two tables, with the reason: commands in {@link HERE}, files of tests below.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PhonectlCommand } from '../../src/cli/base.ts';
import { loadCommands } from '../../tools/catalogue.ts';
import { ROOT } from '../cli/harness.ts';
import { HERE } from '../support/remote-cli.ts';

/** Files that run commands and are not run again, and why. */
const FILES_HERE: Readonly<Record<string, string>> = {
  'test/cli/account-import-kill.test.ts': 'kills the process that writes; parity.test.ts kills the client of an import',
  'test/cli/behaviour.test.ts': 'runs commands of its own, which have no fleet (test/cli/fixture)',
  'test/cli/context.test.ts': 'goes to a server by itself',
  'test/cli/preferences.test.ts': 'is about files of this machine',
  'test/cli/startup.test.ts': 'looks at what the program loads when it starts',
  'test/cli/traps.test.ts': 'runs commands of its own, which have no fleet (test/cli/fixture)',
  'test/cli/views.test.ts': 'is about files of this machine',
};

interface Report {
  readonly stats: { readonly passes: number; readonly failures: number };
  readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly message?: string } }[];
}

describe('the tests of commands, through the API', () => {
  // Tests of the SDK that run a few commands too are run through the API by hand (PHONECTL_TEST_REMOTE=1): for those few
  // commands they would start their whole fleets once more. This file is not in the folder: it must never run itself.
  const drive = globSync('test/cli/**/*.test.ts', { cwd: ROOT })
    .filter((file) => /cli\/harness\.ts'|from '\.\/harness\.ts'/.test(readFileSync(join(ROOT, file), 'utf8')))
    .sort();

  it('every file that runs commands is run again, or says why not', () => {
    const stale = Object.keys(FILES_HERE).filter((file) => !drive.includes(file));
    assert.deepEqual(stale, []);
  });

  it('the commands that stay here are those that say so themselves', async () => {
    const commands = await loadCommands();
    const staying = commands.filter(({ command }) => {
      const { local, usesSdk } = command as unknown as typeof PhonectlCommand;
      return local || !usesSdk;
    });
    const listed = commands.filter(({ id }) =>
      [1, 2, 3].some((words) => Object.hasOwn(HERE, id.split(':').slice(0, words).join(' '))),
    );
    assert.deepEqual(
      listed.map(({ id }) => id),
      staying.map(({ id }) => id),
    );
  });

  it('they pass', async function () {
    // From the source every command takes a second to start; `npm test` does this with the bundle.
    if (process.env['PHONECTL_TEST_BIN'] !== 'run') this.skip();
    assert.equal(process.env['PHONECTL_TEST_REMOTE'], undefined, 'This starts such a run; it does not belong in one.');
    this.timeout(300_000);
    const folder = mkdtempSync(join(tmpdir(), 'phonectl-suite-'));
    const ran = join(folder, 'ran');
    const files = drive.filter((file) => !Object.hasOwn(FILES_HERE, file));
    const argv = ['--reporter', 'json', '--reporter-option', `output=${join(folder, 'report.json')}`];
    const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');
    const child = spawn(process.execPath, [mocha, ...argv, '--parallel', '--jobs', '2', ...files], {
      cwd: ROOT,
      env: { ...process.env, PHONECTL_TEST_REMOTE: ran },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const stderr: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), 280_000);
    await new Promise((resolve) => child.once('close', resolve));
    clearTimeout(timer);
    const { stats, failures } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
    const failed = failures.map(({ fullTitle, err }) => `${fullTitle}\n${err.message}`);
    assert.deepEqual(failed, [], Buffer.concat(stderr).toString());
    assert.ok(stats.passes >= 40, `only ${stats.passes} tests passed`);
    const commands = readFileSync(ran, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { argv: string[]; stays: string | null });
    const there = commands.filter(({ stays }) => stays === null);
    assert.ok(there.length > 100, `only ${there.length} of ${commands.length} commands went through the API`);
    rmSync(folder, { recursive: true, force: true });
  });
});
