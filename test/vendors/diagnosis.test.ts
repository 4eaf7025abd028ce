import assert from 'node:assert/strict';
import { type DiagnosisChange, effectiveLevel, SEVERITIES } from '../../src/domain/diagnosis.ts';
import { resolve } from '../../src/domain/effective.ts';
import type { RenderDevice, Vendor } from '../../src/vendors/driver.ts';
import { driverOf } from '../../src/vendors/registry.ts';

const PLACES = { serverUrl: 'https://prov.example.net/', eventUrl: 'https://prov.example.net/e/0123456789abcdef' };
const PHONES: Readonly<Record<Vendor, RenderDevice>> = {
  poly: { vendor: 'poly', mac: '0004f2000001', model: 'VVX 450', firmware: '6.4.1.2345', name: 'p', lines: [] },
  yealink: { vendor: 'yealink', mac: '805ec0000001', model: 'T54W', firmware: '96.86.0.75', name: 'y', lines: [] },
  cisco: { vendor: 'cisco', mac: '00562b000001', model: '8841', firmware: '11.3.1', name: 'c', lines: [] },
};

async function driver(vendor: Vendor) {
  return driverOf(vendor, undefined);
}

/** Parameters by name, or the reason. */
async function made(device: RenderDevice, change: DiagnosisChange): Promise<Record<string, string> | string> {
  const result = (await driver(device.vendor)).diagnosis(device, change, PLACES);
  return 'reason' in result
    ? result.reason
    : Object.fromEntries(result.parameters.map(({ name, value }) => [name, value]));
}

async function seen(device: RenderDevice, change: DiagnosisChange) {
  const own = await driver(device.vendor);
  const result = own.diagnosis(device, change, PLACES);
  assert.ok('parameters' in result, JSON.stringify(result));
  const effective = resolve([{ layer: 'diagnosis', source: 'diagnosis', parameters: result.parameters }]);
  return own.logSettings(device, effective);
}

