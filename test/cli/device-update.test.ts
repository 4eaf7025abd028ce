/** `device update`: the same as the commands that begin from what is brought (DEV-58). */
import assert from 'node:assert/strict';
import { makeHome, type TestHome } from '../support/home.ts';
import { bytes } from '../support/streams.ts';
import { runCli } from './harness.ts';

describe('device update', function () {
  this.timeout(20_000);
  let home: TestHome;
  before(async () => {
    home = await makeHome();
    const { devices, firmware, resources } = home.phonectl;
    await devices.add({
      devices: [
        { mac: '0004f2000001', model: 'VVX 450', controlUrl: 'https://127.0.9.1' },
        { mac: '0004f2000002', model: 'VVX 350', controlUrl: 'https://127.0.9.2' },
        { mac: '805ec0000003', model: 'T54W', controlUrl: 'https://127.0.9.3' },
      ],
    });
    await firmware.add({ source: bytes('firmware '.repeat(2000)), file: 'sip.ld', version: '6.4.8.1234' });
    await resources.add({ source: bytes('RIFFdata'), file: 'bell.wav' });
  });
  after(() => home.remove());

  async function answer(...argv: readonly string[]): Promise<unknown> {
    const { status, stdout, stderr } = await runCli([...argv, '--json'], { home: home.path, env: home.env });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  }

  const SAME: readonly (readonly [what: string, update: readonly string[], other: readonly string[]])[] = [
    ['configuration', ['--config'], ['config', 'push']],
    ['firmware', ['--firmware', '6.4.8.1234'], ['firmware', 'rollout', '6.4.8.1234']],
    ['a file', ['--resource', 'bell.wav', '--fitting'], ['resource', 'push', 'bell.wav', '--fitting']],
  ];
  for (const [what, update, other] of SAME) {
    it(`DEV-58: ${what}, as its own command does`, async () => {
      const poly = ['--vendor', 'poly', '--dry-run'];
      const [here, there] = await Promise.all([
        answer('device', 'update', ...update, ...poly),
        answer(...other, ...poly),
      ]);
      assert.deepEqual(here, there);
      assert.match(JSON.stringify(here), /"total":2|"upgrade":2/);
    });
  }

  it('the phones that run a certain release are selected by --running', async () => {
    const { status, stderr } = await runCli(
      ['device', 'update', '--running', '<6.4', '--firmware', '6.4.8.1234', '--dry-run'],
      { home: home.path, env: home.env },
    );
    assert.equal(status, 5, stderr);
  });

  for (const [argv, told] of [
    [['--all'], /Say what is brought: --firmware IMAGE/],
    [['--all', '--config', '--resource', 'bell.wav'], /cannot also be provided/],
    [['--all', '--config', '--fitting'], /--fitting belongs to --firmware or --resource/],
  ] as const) {
    it(`refuses ${argv.join(' ')}`, async () => {
      const { status, stdout, stderr } = await runCli(['device', 'update', ...argv], {
        home: home.path,
        env: home.env,
      });
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, told);
    });
  }
});
