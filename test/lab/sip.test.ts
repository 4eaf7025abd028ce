import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import net from 'node:net';
import { digest } from './digest-client.ts';
import { serveCisco, servePoly, serveYealink } from './files.ts';
import { phone } from './support.ts';
import { settled, useBench } from './support-lab.ts';

let number = 0;

function notify(
  event: string,
  user: string,
  options: { headers?: string[]; body?: string; cseq?: number } = {},
): string {
  number++;
  const body = options.body ?? '';
  return [
    `NOTIFY sip:${user}@127.0.0.1:5060 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-${number};rport`,
    'From: <sip:test@127.0.0.1>;tag=1',
    `To: <sip:${user}@127.0.0.1>`,
    `Call-ID: call-${number}@127.0.0.1`,
    `CSeq: ${options.cseq ?? 1} NOTIFY`,
    `Event: ${event}`,
    'Subscription-State: active',
    ...(options.headers ?? []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

function overUdp(to: { address: string; port: number }, message: string, wait = 1000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4');
    const timer = setTimeout(() => {
      socket.close();
      reject(new Error('no answer'));
    }, wait);
    socket.on('message', (answer) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer.toString('utf8'));
    });
    socket.send(message, to.port, to.address);
  });
}

function overTcp(to: { address: string; port: number }, pieces: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: to.address, port: to.port }, () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.setNoDelay(true);
    socket.on('data', (answer) => {
      socket.destroy();
      resolve(answer.toString('utf8'));
    });
    socket.on('error', reject);
  });
}

