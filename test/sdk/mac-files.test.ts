import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openInstallation } from '../../src/sdk/home.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const MAC = '64167f000001';

async function* bytes(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

function poly(attributes: string): string {
  return `<?xml version="1.0"?>\n<PHONE_CONFIG><ALL ${attributes}/></PHONE_CONFIG>\n`;
}

describe('MAC files (CFG-15..18)', () => {
  let home: TestHome;

  beforeEach(async () => {
    home = await makeHome();
    await home.phonectl.devices.add({ devices: [{ mac: MAC, vendor: 'poly', model: 'VVX 450', name: 'reception' }] });
  });
  afterEach(async () => {
    await home.remove();
  });

  function upload(content: string, more: object = {}) {
    return home.phonectl.macFiles.macUpload({ source: bytes(content), file: `${MAC}.cfg`, ...more });
  }

  async function rendered(): Promise<string> {
    const { files } = await home.phonectl.configs.render({ device: MAC, showSecrets: true });
    return files.map(({ text }) => text).join('\n');
  }

  it('CFG-15, CFG-18: a file becomes the top layer of the device that its name says', async () => {
    const { profiles } = home.phonectl;
    await profiles.add({ name: 'p', vendor: 'poly', set: [{ name: 'voIpProt.server.1.expires', value: '300' }] });
    await profiles.assign({ profile: 'p', target: { device: MAC } });
    const written = await upload(poly('voIpProt.server.1.expires="900" up.oneTouchVoiceMail="1"'));
    assert.deepEqual(written, { device: MAC, version: 1, parameters: 2, protected: [] });
    assert.match(await rendered(), /voIpProt\.server\.1\.expires="900"/);
    const [explained] = await home.phonectl.configs.explain({ device: MAC, params: ['voIpProt.server.1.expires'] });
    assert.equal(explained?.layer, 'mac');
    assert.equal(explained?.beaten[0]?.layer, 'device');
  });

  it('W-02: takes over nothing that decides who holds the phone unless that is allowed', async () => {
    const file = poly('device.auth.localAdminPassword="pwned-1" device.prov.serverName="evil.example" up.a="1"');
    const { parameters, protected: left } = await upload(file);
    assert.equal(parameters, 1);
    assert.deepEqual([...left].sort(), ['device.auth.localAdminPassword', 'device.prov.serverName']);
    assert.ok(!(await rendered()).includes('evil.example'));
    await assert.rejects(upload(poly('device.prov.serverName="evil.example"')), { code: 'invalid_data' });
    const allowed = await upload(file, { allowProtected: true });
    assert.deepEqual([allowed.parameters, allowed.protected], [3, []]);
    assert.ok((await rendered()).includes('evil.example'));
  });

  it('keeps every version; an earlier one, or none, holds again', async () => {
    const { macFiles } = home.phonectl;
    await upload(poly('up.a="1"'));
    await upload(poly('up.a="2"'));
    assert.deepEqual(
      (await macFiles.macHistory({ device: MAC })).map(({ version, active }) => [version, active]),
      [
        [2, true],
        [1, false],
      ],
    );
    await macFiles.macRestore({ device: MAC, version: 1, dryRun: true });
    assert.match(await rendered(), /up\.a="2"/);
    await macFiles.macRestore({ device: MAC, version: 1 });
    assert.match(await rendered(), /up\.a="1"/);
    await macFiles.macRestore({ device: MAC, version: null });
    assert.doesNotMatch(await rendered(), /up\.a=/);
    await assert.rejects(macFiles.macRestore({ device: MAC, version: 3 }), { code: 'not_found' });
  });

  it('CFG-16: what the phone overrides itself is backed up, the stronger layer first', async () => {
    await assert.rejects(home.phonectl.macFiles.macBackup({ device: MAC }), { code: 'conflict' });
    const { store } = await openInstallation({ home: home.path });
    const [device] = await store.read.devices.match(MAC, 'all');
    assert.ok(device);
    const folder = join(home.path, 'uploads', String(device.id));
    mkdirSync(folder, { recursive: true });
    const files = { [`${MAC}-web.cfg`]: poly('up.a="web" up.b="web"'), [`${MAC}-phone.cfg`]: poly('up.a="phone"') };
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), content);
      const path = `${device.id}/${name}`;
      const row = {
        deviceId: device.id,
        kind: 'override',
        name,
        size: content.length,
        sha256: null,
        path,
        receivedAt: 1,
      };
      await store.transaction(({ uploads }) => uploads.record(row));
    }
    await store.close();
    assert.equal((await home.phonectl.macFiles.macBackup({ device: MAC })).parameters, 2);
    assert.match(await rendered(), /up\.a="phone"/);
    assert.match(await rendered(), /up\.b="web"/);
  });

  it('CFG-17: is exported in the form that it came in; secrets only when they are asked for', async () => {
    const { macFiles } = home.phonectl;
    await upload(poly('up.a="1" reg.1.auth.password="hush-hush"'));
    const [masked] = await Array.fromAsync(macFiles.macExport({ selector: {} }));
    assert.ok(masked?.text.includes('up.a="1"'));
    assert.ok(!masked?.text.includes('hush-hush'));
    const [exact] = await Array.fromAsync(macFiles.macExport({ selector: {}, showSecrets: true }));
    assert.ok(exact?.text.includes('hush-hush'));
    const again = await upload(exact?.text ?? '', { dryRun: true });
    assert.deepEqual([again.parameters, again.version], [2, null]);
  });

  it('a file that is none is refused with line and column; a stranger has none', async () => {
    await assert.rejects(upload('<broken'), { code: 'invalid_file' });
    await assert.rejects(upload(poly('up.a="1"'), { file: '64167f0000ff.cfg' }), { code: 'not_found' });
    await assert.rejects(upload(poly('up.a="1"'), { file: 'phone.cfg' }), /holds no MAC address/);
  });
});
