import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetPath } from '../../src/sdk/assets.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { all, bytes, failsWith, textOf } from '../support/streams.ts';

describe('models', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(async () => {
    await home.remove();
  });

  it('MODEL-01, MODEL-02: says which firmware is supported, whatever the spelling of the model', async () => {
    const { models } = home.phonectl;
    const status = async (model: string, firmware: string): Promise<string> =>
      (await models.check({ model, firmware })).status;
    assert.equal(await status('SIP-T46S', '66.83.0.30'), 'supported');
    assert.equal(await status('t46s', '66.83.0.29'), 'unsupported');
    assert.equal(await status('T46S', '66.84.0.10'), 'unsupported');
    await assert.rejects(models.check({ model: 'T46Z', firmware: '1' }), failsWith('not_found', /T46Z/));
  });

  it('MODEL-18: from the first approval on only approved models are added, at their sites', async () => {
    const { models, devices, sites } = home.phonectl;
    await sites.add({ sites: [{ name: 'A' }, { name: 'B' }] });
    assert.equal((await models.show({ model: 'VVX450' })).approved, 'all');
    await models.approve({ models: ['vvx450'] });
    await models.approve({ models: ['T54W'], site: 'A' });
    assert.deepEqual((await models.show({ model: 'T54W' })).approved, ['A']);
    assert.deepEqual((await models.show({ model: 'T46S' })).approved, []);
    const add = (mac: string, model: string, site: string) => devices.add({ devices: [{ mac, model, site }] });
    await add('0004f2000001', 'VVX 450', 'B');
    await add('805ec0000001', 'T54W', 'A');
    await assert.rejects(add('805ec0000002', 'T54W', 'B'), /not approved/);
    await assert.rejects(add('805ec0000003', 'T46S', 'A'), /not approved/);
    const report = await devices.import({ source: bytes('mac,model,site\n805ec0000004,T46S,A\n') });
    assert.equal(report.summary.rejected, 1);
    assert.equal((await models.show({ model: 'VVX450' })).deviceCount, 1);
  });

  it('MODEL-18: approving twice is no change; revoking the last one opens all, and says so', async () => {
    const { models } = home.phonectl;
    await assert.rejects(models.revoke({ models: ['VVX450'] }), failsWith('conflict', /every model/));
    assert.deepEqual((await models.approve({ models: ['VVX450'] })).changed, ['VVX 450']);
    assert.deepEqual((await models.approve({ models: ['VVX 450'] })).changed, []);
    assert.equal((await models.revoke({ models: ['VVX450'] })).everyModel, true);
  });

  it('a model file adds a model at once, and the template is one', async () => {
    const { models } = home.phonectl;
    const template = readFileSync(assetPath('templates', 'models.example.yaml'), 'utf8');
    const written = await models.import({ source: bytes(template), name: 'mine' });
    assert.deepEqual(written, { file: 'mine.yaml', outcome: 'created', models: ['T99X'] });
    assert.equal((await models.show({ model: 'sip-t99x' })).maxLines, 16);
    const again = await models.import({ source: bytes(template), name: 'mine' });
    assert.equal(again.outcome, 'unchanged');
  });

  it('a wrong model file is refused with line and column, and leaves nothing', async () => {
    const { models } = home.phonectl;
    const bad = 'vendor: poly\nfamilies:\n  - family: X\n    modelz: []\n';
    await assert.rejects(models.import({ source: bytes(bad), name: 'bad' }), failsWith('invalid_file', /line 3/));
    await assert.rejects(
      models.import({ source: bytes(bad), name: '../bad' }),
      failsWith('invalid_input', /not a name/),
    );
    assert.deepEqual(readdirSync(join(home.path, 'models')), []);
  });

  it('exports models of one vendor as a file that imports', async () => {
    const { models } = home.phonectl;
    const text = await textOf(models.export({ models: ['VVX450', 'VVX 311'] }));
    const before = await models.show({ model: 'VVX450' });
    await models.import({ source: bytes(text), name: 'same' });
    assert.deepEqual(await models.show({ model: 'VVX450' }), before);
    await assert.rejects(
      textOf(models.export({ models: ['VVX450', 'T54W'] })),
      failsWith('invalid_input', /one vendor/),
    );
    assert.ok((await all(models.list({ vendor: 'cisco' }))).every(({ vendor }) => vendor === 'cisco'));
  });
});
