import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeHome } from '../support/home.ts';
import { FIXTURE, type RunOptions, type RunResult, runCli, startCli, withFolder } from './harness.ts';

function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return runCli(argv, { bin: FIXTURE, ...options });
}

describe('what every command gets from the kit', () => {
  describe('usage errors: exit 2, stdout empty, the closest word named', () => {
    const cases: [string, string[], RegExp][] = [
      ['command', ['rwos'], /There is no command "rwos"\.\n {2}→ Did you mean "rows"\?/],
      ['flag', ['rows', '--limt', '3'], /Unknown flag --limt\.\n {2}→ Did you mean "--limit"\?/],
      ['value of a flag', ['echo', 'a', '--mode', 'mrege'], /--mode cannot be "mrege"\.\n {2}→ Did you mean "merge"\?/],
      ['field', ['rows', '--columns', 'nam'], /There is no field "nam"\.\n {2}→ Did you mean "name"\?/],
      ['missing argument', ['echo'], /Missing FIRST/],
      ['missing value', ['rows', '--limit'], /--limit expects a value/],
      ['no number', ['rows', '--limit', 'x'], /--limit wants a whole number, not "x"\./],
      ['number too small', ['rows', '--limit', '-1'], /--limit wants a whole number of at least 0, not "-1"\./],
      ['number too large', ['rows', '--limit', '9'.repeat(20)], /--limit cannot be as large as 9{20}\./],
      ['superfluous argument', ['rows', 'x'], /phonectl rows takes no argument "x"/],
      ['superfluous second argument', ['fail', 'x', 'y'], /Unexpected argument: y/],
      ['exclusive flags', ['rows', '--json', '--output', 'csv'], /--output/],
      ['filter without a field', ['rows', '--filter', 'x'], /--filter wants field=value/],
    ];
    for (const [what, argv, message] of cases) {
      it(what, async () => {
        const { status, stdout, stderr } = await run(argv);
        assert.equal(status, 2, stderr);
        assert.equal(stdout, '');
        assert.match(stderr, message);
      });
    }
  });

  it('a verb of other programs leads to ours, and what stands behind it is not taken for a part of the command', async () => {
    const { status, stderr } = await runCli(['device', 'remove', 'lobby']);
    assert.equal(status, 2);
    assert.match(stderr, /There is no command "device remove"\.\n {2}→ Did you mean "device delete"\?\n/);
    assert.match(
      (await runCli(['home', 'nosuch'])).stderr,
      /There is no command "home nosuch"\.\n {2}→ See: phonectl home --help/,
    );
    assert.match((await runCli(['why-offline', 'lobby'])).stderr, /Did you mean "device why-offline"\?/);
  });

  describe('errors', () => {
    it('a stranger is a defect: exit 1, no stack unless PHONECTL_DEBUG is set', async () => {
      const plain = await run(['fail', 'x']);
      assert.equal(plain.status, 1);
      assert.match(plain.stderr, /a stranger\n {2}This is a defect in phonectl/);
      assert.doesNotMatch(plain.stderr, / at /);
      const debug = await run(['fail', 'x'], { env: { PHONECTL_DEBUG: '1' } });
      assert.match(debug.stderr, /caused by\nTypeError: a stranger\n +at /);
    });

    it('what, hint and where to read on; escape sequences in it are cleaned', async () => {
      const { stderr } = await run(['fail', 'locked']);
      assert.equal(
        stderr,
        'Warning: about to fail\nError: It failed with colour.\n  → Try again.\n  (locked: phonectl help errors)\n',
      );
    });

    it('of a value that is refused, the reason counts, not where in the request it stood', async () => {
      await using home = await makeHome();
      const { status, stderr } = await runCli(['site', 'add', ''], { env: home.env });
      assert.deepEqual([status, stderr], [2, 'Error: name: "" is empty.\n  (invalid_input: phonectl help errors)\n']);
    });

    it('-o json, --output=json and PHONECTL_OUTPUT give JSON errors as --json does', async () => {
      const forms: [string[], Record<string, string>][] = [
        [['nosuch', '-o', 'json'], {}],
        [['nosuch', '--output=ndjson'], {}],
        [['nosuch'], { PHONECTL_OUTPUT: 'json' }],
      ];
      for (const [argv, env] of forms) {
        const { status, stdout, stderr } = await run(argv, { env });
        assert.equal(status, 2);
        assert.equal(stdout, '');
        assert.equal(JSON.parse(stderr).error.code, 'usage');
      }
    });
  });

  describe('confirmation', () => {
    const six = ['a', 'b', 'c', 'd', 'e', 'f'];

    it('PLAT-10: where nobody can be asked, many devices need --yes; the error says so (exit 2)', async () => {
      const { status, stdout, stderr } = await run(['reboot', ...six, '--json']);
      assert.equal(status, 2);
      assert.equal(stdout, '');
      const { error } = JSON.parse(stderr);
      assert.equal(error.code, 'confirmation_required');
      assert.match(error.hints[0], /--yes/);
    });

    it('a few devices need nothing, --yes and PHONECTL_YES answer', async () => {
      assert.equal((await run(['reboot', 'a', 'b'])).status, 0);
      assert.equal((await run(['reboot', ...six, '--yes'])).status, 0);
      assert.equal((await run(['reboot', ...six], { env: { PHONECTL_YES: '1' } })).status, 0);
    });

    it('a destructive effect always asks', async () => {
      assert.equal((await run(['reboot', 'a', '--destructive'])).status, 2);
      assert.equal((await run(['reboot', 'a', '--destructive', '--yes'])).status, 0);
    });

    it('on a terminal the number of devices must be typed', async () => {
      const right = await run(['reboot', ...six], { tty: { columns: 100 }, stdin: '6\r' });
      assert.equal(right.status, 0, right.stdout);
      assert.match(right.stdout, /This will reboot 6 devices\. Type 6 to go on:/);
      const wrong = await run(['reboot', ...six], { tty: { columns: 100 }, stdin: 'yes\r' });
      assert.equal(wrong.status, 2);
      assert.match(wrong.stdout, /nothing was done/);
    });

    it('--no-input, PHONECTL_NO_INPUT and CI never ask, not even on a terminal', async () => {
      for (const [flags, env] of [
        [['--no-input'], {}],
        [[], { PHONECTL_NO_INPUT: '1' }],
        [[], { CI: 'true' }],
      ] as const) {
        const { status, stdout } = await run(['reboot', ...six, ...flags], { tty: { columns: 100 }, env });
        assert.equal(status, 2);
        assert.match(stdout, /nobody can be asked here/);
      }
    });
  });

  describe('selectors', () => {
    it('nothing selected is an error, not everything', async () => {
      const { status, stderr } = await run(['reboot']);
      assert.equal(status, 2);
      assert.match(stderr, /No device was selected/);
    });

    it('--all with another selection is refused', async () => {
      assert.equal((await run(['reboot', '--all', '--site', 'Berlin'])).status, 2);
    });

    it('- reads references from stdin, only when asked', async () => {
      const { status, stdout } = await run(['reboot', 'x', '-', '--json'], { stdin: 'one\n\n  two\r\n' });
      assert.equal(status, 0);
      assert.deepEqual(
        JSON.parse(stdout).results.map(({ device }: { device: string }) => device),
        ['x', 'one', 'two'],
      );
    });
  });

  it('a batch with a failure: exit 3 and still the whole answer on stdout', async () => {
    const { status, stdout } = await run(['reboot', 'good', 'bad', '--json']);
    assert.equal(status, 3);
    assert.deepEqual(JSON.parse(stdout).results[1], { device: 'bad', result: 'failure', reason: 'silent' });
  });

  describe('secrets', () => {
    it('the plain flag is refused with the reason, and its value is not repeated', async () => {
      for (const argv of [
        ['secret', '--password', 'hunter2'],
        ['secret', '--password=hunter2', '--json'],
      ]) {
        const { status, stdout, stderr } = await run(argv);
        assert.equal(status, 2);
        assert.match(stderr, /not taken from the command line/);
        assert.ok(!`${stdout}${stderr}`.includes('hunter2'));
      }
    });

    it('stdin and file give it without the line break at its end', async () => {
      assert.deepEqual(JSON.parse((await run(['secret', '--password-stdin'], { stdin: 'pässword \n' })).stdout), {
        length: 9,
      });
      await withFolder(async (folder) => {
        const file = join(folder, 'secret');
        writeFileSync(file, 'abc\r\n');
        assert.deepEqual(JSON.parse((await run(['secret', '--password-file', file])).stdout), { length: 3 });
        const missing = await run(['secret', '--password-file', join(folder, 'nosuch')]);
        assert.equal(missing.status, 5);
        assert.match(missing.stderr, /does not exist/);
      });
    });

    it('without a terminal the flags that would answer are named (exit 2)', async () => {
      const { status, stderr } = await run(['secret']);
      assert.equal(status, 2);
      assert.match(stderr, /--password-stdin or --password-file/);
    });

    it('on a terminal it is asked for and not shown', async () => {
      const { status, stdout } = await run(['secret'], { tty: { columns: 80 }, stdin: 'hunter2\r' });
      assert.equal(status, 0, stdout);
      assert.match(stdout, /"length": 7/);
      // The terminal itself may echo what was typed before the prompt took it over, but the prompt never does.
      assert.doesNotMatch(stdout.slice(stdout.indexOf('Password:')), /hunter2/);
    });
  });

  describe('files', () => {
    it('--out replaces a file as a whole, for its owner only', async () => {
      await withFolder(async (folder) => {
        const file = join(folder, 'out.txt');
        const { status, stdout } = await run(['export', '--out', file]);
        assert.deepEqual([status, stdout], [0, '']);
        assert.equal(readFileSync(file, 'utf8'), 'line 0\nline 1\nline 2\n');
        assert.equal(statSync(file).mode & 0o777, 0o600);
        const failed = await run(['export', '--out', file, '--fail-after', '2']);
        assert.equal(failed.status, 1);
        assert.equal(readFileSync(file, 'utf8'), 'line 0\nline 1\nline 2\n');
        assert.deepEqual(readdirSync(folder), ['out.txt']);
      });
    });

    it('--out follows a link, and writes into what is no file instead of taking its place', async () => {
      await withFolder(async (folder) => {
        const [file, link, pipe] = ['out.txt', 'link', 'pipe'].map((name) => join(folder, name)) as [
          string,
          string,
          string,
        ];
        writeFileSync(file, 'old');
        symlinkSync(file, link);
        assert.equal((await run(['export', '--out', link])).status, 0);
        assert.ok(lstatSync(link).isSymbolicLink());
        assert.equal(readFileSync(file, 'utf8'), 'line 0\nline 1\nline 2\n');
        execFileSync('mkfifo', [pipe]);
        const [read, { status }] = await Promise.all([readFile(pipe, 'utf8'), run(['export', '--out', pipe])]);
        assert.deepEqual([read, status], ['line 0\nline 1\nline 2\n', 0]);
        assert.ok(lstatSync(pipe).isFIFO());
      });
    });

    it('--out - is stdout; a path that cannot be written is named', async () => {
      assert.equal((await run(['export'])).stdout, 'line 0\nline 1\nline 2\n');
      const { status, stderr } = await run(['export', '--out', '/nonexistent/x']);
      assert.equal(status, 5);
      assert.match(stderr, /\/nonexistent\/x cannot be written: its folder does not exist/);
    });
  });

  describe('signals', () => {
    it('the first Ctrl-C stops cleanly, says how to go on, exit 130', async () => {
      const child = startCli(['wait'], { bin: FIXTURE });
      let stderr = '';
      child.stderr!.on('data', (chunk) => {
        stderr += String(chunk);
        if (String(chunk).includes('ready')) child.kill('SIGINT');
      });
      const [status] = await once(child, 'close');
      assert.equal(status, 130);
      assert.match(stderr, /Stopping\. Resume: phonectl task resume 118/);
    });

    it('the second one quits a command that does not listen', async () => {
      const child = startCli(['wait', '--deaf'], { bin: FIXTURE });
      child.stderr!.on('data', (chunk) => {
        if (/ready|Stopping/.test(String(chunk))) child.kill('SIGINT');
      });
      const [status] = await once(child, 'close');
      assert.equal(status, 130);
    });

    it('SIGTERM: exit 143', async () => {
      const child = startCli(['wait'], { bin: FIXTURE });
      child.stderr!.on('data', (chunk) => {
        if (String(chunk).includes('ready')) child.kill('SIGTERM');
      });
      const [status] = await once(child, 'close');
      assert.equal(status, 143);
    });
  });

  describe('colour', () => {
    const look = async (argv: readonly string[], options: RunOptions = {}): Promise<boolean> =>
      (await run(argv, options)).stdout.includes('\u001b[3');
    const terminal = { tty: { columns: 80 } };

    it('on a terminal, unless NO_COLOR, TERM=dumb, PHONECTL_PLAIN, --color never or --no-color', async () => {
      assert.equal(await look(['rows'], terminal), true);
      assert.equal(await look(['rows'], { ...terminal, env: { NO_COLOR: '1' } }), false);
      assert.equal(await look(['rows'], { ...terminal, env: { TERM: 'dumb' } }), false);
      assert.equal(await look(['rows'], { ...terminal, env: { PHONECTL_PLAIN: '1' } }), false);
      assert.equal(await look(['rows', '--color', 'never'], terminal), false);
      assert.equal(await look(['rows', '--no-color'], terminal), false);
    });

    it('never when piped, unless --color always', async () => {
      assert.equal(await look(['rows']), false);
      assert.equal(await look(['reboot', 'a', '--color', 'always']), true);
    });

    it('PHONECTL_PLAIN=1 is ASCII', async () => {
      const { stdout } = await run(['rows'], { ...terminal, env: { PHONECTL_PLAIN: '1' } });
      assert.match(stdout, /\* online/);
      assert.ok(!/[^\u0000-\u007f]/.test(stdout), stdout);
    });
  });

  describe('help', () => {
    it('a bare call, a bare topic, -h, --help: exit 0, examples before flags', async () => {
      for (const argv of [[], ['rows', '-h'], ['rows', '--help']]) assert.equal((await run(argv)).status, 0);
      const { status, stdout } = await runCli(['version', '--help']);
      assert.equal(status, 0);
      assert.ok(stdout.indexOf('EXAMPLES') > 0 && stdout.indexOf('EXAMPLES') < stdout.indexOf('FLAGS'));
    });

    it('of a command that does not exist is the same error as calling it', async () => {
      for (const argv of [
        ['device', 'remvoe'],
        ['device', 'remvoe', '--help'],
      ]) {
        const { status, stderr } = await runCli(argv);
        assert.deepEqual(
          [status, stderr.split('\n')[0]],
          [2, 'Error: There is no command "device remvoe".'],
          argv.join(' '),
        );
      }
    });

    it('an unknown page is an error with a suggestion', async () => {
      const { status, stderr } = await runCli(['help', 'verson']);
      assert.equal(status, 2);
      assert.match(stderr, /Did you mean "version"/);
    });
  });

  it('PLAT-09: --watch shows it again and again until Ctrl-C', async () => {
    const child = startCli(['rows', '--count', '1', '--watch', '--interval', '1', '-o', 'name'], { bin: FIXTURE });
    let seen = 0;
    child.stdout!.on('data', (chunk) => {
      seen += String(chunk).split('row-1').length - 1;
      if (seen === 2) child.kill('SIGINT');
    });
    const [status] = await once(child, 'close');
    assert.equal(seen, 2);
    assert.equal(status, 130);
  });
});
