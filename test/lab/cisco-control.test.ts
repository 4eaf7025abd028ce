import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { digest } from './digest-client.ts';
import { profile, serveCisco } from './files.ts';
import { phone } from './support.ts';
import { ask, settled, useBench } from './support-lab.ts';

const auth = 'admin:s3cret';

describe('lab: Cisco control', () => {
  const { bench, boot } = useBench();

  async function one(values: Record<string, string> = {}): Promise<{ mac: string; url: string }> {
    const spec = phone('cisco', '8841', bench.server.url);
    serveCisco(bench.server, '3001', values);
    const lab = await boot([spec]);
    await settled(lab);
    return { mac: spec.mac, url: lab.controlUrl(spec.mac) };
  }

  it('6: action URLs want the administrator, and both switches', async () => {
    const { mac, url } = await one();
    const refused = await ask(`${url}/admin/status.xml`);
    assert.equal(refused.status, 401);
    const Authorization = digest(
      String(refused.headers['www-authenticate']),
      'admin',
      's3cret',
      'GET',
      '/admin/status.xml',
    );
    const status = await ask(`${url}/admin/status.xml`, { headers: { Authorization } });
    assert.equal(status.status, 200);
    assert.match(status.body.toString(), /<Registration_State_1_>Registered</);
    await bench.lab.setLocal(mac, 'Enable_Direct_Action_Url', 'No');
    assert.equal((await ask(`${url}/admin/status.xml`, { auth })).status, 403);
  });

  it('6: reboot reboots; resync fetches; resync with a rule fetches that', async () => {
    const { url } = await one();
    const lab = bench.lab;
    assert.equal((await ask(`${url}/admin/reboot`, { auth })).status, 200);
    await lab.waitFor(() => lab.status()[0]!.bootCount === 2, 3000);
    await settled(lab);
    serveCisco(bench.server, '3002');
    await ask(`${url}/admin/resync?`, { auth });
    await lab.waitFor(() => lab.status()[0]!.lines[0]?.user === '3002', 3000);
    bench.server.auth = (path) =>
      path.startsWith('/other') ? { scheme: 'basic', username: 'u', password: 'p' } : null;
    bench.server.files.set('/other.xml', profile({ User_ID_1_: '3003' }));
    await ask(`${url}/admin/resync?${encodeURIComponent(`[--uid u --pwd p]${bench.server.url}other.xml`)}`, { auth });
    await lab.waitFor(() => lab.status()[0]!.lines[0]?.user === '3003', 3000);
    assert.equal(lab.status()[0]!.bootCount, 2);
  });

  it('6, 9: cfg.xml shows the configuration without its secrets', async () => {
    const { url } = await one({ Profile_Rule_B: '[--uid a --pwd hidden]/x.xml' });
    const config = (await ask(`${url}/admin/cfg.xml`, { auth })).body.toString();
    assert.match(config, /<User_ID_1_ ua="na">3001</);
    assert.ok(!config.includes('s3cret') && !config.includes('hidden'));
  });

  it('6: screendump.bmp is a BMP', async () => {
    const { url } = await one();
    assert.equal((await ask(`${url}/admin/screendump.bmp`, { auth })).body.subarray(0, 2).toString('latin1'), 'BM');
  });

  it('7: an XML execute request is refused while off, then shows the page it names', async () => {
    const { mac, url } = await one({ User_Password: 'up' });
    const page = '<CiscoIPPhoneText><Title>Note</Title><Text>Gebäude &lt;C&gt;</Text></CiscoIPPhoneText>';
    bench.server.files.set('/msg.xml', page);
    const item = `<CiscoIPPhoneExecute><ExecuteItem Priority="0" URL="${bench.server.url}msg.xml"/></CiscoIPPhoneExecute>`;
    const send = (headers: Record<string, string> = {}): ReturnType<typeof ask> =>
      ask(`${url}/CGI/Execute`, { method: 'POST', headers, body: `XML=${encodeURIComponent(item)}` });
    assert.equal((await send()).status, 403);
    await bench.lab.setLocal(mac, 'CISCO_XML_EXE_Enable', 'Yes');
    const challenge = await send();
    assert.equal(challenge.status, 401);
    const Authorization = digest(String(challenge.headers['www-authenticate']), 'user', 'up', 'POST', '/CGI/Execute');
    assert.match((await send({ Authorization })).body.toString(), /<ResponseItem Status="0"/);
    await bench.lab.waitFor(() => bench.lab.phone(mac).messages.length === 1, 3000);
    assert.equal(bench.lab.phone(mac).messages[0], 'Note\nGebäude <C>');
  });

  it('10: uploads a problem report with a compressed archive', async () => {
    const { mac } = await one({ PRT_Upload_Rule: `${bench.server.url}prt/$MA` });
    let body: Buffer = Buffer.alloc(0);
    bench.server.files.set(`/prt/${mac}`, (_request, response, sent) => {
      body = sent;
      response.writeHead(200).end();
    });
    await (bench.lab.phone(mac) as unknown as { uploadProblemReport(): Promise<void> }).uploadProblemReport();
    assert.match(body.toString('latin1'), new RegExp(`name="devicename"\\r\\n\\r\\nSEP${mac.toUpperCase()}\\r\\n`));
    const start = body.indexOf(Buffer.from([0x1f, 0x8b]));
    const end = body.lastIndexOf('\r\n------lab');
    assert.match(
      gunzipSync(body.subarray(start, end)).toString('latin1'),
      /^status\.xml\0[\s\S]*ustar[\s\S]*<device-status>/,
    );
  });
});
