import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { isSubsequence, phone } from './support.ts';
import { settled, useBench } from './support-lab.ts';

const MASTER = `<?xml version="1.0" standalone="yes"?>
<APPLICATION APP_FILE_PATH="fw/sip.ld" CONFIG_FILES="[PHONE_MAC_ADDRESS]-reg.cfg, site.cfg" LOG_FILE_DIRECTORY="logs"
  OVERRIDES_DIRECTORY="overrides" CONTACTS_DIRECTORY="contacts" LICENSE_DIRECTORY="" CALL_LISTS_DIRECTORY="calls"/>`;
const SITE = '<a voIpProt.server.1.address="pbx.example.net" reg.1.label="common" apps.restapi.enabled="1"/>';

function reg(user: string, extra = ''): string {
  return `<c><reg reg.1.address="${user}" reg.1.auth.userId="${user}" reg.1.auth.password="pw" reg.1.label="own" ${extra}/></c>`;
}

describe('lab: Poly provisioning', () => {
  const { bench, boot } = useBench();

  it('C.3: asks in the order of a VVX, takes the first value of a parameter, registers its line', async () => {
    const { server } = bench;
    const spec = phone('poly', 'VVX 450', server.url);
    server.files.set('/000000000000.cfg', MASTER);
    server.files.set(`/${spec.mac}-reg.cfg`, reg('1001'));
    server.files.set('/site.cfg', SITE);
    const lab = await boot([spec]);
    await settled(lab);
    assert.deepEqual(server.paths(), [
      `PUT /${spec.mac}-boot.log`,
      `GET /${spec.mac}.cfg`,
      'GET /000000000000.cfg',
      'GET /fw/3111-48840-001.sip.ld',
      'GET /fw/sip.ld',
      `GET /${spec.mac}-reg.cfg`,
      'GET /site.cfg',
      `GET /overrides/${spec.mac}-phone.cfg`,
      `GET /overrides/${spec.mac}-web.cfg`,
      'GET /000000000000-license.cfg',
      `GET /${spec.mac}-license.cfg`,
      `GET /calls/${spec.mac}-calls.xml`,
      `GET /contacts/${spec.mac}-directory.xml`,
      'GET /contacts/000000000000-directory.xml',
      `HEAD /logs/${spec.mac}-app.log`,
      `PUT /logs/${spec.mac}-app.log`,
    ]);
    assert.match(server.seen[0]!.userAgent, /^FileTransport PolycomVVX-VVX_450-UA\/[\d.]+ Type\/Updater$/);
    assert.match(server.seen[1]!.userAgent, /^FileTransport PolycomVVX-VVX_450-UA\/[\d.]+ Type\/Application$/);
    assert.equal(server.seen[0]!.from, spec.address);
    assert.equal(new Set(server.seen.map(({ port }) => port)).size, 1, 'one connection for all of it');
    const [status] = lab.status();
    assert.deepEqual(status!.lines, [{ line: 1, user: '1001', server: 'pbx.example.net', registered: true }]);
    assert.equal(lab.phone(spec.mac).parameters.get('reg.1.label'), 'own');
    assert.equal(status!.bootCount, 1);
    assert.equal(status!.lastError, null);
  });

  it('C.3: asks as the VVX 500 that was recorded, with the same User-Agents', async function () {
    const file = '../shared/corpus/access-logs/polycom_vvx500_observed_requests.tsv';
    if (!existsSync(file)) return this.skip();
    const rows = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split('\t'));
    const { server } = bench;
    const spec = phone('poly', 'VVX 500', server.url, {
      mac: '0004f282e824',
      firmware: '5.9.7.4477',
      updater: '5.9.7.47435',
    });
    server.files.set(`/${spec.mac}.cfg`, '<APPLICATION APP_FILE_PATH="3111-44500-001.sip.ld" CONFIG_FILES=""/>');
    const lab = await boot([spec]);
    await settled(lab);
    const asked = server.seen.map(({ method, path, userAgent }) => `${method} ${path} ${userAgent}`);
    assert.ok(
      isSubsequence(
        rows.map((row) => row.join(' ')),
        asked,
      ),
      asked.join('\n'),
    );
  });

  it('C.3: boots as the SoundPoint IP 335 that was recorded', async function () {
    const file = '../shared/corpus/access-logs/polycom_spip335_nginx_first_boot.log';
    if (!existsSync(file)) return this.skip();
    const rows = [...readFileSync(file, 'utf8').matchAll(/"(\w+) (\S+) HTTP\/1\.1" \d+ \d+ "-" "([^"]+)"/g)].map(
      (row) => row.slice(1).join(' '),
    );
    assert.equal(rows.length, 7);
    const { server } = bench;
    const spec = phone('poly', 'SoundPoint IP 335', server.url, {
      mac: '0004f2586a4b',
      firmware: '3.3.1.0769',
      updater: '4.3.1.0440',
    });
    server.files.set('/000000000000.cfg', '<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES=""/>');
    const lab = await boot([spec]);
    await settled(lab);
    const asked = server.seen.map(({ method, path, userAgent }) => `${method} ${path} ${userAgent}`);
    assert.deepEqual(asked.slice(0, rows.length), rows);
    assert.match(asked.at(-1)!, /3\.3\.1\.0769$/);
  });

  it('C.1, C.10: restarts and comes back with the credential and the server it was given', async () => {
    const { server } = bench;
    const spec = phone('poly', 'VVX 311', server.url, { credential: { username: 'shared', password: 'enrol' } });
    server.auth = (path) =>
      path.startsWith('/own/')
        ? { scheme: 'basic', username: 'own', password: 'secret' }
        : { scheme: 'digest', username: 'shared', password: 'enrol' };
    const device = `device.set="1" device.prov.user.set="1" device.prov.user="own" device.prov.password.set="1" device.prov.password="secret"
      device.prov.serverName.set="1" device.prov.serverName="${server.url}own/" device.dhcp.bootSrvUseOpt.set="1" device.dhcp.bootSrvUseOpt="2"`;
    server.files.set('/000000000000.cfg', '<APPLICATION CONFIG_FILES="enrol.cfg"/>');
    server.files.set('/enrol.cfg', `<d ${device}/>`);
    server.files.set('/own/000000000000.cfg', '<APPLICATION CONFIG_FILES="lines.cfg"/>');
    server.files.set('/own/lines.cfg', reg('1001', 'reg.1.server.1.address="pbx"'));
    const lab = await boot([spec]);
    await settled(lab);
    const [status] = lab.status();
    assert.equal(status!.server, `${server.url}own/`);
    assert.equal(status!.lines[0]?.registered, true);
    assert.equal(status!.bootCount, 2);
    assert.equal(lab.phone(spec.mac).parameters.source('device.prov.user'), 'device');
  });

  it('C.1: a device parameter without its .set does nothing', async () => {
    const { server } = bench;
    const spec = phone('poly', 'VVX 311', server.url);
    server.files.set('/000000000000.cfg', '<APPLICATION CONFIG_FILES="a.cfg"/>');
    server.files.set('/a.cfg', '<d device.set="1" device.auth.localAdminPassword="789"/>');
    const lab = await boot([spec]);
    await settled(lab);
    assert.equal(lab.phone(spec.mac).parameters.get('device.auth.localAdminPassword'), '456');
  });

  it('B.3: POSTs a LineRegistrationEvent after it registered, and only if told to', async () => {
    const { server } = bench;
    const spec = phone('poly', 'Edge E350', server.url);
    const quiet = phone('poly', 'Trio 8800', server.url);
    const notify = `apps.telNotification.URL="${server.url}hook/s3cret" apps.telNotification.lineRegistrationEvent="1"`;
    server.files.set('/000000000000.cfg', '<APPLICATION CONFIG_FILES="[PHONE_MAC_ADDRESS].xml"/>');
    server.files.set(`/${spec.mac}.xml`, reg('1001', `reg.1.server.1.address="pbx" ${notify}`));
    server.files.set(`/${quiet.mac}.xml`, reg('1002', 'reg.1.server.1.address="pbx"'));
    const lab = await boot([spec, quiet]);
    await lab.waitFor(() => server.paths().includes('POST /hook/s3cret'), 4000);
    await settled(lab);
    const posts = server.seen.filter(({ method }) => method === 'POST');
    assert.equal(posts.length, 1);
    assert.match(
      posts[0]!.body,
      /<LineRegistrationEvent>[\s\S]*<MACAddress>0004f2[0-9a-f]{6}<\/MACAddress>[\s\S]*<LineNumber>1001<\/LineNumber>/,
    );
  });

  it('C.2: per-model attributes of the master beat the common ones', async () => {
    const { server } = bench;
    const spec = phone('poly', 'SoundPoint IP 550', server.url);
    server.files.set(
      '/000000000000.cfg',
      '<APPLICATION CONFIG_FILES="new.cfg"><APPLICATION_SPIP550 CONFIG_FILES_SPIP550="old.cfg"/></APPLICATION>',
    );
    server.files.set('/old.cfg', '<a up.x="1"/>');
    const lab = await boot([spec]);
    await settled(lab);
    assert.ok(server.paths().includes('GET /old.cfg'));
    assert.ok(!server.paths().includes('GET /new.cfg'));
  });

  it('keeps what it has when a file is malformed, and says why', async () => {
    const { server } = bench;
    const spec = phone('poly', 'VVX 450', server.url);
    server.files.set('/000000000000.cfg', '<APPLICATION CONFIG_FILES="a.cfg"/>');
    server.files.set('/a.cfg', '<a reg.1.label="x"y"/>');
    const lab = await boot([spec]);
    await settled(lab, 'unprovisioned');
    assert.match(lab.status()[0]!.lastError ?? '', /not well-formed in line 1/);
    assert.equal(lab.status()[0]!.provisionedAt, null);
  });
});
