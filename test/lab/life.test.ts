import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import { LabError, startLab } from '../../src/lab/index.ts';
import { serveCisco, servePoly, serveYealink } from './files.ts';
import { phone, startServer } from './support.ts';
import { ask, settled, useBench } from './support-lab.ts';

describe('lab: the life of a phone', () => {
  const { bench, boot } = useBench();

  it('a reboot closes everything, boots again and reports again', async () => {
    const { server } = bench;
    const spec = phone('yealink', 'T54W', server.url);
    serveYealink(server, spec.mac, '2001', `action_url.setup_completed = ${server.url}hook`);
    const lab = await boot([spec], { speed: 200 });
    await settled(lab);
    const url = `${lab.controlUrl(spec.mac)}/servlet?phonecfg=get`;
    assert.equal((await ask(url, { auth: 'admin:s3cret' })).status, 200);
    const open = net.connect({ host: spec.address, port: Number(new URL(url).port) });
    const closed = new Promise((resolve) => open.on('close', resolve));
    await new Promise((resolve) => open.on('connect', resolve));
    lab.reboot(spec.mac);
    assert.equal(lab.status()[0]!.state, 'booting');
    await closed;
    await assert.rejects(ask(url, { auth: 'admin:s3cret' }), /ECONNREFUSED/);
    assert.deepEqual(lab.status()[0]!.lines, []);
    await settled(lab);
    assert.equal(lab.status()[0]!.bootCount, 2);
    assert.equal((await ask(url, { auth: 'admin:s3cret' })).status, 200);
    await lab.waitFor(() => server.paths().filter((path) => path === 'GET /hook').length === 2, 2000);
    assert.ok(lab.phone(spec.mac).uptime < 2000);
  });

  it('a reboot takes the time of its vendor, divided by the speed', async () => {
    const { server } = bench;
    const spec = phone('cisco', '8841', server.url);
    serveCisco(server, '3001');
    const lab = await boot([spec], { speed: 100 });
    await settled(lab);
    const start = Date.now();
    lab.reboot(spec.mac);
    await settled(lab);
    const seconds = ((Date.now() - start) / 1000) * 100;
    assert.ok(seconds > 70 * 0.79 && seconds < 70 * 1.2 + 40, `${seconds} s of phone time`);
  });

  it('without power it is gone; with power it boots again', async () => {
    const { server } = bench;
    const spec = phone('cisco', '8841', server.url);
    serveCisco(server, '3001');
    const lab = await boot([spec]);
    await settled(lab);
    const url = lab.controlUrl(spec.mac);
    lab.powerOff(spec.mac);
    assert.equal(lab.status()[0]!.state, 'offline');
    await assert.rejects(ask(`${url}/admin/status.xml`), /ECONNREFUSED/);
    lab.powerOn(spec.mac);
    await settled(lab);
    assert.equal(lab.status()[0]!.bootCount, 2);
    assert.equal(lab.controlUrl(spec.mac), url);
  });

  it('faults: neverComesBack, rebootIgnored, offline, noRegistration', async () => {
    const { server } = bench;
    const gone = phone('yealink', 'T54W', server.url, { faults: { neverComesBack: true } });
    const deaf = phone('yealink', 'T54W', server.url, { faults: { rebootIgnored: true } });
    const off = phone('yealink', 'T54W', server.url, { faults: { offline: true } });
    const alone = phone('yealink', 'T54W', server.url, { faults: { noRegistration: true } });
    for (const { mac } of [gone, deaf, off, alone]) serveYealink(server, mac, mac);
    const lab = await boot([gone, deaf, off, alone]);
    await lab.waitFor(() => lab.counts().running === 3, 4000);
    assert.equal(lab.phone(off.mac).state, 'offline');
    assert.equal(lab.phone(alone.mac).lines[0]?.registered, false);
    for (const { mac } of [gone, deaf]) {
      const reply = await ask(`${lab.controlUrl(mac)}/servlet?key=Reboot`, { auth: 'admin:s3cret' });
      assert.equal(reply.status, 200);
    }
    await lab.waitFor(() => lab.phone(gone.mac).state === 'offline', 2000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual([lab.phone(deaf.mac).state, lab.phone(deaf.mac).status().bootCount], ['running', 1]);
    assert.equal(lab.phone(gone.mac).state, 'offline');
  });

  it('a 503 is retried after Retry-After, and other failures after the waits of the vendor', async () => {
    const { server } = bench;
    const spec = phone('poly', 'VVX 450', server.url);
    let refused = 0;
    server.files.set('/000000000000.cfg', (_request, response) => {
      refused++;
      servePoly(server, spec.mac, '1001');
      response.writeHead(503, { 'Retry-After': '0' }).end();
    });
    // In real time a retry would take a minute: only Retry-After can explain a quick one.
    const lab = await boot([spec], { speed: 1 });
    await settled(lab);
    assert.equal(refused, 1);
    assert.equal(lab.status()[0]!.lastError, null);
  });

  it('fault: a wrong password is refused and tried again as often as told', async () => {
    const { server } = bench;
    server.auth = { scheme: 'basic', username: 'own', password: 'right' };
    const credential = { username: 'own', password: 'right' };
    const spec = phone('yealink', 'T54W', server.url, { credential, faults: { wrongPassword: 50 } });
    serveYealink(server, spec.mac, '2001');
    const lab = await boot([spec]);
    await lab.waitFor(() => server.seen.length > 10, 2000);
    assert.ok(server.seen.every(({ status }) => status === 401));
    assert.equal(lab.phone(spec.mac).state, 'unprovisioned');
    lab.phone(spec.mac).faults.wrongPassword = false;
    await settled(lab);
    assert.match(lab.phone(spec.mac).status().server, /^https:\/\/127/);
  });

  it('security.md P-11: a clock in the past makes a young certificate invalid until the time is known', async () => {
    const young = await startServer({ notBefore: new Date(Date.now() - 86_400_000) });
    try {
      const spec = phone('yealink', 'T54W', young.url, { faults: { clockInPast: true } });
      serveYealink(young, spec.mac, '2001');
      const lab = await boot([spec], { ca: young.ca });
      await lab.waitFor(() => lab.status()[0]!.lastError !== null, 2000);
      assert.match(lab.status()[0]!.lastError ?? '', /in this phone's future/);
      await settled(lab);
    } finally {
      await young.stop();
    }
  });

  it('verifies the chain and the name of the server', async () => {
    const elsewhere = await startServer({ host: '127.0.0.2' });
    try {
      const strict = phone('poly', 'VVX 450', elsewhere.url);
      servePoly(elsewhere, strict.mac, '1001');
      const lab = await boot([strict], { ca: elsewhere.ca });
      await settled(lab, 'unprovisioned');
      assert.match(lab.status()[0]!.lastError ?? '', /does not match certificate's altnames/);
      await lab.stop();
      const lax = await boot([phone('poly', 'VVX 450', elsewhere.url)], { ca: elsewhere.ca, checkServerName: false });
      servePoly(elsewhere, lax.status()[0]!.mac, '1001');
      await settled(lax);
      await lax.stop();
      const stranger = await boot([phone('poly', 'VVX 450', elsewhere.url)], { checkServerName: false });
      await settled(stranger, 'unprovisioned');
      assert.match(stranger.status()[0]!.lastError ?? '', /unable to verify|self-signed/);
    } finally {
      await elsewhere.stop();
    }
  });

  it('shows a factory certificate of its vendor with its MAC, if told to', async () => {
    const curious = await startServer({ requestCert: true });
    try {
      const specs = [
        phone('poly', 'VVX 450', curious.url),
        phone('yealink', 'T54W', curious.url),
        phone('cisco', '8841', curious.url),
      ];
      const lab = await boot(specs, { clientCertificates: true, ca: curious.ca });
      await settled(lab, 'unprovisioned');
      for (const { mac, vendor, address } of specs) {
        const shown = curious.seen.find(({ from }) => from === address)?.certificate;
        assert.ok(shown !== undefined);
        const root = new X509Certificate(await lab.vendorCa(vendor));
        assert.ok(shown.verify(root.publicKey) && shown.checkIssued(root));
        assert.equal(/CN=(\S+)/.exec(shown.subject)?.[1]?.replaceAll(':', '').toLowerCase(), mac);
      }
    } finally {
      await curious.stop();
    }
  });

  it('says which address is taken, and which specification is wrong', async () => {
    const { server } = bench;
    const spec = phone('poly', 'VVX 450', server.url);
    const taken = net.createServer();
    await new Promise<void>((resolve) => taken.listen({ host: spec.address, port: 0 }, resolve));
    const { port } = taken.address() as net.AddressInfo;
    try {
      await assert.rejects(boot([spec], { controlPort: port }), (error: unknown) => {
        assert.ok(error instanceof LabError);
        assert.equal(error.code, 'address_in_use');
        assert.match(error.message, new RegExp(`${spec.address}:${port}`));
        return true;
      });
    } finally {
      taken.close();
    }
    const wrong = [
      { ...spec, mac: '0004F2000001' },
      { ...spec, address: '10.0.0.1' },
      { ...spec, model: 'VVX 9' },
      { ...spec, server: 'nowhere' },
    ];
    for (const phones of [...wrong.map((one) => [one]), [spec, spec]]) {
      await assert.rejects(
        startLab({ phones }),
        (error: unknown) => error instanceof LabError && error.code === 'bad_spec',
      );
    }
  });

  it('waitFor gives up and says what it sees', async () => {
    const { server } = bench;
    const lab = await boot([phone('poly', 'VVX 450', server.url)]);
    await assert.rejects(
      lab.waitFor(() => false, 300),
      /not reached in 300 ms: .*1 unprovisioned.*no master file/,
    );
  });
});
