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

  it('an account that is edited is pushed to its phone alone', async () => {
    const before = await fleet.phonectl.devices.show({ device: other });
    const account = before.lines[0]!.account.replace(/^sip:/, '');
    const planned = await run('account', 'edit', account, '--display-name', 'Front desk', '--dry-run');
    assert.equal(planned.status, 0, planned.stderr);
    assert.equal(planned.answer.plan.devices, 1);
    assert.ok(!JSON.stringify(await fleet.phonectl.accounts.show({ account })).includes('Front desk'));
    const { status, answer, stderr } = await run('account', 'edit', account, '--display-name', 'Front desk', '--push');
    assert.equal(status, 0, stderr);
    assert.deepEqual(
      answer.push!.results.map(({ device, result }) => [device, result]),
      [[other, 'success']],
    );
    assert.equal(runs(other, 'reg.1.displayName'), 'Front desk');
    const again = await run('account', 'edit', account, '--display-name', 'Front desk', '--push');
    assert.deepEqual([again.status, again.answer.push], [0, null]);
  });

  it('CFG-12, CFG-13: a group that gets a member brings that member what the group has', async () => {
    const { phonectl } = fleet;
    await phonectl.groups.add({ groups: [{ name: 'lobby' }] });
    await phonectl.profiles.add({ name: 'lobby', vendor: 'poly', set: [{ name: EXPIRES, value: '700' }] });
    await phonectl.profiles.assign({ profile: 'lobby', target: { group: 'lobby' } });
    const { status, answer, stderr } = await run('group', 'member', 'add', 'lobby', other, '--push');
    assert.equal(status, 0, stderr);
    assert.equal(answer.push!.summary.success, 1);
    assert.equal(runs(other), '700');
  });

  it('PROF-32: 8 when a phone is away; it follows when it comes back', async () => {
    fleet.lab.powerOff(poly);
    const { status, answer } = await run('profile', 'set', 'expires', `${EXPIRES}=800`, '--push', '--retry', '1');
    assert.equal(status, 8);
    assert.deepEqual([answer.push!.summary.pending, answer.push!.summary.failure], [1, 0]);
    fleet.lab.powerOn(poly);
    await fleet.settled([poly]);
    assert.equal(runs(poly), '800');
  });

  it('3 when a phone overrides what it was given', async () => {
    await fleet.lab.setLocal(poly, EXPIRES, '111');
    const { status, answer } = await run('profile', 'set', 'expires', `${EXPIRES}=850`, '--push', '--timeout', '60');
    assert.equal(status, 3);
    assert.match(answer.push!.results[0]?.reason ?? '', /its own settings override/);
    fleet.lab.phone(poly).parameters.clear('web');
  });

  it('--no-wait leaves it to the server, with 8 and the task to follow', async () => {
    const { status, answer } = await run('profile', 'set', 'expires', `${EXPIRES}=860`, '--push', '--no-wait');
    assert.equal(status, 8);
    assert.ok(answer.push!.task > 0);
    for await (const event of fleet.phonectl.tasks.watch({ task: answer.push!.task }))
      if (event.type === 'finished') break;
    assert.equal(runs(poly), '860');
  });

  it('more phones than a few are asked about before anything is written', async () => {
    const args = ['profile', 'assign', 'expires', '--global', '--push'];
    const { status, stderr } = await run(...args);
    assert.equal(status, 2);
    assert.match(stderr, /make \d phones fetch their configuration/);
    const { assignments } = await fleet.phonectl.profiles.show({ profile: 'expires' });
    assert.equal(assignments.length, 1);
    const done = await run(...args, '--yes', '--canary', '1', '--batch', '3');
    assert.equal(done.status, 0, done.stderr);
  });

  it('flags of the push are refused without it', async () => {
    const { status, stderr } = await run('profile', 'set', 'expires', `${EXPIRES}=1`, '--canary', '1');
    assert.equal(status, 2);
    assert.match(stderr, /--push/);
  });

  it('works the same on a server elsewhere, bytes included', async () => {
    const env = await remoteEnv(fleet.home.path, fleet.home.env['XDG_CONFIG_HOME']);
    const file = `<cfg><x ${EXPIRES}="650"/></cfg>`;
    const argv = ['config', 'upload', '-', '--device', poly, '--push', '--json'];
    const { status, stdout, stderr } = await runCli(argv, { env, stdin: file, timeout: 60_000 });
    assert.equal(status, 0, stderr);
    const { results, push } = JSON.parse(stdout);
    assert.equal(results.length, 1);
    assert.deepEqual([push.summary.total, push.summary.success], [1, 1]);
    assert.equal(runs(poly), '650');
  });

  it('people read the answer, and then what became of the phones', async () => {
    const { status, stdout } = await runCli(['config', 'restore', poly, '--none', '--push'], {
      env: fleet.home.env,
      timeout: 60_000,
    });
    assert.equal(status, 0);
    assert.match(stdout, /no MAC file holds\.\n.*success.*\nTask \d+: 1 of 1 device done/s);
  });
});
