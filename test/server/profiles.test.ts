/** Profiles on the wire: what a phone is given changes with its own layers, and with nothing else. */
import assert from 'node:assert/strict';
import { newCredential, openCredential } from '../../src/sdk/configuration/credentials.ts';
import { DiagnosisLayer } from '../../src/sdk/diagnosis/layer.ts';
import type { ServedDevice } from '../../src/sdk/ports/serving.ts';
import { RenderCache } from '../../src/server/render-cache.ts';
import { type TestPhone, TestServer, USER_AGENTS, until } from './support.ts';

describe('profiles that are served', function () {
  this.timeout(40_000);
  let fleet: TestServer;
  let phone: TestPhone;
  let other: TestPhone;

  before(async () => {
    fleet = await TestServer.start();
    [phone, other] = (await fleet.phones('poly', 2)) as [TestPhone, TestPhone];
    const { sites, groups, devices } = fleet.home.phonectl;
    await sites.add({ sites: [{ name: 'Berlin' }, { name: 'Mitte', parent: 'Berlin' }, { name: 'Lyon' }] });
    await groups.add({ groups: [{ name: 'lobby' }] });
    await devices.edit({ devices: [phone.mac], site: 'Mitte' });
    await devices.edit({ devices: [other.mac], site: 'Lyon' });
  });
  after(() => fleet[Symbol.asyncDispose]());

  async function file(of: TestPhone): Promise<{ text: string; etag: string }> {
    const { status, body, headers } = await fleet.ask(`/${of.mac}-phonectl.cfg`, {
      login: of.login,
      userAgent: USER_AGENTS.poly,
    });
    assert.equal(status, 200);
    return { text: body.toString(), etag: headers.etag ?? '' };
  }

  const served = (of: TestPhone, wanted: RegExp) =>
    until(`${wanted} in the file`, async () => {
      const answer = await file(of);
      return wanted.test(answer.text) ? answer : undefined;
    });

  it('PROF-29: a site beats global, also for the sites below it; others keep theirs', async () => {
    const { profiles } = fleet.home.phonectl;
    const auto = (value: string) => [{ name: 'call.autoAnswer.SIP', value }];
    await profiles.add({ name: 'no answer', vendor: 'poly', set: auto('0') });
    await profiles.add({ name: 'answer', vendor: 'poly', set: auto('1') });
    await profiles.assign({ profile: 'no answer', target: { global: true } });
    await served(phone, /call\.autoAnswer\.SIP="0"/);
    const before = await served(other, /call\.autoAnswer\.SIP="0"/);
    await profiles.assign({ profile: 'answer', target: { site: 'Berlin' } });
    await served(phone, /call\.autoAnswer\.SIP="1"/);
    assert.deepEqual(await file(other), before, 'a change elsewhere leaves a phone as it is');
  });

  it('DIAG-25: a phone that comes for a diagnosis before the server has looked gets it, and nothing is left when it ends', async () => {
    const { store } = fleet.installation;
    const fresh = await fleet.phone('poly', 6);
    // The server has just looked at the store, and will not do so again for a while.
    await file(other);
    const parameters = [['log.render.level', '0']] as const;
    const diagnosis = { deviceId: fresh.id, uid: 'one', parameters, author: 'ada', changedAt: 0 };
    const layer = new DiagnosisLayer(store.read.diagnoses, fleet.installation.secrets);
    const revision = () => layer.revision({ id: fresh.id } as ServedDevice);
    assert.equal(revision(), '');
    await store.transaction(({ diagnoses }) => diagnoses.put(diagnosis));
    assert.equal(revision(), 'one', 'else its file is kept as one without a diagnosis');
    assert.match((await file(fresh)).text, /log\.render\.level="0"/);
    await store.transaction(({ diagnoses }) => diagnoses.delete(fresh.id));
    const gone = async () => (/log\.render\.level/.test((await file(fresh)).text) ? undefined : true);
    await until('the file without it', gone);
  });

  it('what was rendered while something changed is handed out once, and not kept', async () => {
    const cache = new RenderCache({ limit: 1_000_000, now: () => 0 });
    let rendered = 0;
    const render = async () => ({ digest: String(++rendered), files: [] });
    assert.equal((await cache.get(1, 'key', render, () => false)).digest, '1');
    assert.equal((await cache.get(1, 'key', render)).digest, '2');
    assert.equal((await cache.get(1, 'key', render)).digest, '2');
  });

  it('GRP-05: membership of a group counts at once', async () => {
    const { profiles, groups } = fleet.home.phonectl;
    await profiles.add({ name: 'kiosk', vendor: 'poly', set: [{ name: 'up.screenCapture.enabled', value: '1' }] });
    await profiles.assign({ profile: 'kiosk', target: { group: 'lobby' } });
    const before = await file(other);
    assert.doesNotMatch(before.text, /up\.screenCapture/);
    await groups.edit({ group: 'lobby', addDevices: { refs: [other.mac] } });
    await served(other, /up\.screenCapture\.enabled="1"/);
    await groups.delete({ groups: ['lobby'] });
    await until('the file as it was', async () => ((await file(other)).etag === before.etag ? true : undefined));
  });

  it('PROF-28: the model that a phone shows decides from its first request on', async () => {
    const { profiles, devices } = fleet.home.phonectl;
    const [mac, vendor] = ['0004f2ffff01', 'poly'] as const;
    await devices.add({ devices: [{ mac, vendor, name: 'new' }] });
    await profiles.add({ name: 'big', vendor, set: [{ name: 'dir.local.readonly', value: '1' }] });
    await profiles.assign({ profile: 'big', target: { model: 'VVX 450' } });
    const { store, secrets } = fleet.installation;
    const device = (await (await store.serving()).deviceByMac(mac))!;
    const made = newCredential(secrets, device, 'provisioning', Date.now());
    await store.transaction(({ credentials }) => credentials.add([made]));
    const login = openCredential(secrets, device, (await store.read.credentials.list(device.id))[0]!);
    const ask = async (model: string): Promise<string> => {
      const userAgent = `FileTransport PolycomVVX-${model}-UA/6.4.4.8275 Type/Application`;
      return (await fleet.ask(`/${mac}-phonectl.cfg`, { login, userAgent })).body.toString();
    };
    await until('the new stack', async () =>
      (await ask('VVX_450')).includes('dir.local.readonly') ? true : undefined,
    );
    assert.doesNotMatch(await ask('VVX_250'), /dir\.local\.readonly/);
    assert.match(await ask('VVX_450'), /dir\.local\.readonly="1"/);
  });

  it('SEC-05: a sealed parameter reaches its phone in the clear, and nobody else', async () => {
    const { profiles, configs } = fleet.home.phonectl;
    const secret = 'Canary-8812';
    await profiles.add({ name: 'push', vendor: 'poly', set: [{ name: 'apps.push.password', value: secret }] });
    await profiles.assign({ profile: 'push', target: { device: phone.mac } });
    await served(phone, new RegExp(`apps\\.push\\.password="${secret}"`));
    assert.ok(!(await file(other)).text.includes(secret));
    assert.ok(!JSON.stringify(await configs.render({ device: phone.mac })).includes(secret));
  });

  it('PROF-23, PROF-26: attributes of the master file come from profiles', async () => {
    const { profiles } = fleet.home.phonectl;
    const set = [
      { name: 'CONFIG_FILES', value: 'site.cfg, features.cfg' },
      { name: 'LOG_FILE_DIRECTORY', value: `logs/\${mac_address}` },
      { name: '_mac_cfg_note', value: 'x' },
    ];
    await profiles.add({ name: 'master', vendor: 'poly', set });
    await profiles.assign({ profile: 'master', target: { device: phone.mac } });
    await until('the master file', async () => {
      const { body } = await fleet.ask(`/${phone.mac}.cfg`, { login: phone.login, userAgent: USER_AGENTS.poly });
      const text = body.toString();
      return text.includes(`CONFIG_FILES="${phone.mac}-phonectl.cfg, site.cfg, features.cfg"`) &&
        text.includes(`LOG_FILE_DIRECTORY="logs/${phone.mac}"`) &&
        text.includes('_mac_cfg_note="x"')
        ? true
        : undefined;
    });
  });
});
