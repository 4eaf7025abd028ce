/** DEPLOY-06, DEPLOY-07: phones that obey another server are led here at their own address. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Lab, startLab } from '../../src/lab/lab.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';
import { failsWith } from '../support/streams.ts';

const POLY = '0004f2dd0001';
const CISCO = '00562bdd0002';
const YEALINK = '805ec0dd0003';

describe('deploy push', function () {
  this.timeout(60_000);
  let fleet: PlayedFleet;
  let lab: Lab | undefined;
  /** Gives our authority over plain HTTP, as `serve --bootstrap-http` does. */
  const bootstrap = createServer((_request, response) => response.end(authority));
  let authority = '';

  before(async () => {
    fleet = await playedFleet({ phones: 1, mix: { poly: 100, yealink: 0, cisco: 0 } });
    const pem = readFileSync(join(fleet.home.path, 'tls', 'ca.pem'), 'utf8');
    authority = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)![0];
    await new Promise<void>((resolve) => bootstrap.listen(0, '127.0.0.1', resolve));
    const { phonectl } = fleet;
    await phonectl.devices.add({
      devices: [
        { mac: POLY, vendor: 'poly', model: 'VVX 450', name: 'led poly' },
        { mac: CISCO, vendor: 'cisco', model: '8841', name: 'led cisco' },
      ],
    });
    await phonectl.enrolments.open({ selector: { refs: [POLY, CISCO] }, from: ['127.0.0.0/8'] });
    // A server that knows nobody: what they obey now.
    const other = `http://127.0.0.1:${(bootstrap.address() as AddressInfo).port}/nobody/`;
    const phone = (mac: string, vendor: 'poly' | 'cisco' | 'yealink', model: string, address: string) => ({
      mac,
      vendor,
      model,
      address,
      server: other,
    });
    lab = await startLab({
      phones: [
        phone(POLY, 'poly', 'VVX 450', '127.9.0.1'),
        phone(CISCO, 'cisco', '8841', '127.9.0.2'),
        phone(YEALINK, 'yealink', 'T54W', '127.9.0.3'),
      ],
      ca: authority,
      speed: 60,
      sipPort: 0,
    });
  });
  after(async () => {
    await lab?.stop();
    bootstrap.close();
    await fleet[Symbol.asyncDispose]();
  });

  const url = (): string => `http://127.0.0.1:${(bootstrap.address() as AddressInfo).port}/`;

  it('DEPLOY-07: a Poly phone over REST; a wrong password changes nothing', async () => {
    const { deploy } = fleet.phonectl;
    const address = lab!.controlUrl(POLY);
    const push = { address, vendor: 'poly' as const, wait: 20_000, plainBasic: true };
    await assert.rejects(deploy.push({ ...push, password: 'wrong' }), failsWith('conflict'));
    assert.equal(lab!.phone(POLY).parameters.text('device.prov.serverName'), '');
    // The factory's password opens no REST API (poly.md A.3): somebody has set another one, and switched REST on.
    await assert.rejects(deploy.push({ ...push, password: '456' }), failsWith('conflict'));
    await lab!.setLocal(POLY, 'apps.restapi.enabled', '1');
    await lab!.setLocal(POLY, 'device.auth.localAdminPassword', 'own-password');
    const dry = await deploy.push({ ...push, password: 'own-password', dryRun: true });
    assert.deepEqual([dry.result, dry.mac, dry.model], ['dry-run', POLY, 'VVX 450']);
    assert.equal(lab!.phone(POLY).parameters.text('device.prov.serverName'), '');
    const done = await deploy.push({ ...push, password: 'own-password' });
    assert.deepEqual([done.result, done.mac, done.next], ['came', POLY, []]);
    assert.equal(`${lab!.phone(POLY).parameters.text('device.prov.serverName')}/`, done.url);
  });

  it('DEPLOY-06: a Cisco phone, which has to learn to trust us first', async () => {
    const { deploy } = fleet.phonectl;
    const push = {
      address: lab!.controlUrl(CISCO),
      vendor: 'cisco' as const,
      password: '',
      wait: 20_000,
      plainBasic: true,
    };
    await assert.rejects(deploy.push(push), failsWith('conflict', /plain HTTP/));
    const done = await deploy.push({ ...push, bootstrap: url() });
    assert.deepEqual([done.result, done.mac], ['came', CISCO]);
  });

  it('DEPLOY-06: a Yealink phone is led by hand, and the steps are shown', async () => {
    const { deploy } = fleet.phonectl;
    const done = await deploy.push({
      address: lab!.controlUrl(YEALINK),
      vendor: 'yealink',
      password: 'admin',
      plainBasic: true,
    });
    assert.equal(done.result, 'not-applicable');
    assert.ok(done.next.some((line) => line.includes('Auto Provision')));
  });

  it('a phone that nobody announced: what to type next', async () => {
    const { devices, deploy } = fleet.phonectl;
    await devices.delete({ selector: { refs: [POLY] } });
    const push = {
      address: lab!.controlUrl(POLY),
      vendor: 'poly' as const,
      password: 'own-password',
      plainBasic: true,
    };
    const dry = await deploy.push({ ...push, dryRun: true });
    assert.match(dry.next[0] ?? '', new RegExp(`phonectl device add --mac ${POLY}`));
    const none = { address: '127.9.0.9', password: 'x' };
    await assert.rejects(deploy.push(none), failsWith('usage', /vendor has to be said/));
    await assert.rejects(deploy.push({ ...none, vendor: 'poly' }), failsWith('unreachable'));
  });
});
