import assert from 'node:assert/strict';
import { startTestApi, type TestApi } from '../support/api.ts';

describe('the management API', () => {
  let test: TestApi;
  before(async () => {
    test = await startTestApi();
  });
  after(() => test.stop());

  it('gives the same lists, values and errors as the door itself', async () => {
    const local = test.home.phonectl;
    const remote = test.connect(await test.key());
    assert.deepEqual(await Array.fromAsync(remote.sites.list({})), await Array.fromAsync(local.sites.list({})));
    await remote.sites.add({ sites: [{ name: 'Berlin' }] });
    assert.deepEqual(await local.sites.show({ site: 'Berlin' }), await remote.sites.show({ site: 'Berlin' }));
    await assert.rejects(remote.sites.show({ site: 'Atlantis' }), { code: 'not_found' });
  });
});
