import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { serveCisco, servePoly, serveYealink } from './files.ts';
import { phone } from './support.ts';
import { ask, settled, useBench } from './support-lab.ts';

const AUTH = 'Polycom:s3cret';
const ADMIN = 'admin:s3cret';
const SLOWEST = 5_000;

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = Date.now() + SLOWEST; !condition(); await new Promise((resolve) => setTimeout(resolve, 10)))
    assert.ok(Date.now() < end, `${what}: not within ${SLOWEST} ms`);
}

describe('lab: logs', () => {
  const { bench, boot } = useBench();

  async function polyLog(url: string): Promise<string> {
    return (await ask(`${url}/Diagnostics/log?value=app`, { auth: AUTH })).body.toString('utf8');
  }

  it('Poly F.2: grows with what happens; modules and the log hold back what is below their levels', async () => {
    const spec = phone('poly', 'VVX 450', bench.server.url);
    servePoly(bench.server, spec.mac, '1001');
    const lab = await boot([spec]);
    await settled(lab);
    const url = lab.controlUrl(spec.mac);
    const first = await polyLog(url);
    assert.match(first, /^\d{10}\|so {3}\|\*\|00\|Initial log entry\. VVX 450, 6\.4\.6\.2453$/m);
    assert.match(first, /^\d{10}\|sip {2}\|4\|00\|Registration succeeded 1001$/m);
    const { calls } = lab.phone(spec.mac);
    calls.end(calls.dial(1, '4711')!);
    assert.equal(await polyLog(url), first, 'at the levels of the factory calls are not worth a line');
    await lab.phone(spec.mac).setLocal('config', [['log.level.change.sip', '0']]);
    calls.end(calls.dial(1, '4711')!);
    const grown = await polyLog(url);
    assert.ok(grown.startsWith(first));
    assert.match(
      grown,
      /\|sip {2}\|2\|00\|Call goes out: line 1, 4711\n.*\|sip {2}\|2\|00\|Call has ended: line 1, 4711/,
    );
    await lab.phone(spec.mac).setLocal('config', [['log.render.level', '3']]);
    calls.end(calls.dial(1, '4712')!);
    assert.doesNotMatch(await polyLog(url), /4712/, 'the log lets less through than its modules');
  });

  it('Poly F.2, C.4: what has come since is appended to the log at the server, also after a restart', async () => {
    const { server } = bench;
    const spec = phone('poly', 'VVX 450', server.url);
    servePoly(server, spec.mac, '1001', 'log.render.file.upload.period="60"');
    let stored = '';
    server.files.set(`/${spec.mac}-app.log`, (request, response, body) => {
      if (request.method === 'PUT')
        stored = request.headers['content-range'] ? stored + body.toString() : body.toString();
      const size = request.method === 'HEAD' ? Buffer.byteLength(stored) : 0;
      response.writeHead(200, { 'Content-Length': size }).end();
    });
    const lab = await boot([spec]);
    await settled(lab);
    await until('uploaded at its time', () => /Registration succeeded/.test(stored));
    const before = stored;
    lab.reboot(spec.mac);
    await until('started again', () => lab.phone(spec.mac).bootCount === 2 && lab.phone(spec.mac).state === 'running');
    await until('uploaded again', () => stored.match(/Registration succeeded/g)?.length === 2);
    assert.ok(stored.startsWith(before));
    assert.match(stored, /Restarting: by hand/);
    assert.equal(stored.match(/Initial log entry/g)?.length, 2, 'nothing comes twice');
  });

  it('Yealink B9: boot log after a while, its log at each period, replaced or appended, by PUT or POST', async () => {
    const { server } = bench;
    const [whole, piece] = [phone('yealink', 'T54W', server.url), phone('yealink', 'T46U', server.url)];
    const backup = 'static.auto_provision.local_log.backup';
    const on = [`${backup}.enable = 1`, `${backup}.upload_period = 60`, 'static.local_log.level = 6'];
    serveYealink(server, whole.mac, '1001', ...on, `${backup}.bootlog.upload_wait_time = 30`);
    serveYealink(
      server,
      piece.mac,
      '1002',
      ...on,
      `${backup}.append = 1`,
      `${backup}.path = ${server.url}logs`,
      'static.auto_provision.custom.upload_method = 1',
    );
    const lab = await boot([whole, piece]);
    await settled(lab);
    await until('both', () => {
      const paths = server.paths();
      return [`PUT /${whole.mac}-boot.log`, `PUT /${whole.mac}-sys.log`, `POST /logs/${piece.mac}-sys.log`].every(
        (path) => paths.includes(path),
      );
    });
    const body = (path: string): string => server.seen.findLast((seen) => seen.path === path && seen.body)?.body ?? '';
    assert.match(body(`/${whole.mac}-boot.log`), /cfg \[639\.639\]: ANY <0\+emerg > .*Initial log entry\. T54W/);
    assert.match(
      body(`/${whole.mac}-sys.log`),
      /^\w{3} [ \d]\d \d\d:\d\d:\d\d sua \[983\.983\]: SUA <5\+notice> .*succeeded 1001$/m,
    );
    const { calls } = lab.phone(piece.mac);
    calls.end(calls.dial(1, '4711')!);
    await until('appended', () => server.seen.some((seen) => seen.headers['content-range'] !== undefined));
    const appended = server.seen.find((seen) => seen.headers['content-range'] !== undefined);
    assert.equal(appended?.path, `/logs/${piece.mac}-sys.log`);
    assert.match(appended?.body ?? '', /Call goes out: line 1, 4711/);
    assert.doesNotMatch(appended?.body ?? '', /Initial log entry/);
  });

  it('Yealink B9: uploads end when they are switched off; firmware before V81 has none', async () => {
    const { server } = bench;
    const [spec, old] = [
      phone('yealink', 'T54W', server.url),
      phone('yealink', 'T28P', server.url, { firmware: '2.70.0.140' }),
    ];
    const on = [
      'static.auto_provision.local_log.backup.enable = 1',
      'static.auto_provision.local_log.backup.upload_period = 30',
    ];
    serveYealink(server, spec.mac, '1001', ...on);
    serveYealink(server, old.mac, '1002', ...on);
    const lab = await boot([spec, old]);
    await settled(lab);
    const uploads = (): string[] => server.paths().filter((path) => path.endsWith('-sys.log'));
    await until('two', () => uploads().length >= 2);
    await lab.phone(spec.mac).setLocal('config', [['static.auto_provision.local_log.backup.enable', '0']]);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const then = uploads();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(uploads(), then);
    assert.ok(then.every((path) => path.includes(spec.mac)));
  });

  it('Cisco 6, 11: log.tar holds what happened, as much as Debug_Level says', async () => {
    const spec = phone('cisco', '8841', bench.server.url);
    serveCisco(bench.server, '1001');
    const lab = await boot([spec]);
    await settled(lab);
    const tar = async (): Promise<string> =>
      (await ask(`${lab.controlUrl(spec.mac)}/admin/log.tar`, { auth: ADMIN })).body.toString('latin1');
    const first = await tar();
    assert.match(first, /CP-8841-3PCC 00:56:2b:\S+ -- Registration succeeded 1001\n/);
    assert.doesNotMatch(first, /GET /);
    await lab.phone(spec.mac).setLocal('config', [['Debug_Level', 'DEBUG']]);
    await tar();
    assert.match(await tar(), / -- GET \/admin\/log\.tar: 200\n/);
  });

  it('neutral 4: syslog of all three by UDP, and as a stream by TCP, as loud as they are told to be', async () => {
    const { server } = bench;
    const received: { from: string; text: string }[] = [];
    const udp = dgram.createSocket('udp4');
    udp.on('message', (message, from) => received.push({ from: from.address, text: message.toString('utf8') }));
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { port } = udp.address();
    const tcp = net.createServer((socket) =>
      socket.on('data', (data) => received.push({ from: socket.remoteAddress ?? '', text: data.toString('utf8') })),
    );
    tcp.listen(port, '127.0.0.1');
    await once(tcp, 'listening');
    const [yealink, stream, cisco] = [
      phone('yealink', 'T54W', server.url),
      phone('yealink', 'T46U', server.url),
      phone('cisco', '8841', server.url),
    ];
    const target = [
      'static.syslog.enable = 1',
      'static.syslog.server = 127.0.0.1',
      `static.syslog.server_port = ${port}`,
    ];
    serveYealink(server, yealink.mac, '1001', ...target, 'static.syslog.prepend_mac_address.enable = 1');
    serveYealink(server, stream.mac, '1002', ...target, 'static.syslog.transport_type = 1', 'static.syslog.level = 6');
    serveCisco(server, '1003', { Syslog_Server: `127.0.0.1:${port}`, Syslog_Identifier: '$MA' });
    try {
      const lab = await boot([yealink, stream, cisco]);
      await settled(lab);
      for (const { mac } of [yealink, stream, cisco]) lab.reboot(mac);
      const said = (address: string): string =>
        received.flatMap(({ from, text }) => (from === address ? [text] : [])).join('\n');
      await until('the three', () => [yealink, stream, cisco].every(({ address }) => /Restarting/.test(said(address))));
      // Local0, and the severity; what a phone always writes is an emergency with Yealink.
      assert.match(
        said(yealink.address),
        new RegExp(`^<128>\\w{3} .* ${yealink.mac} sys \\[830.904\\]: .*Restarting: by hand`, 'm'),
      );
      assert.doesNotMatch(said(yealink.address), /Registration succeeded/, 'its level is 3');
      assert.match(said(stream.address), /^<133>.*Registration succeeded 1002$/m);
      assert.match(
        said(cisco.address),
        new RegExp(`^<133>\\w{3} .* ${cisco.mac} CP-8841-3PCC .*Registration succeeded 1003`, 'm'),
      );
    } finally {
      udp.close();
      tcp.close();
    }
  });
});
