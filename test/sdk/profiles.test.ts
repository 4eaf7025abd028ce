import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Phonectl } from '../../src/sdk/index.ts';
import { makeHome, type TestHome } from '../support/home.ts';

describe('profiles', () => {
  let home: TestHome;
  let phonectl: Phonectl;

  beforeEach(async () => {
    home = await makeHome();
    phonectl = home.phonectl;
    await phonectl.sites.add({ sites: [{ name: 'Berlin' }, { name: 'Lyon' }] });
    await phonectl.devices.add({
      devices: [
        { mac: '0004f2000001', model: 'VVX 450', name: 'reception', site: 'Berlin' },
        { mac: '0004f2000002', model: 'VVX 450', name: 'lobby', site: 'Lyon' },
        { mac: '805ec0000001', model: 'SIP-T54W', name: 'bar', site: 'Berlin' },
      ],
    });
  });
  afterEach(async () => {
    await home.remove();
  });

  const auto = 'call.autoAnswer.SIP';

  it('PROF-29: plans an assignment before it happens, and then does exactly that', async () => {
    const set = [{ name: auto, value: '1' }];
    await phonectl.profiles.add({ name: 'auto answer', vendor: 'poly', set, custom: true });
    const input = { profile: 'auto answer', target: { site: 'Berlin' } } as const;
    const dry = await phonectl.profiles.assign({ ...input, dryRun: true });
    assert.equal(dry.revision, null);
    assert.deepEqual(
      dry.plan.groups[0]?.devices.map(({ device }) => device),
      ['reception'],
    );
    assert.deepEqual(dry.plan.groups[0]?.changes[0], {
      param: auto,
      kind: 'added',
      before: null,
      after: { value: '1', layer: 'site', source: 'auto answer' },
      causes: dry.plan.groups[0]?.causes,
    });
    assert.equal((await phonectl.profiles.show({ profile: 'auto answer' })).assignments.length, 0);

    const done = await phonectl.profiles.assign(input);
    assert.deepEqual(done.plan, dry.plan);
    const { assignments } = await phonectl.profiles.show({ profile: 'AUTO ANSWER' });
    assert.deepEqual(assignments, [{ layer: 'site', target: 'Berlin', priority: 1, apply: 'auto' }]);
  });

  it('PROF-19, PROF-21: a CSV profile is deleted with a plan, alone or with others; its device stays', async () => {
    async function* csv(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`mac,${auto},reg.1.auth.password\n0004f2000001,1,Canary-csv\n`);
    }
    await phonectl.devices.import({ source: csv(), update: 'merge' });
    await phonectl.profiles.add({ name: 'below', vendor: 'poly', set: [{ name: auto, value: '0' }] });
    await phonectl.profiles.assign({ profile: 'below', target: { site: 'Berlin' } });
    const name = '0004F2000001_csv_profile';
    const dry = await phonectl.profiles.delete({ profiles: [name], dryRun: true });
    assert.deepEqual(dry.deleted, ['0004f2000001_csv_profile']);
    assert.deepEqual(
      dry.plan.groups[0]?.changes.map(({ param, before, after }) => [param, before?.layer, after?.value]),
      [
        [auto, 'csv', '0'],
        ['reg.1.auth.password', 'csv', undefined],
      ],
    );
    assert.doesNotMatch(JSON.stringify(dry), /Canary/);
    assert.notEqual((await phonectl.devices.show({ device: 'reception' })).csvProfile, null);
    await assert.rejects(phonectl.profiles.delete({ profiles: [name], change: 'later' }), { code: 'conflict' });
    const { revision, plan } = await phonectl.profiles.delete({ profiles: ['below', name] });
    assert.equal(typeof revision, 'number');
    assert.deepEqual([plan.devices, dry.plan.devices], [1, 1]);
    assert.equal((await phonectl.devices.show({ device: 'reception' })).csvProfile, null);
    await assert.rejects(phonectl.profiles.delete({ profiles: [name] }), { code: 'not_found' });
  });

  it('says so when a profile is assigned twice, and makes no second revision', async () => {
    await phonectl.profiles.add({ name: 'p', vendor: 'poly', set: [{ name: auto, value: '1' }], custom: true });
    const input = { profile: 'p', target: { global: true } };
    const first = await phonectl.profiles.assign(input);
    const second = await phonectl.profiles.assign(input);
    assert.equal(typeof first.revision, 'number');
    assert.deepEqual([second.revision, second.changed], [null, false]);
  });

  it('PROF-13: names an unknown parameter, with what it may have meant', async () => {
    await assert.rejects(
      phonectl.profiles.add({ name: 'p', vendor: 'poly', set: [{ name: 'reg.1.addres', value: 'x' }] }),
      (error: Error & { hints: readonly string[] }) => {
        assert.match(error.hints.join(' '), /reg\.1\.address/);
        return true;
      },
    );
  });

  it('VAL-15: refuses 456 as the admin password', async () => {
    const set = [{ name: 'device.auth.localAdminPassword', value: '456' }];
    await assert.rejects(phonectl.profiles.add({ name: 'p', vendor: 'poly', set }), /456/);
  });

  it('SEC-05: seals secrets, masks them in plans, and shows them on request only', async () => {
    const secret = 'Canary-7f3a9';
    const set = [{ name: 'reg.1.auth.password', value: secret }];
    await phonectl.profiles.add({ name: 'p', vendor: 'poly', set });
    const assigned = await phonectl.profiles.assign({ profile: 'p', target: { global: true } });
    assert.equal(assigned.plan.devices, 2);
    const shown = await phonectl.profiles.show({ profile: 'p' });
    for (const output of [assigned, shown]) assert.ok(!JSON.stringify(output).includes(secret));
    const revealed = await phonectl.profiles.show({ profile: 'p', reveal: true });
    assert.equal(revealed.parameters[0]?.value, secret);
    assert.ok(!holds(home.path, secret), 'nothing in the home holds it in clear');
  });

  it('PROF-18: a copy of a profile opens its own secrets', async () => {
    const set = [{ name: 'reg.1.auth.password', value: 'pw' }];
    await phonectl.profiles.add({ name: 'p', vendor: 'poly', set });
    await phonectl.profiles.copy({ profile: 'p', name: 'q' });
    const { parameters } = await phonectl.profiles.show({ profile: 'q', reveal: true });
    assert.equal(parameters[0]?.value, 'pw');
  });

  function holds(folder: string, text: string): boolean {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .some(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(text));
  }
});
