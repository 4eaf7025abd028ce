import assert from 'node:assert/strict';
import { makeHome, type TestHome } from '../support/home.ts';
import { runCli } from './harness.ts';

describe('cli: times', function () {
  this.timeout(30_000);
  let home: TestHome;
  before(async () => {
    home = await makeHome();
  });
  after(() => home.remove());

  it('--since and --until say the same of what is no time, everywhere', async () => {
    const commands = [
      ['log', 'list', '--since'],
      ['log', 'list', '--until'],
      ['task', 'list', '--since'],
      ['task', 'list', '--until'],
      ['diag', 'perf', '--all', '--offline', '--since'],
      ['delegation', 'grant', 'ops@reseller.example', '--until'],
    ];
    const answers = await Promise.all(
      commands.map((command) => runCli([...command, 'yesterday', '--json'], { env: home.env })),
    );
    for (const [index, { status, stdout, stderr }] of answers.entries()) {
      const command = commands[index]?.join(' ');
      assert.equal(status, 2, `${command}: ${stderr}`);
      assert.equal(stdout, '');
      const { error } = JSON.parse(stderr) as { error: { message: string; hints: string[] } };
      assert.match(error.message, /--(?:since|until): "yesterday" is no time/, command);
      assert.match(error.hints.join(' '), /2026-11-22T14:00:00\+01:00, or (?:24h or 7d|30d) for so long/, command);
    }
  });

  it('a length of time is so long ago', async () => {
    const before = await runCli(['log', 'list', '--since', '1h', '--json'], { env: home.env });
    assert.equal(before.status, 0, before.stderr);
    assert.ok((JSON.parse(before.stdout) as unknown[]).length > 0, 'the home was made just now');
    const long = await runCli(['log', 'list', '--until', '1h', '--json'], { env: home.env });
    assert.deepEqual(JSON.parse(long.stdout), []);
  });
});
