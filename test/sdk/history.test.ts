import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isPhonectlError } from '../../src/sdk/errors.ts';
import type { Phonectl } from '../../src/sdk/index.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const TIMEOUT = 'up.backlight.timeout';

describe('history of the configuration', () => {
  let home: TestHome;
  let phonectl: Phonectl;

  beforeEach(async () => {
    home = await makeHome();
    phonectl = home.phonectl;
    await phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
    await phonectl.devices.add({
      devices: [
        { mac: '0004f2000001', model: 'VVX 450', name: 'reception', site: 'Berlin' },
        { mac: '0004f2000002', model: 'VVX 450', name: 'lobby' },
      ],
    });
    // The first rendering makes the phones' own credentials: from here on only the configuration changes.
    await bytes();
  });
  afterEach(async () => await home.remove());

  /** Exactly what the phones would get. */
  async function bytes(): Promise<string> {
    const phones = await Promise.all(
      ['reception', 'lobby'].map((device) => phonectl.configs.render({ device, showSecrets: true })),
    );
    return JSON.stringify(phones.map(({ digest, files }) => [digest, files]));
  }

  /** Everything that is known of profiles and assignments. */
  async function state(): Promise<string> {
    const profiles = await Array.fromAsync(phonectl.profiles.list({ types: ['user'] }));
    const details = await Promise.all(
      profiles.map(({ name }) => phonectl.profiles.show({ profile: name, reveal: true })),
    );
    return JSON.stringify(details);
  }

  async function setTimeout(profile: string, value: string): Promise<number | null> {
    return (await phonectl.profiles.set({ profile, set: [{ name: TIMEOUT, value }], reason: `to ${value}` })).revision;
  }

  it('numbers every change, with who, why and what', async () => {
    await phonectl.profiles.add({ name: 'base', vendor: 'poly', reason: 'begin' });
    await phonectl.profiles.assign({ profile: 'base', target: { global: true } });
    await setTimeout('base', '10');
    const history = await Array.fromAsync(phonectl.configs.history({}));
    assert.deepEqual(
      history.map(({ revision, author, reason, devices }) => [revision, author, reason, devices]),
      [
        [3, 'tester', 'to 10', 2],
        [2, 'tester', '', 0],
        [1, 'tester', 'begin', 0],
      ],
    );
    assert.deepEqual((await phonectl.configs.show({ revision: 3 })).changes, [
      {
        kind: 'profile',
        change: 'changed',
        profile: 'base',
        target: null,
        values: [{ name: TIMEOUT, before: null, after: '10' }],
      },
    ]);
    assert.deepEqual((await phonectl.configs.show({ revision: 2 })).changes, [
      {
        kind: 'assignment',
        change: 'added',
        profile: 'base',
        target: 'global',
        values: [
          { name: 'priority', before: null, after: '1' },
          { name: 'apply', before: null, after: 'auto' },
        ],
      },
    ]);
  });

  it('SEC-05: shows that a secret changed, not the secret', async () => {
    const set = [{ name: 'reg.1.auth.password', value: 'Canary-1' }];
    await phonectl.profiles.add({ name: 'base', vendor: 'poly', set });
    await phonectl.profiles.set({ profile: 'base', set: [{ name: 'reg.1.auth.password', value: 'Canary-2' }] });
    const shown = await phonectl.configs.show({ revision: 2 });
    assert.equal(shown.changes[0]?.values.length, 1);
    assert.ok(!JSON.stringify(shown).includes('Canary'));
  });

  it('goes back one change, and forth again, byte for byte', async () => {
    await phonectl.profiles.add({ name: 'base', vendor: 'poly' });
    await phonectl.profiles.assign({ profile: 'base', target: { global: true } });
    await setTimeout('base', '10');
    const [first, firstState] = [await bytes(), await state()];
    await setTimeout('base', '20');
    const [second, secondState] = [await bytes(), await state()];
    assert.notEqual(first, second);

    const planned = await phonectl.configs.rollback({ dryRun: true });
    assert.deepEqual([planned.revision, planned.to, planned.plan.devices], [null, 3, 2]);
    assert.equal(await bytes(), second);
    const back = await phonectl.configs.rollback({});
    assert.deepEqual(back.plan, planned.plan);
    assert.deepEqual([await bytes(), await state()], [first, firstState]);
    await phonectl.configs.rollback({});
    assert.deepEqual([await bytes(), await state()], [second, secondState]);
  });

  it('two rollbacks in a row to earlier revisions restore each state, byte for byte', async () => {
    await phonectl.profiles.add({ name: 'base', vendor: 'poly', set: [{ name: TIMEOUT, value: '5' }] });
    const states: (readonly [number, string, string])[] = [];
    await phonectl.profiles.assign({ profile: 'base', target: { global: true } });
    states.push([2, await bytes(), await state()]);
    await phonectl.profiles.set({ profile: 'base', set: [{ name: 'reg.1.auth.password', value: 'pw' }] });
    await phonectl.profiles.edit({ profile: 'base', name: 'renamed' });
    states.push([4, await bytes(), await state()]);
    // A new profile takes the old name, and the old one goes.
    await phonectl.profiles.add({ name: 'base', vendor: 'poly', set: [{ name: TIMEOUT, value: '7' }] });
    await phonectl.profiles.delete({ profiles: ['renamed'] });
    await phonectl.profiles.assign({ profile: 'base', target: { site: 'Berlin' } });
    for (const [revision, files, known] of states.toReversed()) {
      await phonectl.configs.rollback({ revision });
      assert.deepEqual([await bytes(), await state()], [files, known], `revision ${revision}`);
    }
    await phonectl.configs.rollback({ revision: 0 });
    assert.equal(await state(), '[]');
  });

  it('profiles that changed names with each other change back', async () => {
    for (const name of ['a', 'b']) await phonectl.profiles.add({ name, vendor: 'poly' });
    const before = await state();
    for (const [profile, name] of [
      ['a', 'c'],
      ['b', 'a'],
      ['c', 'b'],
    ] as const) {
      await phonectl.profiles.edit({ profile, name });
    }
    await phonectl.configs.rollback({ revision: 2 });
    assert.equal(await state(), before);
  });

  it('says that there is no such revision, and nothing to undo', async () => {
    await assert.rejects(phonectl.configs.rollback({ revision: 7 }), { code: 'not_found' });
    await assert.rejects(phonectl.configs.rollback({}), { code: 'conflict' });
    await assert.rejects(phonectl.configs.show({ revision: 0 }), { code: 'not_found' });
  });

  it('any changes, then any revision: the state is what it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 2, maxLength: 8 }), fc.nat(), async (edits, pick) => {
        const begin = (await Array.fromAsync(phonectl.configs.history({ limit: 1 })))[0]?.revision ?? 0;
        const states = new Map([[begin, await state()]]);
        for (const change of edits) {
          const revision = await attempt(change);
          if (revision !== null) states.set(revision, await state());
        }
        const [revision, expected] = [...states][pick % states.size]!;
        await phonectl.configs.rollback({ revision });
        assert.equal(await state(), expected);
        await phonectl.configs.rollback({ revision: begin });
        assert.equal(await state(), states.get(begin));
      }),
      { numRuns: 8 },
    );
  });

  const name = fc.constantFrom('p', 'q', 'r');
  const target = fc.constantFrom({ global: true }, { site: 'Berlin' }, { device: 'lobby' });
  const edit = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), name }),
    fc.record({ kind: fc.constant('set' as const), name, value: fc.integer({ min: 5, max: 60 }) }),
    fc.record({ kind: fc.constant('rename' as const), name, to: name }),
    fc.record({ kind: fc.constant('delete' as const), name }),
    fc.record({ kind: fc.constant('assign' as const), name, target }),
    fc.record({ kind: fc.constant('unassign' as const), name, target }),
  );
  type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

  /** Number of the new revision; null when the change is refused or changes nothing. */
  async function attempt(change: Edit): Promise<number | null> {
    const { profiles } = phonectl;
    const profile = change.name;
    try {
      switch (change.kind) {
        case 'add':
          return (await profiles.add({ name: profile, vendor: 'poly' })).revision;
        case 'set':
          return await setTimeout(profile, String(change.value));
        case 'rename':
          return (await profiles.edit({ profile, name: change.to })).revision;
        case 'delete':
          return (await profiles.delete({ profiles: [profile] })).revision;
        case 'assign':
          return (await profiles.assign({ profile, target: change.target })).revision;
        case 'unassign':
          return (await profiles.unassign({ profile, target: change.target })).revision;
      }
    } catch (error) {
      // A profile that is not there, or there already: the sequence is random.
      if (isPhonectlError(error) && ['not_found', 'exists'].includes(error.code)) return null;
      throw error;
    }
  }
});