describe('vendors: settings for looking into a fault', () => {
  it('DIAG-04: one level for all three, as each counts', async () => {
    // A module of a Poly phone holds back what is below its own level, so that all of them are set.
    for (const [level, value] of [
      ['debug', '0'],
      ['error', '4'],
    ] as const) {
      const poly = Object.entries(await made(PHONES.poly, { level }));
      assert.equal(poly.length, 92);
      assert.deepEqual(new Set(poly.map(([, each]) => each)), new Set([value]));
    }
    assert.deepEqual(await made(PHONES.yealink, { level: 'debug' }), {
      'static.local_log.level': '6',
      'static.syslog.level': '6',
    });
    assert.deepEqual(await made(PHONES.cisco, { level: 'debug' }), { Debug_Level: 'DEBUG' });
  });

  it('DIAG-04: what is set is what is read back, as far as the phone can tell levels apart', async () => {
    for (const device of Object.values(PHONES)) {
      for (const level of SEVERITIES) {
        const { level: read } = await seen(device, { level });
        assert.ok(read !== null);
        // A Poly phone knows fewer levels, a Yealink phone has none above informational.
        const most = device.vendor === 'yealink' ? Math.min(6, SEVERITIES.indexOf(level)) : SEVERITIES.indexOf(level);
        if (device.vendor !== 'poly') assert.equal(read, SEVERITIES[most], device.vendor);
      }
    }
    assert.equal((await seen(PHONES.poly, { level: 'debug' })).level, 'debug');
    assert.equal((await seen(PHONES.poly, { level: 'informational' })).level, 'informational');
    assert.equal((await seen(PHONES.poly, { level: 'error' })).level, 'error');
  });

  it('DIAG-05: modules of a Poly phone, by name or all; the others say why not', async () => {
    assert.deepEqual(await made(PHONES.poly, { modules: { sip: 'debug' } }), { 'log.level.change.sip': '0' });
    assert.equal(Object.keys(await made(PHONES.poly, { modules: { all: 'debug' } })).length, 91);
    assert.match(String(await made(PHONES.poly, { modules: { nosuch: 'debug' } })), /no module nosuch; it knows acom/);
    assert.match(String(await made(PHONES.yealink, { modules: { sip: 'debug' } })), /one module/);
    assert.match(String(await made(PHONES.cisco, { modules: { sip: 'debug' } })), /one level for all/);
  });

  it('DIAG-08: what comes out is what both levels let through', async () => {
    assert.equal(effectiveLevel('informational', 'error'), 'error');
    assert.equal(effectiveLevel('critical', 'debug'), 'critical');
    const { level, modules } = await seen(PHONES.poly, { level: 'error', modules: { sip: 'debug' } });
    assert.equal(effectiveLevel(modules['sip'] ?? 'emergency', level ?? 'emergency'), 'error');
  });

  it("DIAG-06: the phone's own log, with its limits", async () => {
    assert.deepEqual(await made(PHONES.poly, { local: { on: true, level: 'informational', size: 180 } }), {
      'log.render.file': '1',
      'log.render.level': '2',
      'log.render.file.size': '180',
    });
    assert.match(String(await made(PHONES.poly, { local: { size: 181 } })), /180 kB at the most/);
    assert.deepEqual(await made(PHONES.yealink, { local: { on: true, level: 'debug', size: 4096 } }), {
      'static.local_log.enable': '1',
      'static.local_log.level': '6',
      'static.local_log.max_file_size': '4096',
    });
    assert.match(String(await made(PHONES.yealink, { local: { usbExport: true } })), /USB/);
    assert.match(String(await made(PHONES.cisco, { local: { on: true } })), /no settings/);
  });

  it('DIAG-07: syslog', async () => {
    const syslog = { server: '192.0.2.5', transport: 'tcp', level: 'notice', facility: 16, prependMac: true } as const;
    assert.deepEqual(await made(PHONES.poly, { syslog }), {
      'device.syslog.serverName': '192.0.2.5',
      'device.syslog.transport': '2',
      'device.syslog.renderLevel': '4',
      'device.syslog.facility': '16',
      'device.syslog.prependMac': '1',
    });
    assert.match(String(await made(PHONES.poly, { syslog: { server: 'h', port: 5514 } })), /port 514 only/);
    assert.deepEqual(await made(PHONES.yealink, { syslog: { ...syslog, port: 5514 } }), {
      'static.syslog.enable': '1',
      'static.syslog.server': '192.0.2.5',
      'static.syslog.server_port': '5514',
      'static.syslog.transport_type': '1',
      'static.syslog.level': '5',
      'static.syslog.facility': '16',
      'static.syslog.prepend_mac_address.enable': '1',
    });
    const old = { ...PHONES.yealink, model: 'T28P', firmware: '2.73.0.50' };
    assert.deepEqual(await made(old, { syslog: { server: '192.0.2.5', level: 'notice' } }), {
      'syslog.mode': '1',
      'syslog.server': '192.0.2.5',
      'syslog.log_level': '5',
    });
    assert.match(String(await made(old, { syslog })), /V81/);
    assert.match(String(await made(PHONES.cisco, { syslog })), /UDP only/);
    assert.deepEqual(await made(PHONES.cisco, { syslog: { server: '2001:db8::5', port: 5514, prependMac: true } }), {
      Syslog_Server: '[2001:db8::5]:5514',
      Syslog_Identifier: '$MA',
    });
    for (const device of Object.values(PHONES)) {
      assert.equal((await seen(device, { syslog: {} })).syslog, null, device.vendor);
      const shown = await seen(device, { syslog: { server: '192.0.2.5', level: 'debug' } });
      assert.equal(shown.syslog?.server, '192.0.2.5', device.vendor);
    }
    assert.equal(
      (await seen(PHONES.cisco, { syslog: { server: '2001:db8::5', port: 1 } })).syslog?.server,
      '2001:db8::5',
    );
  });

  it('DIAG-09, DIAG-10: uploads of the log, to our own server or another; a login is a secret and not shown', async () => {
    const backup = { on: true, url: 'https://logs.example.net/in/', username: 'u', password: 'p@ss word', every: 60 };
    for (const vendor of ['poly', 'yealink'] as const) {
      const device = PHONES[vendor];
      const result = (await driver(vendor)).diagnosis(device, { backup }, PLACES);
      assert.ok('parameters' in result);
      const secret = result.parameters.filter((each) => each.secret === true);
      assert.deepEqual(
        secret.map(({ value }) => value),
        ['https://u:p%40ss%20word@logs.example.net/in/'],
      );
      const shown = await seen(device, { backup });
      assert.deepEqual(shown.backup, { url: 'https://logs.example.net/in/', every: 60 });
      assert.equal((await seen(device, { backup: { on: false } })).backup, null);
    }
    assert.equal((await seen(PHONES.yealink, { backup: { on: true } })).backup?.url, PLACES.serverUrl);
    assert.match(String(await made(PHONES.poly, { backup: { on: true, method: 'post' } })), /PUT only/);
    assert.match(String(await made(PHONES.cisco, { backup: { on: true } })), /logs get/);
  });

  it('DIAG-22: recordings are sent by those that can', async () => {
    const t58w = { ...PHONES.yealink, model: 'T58W', firmware: '150.86.0.50' };
    assert.deepEqual(await made(t58w, { recordings: true }), {
      'features.recording_upload.enable': '1',
      'features.recording_upload.server.address': `${PLACES.eventUrl}/recording`,
    });
    assert.deepEqual(await made(t58w, { recordings: false }), { 'features.recording_upload.enable': '0' });
    for (const device of Object.values(PHONES)) {
      assert.match(String(await made(device, { recordings: true })), /nowhere|nothing/, device.vendor);
    }
  });
});
