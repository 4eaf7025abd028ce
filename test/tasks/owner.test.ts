import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { buryTheDead, isDead, newRunner } from '../../src/tasks/owner.ts';
import { runTask } from '../../src/tasks/runner.ts';
import { CLOCK, QUICK, ScriptedPhones, STRATEGY, type TaskFixture, taskFixture } from './support.ts';

/** The name of a runner whose process is gone. */
function nameOfTheDead(): string {
  const script = `import { newRunner } from '${new URL('../../src/tasks/owner.ts', import.meta.url).href}';
    process.stdout.write(newRunner());`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return stdout;
}

describe('tasks: runners whose process is gone', () => {
  let fixture: TaskFixture | undefined;
  afterEach(async () => {
    await fixture?.close();
    fixture = undefined;
  });

  it('who lives, who runs elsewhere and who cannot be judged is not dead', () => {
    const own = newRunner();
    assert.equal(isDead(own), false);
    const [host, , place, random] = own.split(':');
    assert.equal(isDead(`${host}:1:${place}:${random}`), false, 'the first process always lives');
    assert.equal(isDead(`${host}:4194304:elsewhere:${random}`), false);
    assert.equal(isDead(`${host}:4194304::${random}`), false);
    assert.equal(isDead('test'), false);
  });

  it('F-20: nobody waits for the lease of a process that died on this machine', async function () {
    if (process.platform !== 'linux') this.skip();
    const dead = nameOfTheDead();
    assert.equal(isDead(dead), true, dead);
    fixture = await taskFixture(4);
    const { store, deviceIds } = fixture;
    const { runId } = await fixture.makeTask();
    const now = Date.now();
    const lease = { owner: dead, now, until: now + 20_000 };
    await store.transaction(async ({ tasks }) => {
      await tasks.hold(runId, lease);
      await tasks.claim(runId, lease, 2, deviceIds.slice(0, 2));
    });
    assert.equal((await store.read.tasks.orphaned(now)).length, 0);
    await buryTheDead(store);
    assert.equal((await store.read.tasks.orphaned(now)).length, 1);
    const started = performance.now();
    const phones = new ScriptedPhones(fixture, () => ['boots']);
    const options = { runId, strategy: STRATEGY, action: phones, store, clock: CLOCK, pace: QUICK };
    const { counters } = await runTask({ ...options, signal: new AbortController().signal });
    assert.equal(counters.success, 4);
    assert.ok(performance.now() - started < 5000, 'twenty seconds were not waited for');
    assert.deepEqual(
      phones.sent.toSorted((a, b) => a - b),
      deviceIds,
    );
  });
});