describe('lab: SIP NOTIFY', () => {
  const { bench, boot } = useBench();

  it('Yealink check-sync: reboots as sip.notify_reboot_enable says (B6)', async () => {
    const spec = phone('yealink', 'T54W', bench.server.url);
    serveYealink(bench.server, spec.mac, '2001', 'sip.notify_reboot_enable = 0');
    const lab = await boot([spec]);
    await settled(lab);
    const to = lab.sipAddress(spec.mac);
    const answer = await overUdp(to, notify('check-sync;reboot=false', '2001'));
    assert.match(
      answer,
      /^SIP\/2\.0 200 OK\r\nVia: SIP\/2\.0\/UDP 127\.0\.0\.1:5060;branch=z9hG4bK-\d+;rport=\d+;received=127\.0\.0\.1\r\n/,
    );
    assert.match(answer, /\r\nTo: <sip:2001@127\.0\.0\.1>;tag=\w+\r\n/);
    await lab.waitFor(
      () => bench.events.some((event) => event.type === 'provisioned' && event.occasion === 'request'),
      2000,
    );
    assert.equal(lab.status()[0]!.bootCount, 1);
    await overUdp(to, notify('check-sync;reboot=true', '2001'));
    await lab.waitFor(() => lab.status()[0]!.bootCount === 2, 2000);
    await settled(lab);
    assert.match(await overUdp(to, notify('message-summary', '2001')), /^SIP\/2\.0 489 Bad Event/);
    assert.match(await overUdp(to, notify('check-sync', '9999')), /^SIP\/2\.0 481 /);
  });

  it('Yealink ACTION-URI presses keys (B3), Yealink-xml shows a text (B5)', async () => {
    const spec = phone('yealink', 'T54W', bench.server.url);
    serveYealink(bench.server, spec.mac, '2001', 'push_xml.sip_notify = 1');
    const lab = await boot([spec]);
    await settled(lab);
    const to = lab.sipAddress(spec.mac);
    await overUdp(to, notify('ACTION-URI', '2001', { headers: ['Content-Type: message/sipfrag'], body: 'key=DNDOn' }));
    await lab.waitFor(() => lab.phone(spec.mac).keys.includes('DNDOn'), 2000);
    const body = '<YealinkIPPhoneStatus><Message>Hi</Message></YealinkIPPhoneStatus>';
    assert.match(await overUdp(to, notify('Yealink-xml', '2001', { body })), /^SIP\/2\.0 200/);
    assert.deepEqual(lab.phone(spec.mac).messages, ['Hi']);
  });

  it('Poly check-sync: looks, and reboots only if something changed (C.7)', async () => {
    const spec = phone('poly', 'VVX 450', bench.server.url);
    servePoly(bench.server, spec.mac, '1001');
    const lab = await boot([spec]);
    await settled(lab);
    const to = lab.sipAddress(spec.mac);
    assert.match(await overUdp(to, notify('check-sync', '1001')), /^SIP\/2\.0 200/);
    await lab.waitFor(
      () => bench.events.some((event) => event.type === 'provisioned' && event.occasion === 'request'),
      2000,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(lab.status()[0]!.bootCount, 1);
    servePoly(bench.server, spec.mac, '1001', 'voIpProt.SIP.specialEvent.checkSync.alwaysReboot="1"');
    await overUdp(to, notify('check-sync', '1001'));
    await lab.waitFor(() => lab.status()[0]!.bootCount === 2, 2000);
    await settled(lab);
    await overUdp(to, notify('check-sync', '1001'));
    await lab.waitFor(() => lab.status()[0]!.bootCount === 3, 2000);
  });

  it('Poly ACTION-URI: 200 whether it works or not (A.7)', async () => {
    const spec = phone('poly', 'VVX 450', bench.server.url);
    servePoly(bench.server, spec.mac, '1001', 'apps.restapi.sipNotify.enabled="1"');
    const lab = await boot([spec]);
    await settled(lab);
    const body = JSON.stringify({ 'command-URI': '/api/v1/callctrl/dial', data: { Dest: '77', Line: '1' } });
    assert.match(await overUdp(lab.sipAddress(spec.mac), notify('ACTION-URI', '1001', { body })), /^SIP\/2\.0 200/);
    await lab.waitFor(() => true, 100);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(lab.phone(spec.mac).calls.active[0]?.number, '77');
  });

  it('Cisco: challenges with the credential of the line, then reboots; a retransmission does it once (8)', async () => {
    const spec = phone('cisco', '8841', bench.server.url);
    serveCisco(bench.server, '3001');
    const lab = await boot([spec]);
    await settled(lab);
    const to = lab.sipAddress(spec.mac);
    const challenge = /WWW-Authenticate: (.*)\r/.exec(await overUdp(to, notify('reboot', '3001')))?.[1];
    assert.ok(challenge !== undefined);
    const wrong = digest(challenge, '3001', 'nope', 'NOTIFY', 'sip:3001@127.0.0.1:5060');
    assert.match(
      await overUdp(to, notify('reboot', '3001', { cseq: 2, headers: [`Authorization: ${wrong}`] })),
      /^SIP\/2\.0 401/,
    );
    const proof = digest(challenge, '3001', 'pw', 'NOTIFY', 'sip:3001@127.0.0.1:5060');
    const message = notify('check-sync', '3001', { cseq: 2, headers: [`Authorization: ${proof}`] });
    const [first, second] = [await overUdp(to, message), await overUdp(to, message)];
    assert.match(first, /^SIP\/2\.0 200/);
    assert.equal(first, second);
    const provisioned = (): number =>
      bench.events.filter((event) => event.type === 'provisioned' && event.occasion === 'request').length;
    await lab.waitFor(() => provisioned() > 0, 2000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(provisioned(), 1);
    await overUdp(to, notify('reboot', '3001', { cseq: 3, headers: [`Authorization: ${proof}`] }));
    await lab.waitFor(() => lab.status()[0]!.bootCount === 2, 2000);
  });

  it('takes TCP in pieces, several messages in one; ignores noise; a hanging phone is silent', async () => {
    const spec = phone('yealink', 'T54W', bench.server.url);
    serveYealink(bench.server, spec.mac, '2001');
    const lab = await boot([spec]);
    await settled(lab);
    const to = lab.sipAddress(spec.mac);
    const message = notify('foo', '2001', { body: 'Ä' });
    const answer = await overTcp(to, [message.slice(0, 40), message.slice(40)]);
    assert.match(answer, /^SIP\/2\.0 489/);
    await assert.rejects(overUdp(to, 'hello\r\n\r\n', 150), /no answer/);
    assert.match(await overUdp(to, notify('foo', '2001').replace('NOTIFY', 'OPTIONS')), /^SIP\/2\.0 405/);
    lab.phone(spec.mac).faults.hang = true;
    await assert.rejects(overUdp(to, notify('foo', '2001'), 150), /no answer/);
  });
});
