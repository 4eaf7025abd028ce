import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readIdentities } from '../../src/sdk/certificates/identity.ts';
import type { Installation } from '../../src/sdk/door.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { removeMail, writeMail } from '../../src/sdk/mail/outbox.ts';
import { keepSendingMail, sendWaiting } from '../../src/sdk/mail/sending.ts';
import { runCli } from '../cli/harness.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { type MailHost, startMailHost } from '../support/smtp.ts';

const FROM = 'phones@example.net';

describe('mail (SUB-02, AUTH-01, AUTH-10, AUTH-16)', function () {
  this.timeout(30_000);
  let home: TestHome;
  let installation: Installation;
  let host: MailHost;

  before(async () => {
    home = await makeHome({ certificates: true });
    installation = await openInstallation({ home: home.path });
    const { identities, passphrase } = readIdentities(installation.home, installation.secrets);
    const { key, chain } = identities.at(-1)!;
    host = await startMailHost({ identity: { key, cert: chain, passphrase } });
  });
  beforeEach(async () => {
    host.mails.length = 0;
    host.refuse = undefined;
    await home.phonectl.settings.editMail({ host: '' });
  });
  after(async () => {
    await host[Symbol.asyncDispose]();
    await installation.store.close();
    await home.remove();
  });

  const outbox = () => home.phonectl.users.outbox({});
  const clear = (port = host.port) =>
    home.phonectl.settings.editMail({ host: '127.0.0.1', port, security: 'none', from: FROM });

  it('waits in the outbox while no server is set, and is sent once when there is one', async () => {
    await home.phonectl.users.add({ email: 'ada@example.net', roles: ['empty'] });
    assert.deepEqual(await sendWaiting(installation), { sent: 0, failed: [] });
    assert.equal((await outbox()).length, 1);
    await clear();
    const both = await Promise.all([sendWaiting(installation), sendWaiting(installation)]);
    assert.deepEqual(both.map(({ sent }) => sent).sort(), [0, 1]);
    const [mail, ...more] = host.mails;
    assert.deepEqual([mail!.from, mail!.to, more], [FROM, ['ada@example.net'], []]);
    assert.match(mail!.data, /^Message-ID: <[0-9]{13}-[0-9a-f]{12}@example\.net>\r$/im);
    assert.match(mail!.data, /^ {2}\S{12,}\r$/m, 'with the first password');
    assert.deepEqual(await outbox(), []);
    assert.deepEqual(readdirSync(join(home.path, 'outbox')), []);
  });

  it('stays when the server does not take it, and goes when it does', async () => {
    await clear();
    await home.phonectl.users.resetPassword({ user: 'ada@example.net' });
    host.refuse = '550 no such user';
    const { sent, failed } = await sendWaiting(installation);
    assert.equal(sent, 0);
    assert.match(failed[0]!.problem, /refuses the mail \(550\)/);
    host.refuse = undefined;
    assert.deepEqual(await sendWaiting(installation), { sent: 1, failed: [] });
  });

  it('is sent by serve within seconds; trouble is told once', async () => {
    await clear(1);
    const troubles: string[] = [];
    const stop = new AbortController();
    const keeping = keepSendingMail(installation, stop.signal, (message) => troubles.push(message));
    await home.phonectl.users.resetPassword({ user: 'ada@example.net' });
    while (troubles.length === 0) await wait(20);
    stop.abort();
    await keeping;
    assert.match(troubles[0]!, /127\.0\.0\.1:1/);
    await clear();
    const again = new AbortController();
    const sending = keepSendingMail(installation, again.signal, assert.fail);
    while (host.mails.length === 0) await wait(20);
    again.abort();
    await sending;
    assert.equal(host.mails.length, 1);
  });

  it('cannot be led to somebody else, or given other heads, by what stands in it', async () => {
    await clear();
    await writeMail(installation.home, {
      to: 'ada@example.net, eve@example.net',
      subject: 'Hello\r\nBcc: eve@example.net',
      text: ['.', 'Bcc: eve@example.net', '.'],
      at: 1_795_305_600_000,
    });
    const { failed } = await sendWaiting(installation);
    for (const { to, data } of host.mails) {
      assert.ok(!to.includes('eve@example.net'), to.join());
      assert.doesNotMatch(data.split('\r\n\r\n', 1)[0]!, /^Bcc:/im);
    }
    assert.equal(failed.length + host.mails.length, 1);
    for (const { id } of failed) await removeMail(installation.home, id);
  });

  it('SEC-05: a password is sealed, never shown, never sent in the clear or to another host', async () => {
    const edit = home.phonectl.settings.editMail;
    const login = { user: 'phones', password: 'canary-9f2d' };
    const base = { host: '127.0.0.1', port: host.port, from: FROM };
    await assert.rejects(edit({ ...base, ...login, security: 'none' }), { code: 'invalid_input' });
    const shown = await edit({ ...base, ...login });
    assert.deepEqual([shown.security, shown.password], ['starttls', 'set']);
    for (const name of readdirSync(home.path)) {
      if (name.startsWith('phonectl.db')) assert.ok(!readFileSync(join(home.path, name)).includes('canary-9f2d'));
    }
    await assert.rejects(edit({ host: 'evil.example.net' }), { code: 'invalid_input' });
    await assert.rejects(edit({ security: 'none' }), { code: 'invalid_input' });
  });

  it('STARTTLS has to be there, with a certificate that is good for the name', async () => {
    await using plain = await startMailHost();
    const edit = home.phonectl.settings.editMail;
    await edit({ host: '127.0.0.1', port: plain.port, from: FROM });
    await assert.rejects(home.phonectl.settings.testMail({ to: 'ada@example.net' }));
    assert.equal(plain.mails.length, 0);
    await edit({ port: host.port });
    await assert.rejects(home.phonectl.settings.testMail({ to: 'ada@example.net' }), { code: 'certificate' });
    assert.equal(host.mails.length, 0);
    // Where the authority is known, it goes through.
    const ca = join(home.path, 'authority.pem');
    writeFileSync(ca, readIdentities(installation.home, installation.secrets).caCertificate!);
    const env = { ...home.env, NODE_EXTRA_CA_CERTS: ca };
    const password = join(home.path, 'password.txt');
    writeFileSync(password, 's3cret\n');
    const set = await runCli(['settings', 'mail', 'edit', '--user', 'phones', '--password-file', password, '--json'], {
      home: home.path,
      env,
    });
    assert.equal(set.status, 0, set.stderr);
    assert.ok(!set.stdout.includes('s3cret'));
    const tested = await runCli(['settings', 'mail', 'test', 'ada@example.net'], { home: home.path, env });
    assert.equal(tested.status, 0, tested.stderr);
    assert.deepEqual([host.mails[0]!.secure, host.mails[0]!.login], [true, 'phones:s3cret']);
  });
});
