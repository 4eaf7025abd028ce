import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeOldUploads } from '../../src/sdk/device-files/retention.ts';
import { Bandwidth } from '../../src/server/bandwidth.ts';
import { type TestPhone, TestServer, USER_AGENTS, until } from './support.ts';

async function* bytes(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

describe('server: files beside the configuration', () => {
  let server: TestServer;
  let poly: TestPhone;
  let other: TestPhone;
  const troubles: string[] = [];

  before(async () => {
    server = await TestServer.start({ onTrouble: (message) => troubles.push(message) });
    [poly, other] = (await server.phones('poly', 2)) as [TestPhone, TestPhone];
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  function get(path: string, phone: TestPhone = poly, headers: Record<string, string> = {}, method = 'GET') {
    return server.ask(path, { login: phone.login, userAgent: USER_AGENTS.poly, headers, method });
  }

  it('DFILE-01..03: the file for all, unless the device has one of its own', async () => {
    const { resources, deviceFiles } = server.home.phonectl;
    await resources.add({ source: bytes('<directory all="1"/>'), file: '000000000000-directory.xml' });
    const common = await get('/000000000000-directory.xml');
    assert.equal(common.status, 200);
    assert.equal(common.body.toString(), '<directory all="1"/>');
    assert.equal((await get(`/${poly.mac}-directory.xml`)).body.toString(), '<directory all="1"/>');
    await deviceFiles.fileUpload({
      device: poly.mac,
      source: bytes('<directory own="1"/>'),
      file: `${poly.mac}-directory.xml`,
    });
    assert.equal((await get(`/${poly.mac}-directory.xml`)).body.toString(), '<directory own="1"/>');
    assert.equal((await get(`/contacts/${poly.mac}-directory.xml`)).body.toString(), '<directory own="1"/>');
    assert.equal((await get(`/${other.mac}-directory.xml`, other)).body.toString(), '<directory all="1"/>');
  });

  it("S-14: another device's file is not there, and nothing is for who shows no credentials", async () => {
    assert.equal((await get(`/${poly.mac}-directory.xml`, other)).status, 404);
    const nobody = await server.ask('/000000000000-directory.xml', { userAgent: USER_AGENTS.poly });
    assert.equal(nobody.status, 401);
  });

  it('F-28: firmware with Range, resume, HEAD, 304 and 416, byte for byte', async () => {
    const image = randomBytes(700_001);
    await server.home.phonectl.firmware.add({
      source: bytes(image),
      file: 'sip.ld',
      vendor: 'poly',
      version: '6.4.8.1',
    });
    const path = '/firmware/6.4.8.1/sip.ld';
    const whole = await get(path);
    assert.equal(sha256(whole.body), sha256(image));
    const etag = whole.headers.etag ?? '';
    const first = await get(path, poly, { range: 'bytes=0-299999' });
    const rest = await get(path, poly, { range: 'bytes=300000-', 'if-range': etag });
    assert.deepEqual([first.status, rest.status], [206, 206]);
    assert.equal(rest.headers['content-range'], 'bytes 300000-700000/700001');
    assert.equal(sha256(Buffer.concat([first.body, rest.body])), sha256(image));
    const head = await get(path, poly, {}, 'HEAD');
    assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '700001', 0]);
    assert.equal((await get(path, poly, { 'if-none-match': etag })).status, 304);
    assert.equal((await get(path, poly, { range: 'bytes=700001-' })).status, 416);
    assert.equal((await get('/firmware/6.4.9/sip.ld')).status, 404);
  });

  it('P-06: bytes that were changed on the disk are never served; an alarm says so', async () => {
    const { sha256: hash } = await server.home.phonectl.resources.add({ source: bytes('good'), file: 'ring.wav' });
    assert.equal((await get('/ring.wav')).status, 200);
    const path = join(server.home.path, 'files', hash.slice(0, 2), hash);
    writeFileSync(path, 'evil');
    utimesSync(path, 1, 1);
    const changed = await get('/ring.wav');
    assert.equal(changed.status, 503);
    assert.equal(changed.body.length, 0);
    assert.ok(troubles.some((message) => message.includes('ring.wav') && message.includes('was changed on the disk')));
    await server.home.phonectl.resources.edit({ resource: 'ring.wav', source: bytes('good') });
    assert.equal((await get('/ring.wav')).body.toString(), 'good');
  });

  it('a configuration passes by transfers that have used up their share; who finds none left comes back later', async () => {
    const { settings } = server.installation.store.read;
    assert.equal(await settings.get('provisioning.files'), undefined);
    await server.installation.store.transaction((repositories) =>
      repositories.settings.set('provisioning.files', { bytesPerSecond: 200_000, transfers: 2 }),
    );
    const image = randomBytes(400_000);
    await server.home.phonectl.firmware.add({ source: bytes(image), file: 'big.ld', vendor: 'poly', version: '7.0' });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const started = performance.now();
    const slow = [get('/firmware/7.0/big.ld'), get('/firmware/7.0/big.ld', other)];
    await new Promise((resolve) => setTimeout(resolve, 200));
    const third = await get('/firmware/7.0/big.ld');
    assert.equal(third.status, 503);
    assert.ok(Number(third.headers['retry-after']) >= 30);
    const before = performance.now();
    assert.equal((await get(`/${poly.mac}.cfg`)).status, 200);
    assert.ok(performance.now() - before < 1_000);
    for (const answer of await Promise.all(slow)) assert.equal(sha256(answer.body), sha256(image));
    const seconds = (performance.now() - started) / 1_000;
    assert.ok(seconds > 3 && seconds < 12, `800 kB at 200 kB/s took ${seconds} s`);
  }).timeout(30_000);

  it('PROV-15, LOG-07: what phones send is listed, downloaded, deleted; old logs go by themselves', async () => {
    const { deviceFiles } = server.home.phonectl;
    const put = (name: string, body: string) =>
      server.ask(`/${name}`, { method: 'PUT', body, login: poly.login, userAgent: USER_AGENTS.poly });
    const log = `${poly.mac}-boot.log`;
    assert.equal((await put(log, 'monday')).status, 201);
    await put(`${poly.mac}-web.cfg`, '<PHONE_CONFIG/>');
    const upload = join(server.home.path, 'uploads', String(poly.id), log);
    const yesterday = new Date(Date.now() - 86_400_000);
    utimesSync(upload, yesterday, yesterday);
    await put(log, 'tuesday');
    const list = async (group: 'log' | 'web') =>
      (await Array.fromAsync(deviceFiles.files({ device: poly.mac, group }))).map(({ name }) => name).sort();
    const day = yesterday.toISOString().slice(0, 10);
    await until('both logs are listed', async () => (await list('log')).length === 2 || undefined);
    assert.deepEqual(await list('log'), [log, `${log}.${day}`]);
    assert.deepEqual(await list('web'), [`${poly.mac}-web.cfg`]);
    const text = async (file: string) =>
      Buffer.concat(await Array.fromAsync(deviceFiles.fileDownload({ device: poly.mac, file }))).toString();
    assert.equal(await text(log), 'tuesday');
    assert.equal(await text(`${log}.${day}`), 'monday');

    const { store, home } = server.installation;
    const later = (days: number) => ({
      store,
      home,
      clock: { now: () => Date.now() + days * 86_400_000, monotonic: () => 0 },
    });
    assert.equal(await removeOldUploads(later(9.5)), 1);
    assert.deepEqual(await list('log'), [log]);
    assert.equal(await removeOldUploads(later(11)), 1);
    assert.deepEqual(await list('web'), [`${poly.mac}-web.cfg`], 'overrides are no logs');
    await deviceFiles.fileDelete({ device: poly.mac, files: [`${poly.mac}-web.cfg`] });
    assert.deepEqual(await list('web'), []);
  });

  it('DFILE-06, PROV-20: shows what the device is given; its bytes are recorded as revealed', async () => {
    const { deviceFiles, logs } = server.home.phonectl;
    const given = await Array.fromAsync(deviceFiles.files({ device: poly.mac, group: 'provisioning' }));
    assert.deepEqual(
      given.map(({ name }) => name),
      [`${poly.mac}.cfg`, `${poly.mac}-phonectl.cfg`],
    );
    const file = `${poly.mac}-phonectl.cfg`;
    const body = Buffer.concat(await Array.fromAsync(deviceFiles.fileDownload({ device: poly.mac, file })));
    assert.match(body.toString(), /<polycomConfig>/);
    const [entry] = await Array.fromAsync(logs.list({ operation: 'device.fileDownload' }));
    assert.equal(entry?.object, `device:${poly.mac}`);
  });
});

describe('server: bandwidth', () => {
  it('gives its rate and no more, to all together', async () => {
    const bandwidth = new Bandwidth(1_000_000, () => performance.now());
    const started = performance.now();
    await Promise.all(Array.from({ length: 10 }, () => bandwidth.take(50_000)));
    const seconds = (performance.now() - started) / 1_000;
    // A quarter of a second's worth may go at once.
    assert.ok(seconds > 0.2 && seconds < 1, `${seconds} s`);
  });
});
