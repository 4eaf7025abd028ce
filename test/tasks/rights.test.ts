import assert from 'node:assert/strict';
import type { Actor } from '../../src/sdk/context.ts';
import { CONTROL_TYPES } from '../../src/sdk/control/kinds.ts';
import type { Installation } from '../../src/sdk/door.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import type { NewTask } from '../../src/sdk/ports/tasks.ts';
import { startDue } from '../../src/sdk/tasks/due.ts';
import { permissionsFor } from '../../src/sdk/tasks/rights.ts';
import { stopWithoutRights } from '../../src/sdk/tasks/rights-watch.ts';
import { makeHome, type TestHome } from '../support/home.ts';

describe('tasks: the rights of who made them', () => {
  let home: TestHome;
  let installation: Installation;
  beforeEach(async () => {
    home = await makeHome();
    const { sites, devices, roles } = home.phonectl;
    await sites.add({ sites: [{ name: 'Berlin' }, { name: 'Lyon' }] });
    await devices.add({
      devices: [
        { mac: '0004f2000001', model: 'VVX 450', site: 'Berlin' },
        { mac: '0004f2000002', model: 'VVX 450', site: 'Lyon' },
      ],
    });
    await roles.add({ name: 'night shift', permissions: ['device:reboot', 'task:run'], sites: 'all' });
    installation = await openInstallation({ home: home.path });
  });
  afterEach(async () => {
    await installation.store.close();
    await home.remove();
  });

  /** A task of theirs whose time has come. */
  async function define(
    createdBy: string,
    createdKind: Actor['kind'],
    schedule?: NewTask['schedule'],
  ): Promise<number> {
    const at = Date.now() - 10;
    return await installation.store.transaction(({ tasks }) =>
      tasks.define(
        {
          name: 'nightly',
          type: 'reboot',
          content: {},
          selector: { all: true },
          strategy: { concurrency: 1, attempts: 1, timeout: 1000 },
          schedule: schedule ?? { kind: 'at', at, missed: 'run' },
          scope: 'all',
          createdBy,
          createdKind,
          at: at - 1000,
        },
        { at },
      ),
    );
  }

  /** The devices of the run of such a task, or why there are none. */
  async function due(createdBy: string, createdKind: Actor['kind']): Promise<readonly string[] | string> {
    const { store } = installation;
    const task = await define(createdBy, createdKind);
    const begun = await startDue(installation);
    const { state, reason, results } = await home.phonectl.tasks.show({ task });
    const [entry] = await Array.fromAsync(store.read.log.list({ operation: 'task.start', limit: 1 }));
    assert.deepEqual([entry?.object, entry?.actor], [`task:${task}`, createdBy]);
    assert.equal(entry?.result, begun.length === 1 ? 'done' : 'failed');
    if (begun.length === 1) return results.map(({ device }) => device).sort();
    assert.equal(state, 'missed');
    assert.equal(entry?.details['reason'], reason);
    return reason ?? '';
  }

  const GONE = /may not do this any more \(device:reboot\)/;

  it('a role that is taken away, and a user who is frozen or gone, begin nothing any more', async () => {
    const { users } = home.phonectl;
    await users.add({ email: 'lea@example.net', roles: ['night shift'] });
    assert.deepEqual(await due('lea@example.net', 'user'), ['0004f2000001', '0004f2000002']);
    await users.edit({ user: 'lea@example.net', roles: ['empty'] });
    assert.match(String(await due('lea@example.net', 'user')), GONE);
    await users.edit({ user: 'lea@example.net', roles: ['night shift'] });
    assert.equal((await due('lea@example.net', 'user')).length, 2);
    await users.freeze({ user: 'lea@example.net' });
    assert.match(String(await due('lea@example.net', 'user')), GONE);
    await users.delete({ user: 'lea@example.net' });
    assert.match(String(await due('lea@example.net', 'user')), GONE);
  });

  it('a role that was narrowed to a site narrows what is begun', async () => {
    await home.phonectl.users.add({ email: 'lea@example.net', roles: ['night shift'] });
    await home.phonectl.roles.edit({ role: 'night shift', sites: ['Lyon'] });
    assert.deepEqual(await due('lea@example.net', 'user'), ['0004f2000002']);
  });

  it('a key that was revoked begins nothing any more; the owner of the home needs no role', async () => {
    const { keys } = home.phonectl;
    const { id } = await keys.create({ name: 'pipeline', roles: ['night shift'] });
    assert.equal((await due(id, 'key')).length, 2);
    await keys.revoke({ key: 'pipeline' });
    assert.match(String(await due(id, 'key')), GONE);
    assert.equal((await due('root', 'local')).length, 2);
  });

  describe('that end while it runs', () => {
    const EMAIL = 'ops@reseller.example';
    const time = { ahead: 0 };
    beforeEach(async () => {
      time.ahead = 0;
      const later = { now: () => Date.now() + time.ahead, monotonic: () => performance.now() };
      installation = { ...installation, clock: later };
      await home.phonectl.delegations.grant({ email: EMAIL, roles: ['night shift'], until: '1h' });
    });

    async function standing(task: number): Promise<{ state: string; reason: string | null; pending: number }> {
      const { state, reason, counters } = await home.phonectl.tasks.show({ task });
      return { state, reason, pending: counters.inProgress };
    }
    async function begun(schedule?: NewTask['schedule']): Promise<number> {
      const task = await define(EMAIL, 'user', schedule);
      assert.equal((await startDue(installation)).length, 1);
      await stopWithoutRights(installation);
      assert.deepEqual(await standing(task), { state: 'executing', reason: null, pending: 2 });
      return task;
    }

    it('ENT-11: a delegation that is over stops its task, and whoever makes it go on answers for it', async () => {
      const task = await begun();
      time.ahead = 61 * 60_000;
      await stopWithoutRights(installation);
      const { state, reason, pending } = await standing(task);
      assert.deepEqual([state, pending], ['paused', 2]);
      assert.match(reason ?? '', /^ops@reseller\.example, who answers for it, may not do this any more/);
      const [entry] = await Array.fromAsync(installation.store.read.log.list({ operation: 'task.pause', limit: 1 }));
      assert.deepEqual([entry?.object, entry?.actor, entry?.details['reason']], [`task:${task}`, EMAIL, reason]);

      await Array.fromAsync(home.phonectl.tasks.resume({ task, wait: false }));
      await stopWithoutRights(installation);
      assert.equal((await standing(task)).state, 'executing');
    });

    it('ENT-11: so does one that is taken back; what is in flight is finished all the same', async () => {
      const { store } = installation;
      const task = await begun();
      const runId = (await store.read.tasks.get(task))!.runId!;
      const lease = { owner: 'runner', now: Date.now(), until: Date.now() + 60_000 };
      const ids = (await store.read.tasks.targets(runId)).map(({ deviceId }) => deviceId);
      const [first] = await store.transaction(({ tasks }) => tasks.claim(runId, lease, 1, ids));
      await home.phonectl.delegations.revoke({ email: EMAIL });
      await stopWithoutRights(installation);
      assert.equal((await standing(task)).state, 'paused');
      const targets = await store.read.tasks.targets(runId);
      assert.deepEqual(targets.map(({ deviceId, state }) => [deviceId === first!.deviceId, state]).sort(), [
        [false, 'pending'],
        [true, 'leased'],
      ]);
    });

    it('of a timer the rest of the run is left out, and its next time is missed', async () => {
      const task = await begun({ kind: 'repeat', cron: '* * * * *', timeZone: 'UTC', missed: 'run' });
      await home.phonectl.delegations.revoke({ email: EMAIL });
      await stopWithoutRights(installation);
      const { results } = await home.phonectl.tasks.show({ task });
      assert.deepEqual(
        results.map(({ result, reason }) => [result, /may not do this any more/.test(reason ?? '')]),
        [
          ['skipped', true],
          ['skipped', true],
        ],
      );
      time.ahead = 120_000;
      assert.deepEqual(await startDue(installation), []);
      assert.match((await home.phonectl.tasks.show({ task })).reason ?? '', /may not do this any more/);
    });

    it('a role that is narrowed to a site leaves out the phones of the others that have not been begun', async () => {
      const task = await begun();
      await home.phonectl.roles.edit({ role: 'night shift', sites: ['Lyon'] });
      await stopWithoutRights(installation);
      const { state, results } = await home.phonectl.tasks.show({ task });
      assert.equal(state, 'executing');
      assert.deepEqual(results.map(({ device, result }) => [device, result]).sort(), [
        ['0004f2000001', 'skipped'],
        ['0004f2000002', 'pending'],
      ]);
    });
  });

  it('every kind of task names the permission of its command', () => {
    for (const type of CONTROL_TYPES) assert.ok(permissionsFor(type).length > 0, type);
  });
});
