import assert from 'node:assert/strict';
import type { Actor } from '../../src/sdk/context.ts';
import { CONTROL_TYPES } from '../../src/sdk/control/kinds.ts';
import type { Installation } from '../../src/sdk/door.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { startDue } from '../../src/sdk/tasks/due.ts';
import { permissionsFor } from '../../src/sdk/tasks/rights.ts';
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

  /** A task of theirs whose time has come; the devices of its run, or why there are none. */
  async function due(createdBy: string, createdKind: Actor['kind']): Promise<readonly string[] | string> {
    const { store } = installation;
    const at = Date.now() - 10;
    const task = await store.transaction(({ tasks }) =>
      tasks.define(
        {
          name: 'nightly',
          type: 'reboot',
          content: {},
          selector: { all: true },
          strategy: { concurrency: 1, attempts: 1, timeout: 1000 },
          schedule: { kind: 'at', at, missed: 'run' },
          scope: 'all',
          createdBy,
          createdKind,
          at: at - 1000,
        },
        { at },
      ),
    );
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

  it('every kind of task names the permission of its command', () => {
    for (const type of CONTROL_TYPES) assert.ok(permissionsFor(type).length > 0, type);
  });
});
