import assert from 'node:assert/strict';
import { digest } from './digest-client.ts';
import { serveYealink, yealinkFile } from './files.ts';
import { phone } from './support.ts';
import { ask, settled, useBench } from './support-lab.ts';

const auth = 'admin:s3cret';

describe('lab: Yealink control', () => {
  const { bench, boot } = useBench();

  async function one(...lines: string[]): Promise<{ mac: string; url: string }> {
    const spec = phone('yealink', 'T54W', bench.server.url);
    serveYealink(bench.server, spec.mac, '2001', ...lines);
    const lab = await boot([spec]);
    await settled(lab);
    return { mac: spec.mac, url: lab.controlUrl(spec.mac) };
  }

  it('B1: Action URI wants the web login, by Basic or Digest', async () => {
    const { url } = await one();
    const path = '/servlet?key=DNDOn';
    const refused = await ask(url + path);
    assert.equal(refused.status, 401);
    assert.equal((await ask(url + path, { auth: 'admin:admin' })).status, 401);
    const challenge = String(refused.headers['www-authenticate']);
    const Authorization = digest(challenge, 'admin', 's3cret', 'GET', path);
    assert.equal((await ask(url + path, { headers: { Authorization } })).status, 200);
  });

  it('B1: refuses who is not in features.action_uri_limit_ip; blank means nobody', async () => {
    const { mac, url } = await one();
    const limit = (value: string): Promise<void> => bench.lab.setLocal(mac, 'features.action_uri_limit_ip', value);
    const path = `${url}/servlet?phonecfg=get`;
    await limit('');
    assert.equal((await ask(path, { auth })).status, 403);
    await limit('10.1.2.3, 127.*.0.9');
    assert.equal((await ask(path, { auth })).status, 403);
    await limit('10.1.2.3,127.0.*.*');
    assert.equal((await ask(path, { auth })).status, 200);
    await limit('any');
    assert.equal((await ask(path, { auth })).status, 200);
  });

  it('B1: Reboot, AutoP and Reset do what they say', async () => {
    const { mac, url } = await one();
    const lab = bench.lab;
    assert.equal((await ask(`${url}/servlet?key=Reboot`, { auth })).status, 200);
    await lab.waitFor(() => lab.status()[0]!.bootCount === 2, 3000);
    await settled(lab);
    serveYealink(bench.server, mac, '2002');
    assert.equal((await ask(`${url}/servlet?key=AutoP`, { auth })).status, 200);
    await lab.waitFor(() => lab.status()[0]!.lines[0]?.user === '2002', 3000);
    assert.equal(lab.status()[0]!.bootCount, 2);
    bench.server.files.set(`/${mac}.cfg`, yealinkFile('lang.gui = English'));
    assert.equal((await ask(`${url}/servlet?key=Reset`, { auth })).status, 200);
    await lab.waitFor(() => lab.status()[0]!.bootCount === 3, 3000);
    await settled(lab);
    assert.deepEqual(lab.status()[0]!.lines, []);
    assert.equal((await ask(`${url}/servlet?key=Nonsense`, { auth })).status, 403, 'the allow list is blank again');
  });

  it('B1, B4: DND goes on and off, is reported, and can be read', async () => {
    const { mac, url } = await one(
      `action_url.dnd_on = ${bench.server.url}hook?on`,
      `action_url.dnd_off = ${bench.server.url}hook?off`,
    );
    await ask(`${url}/servlet?key=DNDOn`, { auth });
    await bench.lab.waitFor(() => bench.server.paths().includes('GET /hook?on'), 3000);
    assert.equal(bench.lab.phone(mac).dnd, true);
    assert.match(
      (await ask(`${url}/servlet?phonecfg=get[&accounts=1][&dnd=1][&fw=1]`, { auth })).body.toString(),
      /^dnd=1$/m,
    );
    await ask(`${url}/servlet?key=DNDOff`, { auth });
    await bench.lab.waitFor(() => bench.server.paths().includes('GET /hook?off'), 3000);
  });

  it('B1: calls by number, holds with F_HOLD, hangs up', async () => {
    const { mac, url } = await one();
    const calls = bench.lab.phone(mac).calls;
    await ask(`${url}/servlet?key=number=1234&outgoing_uri=2001@pbx`, { auth });
    assert.equal(calls.active[0]?.number, '1234');
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(calls.active[0]?.state, 'Connected');
    await ask(`${url}/servlet?key=F_HOLD`, { auth });
    assert.equal(calls.active[0]?.state, 'Hold');
    await ask(`${url}/servlet?key=CALLEND`, { auth });
    assert.equal(calls.active.length, 0);
    assert.equal((await ask(`${url}/servlet?key=Nonsense`, { auth })).status, 400);
  });

  it('B5: XML push is shown, if its Referer is allowed and Digest proves the sender', async () => {
    const { mac, url } = await one(
      'push_xml.server = 192.0.2.10',
      'push_xml.username = push',
      'push_xml.password = pp',
    );
    const body =
      'xml=<?xml version="1.0" encoding="UTF-8"?>\n<YealinkIPPhoneStatus Timeout="20"><Message>Wartung &lt;22:00&gt; Ä</Message></YealinkIPPhoneStatus>';
    const send = (headers: Record<string, string>): ReturnType<typeof ask> =>
      ask(`${url}/servlet?push=xml`, { method: 'POST', body, headers });
    assert.equal((await send({ Referer: '192.0.2.11' })).status, 403);
    const challenge = await send({ Referer: '192.0.2.10' });
    assert.equal(challenge.status, 401);
    const Authorization = digest(
      String(challenge.headers['www-authenticate']),
      'push',
      'pp',
      'POST',
      '/servlet?push=xml',
    );
    assert.equal((await send({ Referer: '192.0.2.10', Authorization })).status, 200);
    assert.deepEqual(bench.lab.phone(mac).messages, ['Wartung <22:00> Ä']);
  });

  it('B2: a screen capture is a BMP', async () => {
    const { url } = await one();
    const picture = await ask(`${url}/screencapture`, { auth });
    assert.equal(picture.headers['content-type'], 'image/bmp');
    assert.equal(picture.body.subarray(0, 2).toString('latin1'), 'BM');
    assert.equal(picture.body.readUInt32LE(2), picture.body.length);
  });
});
