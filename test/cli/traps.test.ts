/** Each of oclif's traps (design.md section 9): these tests fail on a stock `Command` with `execute()`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cleanEnv, FIXTURE, runCli } from './harness.ts';

function shell(script: string): { status: number | null; stdout: string; stderr: string } {
  const phonectl = `'${process.execPath}' '${FIXTURE}'`;
  const result = spawnSync('bash', ['-c', script.replaceAll('PHONECTL', phonectl)], {
    encoding: 'utf8',
    env: cleanEnv(),
    timeout: 30_000,
  });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

describe('oclif traps', () => {
  it('T1: | head ends silently with 0', () => {
    const { stdout, stderr } = shell('PHONECTL rows --count 10000 | head -1; echo $PIPESTATUS');
    assert.equal(stdout, 'row-1\t1\t2026-01-02T03:04:05.000Z\tonline\n0\n');
    assert.equal(stderr, '');
  });

  it('T1: | head ends silently with 0 in JSON and in the help too', () => {
    const json = shell('PHONECTL rows --count 50000 --json | head -1; echo $PIPESTATUS');
    assert.deepEqual(json, { status: 0, stdout: '[\n0\n', stderr: '' });
    const help = shell('PHONECTL rows --help | head -0; echo $PIPESTATUS');
    assert.deepEqual(help, { status: 0, stdout: '0\n', stderr: '' });
  });

  it('T1: an output that cannot be written is not a success', () => {
    const { status, stderr } = shell('PHONECTL rows --count 10000 > /dev/full');
    assert.equal(status, 6);
    assert.match(stderr, /no space left/);
  });

  it('T2: a missing argument does not swallow stdin', () => {
    const { stdout } = shell(
      'printf "a\\nb\\nc\\n" | while read -r line; do PHONECTL echo 2>/dev/null; echo "$line"; done',
    );
    assert.equal(stdout, 'a\nb\nc\n');
  });

  it('flags that are missing are named as they are typed', async () => {
    const { status, stderr } = await runCli(['call', 'dial', 'lobby']);
    assert.equal(status, 2);
    assert.equal(stderr, 'Error: Missing --to.\n  → See: phonectl call dial --help\n');
  });

  it('an argument that is no number is an error of whoever typed it', async () => {
    const { status, stderr } = await runCli(['timer', 'show', 'lunch']);
    assert.equal(status, 2);
    assert.equal(stderr, 'Error: TASK wants a whole number, not "lunch".\n');
  });

  it('T3: a missing argument is an error even when stdin has text', async () => {
    const { status, stdout, stderr } = await runCli(['echo'], { bin: FIXTURE, stdin: 'from stdin\n' });
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /Missing FIRST/);
  });

  it('T4: a repeatable flag takes one value and leaves the arguments alone', async () => {
    const { stdout } = await runCli(['echo', 'a', '--tag', 'x', 'b', '--tag', 'y', 'c'], { bin: FIXTURE });
    assert.deepEqual(JSON.parse(stdout), { args: { first: 'a', rest: ['b', 'c'] }, tag: ['x', 'y'], mode: null });
  });

  it('T5: a JSON error is one line on stderr, stdout is empty', async () => {
    const { status, stdout, stderr } = await runCli(['echo', '--json'], { bin: FIXTURE });
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.equal(stderr.split('\n').length, 2);
    const { error } = JSON.parse(stderr);
    assert.deepEqual(Object.keys(error), ['code', 'message', 'exitCode', 'hints', 'details']);
    assert.equal(error.code, 'usage');
    assert.equal(error.exitCode, 2);
  });

  it('T6: warnings never go to stdout, and are JSON lines where the answer is JSON', async () => {
    const { status, stdout, stderr } = await runCli(['fail', 'locked', '--json'], { bin: FIXTURE });
    assert.equal(status, 11);
    assert.equal(stdout, '');
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(lines[0], { warning: { message: 'about to fail' } });
    assert.equal(lines[1].error.code, 'locked');
    assert.deepEqual(lines[1].error.details, { a: 1 });
  });

  it('T7: a run() that returns nothing prints nothing', async () => {
    for (const argv of [['nothing'], ['nothing', '--json'], ['nothing', '-o', 'yaml']]) {
      assert.deepEqual(await runCli(argv, { bin: FIXTURE }), { status: 0, signal: null, stdout: '', stderr: '' });
    }
  });

  it('T8: 50,000 rows of JSON stream as an array without colour, even where colour is wished for', async () => {
    const { stdout } = await runCli(['rows', '--count', '50000', '--json', '--color', 'always'], { bin: FIXTURE });
    assert.equal(JSON.parse(stdout).length, 50_000);
    assert.ok(!stdout.includes('\u001b'));
  });

  it('T9: a table of 10,000 rows does not take quadratic time', async function () {
    this.timeout(60_000);
    const small = await timed(() =>
      runCli(['rows', '--count', '2000', '--limit', '0'], { bin: FIXTURE, tty: { columns: 100 } }),
    );
    const large = await timed(() =>
      runCli(['rows', '--count', '10000', '--limit', '0'], { bin: FIXTURE, tty: { columns: 100 } }),
    );
    assert.equal(large.result.stdout.match(/row-10000\s/g)?.length, 1);
    assert.ok(large.ms < small.ms * 12, `2,000 rows ${small.ms} ms, 10,000 rows ${large.ms} ms`);
  });

  it('T10: colour needs only the stream that is written to, and --no-color is known', async () => {
    const plain = await runCli(['fail', 'locked', '--no-color'], { bin: FIXTURE, tty: { columns: 80 } });
    assert.equal(plain.status, 11);
    assert.ok(!plain.stdout.includes('\u001b['));
    const coloured = await runCli(['fail', 'locked'], { bin: FIXTURE, tty: { columns: 80 } });
    assert.ok(coloured.stdout.includes('\u001b[31mError:\u001b[39m'));
  });

  it('T11: exit statuses come from the error table, not from the parser', async () => {
    for (const [code, status] of [
      ['not_found', 5],
      ['conflict', 6],
      ['invalid_data', 12],
      ['forbidden', 4],
    ] as const) {
      assert.equal((await runCli(['fail', code], { bin: FIXTURE })).status, status);
    }
  });
});

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const start = performance.now();
  const result = await work();
  return { result, ms: Math.round(performance.now() - start) };
}