describe('plans that are kept', () => {
  let home: TestHome;
  let phonectl: Phonectl;

  beforeEach(async () => {
    home = await makeHome();
    phonectl = home.phonectl;
    await phonectl.devices.add({ devices: [{ mac: '0004f2000001', model: 'VVX 450', name: 'lobby' }] });
    await phonectl.profiles.add({ name: 'base', vendor: 'poly' });
    await phonectl.profiles.assign({ profile: 'base', target: { global: true } });
    await phonectl.profiles.set({ profile: 'base', set: [{ name: TIMEOUT, value: '10' }], change: 'dim' });
  });
  afterEach(async () => await home.remove());

  async function timeout(): Promise<string | undefined> {
    const { parameters } = await phonectl.profiles.show({ profile: 'base' });
    return parameters.find((parameter) => parameter.name === TIMEOUT)?.value;
  }

  it('do what they showed, and end the change', async () => {
    const saved = await phonectl.configs.plan({ change: 'dim' });
    assert.equal(await timeout(), undefined);
    const { revision, plan } = await phonectl.configs.apply({ plan: saved.id!, digest: saved.digest });
    assert.deepEqual([revision, plan], [3, saved.plan]);
    assert.equal(await timeout(), '10');
    assert.deepEqual(await Array.fromAsync(phonectl.changes.list({})), []);
    await assert.rejects(phonectl.configs.apply({ plan: saved.id! }), { code: 'stale' });
  });

  it('are refused when the configuration has changed since', async () => {
    const saved = await phonectl.configs.plan({ change: 'dim' });
    await phonectl.profiles.add({ name: 'other', vendor: 'poly' });
    await assert.rejects(phonectl.configs.apply({ plan: saved.id! }), { code: 'stale' });
  });

  it('are refused when other phones would be hit', async () => {
    const saved = await phonectl.configs.plan({ change: 'dim' });
    await phonectl.devices.add({ devices: [{ mac: '0004f2000002', model: 'VVX 450', name: 'bar' }] });
    await assert.rejects(phonectl.configs.apply({ plan: saved.id! }), { code: 'stale' });
    assert.equal(await timeout(), undefined);
  });

  it('keep what was put into the change after them', async () => {
    const saved = await phonectl.configs.plan({ change: 'dim' });
    await phonectl.profiles.set({ profile: 'base', set: [{ name: TIMEOUT, value: '20' }], change: 'dim' });
    await phonectl.configs.apply({ plan: saved.id! });
    assert.equal(await timeout(), '10');
    assert.equal((await Array.fromAsync(phonectl.changes.list({})))[0]?.edits, 2);
  });

  it('of a rollback go back', async () => {
    await phonectl.changes.apply({ change: 'dim' });
    const saved = await phonectl.configs.plan({ rollback: 2 });
    assert.equal(saved.plan.devices, 1);
    await phonectl.configs.apply({ plan: saved.id! });
    assert.equal(await timeout(), undefined);
  });

  it('show what a change collects, and a discarded change is gone', async () => {
    const shown = await phonectl.changes.show({ change: 'dim' });
    assert.deepEqual(shown.changes[0]?.values, [{ name: TIMEOUT, before: null, after: '10' }]);
    const { plan } = await phonectl.changes.plan({ change: 'dim' });
    assert.equal(plan.devices, 1);
    await phonectl.changes.discard({ change: 'dim' });
    await assert.rejects(phonectl.changes.show({ change: 'dim' }), { code: 'not_found' });
  });
});
