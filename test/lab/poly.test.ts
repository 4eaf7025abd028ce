import assert from 'node:assert/strict';
import { type Lab, type LabEvent, type LabPhoneSpec, startLab } from '../../src/lab/index.ts';
import { type FakeServer, phone, startServer } from './support.ts';

const MASTER = `<?xml version="1.0" standalone="yes"?>
<APPLICATION APP_FILE_PATH="fw/sip.ld" CONFIG_FILES="[PHONE_MAC_ADDRESS]-reg.cfg, site.cfg" LOG_FILE_DIRECTORY="logs"
  OVERRIDES_DIRECTORY="overrides" CONTACTS_DIRECTORY="contacts" LICENSE_DIRECTORY="" CALL_LISTS_DIRECTORY="calls"/>`;
const SITE = '<a voIpProt.server.1.address="pbx.example.net" reg.1.label="common" apps.restapi.enabled="1"/>';

function reg(user: string, extra = ''): string {
  return `<c><reg reg.1.address="${user}" reg.1.auth.userId="${user}" reg.1.auth.password="pw" reg.1.label="own" ${extra}/></c>`;
}

describe('lab: Poly provisioning', () => {
  let server: FakeServer;
  let lab: Lab | undefined;
  let events: LabEvent[] = [];

  async function start(spec: LabPhoneSpec): Promise<Lab> {
    events = [];
    lab = await startLab({
      phones: [spec],
      ca: server.ca,
      sipPort: 0,
      speed: 200,
      onEvent: (event) => events.push(event),
    });
    return lab;
  }

  beforeEach(async () => {
    server = await startServer();
  });

  afterEach(async () => {
    await lab?.stop();
    lab = undefined;
    await server.stop();
  });

  it('C.3: asks in the order of a VVX, takes the first value of a parameter, registers its line', async () => {
    const spec = phone('poly', 'VVX 450', server.url);
    server.files.set('/000000000000.cfg', MASTER);
    server.files.set(`/${spec.mac}-reg.cfg`, reg('1001'));
    server.files.set('/site.cfg', SITE);
    const running = await start(spec);
    await running.waitFor((all) => all.status().every(({ state }) => state === 'running'), 5000);
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
    const [status] = running.status();
    assert.deepEqual(status!.lines, [{ line: 1, user: '1001', server: 'pbx.example.net', registered: true }]);
    assert.equal(running.phone(spec.mac).parameters.get('reg.1.label'), 'own');
    assert.equal(status!.bootCount, 1);
  });
});
