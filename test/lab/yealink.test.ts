import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { phone } from './support.ts';
import { settled, useBench } from './support-lab.ts';

function cfg(...lines: string[]): string {
  return `${['#!version:1.0.0.1', ...lines].join('\n')}\n`;
}

function account(user: string): string[] {
  return [
    `account.1.enable = 1`,
    `account.1.user_name = ${user}`,
    'account.1.password = pw',
    'account.1.sip_server.1.address = pbx.example.net',
  ];
}

describe('lab: Yealink provisioning', () => {
  const { bench, boot } = useBench();

  it('A1: asks for boot files first, then for the common and its own file', async () => {
    const { server } = bench;
    const spec = phone('yealink', 'SIP-T54W', server.url);
    server.files.set('/y000000000096.cfg', cfg('lang.gui = German', 'account.1.label = common'));
    server.files.set(`/${spec.mac}.cfg`, cfg(...account('2001'), 'account.1.label=own # not a comment'));
    const lab = await boot([spec]);
    await settled(lab);
    assert.deepEqual(server.paths(), [
      `GET /${spec.mac}.boot`,
      'GET /y000000000000.boot',
      'GET /y000000000096.cfg',
      `GET /${spec.mac}.cfg`,
    ]);
    assert.equal(server.seen[0]!.userAgent, `Yealink SIP-T54W 96.86.0.75 ${spec.mac.replace(/..(?!$)/g, '$&:')}`);
    const { parameters } = lab.phone(spec.mac);
    assert.equal(parameters.get('account.1.label'), 'own # not a comment');
    assert.equal(parameters.get('lang.gui'), 'German');
    assert.deepEqual(lab.status()[0]!.lines, [{ line: 1, user: '2001', server: 'pbx.example.net', registered: true }]);
  });

  it('A1: firmware before V81 knows no boot files', async () => {
    const { server } = bench;
    const spec = phone('yealink', 'T28P', server.url, { firmware: '2.70.0.140' });
    server.files.set('/y000000000000.cfg', cfg('auto_provision.repeat.enable = 1'));
    await settled(await boot([spec]));
    assert.deepEqual(server.paths(), ['GET /y000000000000.cfg', `GET /${spec.mac}.cfg`]);
  });

  it('A2: asks what the T54W asked that was recorded, given its boot file', async function () {
    const file = '../shared/corpus/access-logs/yealink_t54w_http_session.txt';
    if (!existsSync(file)) return this.skip();
    const session = readFileSync(file, 'utf8');
    const asked = [...session.matchAll(/^(GET \S+) HTTP\/1\.1\r?\n[\s\S]*?User-Agent: (.+?)\r?$/gm)].map(
      ([, line, agent]) => `${line} ${agent}`,
    );
    const { server } = bench;
    const spec = phone('yealink', 'T54W', server.url, { mac: '44dbd2e4be98', firmware: '96.86.0.75' });
    const bootFile = /#!version[\s\S]*?excluded_mode=\d/.exec(session)?.[0];
    assert.ok(bootFile !== undefined && asked.length > 4);
    server.files.set('/44dbd2e4be98.boot', bootFile);
    server.files.set('/44dbd2e4be98.cfg', cfg('lang.gui = English'));
    await settled(await boot([spec]));
    assert.deepEqual(
      server.seen.map(({ method, path, userAgent }) => `${method} ${path} ${userAgent}`),
      asked,
    );
  });

  it('A2: includes only what fits the model, the later file wins, overwrite_mode takes back the rest', async () => {
    const { server } = bench;
    const spec = phone('yealink', 'T57W', server.url);
    server.files.set(
      '/y000000000000.boot',
      cfg(
        'include:config "a.cfg"',
        '[T46U]include:config "no.cfg"',
        `[T54W,T57W]include:config <${server.url}b.cfg>`,
        'overwrite_mode = 1',
      ),
    );
    server.files.set('/a.cfg', cfg('lang.gui = English', 'lang.wui = English', 'features.dnd.allow ='));
    server.files.set('/b.cfg', cfg('lang.gui = German'));
    const lab = await boot([spec]);
    await settled(lab);
    const { parameters } = lab.phone(spec.mac);
    assert.deepEqual(server.paths(), [`GET /${spec.mac}.boot`, 'GET /y000000000000.boot', 'GET /a.cfg', 'GET /b.cfg']);
    assert.equal(parameters.get('lang.gui'), 'German');
    assert.equal(parameters.get('features.dnd.allow'), '1');
    server.files.set('/a.cfg', cfg('lang.wui = %NULL%'));
    await lab.phone(spec.mac).provision('request');
    assert.equal(parameters.get('lang.wui'), '');
  });

  it('A9, A10: provisions again at once with the credential and address it was given', async () => {
    const { server } = bench;
    const spec = phone('yealink', 'T46U', server.url, { credential: { username: 'shared', password: 'enrol' } });
    server.auth = (path) =>
      path.startsWith('/own/')
        ? { scheme: 'digest', username: 'own', password: 's;c=ret%' }
        : { scheme: 'basic', username: 'shared', password: 'enrol' };
    server.files.set(
      '/y000000000108.cfg',
      cfg(
        `static.auto_provision.server.url = ${server.url}own/`,
        'static.auto_provision.server.username = own',
        'static.auto_provision.server.password = s;c=ret%',
        'static.auto_provision.dhcp_option.enable = 0',
      ),
    );
    server.files.set(`/own/${spec.mac}.cfg`, cfg(...account('2001')));
    const lab = await boot([spec]);
    await settled(lab);
    assert.equal(lab.status()[0]!.server, `${server.url}own/`);
    assert.equal(lab.status()[0]!.lines[0]?.registered, true);
    assert.equal(lab.status()[0]!.bootCount, 1);
  });

  it('A9: DHCP wins over the address in flash while its option is on', async () => {
    const { server } = bench;
    const spec = phone('yealink', 'T46U', server.url);
    server.files.set(`/${spec.mac}.cfg`, cfg('static.auto_provision.server.url = https://127.0.0.1:1/elsewhere/'));
    const lab = await boot([spec]);
    await settled(lab);
    assert.equal(lab.status()[0]!.server, server.url);
  });

  it('A3: a file without its header is refused', async () => {
    const { server } = bench;
    const spec = phone('yealink', 'T53W', server.url);
    server.files.set(`/${spec.mac}.boot`, '<html>Not here</html>');
    const lab = await boot([spec]);
    await settled(lab, 'unprovisioned');
    assert.match(lab.status()[0]!.lastError ?? '', /begins with #!version:1\.0\.0\.1/);
  });

  it('A5: what the user changes is uploaded, comes back, and lies over the files', async () => {
    const { server } = bench;
    const spec = phone('yealink', 'T53W', server.url);
    server.files.set(
      `/${spec.mac}.cfg`,
      cfg('lang.gui = English', 'static.auto_provision.custom.protect = 1', 'static.auto_provision.custom.sync = 1'),
    );
    const lab = await boot([spec]);
    await settled(lab);
    await lab.setLocal(spec.mac, 'lang.gui', 'French');
    assert.equal(String(server.files.get(`/${spec.mac}-local.cfg`)), cfg('lang.gui = French'));
    server.files.set(`/${spec.mac}.cfg`, cfg('lang.gui = Italian'));
    await lab.phone(spec.mac).provision('request');
    assert.equal(lab.phone(spec.mac).parameters.get('lang.gui'), 'French');
  });

  it('A4: without protection the files override what the user changed', async () => {
    const { server } = bench;
    const spec = phone('yealink', 'T53W', server.url);
    server.files.set(`/${spec.mac}.cfg`, cfg('lang.gui = English'));
    const lab = await boot([spec]);
    await settled(lab);
    await lab.setLocal(spec.mac, 'lang.gui', 'French');
    assert.equal(lab.phone(spec.mac).parameters.get('lang.gui'), 'French');
    await lab.phone(spec.mac).provision('request');
    assert.equal(lab.phone(spec.mac).parameters.get('lang.gui'), 'English');
  });

  it('B4: calls action URLs with its facts in them', async () => {
    const { server } = bench;
    const spec = phone('yealink', 'T54W', server.url);
    const hook = `${server.url}hook?mac=$mac&ip=$ip&m=$model&fw=$firmware&u=$active_user`;
    server.files.set(
      `/${spec.mac}.cfg`,
      cfg(...account('2001'), `action_url.setup_completed = ${hook}&e=boot`, `action_url.registered = ${hook}&e=reg`),
    );
    const lab = await boot([spec]);
    await lab.waitFor(() => server.seen.filter(({ path }) => path.startsWith('/hook')).length === 2, 4000);
    const hooks = server.seen.filter(({ path }) => path.startsWith('/hook')).map(({ path }) => path);
    const facts = `mac=${spec.mac}&ip=${spec.address}&m=SIP-T54W&fw=96.86.0.75`;
    assert.deepEqual(hooks, [`/hook?${facts}&u=&e=boot`, `/hook?${facts}&u=2001&e=reg`]);
  });
});
