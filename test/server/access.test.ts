/** Who gets what: design.md section 6, issue 2 acceptance 4. */
import assert from 'node:assert/strict';
import type { Fact, FactWriter } from '../../src/sdk/ports/facts.ts';
import type { ServingReader } from '../../src/sdk/ports/serving.ts';
import { Access, type Claim } from '../../src/server/access.ts';
import type { Proof } from '../../src/server/authentication.ts';
import { macOf, TestServer, USER_AGENTS, until, type Vendor } from './support.ts';

const VENDORS: readonly Vendor[] = ['poly', 'yealink', 'cisco'];

/** What a factory phone asks for that knows only our host. */
const FACTORY: Readonly<Record<Vendor, (mac: string) => string>> = {
  poly: (mac) => `/${mac}-phonectl.cfg`,
  yealink: (mac) => `/${mac}.cfg`,
  cisco: () => '/8841-3PCC.xml',
};

/** The first file that holds parameters, and the one that the phone asks for first. */
const MAIN: Readonly<Record<Vendor, (mac: string) => string>> = {
  poly: (mac) => `/${mac}-phonectl.cfg`,
  yealink: (mac) => `/${mac}.cfg`,
  cisco: (mac) => `/${mac}.xml`,
};

describe('who gets what', () => {
  let fleet: TestServer;
  before(async () => {
    fleet = await TestServer.start();
  });
  after(() => fleet[Symbol.asyncDispose]());

  for (const [index, vendor] of VENDORS.entries()) {
    it(`a ${vendor} phone enrols with the shared account, then gets its files with its own login`, async () => {
      const { id } = await fleet.phone(vendor, 900 + index);
      const mac = macOf(vendor, 900 + index);
      const userAgent = vendor === 'poly' ? USER_AGENTS.poly : userAgentOf(vendor, mac);
      const login = vendor === 'cisco' ? undefined : fleet.shared;

      const first = await fleet.ask(FACTORY[vendor](mac), { login, userAgent });
      assert.equal(first.status, 200);
      assert.doesNotMatch(first.body.toString(), /sip-secret/, 'no SIP secret in the enrolment file');
      const password = PASSWORD.exec(first.body.toString())?.[1];
      assert.ok(password !== undefined, first.body.toString());

      // Phones fetch each file twice (T54W): until the login was used, the same file comes again.
      const second = await fleet.ask(FACTORY[vendor](mac), { login, userAgent });
      assert.equal(second.body.toString(), first.body.toString());

      // A Cisco sends its new login only when it is asked for one: a 401, not the enrolment file again.
      if (vendor === 'cisco') assert.equal((await fleet.ask(MAIN[vendor](mac), { userAgent })).status, 401);

      const own = { username: mac, password };
      const served = await fleet.ask(MAIN[vendor](mac), { login: own, userAgent });
      assert.equal(served.status, 200);
      assert.match(served.body.toString(), new RegExp(`sip-secret-${mac}`));

      await until('the window is done', async () =>
        (await fleet.evidence(id)).some(({ kind }) => kind === 'enrolled') ? true : undefined,
      );
      const again = await fleet.ask(FACTORY[vendor](mac), { login, userAgent });
      assert.equal(again.status, 401);
      if (vendor === 'cisco') return; // Each of its requests begins like this: see below.
      const { attention } = await until('attention', async () => {
        const device = await (await fleet.installation.store.serving()).deviceById(id);
        return device?.attention == null ? undefined : device;
      });
      assert.match(String(attention), new RegExp(`came back with the shared account .* phonectl device enrol ${mac}`));
    });
  }

  it('a cisco phone that shows its login when it is asked for it is well; one that does not show it has lost it', async () => {
    const { id } = await fleet.phone('cisco', 905);
    const mac = macOf('cisco', 905);
    const device = (await (await fleet.installation.store.serving()).deviceById(id))!;
    const window = { closesAt: 0, completedAt: 1000 };
    const reader = { deviceByMac: async () => device, enrolment: async () => window } as unknown as ServingReader;
    const notes: Fact[] = [];
    const writer = { note: (fact: Fact) => notes.push(fact) } as unknown as FactWriter;
    const access = new Access({ reader, writer });
    const claim: Claim = {
      address: '127.0.0.1',
      certificate: undefined,
      proof: { kind: 'none', attempted: false, stale: false },
      identification: { vendor: 'cisco', score: 100 },
      mac,
      own: true,
      userAgent: '',
      at: 100_000,
    };
    const login: Proof = { kind: 'login', device, firstUse: false, lastUsedAt: 0, since: 0 };
    for (const at of [100_000, 200_000, 300_000]) {
      assert.equal((await access.decide({ ...claim, at })).kind, 'denied');
      assert.equal((await access.decide({ ...claim, at: at + 5, proof: login })).kind, 'own');
    }
    await access.decide({ ...claim, at: 400_000 });
    await access.decide({ ...claim, at: 405_000 });
    assert.deepEqual(notes, [], 'two files at the same time are no loss either');
    await access.decide({ ...claim, at: 460_000 });
    assert.match(JSON.stringify(notes), /came back with the shared account from 127\.0\.0\.1/);
  });

  it('a second address does not get the enrolment file, and raises an alarm', async () => {
    const [phone] = await fleet.phones('poly', 1, 910);
    const path = `/${phone!.mac}-phonectl.cfg`;
    assert.equal((await fleet.ask(path, { login: fleet.shared, userAgent: USER_AGENTS.poly })).status, 200);
    const other = await fleet.ask(path, { login: fleet.shared, userAgent: USER_AGENTS.poly, from: '127.0.0.2' });
    assert.equal(other.status, 401);
    await until('attention', async () => {
      const device = await (await fleet.installation.store.serving()).deviceById(phone!.id);
      return /asked for from 127\.0\.0\.2 too/.test(device?.attention ?? '') || undefined;
    });
    // The first one is not locked out by it.
    assert.equal((await fleet.ask(path, { login: fleet.shared, userAgent: USER_AGENTS.poly })).status, 200);
  });

  it('a window takes nobody from outside its networks, and closes', async () => {
    const [phone] = await fleet.phones('yealink', 1, 911);
    const { phonectl } = fleet.home;
    const ask = async (): Promise<number> =>
      (await fleet.ask(`/${phone!.mac}.cfg`, { login: fleet.shared, userAgent: USER_AGENTS.yealink })).status;
    await phonectl.enrolments.open({ selector: { refs: [phone!.mac] }, from: ['10.0.0.0/8'] });
    assert.equal(await ask(), 401);
    await phonectl.enrolments.open({ selector: { refs: [phone!.mac] }, from: ['127.0.0.1'], window: '1s' });
    assert.equal(await ask(), 200);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    assert.equal(await ask(), 401);
  });

  it('a phone that nobody announced gets a 401, stands in the quarantine, and can be let in', async () => {
    const mac = macOf('yealink', 999);
    const userAgent = userAgentOf('yealink', mac);
    const ask = async (): Promise<number> =>
      (await fleet.ask(`/${mac}.boot`, { login: fleet.shared, userAgent })).status;
    assert.equal(await ask(), 401);
    const { phonectl } = fleet.home;
    const stranger = await until('quarantine', async () => {
      for await (const found of phonectl.enrolments.quarantine({})) if (found.mac === mac) return found;
      return undefined;
    });
    assert.deepEqual(
      { vendor: stranger.vendor, model: stranger.model, firmware: stranger.firmware, address: stranger.address },
      { vendor: 'yealink', model: 'T54W', firmware: '96.86.0.75', address: '127.0.0.1' },
    );
    const [approved] = await phonectl.enrolments.approve({ macs: [mac] });
    assert.equal(approved?.device, mac);
    assert.equal(await ask(), 200);
  });

  it('PROV-11, GRP-06: a site that adds phones by itself takes one in, with the default groups', async () => {
    const { phonectl } = fleet.home;
    await phonectl.sites.add({ sites: [{ name: 'Auto', autoAdd: true }] });
    await phonectl.sites.addSubnet({ site: 'Auto', public: '127.0.0.9/32' });
    await phonectl.groups.add({ groups: [{ name: 'Newcomers' }] });
    await phonectl.groups.setDefaults({ groups: ['Newcomers'] });
    const mac = macOf('poly', 998);
    const asked = { login: fleet.shared, userAgent: USER_AGENTS.poly, from: '127.0.0.9' };
    assert.equal((await fleet.ask(`/${mac}.cfg`, asked)).status, 200);
    const device = await phonectl.devices.show({ device: mac });
    assert.equal(device.site, 'Auto');
    assert.deepEqual(device.groups, ['Newcomers']);
    assert.equal(device.lines.length, 0);
    // Elsewhere nobody is added.
    const elsewhere = macOf('poly', 997);
    assert.equal((await fleet.ask(`/${elsewhere}.cfg`, { ...asked, from: '127.0.0.10' })).status, 401);
  });

  it('a site in classic mode gives the shared account its phones’ files, from its subnets only', async () => {
    const { phonectl } = fleet.home;
    await phonectl.sites.add({ sites: [{ name: 'Classic', provisioning: 'shared' }] });
    await phonectl.sites.addSubnet({ site: 'Classic', public: '127.0.0.20/32' });
    const [phone] = await fleet.phones('poly', 1, 920);
    await phonectl.devices.edit({ devices: [phone!.mac], site: 'Classic' });
    const path = `/${phone!.mac}-phonectl.cfg`;
    const asked = { login: fleet.shared, userAgent: USER_AGENTS.poly };
    const inside = await fleet.ask(path, { ...asked, from: '127.0.0.20' });
    assert.equal(inside.status, 200);
    assert.match(inside.body.toString(), /sip-secret/);
    assert.equal((await fleet.ask(path, asked)).status, 401);
  });

  it('F-19: a deleted device and a rotated login are refused within a second', async () => {
    const [gone, rotated] = await fleet.phones('poly', 2, 930);
    const { phonectl } = fleet.home;
    const ask = async (phone: typeof gone): Promise<number> =>
      (await fleet.ask(`/${phone!.mac}.cfg`, { login: phone!.login, userAgent: USER_AGENTS.poly })).status;
    assert.deepEqual([await ask(gone), await ask(rotated)], [200, 200]);
    await phonectl.devices.delete({ selector: { refs: [gone!.mac] } });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.equal(await ask(gone), 401);
    await phonectl.enrolments.rotateCredentials({ selector: { refs: [rotated!.mac] }, grace: '2s' });
    assert.equal(await ask(rotated), 200, 'the old login is good until the phone has learnt the new one');
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    assert.equal(await ask(rotated), 401);
  });

  it('a change by another process counts within a second', async () => {
    const [phone] = await fleet.phones('cisco', 1, 940);
    const path = `/${phone!.mac}.xml`;
    const asked = { login: phone!.login, userAgent: USER_AGENTS.cisco };
    const before = await fleet.ask(path, asked);
    await fleet.home.phonectl.accounts.edit({
      accounts: ['cisco-940'],
      displayName: 'Changed',
    });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const after = await fleet.ask(path, asked);
    assert.notEqual(after.headers.etag, before.headers.etag);
    assert.match(after.body.toString(), /Changed/);
  });

  it('PROV-09, PROV-10: entry points that name no device lead to the device of the login', async () => {
    const [poly] = await fleet.phones('poly', 1, 950);
    const [yealink] = await fleet.phones('yealink', 1, 950);
    const [cisco] = await fleet.phones('cisco', 1, 950);
    for (const [phone, alias, real] of [
      [poly, '/000000000000.cfg', `/${poly!.mac}.cfg`],
      [yealink, '/dm.cfg', `/${yealink!.mac}.cfg`],
      [cisco, '/8841-3PCC.xml', `/${cisco!.mac}.xml`],
      [cisco, `/Cisco/CP-8841-3PCC/${cisco!.mac}.cfg`, `/${cisco!.mac}.xml`],
    ] as const) {
      const asked = { login: phone!.login, userAgent: USER_AGENTS[phone!.vendor] };
      assert.deepEqual((await fleet.ask(alias, asked)).body, (await fleet.ask(real, asked)).body, alias);
    }
  });

  it('reports: the secret in the URL names the phone; a forged one, or one for another phone, is nobody', async () => {
    const [phone, other] = await fleet.phones('poly', 2, 960);
    const event = (mac: string): string =>
      `<PolycomIPPhone><LineRegistrationEvent><PhoneIP>192.0.2.7</PhoneIP><MACAddress>${mac}</MACAddress>` +
      '<LineNumber>poly960</LineNumber></LineRegistrationEvent></PolycomIPPhone>';
    const post = async (secret: string, mac: string): Promise<number> =>
      (await fleet.ask(`/e/${secret}`, { method: 'POST', body: event(mac) })).status;
    assert.equal(await post(phone!.eventSecret, phone!.mac), 200);
    assert.equal(await post('a'.repeat(26), phone!.mac), 404);
    assert.equal(await post(phone!.eventSecret, other!.mac), 404);
    const shown = await until('the line is registered', async () => {
      const device = await fleet.home.phonectl.devices.show({ device: phone!.mac });
      return device.sip === 'registered' ? device : undefined;
    });
    assert.equal(shown.sip, 'registered');
    assert.ok(
      (await fleet.evidence(phone!.id)).some(
        ({ kind, detail }) => kind === 'registered' && detail['user'] === 'poly960',
      ),
    );
    assert.equal((await fleet.evidence(other!.id)).length, 0);
    assert.ok(fleet.log.every(({ path }) => !path.includes(phone!.eventSecret)));
  });
});

/** The password that an enrolment file hands over, in each vendor's form. */
const PASSWORD = /(?:device\.prov\.password="|server\.password = |--pwd )([a-z0-9]{26})/;

function userAgentOf(vendor: Vendor, mac: string): string {
  if (vendor === 'yealink') return `${USER_AGENTS.yealink} ${mac.replace(/..(?!$)/g, '$&:')}`;
  return vendor === 'cisco' ? `${USER_AGENTS.cisco} (${mac})` : USER_AGENTS.poly;
}
