/** `--push` and the plan of `--dry-run` on writes that decide what phones are given, against phones of the lab. */
import assert from 'node:assert/strict';
import { type PlayedFleet, playedFleet } from '../support/played.ts';
import { remoteEnv, stopRemote } from '../support/remote-cli.ts';
import { type RunResult, runCli } from './harness.ts';

interface Answer {
  readonly revision?: number | null;
  readonly plan: { readonly devices: number };
  readonly push: {
    readonly task: number;
    readonly summary: Readonly<Record<string, number>>;
    readonly results: readonly { readonly device: string; readonly result: string; readonly reason: string | null }[];
  } | null;
}

const EXPIRES = 'voIpProt.server.1.expires';

describe('writes with --push', function () {
  this.timeout(120_000);
  let fleet: PlayedFleet;
  let poly: string;
  let other: string;
  /** Phones of the vendor, and their names. */
  let all: readonly string[];

  before(async () => {
    fleet = await playedFleet({ phones: 8, mix: { poly: 100, yealink: 0, cisco: 0 }, speed: 60 });
    all = fleet.macs;
    [poly, other] = [all[0]!, all[1]!];
    await fleet.phonectl.profiles.add({ name: 'expires', vendor: 'poly', set: [{ name: EXPIRES, value: '900' }] });
  });
  after(async () => {
    await stopRemote(fleet.home.path);
    await fleet[Symbol.asyncDispose]();
  });

  async function run(...argv: string[]): Promise<RunResult & { answer: Answer }> {
    const ran = await runCli([...argv, '--json'], { env: fleet.home.env, timeout: 60_000 });
    return { ...ran, answer: JSON.parse(ran.stdout || 'null') };
  }

  function runs(mac: string, name = EXPIRES): string {
    return fleet.lab.phone(mac).parameters.text(name);
  }

  it('CFG-05: a dry run says what would happen to which phones, and nothing happens', async () => {
    const { status, answer } = await run('profile', 'assign', 'expires', '--device', poly, '--push', '--dry-run');
    assert.equal(status, 0);
    assert.deepEqual([answer.plan.devices, answer.revision, answer.push], [1, null, undefined]);
    assert.notEqual(runs(poly), '900');
  });

  it('CFG-05, CFG-19: exactly the phones whose configuration changes are pushed, and run it', async () => {
    const { status, answer, stderr } = await run('profile', 'assign', 'expires', '--device', poly, '--push');
    assert.equal(status, 0, stderr);
    assert.deepEqual([answer.push!.summary.total, answer.push!.summary.success], [1, 1]);
    assert.equal(answer.push!.results[0]?.device, poly);
    assert.deepEqual(
      all.map((mac) => runs(mac) === '900'),
      all.map((mac) => mac === poly),
    );
  });

  it('an account that is edited is pushed to its phone alone, from a server elsewhere too', async () => {
    const before = await fleet.phonectl.devices.show({ device: other });
    const account = before.lines[0]!.account.replace(/^sip:/, '');
    const edit = ['account', 'edit', account, '--display-name', 'Front desk'];
    const planned = await run(...edit, '--dry-run');
    assert.equal(planned.answer.plan.devices, 1, planned.stderr);
    assert.ok(!JSON.stringify(await fleet.phonectl.accounts.show({ account })).includes('Front desk'));

    const env = await remoteEnv(fleet.home.path, fleet.home.env['XDG_CONFIG_HOME']);
    const { status, stdout, stderr } = await runCli([...edit, '--push'], { env, timeout: 60_000 });
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`changed\\.\\n.*success +${other}.*\\nTask \\d+: 1 of 1 device done`, 's'));
    assert.equal(runs(other, 'reg.1.displayName'), 'Front desk');
    const again = await run(...edit, '--push');
    assert.deepEqual([again.status, again.answer.push], [0, null]);
  });

  it('CFG-12, CFG-13: a group that gets a member brings that member what the group has', async () => {
    const { phonectl } = fleet;
    await phonectl.groups.add({ groups: [{ name: 'lobby' }] });
    await phonectl.profiles.add({ name: 'lobby', vendor: 'poly', set: [{ name: EXPIRES, value: '700' }] });
    await phonectl.profiles.assign({ profile: 'lobby', target: { group: 'lobby' } });
    const { status, answer } = await run('group', 'member', 'add', 'lobby', other, '--push', '--no-wait');
    assert.equal(status, 8);
    assert.equal(answer.push?.summary['total'], 1);
    const events = fleet.phonectl.tasks.watch({ task: answer.push!.task });
    for await (const event of events) if (event.type === 'finished') break;
    assert.equal(runs(other), '700');
  });

  it('CFG-15: bytes go to a server elsewhere, and the phone of the MAC file gets it', async () => {
    const env = await remoteEnv(fleet.home.path, fleet.home.env['XDG_CONFIG_HOME']);
    const argv = ['config', 'upload', '-', '--device', poly, '--push', '--no-wait', '--json'];
    const { status, stdout } = await runCli(argv, { env, stdin: `<cfg><x ${EXPIRES}="650"/></cfg>` });
    assert.equal(status, 8);
    const { results, push } = JSON.parse(stdout);
    assert.deepEqual([results.length, push.summary.total], [1, 1]);
    await fleet.phonectl.macFiles.macRestore({ device: poly, version: null });
  });

  it('PROF-32: 8 when a phone is away; it follows when it comes back', async () => {
    fleet.lab.powerOff(poly);
    const { status, answer } = await run('profile', 'set', 'expires', `${EXPIRES}=800`, '--push', '--retry', '1');
    assert.equal(status, 8);
    assert.deepEqual([answer.push?.summary['pending'], answer.push?.summary['failure']], [1, 0]);
    fleet.lab.powerOn(poly);
    await fleet.settled([poly]);
    assert.equal(runs(poly), '800');
  });

  it('more phones than a few are asked about before anything is written; 3 when one overrides it', async () => {
    await fleet.lab.setLocal(other, 'up.backlight.timeout', '7');
    const { phonectl } = fleet;
    await phonectl.profiles.add({
      name: 'light',
      vendor: 'poly',
      set: [{ name: 'up.backlight.timeout', value: '30' }],
    });
    const args = ['profile', 'assign', 'light', '--global', '--push', '--timeout', '60'];
    const { status, stderr } = await run(...args);
    assert.equal(status, 2);
    assert.match(stderr, /make 8 phones fetch their configuration/);
    assert.deepEqual((await phonectl.profiles.show({ profile: 'light' })).assignments, []);

    const done = await run(...args, '--yes');
    assert.equal(done.status, 3, done.stderr);
    const failed = done.answer.push!.results.filter(({ result }) => result === 'failure');
    assert.deepEqual([failed.map(({ device }) => device), done.answer.push!.summary['success']], [[other], 7]);
    assert.match(failed[0]?.reason ?? '', /its own settings override up\.backlight\.timeout/);
  });

  it('flags of the push are refused without it', async () => {
    const { status, stderr } = await run('profile', 'set', 'expires', `${EXPIRES}=1`, '--canary', '1');
    assert.equal(status, 2);
    assert.match(stderr, /--push/);
  });
});
