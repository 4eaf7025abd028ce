/** Files to chosen phones of the lab (RES-03, RES-11). */
import assert from 'node:assert/strict';
import type { ControlEvent } from '../../src/sdk/control/run.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';
import { bytes, failsWith } from '../support/streams.ts';

type Finished = ControlEvent & { readonly type: 'finished' };

async function finished(events: AsyncIterable<ControlEvent>): Promise<Finished> {
  for await (const event of events) if (event.type === 'finished') return event;
  throw new Error('it did not finish');
}

describe('resource push', function () {
  this.timeout(120_000);
  let fleet: PlayedFleet;
  before(async () => {
    fleet = await playedFleet({ phones: 6, speed: 200, mix: { poly: 50, yealink: 50, cisco: 0 } });
    const { resources } = fleet.phonectl;
    await resources.add({ source: bytes('a picture'), file: 'logo.png' });
    await resources.add({ source: bytes('another'), file: 'other.jpg', models: ['T54W'] });
    await resources.add({ source: bytes('a bell'), file: 'bell.wav' });
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  it('RES-03: only to devices that it suits, and says so before anything starts', async () => {
    const { resources } = fleet.phonectl;
    const push = (wish: object) =>
      finished(resources.push({ selector: { all: true }, resources: ['logo.png'], ...wish }));
    await assert.rejects(push({}), failsWith('conflict', /logo\.png suits 3 of 6 devices only/));
    await assert.rejects(push({ resources: ['nothing'] }), failsWith('not_found'));
    await assert.rejects(push({ param: 'no.such.param' }), failsWith('conflict', /suits 0 of 6/));
    assert.deepEqual(await Array.fromAsync(fleet.phonectl.tasks.list({})), []);
  });

  it('RES-11: one file of each type', async () => {
    const push = fleet.phonectl.resources.push({
      selector: { vendors: ['yealink'] },
      resources: ['logo.png', 'other.jpg'],
    });
    await assert.rejects(finished(push), failsWith('usage', /are both of the type image/));
  });

  it('the phones fetch both files, and run the parameters that name them', async () => {
    const { resources } = fleet.phonectl;
    const wish = { selector: { vendors: ['yealink'] }, resources: ['logo.png', 'bell.wav'], timeout: 60 };
    const { results } = await finished(resources.push(wish));
    assert.deepEqual(
      results.map(({ result, evidence }) => [result, evidence]),
      results.map(() => ['success', 'fetched logo.png, bell.wav']),
    );
    for (const { device } of results) {
      const { parameters } = fleet.lab.phone(device);
      assert.match(parameters.text('wallpaper_upload.url'), /\/logo\.png$/);
      assert.equal(parameters.text('phone_setting.backgrounds'), 'Config:logo.png');
      assert.match(parameters.text('ringtone.url'), /\/bell\.wav$/);
    }
  });
});
