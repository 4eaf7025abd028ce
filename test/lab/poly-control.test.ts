import assert from 'node:assert/strict';
import type { LabFaults } from '../../src/lab/index.ts';
import { digest as answerDigest } from './digest-client.ts';
import { servePoly } from './files.ts';
import { phone } from './support.ts';
import { type Answer, ask, settled, useBench } from './support-lab.ts';

const AUTH = 'Polycom:s3cret';

function digest(answer: Answer, user: string, password: string, method: string, uri: string): string {
  return answerDigest(String(answer.headers['www-authenticate']), user, password, method, uri);
}

describe('lab: Poly control', () => {
  const { bench, boot } = useBench();

  async function one(
    attributes = '',
    more: { model?: string; firmware?: string; faults?: LabFaults } = {},
  ): Promise<{ mac: string; url: string }> {
    const spec = phone('poly', more.model ?? 'VVX 450', bench.server.url, {
      faults: more.faults ?? {},
      ...(more.firmware !== undefined && { firmware: more.firmware }),
    });
    servePoly(bench.server, spec.mac, '1001', attributes);
    const lab = await boot([spec]);
    await settled(lab);
    return { mac: spec.mac, url: lab.controlUrl(spec.mac) };
  }

  function post(url: string, data?: unknown, auth: string = AUTH): Promise<Answer> {
    return ask(url, {
      method: 'POST',
      auth,
      headers: { 'Content-Type': 'application/json' },
      body: data === undefined ? '' : JSON.stringify({ data }),
    });
  }

  it('A.1: Basic with Polycom and the administrator’s password; its certificate names the MAC', async () => {
    const { mac, url } = await one();
    assert.equal((await ask(`${url}/api/v1/mgmt/device/info`)).status, 401);
    assert.equal((await ask(`${url}/api/v1/mgmt/device/info`, { auth: 'Polycom:456' })).status, 401);
    const ca = await bench.lab.vendorCa('poly');
    const info = await ask(`${url}/api/v1/mgmt/device/info`, { auth: AUTH, ca });
    const { data, Status } = info.json() as { data: Record<string, string>; Status: string };
    assert.equal(Status, '2000');
    assert.deepEqual(
      [data['ModelNumber'], data['MACAddress'], data['FirmwareRelease']],
      ['VVX 450', mac, '6.4.6.2453'],
    );
    assert.match(data['UpTimeSinceLastReboot']!, /^0 Day 0:00:\d\d$/);
    const lines = (await ask(`${url}/api/v1/mgmt/lineInfo`, { auth: AUTH })).json() as {
      data: Record<string, string>[];
    };
    assert.equal(lines.data[0]!['RegistrationStatus'], 'registered');
  });

  it('A.1: without apps.restapi.enabled there is no REST, not even a challenge', async () => {
    const { url } = await one('apps.restapi.enabled.x="" ');
    bench.server.files.set('/none.xml', '');
    await bench.lab.setLocal(bench.lab.status()[0]!.mac, 'apps.restapi.enabled', '0', 'local');
    assert.equal((await ask(`${url}/api/v1/mgmt/device/info`)).status, 404);
  });

  it('H: the factory password answers 4010 to everything', async () => {
    const { url } = await one('device.auth.localUserPassword="x"');
    await bench.lab.setLocal(bench.lab.status()[0]!.mac, 'device.auth.localAdminPassword', '456', 'device');
    const reply = await post(`${url}/api/v1/mgmt/safeReboot`, undefined, 'Polycom:456');
    assert.deepEqual([reply.status, reply.json()], [200, { Status: '4010' }]);
  });

  it('A.5: safeReboot reboots, and fails while a call is up', async () => {
    const { url } = await one();
    assert.deepEqual((await post(`${url}/api/v1/callctrl/dial`, { Dest: '555', Line: '1', Type: 'TEL' })).json(), {
      Status: '2000',
    });
    assert.deepEqual((await post(`${url}/api/v1/mgmt/safeReboot`)).json(), { Status: '5000' });
    const calls = (await ask(`${url}/api/v2/webCallControl/callStatus`, { auth: AUTH })).json() as {
      data: Record<string, string>[];
    };
    assert.match(calls.data[0]!['CallHandle']!, /^[0-9a-f]{8}$/);
    assert.deepEqual(
      (await post(`${url}/api/v1/callctrl/endCall`, { Ref: `0x${calls.data[0]!['CallHandle']}` })).json(),
      { Status: '2000' },
    );
    assert.deepEqual((await ask(`${url}/api/v1/webCallControl/callStatus`, { auth: AUTH })).json(), { Status: '4007' });
    assert.deepEqual((await post(`${url}/api/v1/mgmt/safeReboot`)).json(), { Status: '2000' });
    await bench.lab.waitFor(() => bench.lab.status()[0]!.bootCount === 2, 3000);
    await settled(bench.lab);
  });

  it('A.5: config/get tells value and source, and the unknown; config/set writes the web layer and takes 20 at most', async () => {
    const { mac, url } = await one('tcpIpApp.sntp.address="192.0.2.2"');
    const got = await post(`${url}/api/v1/mgmt/config/get`, [
      'tcpIpApp.sntp.address',
      'up.screenCapture.enabled',
      'no.such.param',
    ]);
    assert.deepEqual(got.json(), {
      data: {
        'tcpIpApp.sntp.address': { Value: '192.0.2.2', Source: 'config' },
        'up.screenCapture.enabled': { Value: '0', Source: 'default' },
      },
      InvalidParams: ['no.such.param'],
      Status: '2000',
    });
    assert.deepEqual((await post(`${url}/api/v1/mgmt/config/get`, Array(21).fill('up.x'))).json(), { Status: '4009' });
    assert.deepEqual((await post(`${url}/api/v1/mgmt/config/set`, { 'up.screenCapture.enabled': '1' })).json(), {
      Status: '2000',
    });
    assert.equal(bench.lab.phone(mac).parameters.source('up.screenCapture.enabled'), 'web');
    assert.match(String(bench.server.files.get(`/o/${mac}-web.cfg`)), /<OVERRIDES up\.screenCapture\.enabled="1"\/>/);
    assert.equal(bench.lab.status()[0]!.bootCount, 1);
    await post(`${url}/api/v1/mgmt/configReset/web`);
    await bench.lab.waitFor(() => bench.lab.status()[0]!.bootCount === 2, 3000);
    await settled(bench.lab);
    assert.equal(bench.lab.phone(mac).parameters.get('up.screenCapture.enabled'), '0');
  });

  it('A.3: a second request at the same time gets 403', async () => {
    const { url } = await one();
    const replies = await Promise.all([1, 2, 3].map(() => ask(`${url}/api/v1/mgmt/network/stats`, { auth: AUTH })));
    const statuses = replies.map(({ status }) => status).sort();
    assert.equal(statuses[0], 200);
    assert.equal(statuses[2], 403);
    assert.equal((await ask(`${url}/api/v1/mgmt/network/stats`, { auth: AUTH })).status, 200);
  });

  it('A.5: updateConfiguration fetches, and restarts only if something changed that needs it', async () => {
    const { mac, url } = await one();
    assert.deepEqual((await post(`${url}/api/v1/mgmt/updateConfiguration`)).json(), { Status: '2000' });
    await bench.lab.waitFor(
      () => bench.events.some((event) => event.type === 'provisioned' && event.occasion === 'request'),
      3000,
    );
    assert.equal(bench.lab.status()[0]!.bootCount, 1);
    servePoly(bench.server, mac, '1002');
    await post(`${url}/api/v1/mgmt/updateConfiguration`);
    await bench.lab.waitFor(() => bench.lab.status()[0]!.bootCount === 2, 3000);
    await settled(bench.lab);
    assert.equal(bench.lab.status()[0]!.lines[0]!.user, '1002');
  });

  it('A.1, A.6: an Edge speaks Digest and knows no callctrl', async () => {
    const { url } = await one('', { model: 'Edge E350' });
    const challenge = await ask(`${url}/api/v1/mgmt/device/info`, { auth: AUTH });
    assert.equal(challenge.status, 401);
    const Authorization = digest(challenge, 'Polycom', 's3cret', 'GET', '/api/v1/mgmt/device/info');
    assert.equal((await ask(`${url}/api/v1/mgmt/device/info`, { headers: { Authorization } })).status, 200);
    const forCall = digest(challenge, 'Polycom', 's3cret', 'POST', '/api/v1/callctrl/dial');
    assert.equal(
      (await ask(`${url}/api/v1/callctrl/dial`, { method: 'POST', headers: { Authorization: forCall }, body: '{}' }))
        .status,
      404,
    );
  });

  it('B.2: a push is shown, if its priority is let through and Digest proves the sender', async () => {
    const { mac, url } = await one('apps.push.messageType="5" apps.push.username="push" apps.push.password="pp"');
    const body = '<PolycomIPPhone><Data priority="Critical">&lt;h1&gt;Fire drill Ä&lt;/h1&gt;</Data></PolycomIPPhone>';
    const headers = { 'Content-Type': 'application/x-com-polycom-spipx' };
    const challenge = await ask(`${url}/push`, { method: 'POST', body, headers });
    assert.equal(challenge.status, 401);
    const Authorization = digest(challenge, 'push', 'pp', 'POST', '/push');
    assert.equal(
      (await ask(`${url}/push`, { method: 'POST', body, headers: { ...headers, Authorization } })).status,
      200,
    );
    await bench.lab.waitFor(() => bench.lab.phone(mac).messages.length === 1, 2000);
    assert.equal(bench.lab.phone(mac).messages[0], 'Fire drill Ä');
  });

  it('A.8: a screenshot is a PNG, once both switches are on', async () => {
    const { url } = await one('up.screenCapture.enabled="1"');
    assert.equal((await ask(`${url}/captureScreen/mainScreen`, { auth: AUTH })).status, 404);
    await bench.lab.setLocal(bench.lab.status()[0]!.mac, 'up.screenCapture.value', '1', 'local');
    const picture = await ask(`${url}/captureScreen/mainScreen`, { auth: AUTH });
    assert.equal(picture.headers['content-type'], 'image/png');
    assert.equal(picture.body.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
    assert.equal(picture.body.readUInt32BE(16), 320);
  });

  it('calls between two phones: ring, answer, hold, end', async () => {
    const { server } = bench;
    const [anna, bert] = [phone('poly', 'VVX 450', server.url), phone('poly', 'VVX 350', server.url)];
    servePoly(server, anna.mac, '1001');
    servePoly(server, bert.mac, '1002');
    const lab = await boot([anna, bert]);
    await settled(lab);
    const state = async (mac: string): Promise<string> => {
      const reply = (await ask(`${lab.controlUrl(mac)}/api/v1/webCallControl/callStatus`, { auth: AUTH })).json() as {
        data?: { CallState: string };
      };
      return reply.data?.CallState ?? 'idle';
    };
    await post(`${lab.controlUrl(anna.mac)}/api/v1/callctrl/dial`, { Dest: '1002', Line: '1', Type: 'TEL' });
    assert.deepEqual([await state(anna.mac), await state(bert.mac)], ['Ringback', 'Offering']);
    await post(`${lab.controlUrl(bert.mac)}/api/v1/callctrl/answerCall`);
    assert.deepEqual([await state(anna.mac), await state(bert.mac)], ['Connected', 'Connected']);
    await post(`${lab.controlUrl(bert.mac)}/api/v1/callctrl/holdCall`);
    assert.deepEqual([await state(anna.mac), await state(bert.mac)], ['Held', 'Hold']);
    lab.powerOff(bert.mac);
    assert.equal(await state(anna.mac), 'idle');
  });

  it('faults: hang, slow, refuse, busy, redirect, endless body, old field names, escape sequences', async () => {
    const { mac, url } = await one();
    const { faults } = bench.lab.phone(mac);
    const info = `${url}/api/v1/mgmt/device/info`;
    Object.assign(faults, { busy: 1 });
    assert.equal((await ask(info, { auth: AUTH })).status, 403);
    assert.equal((await ask(info, { auth: AUTH })).status, 200);
    faults.refuse = 401;
    assert.equal((await ask(info, { auth: AUTH })).status, 401);
    delete faults.refuse;
    faults.redirect = 'https://192.0.2.1/';
    assert.equal((await ask(info, { auth: AUTH })).headers.location, 'https://192.0.2.1/');
    delete faults.redirect;
    faults.slow = 150;
    const start = Date.now();
    await ask(info, { auth: AUTH });
    assert.ok(Date.now() - start >= 145);
    delete faults.slow;
    faults.escapeSequences = true;
    const lines = (await ask(`${url}/api/v1/mgmt/lineInfo`, { auth: AUTH })).json() as {
      data: Record<string, string>[];
    };
    assert.equal(lines.data[0]!['UserID'], '1001');
    assert.ok(lines.data[0]!['Label']!.includes('\u001b[2J'));
    faults.defaultPassword = true;
    assert.equal((await ask(info, { auth: AUTH })).json()['Status'], '4010');
    delete faults.defaultPassword;
    faults.halfAnswer = true;
    await assert.rejects(ask(info, { auth: AUTH }));
    delete faults.halfAnswer;
    faults.hang = true;
    await assert.rejects(ask(info, { auth: AUTH, timeout: 200 }), /no answer/);
    faults.hang = false;
    faults.endlessBody = true;
    await assert.rejects(ask(info, { auth: AUTH, most: 5_000_000 }), /5000000 bytes and more/);
  });

  it('A.4, H: 5.7 renames fields; before 5.8 there is no second version and no load, before 5.4 no REST', async () => {
    const renamed = await one('', { model: 'VVX 500', firmware: '5.7.1.2205' });
    const line = (await ask(`${renamed.url}/api/v1/mgmt/lineInfo`, { auth: AUTH })).json() as {
      data: Record<string, string>[];
    };
    assert.equal(line.data[0]!['Username'], '1001');
    for (const path of ['v2/mgmt/lineInfo', 'v1/mgmt/device/stats'])
      assert.equal((await ask(`${renamed.url}/api/${path}`, { auth: AUTH })).status, 404, path);
  });

  it('A.1: before 5.4 there is no REST', async () => {
    const old = await one('', { model: 'VVX 410', firmware: '5.3.0.12768' });
    assert.equal((await ask(`${old.url}/api/v1/mgmt/device/info`, { auth: AUTH })).status, 404);
  });
});
