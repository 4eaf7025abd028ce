/** What a phone gets of a firmware task, in which steps, and what is stored of it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Model } from '../../src/domain/models.ts';
import { parseRange, sameRelease } from '../../src/domain/version.ts';
import { choose } from '../../src/sdk/firmware/choice.ts';
import { stepsTo, type UpgradePath } from '../../src/sdk/firmware/paths.ts';
import type { ImageRecord } from '../../src/sdk/ports/files.ts';
import { FIRMWARE_SLOT } from '../../src/sdk/ports/given-files.ts';
import { wavesOf } from '../../src/tasks/strategy.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { bytes, failsWith } from '../support/streams.ts';
import { taskFixture } from '../tasks/support.ts';

function image(id: number, release: string, fields: Partial<ImageRecord> = {}): ImageRecord {
  return {
    id,
    name: `image ${release}`,
    vendor: 'poly',
    family: 'phone',
    release,
    description: '',
    models: [],
    fileName: 'sip.ld',
    license: null,
    version: 1,
    createdBy: 'tester',
    createdAt: 0,
    updatedAt: 0,
    sha256: '',
    size: 1,
    ...fields,
  };
}

function model(fields: Partial<Model>): Model {
  return { vendor: 'poly', family: 'VVX', name: 'VVX 450', prefixes: [], ...fields } as Model;
}

function path(from: string, to: string, via: string): UpgradePath {
  const range = (text: string) => parseRange(text)!;
  return { vendor: 'poly', families: ['VVX'], from: range(from), to: range(to), via: range(via), needs: via };
}

const VVX = model({});

describe('firmware for one phone', () => {
  const targets = [image(1, '6.4.8.1'), image(2, '96.86.0.100', { vendor: 'yealink', models: ['T54W'] })];
  const stock = { targets, images: targets, paths: [], downgrade: false };

  it('gets the image that fits it; nothing where it runs it, or something newer (FW-04)', () => {
    assert.deepEqual(choose(stock, VVX, '6.4.6.1'), { kind: 'upgrade', steps: [targets[0]] });
    assert.deepEqual(choose(stock, VVX, null), { kind: 'upgrade', steps: [targets[0]] });
    assert.deepEqual(choose(stock, VVX, '6.4.8.1'), { kind: 'current', reason: 'it runs 6.4.8.1 already' });
    const newer = { kind: 'misfit', reason: 'it runs 6.4.9.1, which is newer than 6.4.8.1' };
    assert.deepEqual(choose(stock, VVX, '6.4.9.1'), newer);
    assert.equal(choose({ ...stock, downgrade: true }, VVX, '6.4.9.1').kind, 'upgrade');
    const t54w = model({ vendor: 'yealink', name: 'T54W', family: 'T5', prefixes: [96] });
    assert.deepEqual(choose(stock, t54w, '96.86.0.75'), { kind: 'upgrade', steps: [targets[1]] });
    const t46u = model({ vendor: 'yealink', name: 'T46U', family: 'T4U', prefixes: [108] });
    const none = { kind: 'misfit', reason: 'there is no image of this release for the T46U' };
    assert.deepEqual(choose(stock, t46u, '108.86.0.75'), none);
    assert.deepEqual(choose(stock, undefined, null), { kind: 'misfit', reason: 'its model is not known yet' });
  });

  it('refuses an image of another hardware by its number, where nobody named models (yealink.md A7)', () => {
    const any = image(3, '66.86.0.15', { vendor: 'yealink' });
    const t46u = model({ vendor: 'yealink', name: 'T46U', family: 'T4U', prefixes: [108] });
    const choice = choose({ ...stock, targets: [any] }, t46u, '108.86.0.75');
    assert.deepEqual(choice, { kind: 'misfit', reason: 'a T46U takes 108.x, not 66.86.0.15' });
  });

  it('goes by the steps between, with the newest image of each; says what is missing (poly.md G)', () => {
    const target = image(1, '5.9.8.5760');
    const between = [image(2, '5.7.3.1'), image(3, '5.7.3.1797')];
    const paths = [path('<5.7.3', '>=5.8', '5.7.3')];
    assert.deepEqual(stepsTo(target, '5.5.2.1', VVX, [target, ...between], paths), [between[1], target]);
    assert.deepEqual(stepsTo(target, '5.7.3.1797', VVX, [target, ...between], paths), [target]);
    assert.deepEqual(stepsTo(target, '5.5.2.1', model({ family: 'Trio' }), [target], paths), [target]);
    assert.match(
      String(stepsTo(target, '5.5.2.1', VVX, [target], paths)),
      /^5\.5\.2\.1 cannot go to 5\.9\.8\.5760 directly; it needs 5\.7\.3 first, and there is no such image$/,
    );
    // A table that leads in a circle ends, and says so.
    const circle = [path('<9', '>=2', '3')];
    assert.match(String(stepsTo(image(4, '8.0'), '1.0', VVX, [image(5, '3.0')], circle)), /more than 5 steps/);
  });

  it('any way ends at the target, and each step is one that is allowed from the one before (property)', () => {
    const numbers = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(numbers, numbers, fc.uniqueArray(numbers, { maxLength: 6 }), (from, to, stored) => {
        const target = image(100, `${to}.0`);
        const images = stored.map((number) => image(number, `${number}.0`));
        // No phone may skip more than two major versions.
        const paths = Array.from({ length: 9 }, (_, index) =>
          path(`<${index + 1}`, `>=${index + 3}`, `>=${index + 1},<${index + 3}`),
        );
        const steps = stepsTo(target, `${from}.0`, VVX, [...images, target], paths);
        if (typeof steps === 'string') return;
        assert.equal(steps.at(-1), target);
        let running = `${from}.0`;
        for (const { release } of steps) {
          const forbidden = paths.some((each) => each.from(running) && each.to(release));
          assert.ok(!forbidden, `${running} → ${release}`);
          running = release;
        }
      }),
    );
  });

  it('a phone tells less of its release than the image does, and is believed', () => {
    assert.ok(sameRelease('12.0.7', '12.0.7MPP0201-66'));
    assert.ok(sameRelease('12-0-7MPP0201-66', '12.0.7MPP0201-66'));
    assert.ok(!sameRelease('12.0.7MPP0201-65', '12.0.7MPP0201-66'));
    assert.ok(!sameRelease('12.0.5', '12.0.7MPP0201-66'));
    assert.ok(sameRelease('6.4.8', '6.4.8.0'));
    assert.ok(!sameRelease('96.86.0.75', '108.86.0.75'));
  });

  it('who has it already is no canary and fills no batch', () => {
    const devices = [true, false, false, true, false].map((idle) => ({ model: 'VVX 450', siteId: 1, idle }));
    assert.deepEqual(wavesOf(devices, { canary: 1, batch: 1 }), [2, 0, 1, 2, 2]);
    assert.deepEqual(wavesOf(devices, {}), [1, 1, 1, 1, 1]);
  });
});

describe('files that tasks give to phones', () => {
  it('are taken back to what was there before, once, and only by the run that gave them', async () => {
    const fixture = await taskFixture(1);
    try {
      const give = (fileId: number, runId: number) =>
        fixture.store.transaction(({ givenFiles }) =>
          givenFiles.give({ deviceId: 1, slot: FIRMWARE_SLOT, fileId, parameters: [], taskId: 7, runId, at: fileId }),
        );
      const withdraw = (runId: number) =>
        fixture.store.transaction(({ givenFiles }) => givenFiles.withdraw(1, FIRMWARE_SLOT, runId));
      const now = async () => (await fixture.store.read.givenFiles.of([1])).map(({ fileId }) => fileId);
      await give(1, 1);
      await give(2, 2);
      await withdraw(1);
      assert.deepEqual(await now(), [2], 'another run gave it');
      // Two steps of one run: what was before the run comes back.
      await give(3, 2);
      await withdraw(2);
      assert.deepEqual(await now(), [1]);
      await withdraw(2);
      assert.deepEqual(await now(), [1]);
      await withdraw(1);
      assert.deepEqual(await now(), []);
    } finally {
      await fixture.close();
    }
  });
});

describe('timers that bring firmware and files', () => {
  let home: TestHome;
  before(async () => {
    home = await makeHome();
    const { devices, firmware, resources } = home.phonectl;
    await devices.add({ devices: [{ mac: '64167f000001', model: 'VVX 450', name: 'one' }] });
    await devices.add({ devices: [{ mac: '805ec0000001', model: 'T54W', name: 'two' }] });
    await firmware.add({ source: bytes('x'), file: 'sip.ld', version: '6.4.8.1' });
    await resources.add({ source: bytes('x'), file: 'logo.png' });
  });
  after(async () => {
    await home.remove();
  });

  const daily = { repeat: 'daily', at: '02:00', timeZone: 'Europe/Berlin' } as const;

  it('TASK-06..08: know what they bring, and refuse devices that it is nothing for', async () => {
    const { timers } = home.phonectl;
    const all = { selector: { all: true }, ...daily };
    await assert.rejects(timers.add({ type: 'firmware', ...all }), failsWith('usage', /needs "firmware"/));
    await assert.rejects(timers.add({ type: 'reboot', firmware: '1', ...all }), failsWith('usage', /means nothing/));
    await assert.rejects(timers.add({ type: 'firmware', firmware: '6.4.8.1', ...all }), failsWith('conflict'));
    await assert.rejects(timers.add({ type: 'resource', resources: ['logo.png'], ...all }), failsWith('conflict'));
    const made = await timers.add({ type: 'firmware', firmware: '6.4.8.1', fitting: true, ...all });
    assert.equal(made.when, 'every day at 02:00 (Europe/Berlin)');
    const shown = await timers.show({ task: made.id! });
    assert.deepEqual(shown.content['input'], { images: [1], target: 'poly 6.4.8.1', away: 'next-contact' });
    const files = await timers.add({
      type: 'resource',
      resources: ['logo.png'],
      selector: { refs: ['two'] },
      ...daily,
    });
    assert.equal(files.devices, 1);
  });

  it('a broken table of upgrade paths is named, and nothing is guessed', async () => {
    const file = join(home.path, 'upgrade-paths.yaml');
    writeFileSync(file, "paths:\n  - { vendor: poly, from: 'x', to: '>=5', via: '4' }\n");
    const plan = home.phonectl.firmware.plan({ firmware: '6.4.8.1', selector: { refs: ['one'] } });
    await assert.rejects(plan, failsWith('invalid_data', /upgrade-paths\.yaml cannot be used: `from` is no range/));
  });
});
