import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { expandMacros, resolveRule } from '../../src/lab/cisco/profile-rule.ts';
import { phone } from './support.ts';
import { settled, useBench } from './support-lab.ts';

function profile(values: Record<string, string>): string {
  const elements = Object.entries(values).map(([name, value]) => `<${name} ua="na">${value}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<flat-profile>${elements.join('\n')}</flat-profile>`;
}

const LINE = { User_ID_1_: '3001', Password_1_: 'pw', Proxy_1_: 'pbx.example.net' };

describe('lab: Cisco provisioning', () => {
  const { bench, boot } = useBench();

  it('2, 4: a factory phone asks for $PSN.xml of the address that DHCP gave', async () => {
    const { server } = bench;
    const spec = phone('cisco', '8841', server.url);
    server.files.set('/8841-3PCC.xml', gzipSync(profile(LINE)));
    const lab = await boot([spec]);
    await settled(lab);
    assert.deepEqual(server.paths(), ['GET /8841-3PCC.xml']);
    assert.equal(server.seen[0]!.userAgent, `Cisco-CP-8841-3PCC/12.0.5 (${spec.mac})`);
    assert.deepEqual(lab.status()[0]!.lines, [{ line: 1, user: '3001', server: 'pbx.example.net', registered: true }]);
  });

  it('3: resyncs at once with the rule it was given, with its credential, then with the rules B to D', async () => {
    const { server } = bench;
    const spec = phone('cisco', 'CP-7841-3PCC', server.url);
    server.files.set(
      '/7841-3PCC.xml',
      profile({
        Profile_Rule: `[--uid ${spec.mac} --pwd s3cret] ${server.url}c/$MA.xml?s=$PRVST`,
        Profile_Rule_B: '/c/site.xml',
      }),
    );
    server.files.set(`/c/${spec.mac}.xml?s=0`, profile(LINE));
    server.files.set('/c/site.xml', profile({ Station_Display_Name: 'Front &amp; desk' }));
    const lab = await boot([spec]);
    await settled(lab);
    assert.deepEqual(server.paths(), ['GET /7841-3PCC.xml', `GET /c/${spec.mac}.xml?s=0`, 'GET /c/site.xml']);
    assert.equal(lab.phone(spec.mac).parameters.get('Station_Display_Name'), 'Front & desk');
    server.auth = { scheme: 'digest', username: spec.mac, password: 's3cret' };
    await lab.phone(spec.mac).provision('request');
    assert.equal(server.seen.filter(({ path, status }) => path.endsWith('s=-1') && status === 401).length, 1);
  });

  it('4: absent keeps, an empty pair blanks, a self-closed element with ua keeps', async () => {
    const { server } = bench;
    const spec = phone('cisco', '8851', server.url);
    server.files.set('/8851-3PCC.xml', profile({ A: '1', B: '2', C: '3' }));
    const lab = await boot([spec]);
    await settled(lab);
    server.files.set('/8851-3PCC.xml', '<device><flat-profile><B></B><C ua="rw"/></flat-profile></device>');
    await lab.phone(spec.mac).provision('request');
    const { parameters } = lab.phone(spec.mac);
    assert.deepEqual(
      ['A', 'B', 'C'].map((name) => parameters.get(name)),
      ['1', '', '3'],
    );
  });

  it('9: reports after a restart, without its passwords, and its state where that is asked for', async () => {
    const { server } = bench;
    const spec = phone('cisco', '8861', server.url);
    server.files.set(
      '/8861-3PCC.xml',
      profile({ ...LINE, Report_Rule: `[--delta]${server.url}r/$MA [--status]${server.url}s/$MA` }),
    );
    const lab = await boot([spec]);
    await lab.waitFor(() => server.seen.some(({ path }) => path.startsWith('/s/')), 4000);
    const report = server.seen.find(({ path }) => path === `/r/${spec.mac}`);
    assert.equal(report?.method, 'POST');
    assert.match(report.body, /<flat-profile>[\s\S]*<User_ID_1_ ua="na">3001<\/User_ID_1_>/);
    assert.match(report.body, /<Password_1_ ua="na"><\/Password_1_>/);
    assert.match(server.seen.find(({ path }) => path === `/s/${spec.mac}`)!.body, /<PRVST>0<\/PRVST>/);
  });

  it('5: a first file that is missing is retried, and the phone then comes up', async () => {
    const { server } = bench;
    const spec = phone('cisco', '6841', server.url);
    const lab = await boot([spec]);
    await settled(lab, 'unprovisioned');
    assert.match(lab.status()[0]!.lastError ?? '', /there is no \/6841-3PCC\.xml/);
    server.files.set('/6841-3PCC.xml', profile(LINE));
    await settled(lab);
    assert.equal(lab.status()[0]!.lines[0]?.registered, true);
  });
});

describe('lab: Cisco profile rules', () => {
  const macros = new Map([
    ['MA', '00562b043615'],
    ['MAU', '00562B043615'],
    ['SWVER', '12.0.1'],
    ['PSN', '8841-3PCC'],
    ['SB', 'key'],
  ]);

  it('3: expands macros, substrings and $$', () => {
    assert.equal(expandMacros('/$PSN/$MA.xml', macros), '/8841-3PCC/00562b043615.xml');
    assert.equal(expandMacros('$(MA:3:6)-$(MAU)x$$', macros), '62b043-00562B043615x$');
    assert.equal(expandMacros('$MAX$NOPE', macros), '00562b043615X$NOPE');
  });

  it('3: takes the alternative whose condition holds', () => {
    const rule = '( $SWVER lt 12.0.1 )? https://h/old.xml | [--uid u --pwd $SB] https://h/$MA.xml';
    assert.deepEqual(resolveRule(rule, macros), {
      address: 'https://h/00562b043615.xml',
      credential: { username: 'u', password: 'key' },
      key: undefined,
    });
    assert.equal(resolveRule(rule, new Map([...macros, ['SWVER', '11.3.7']]))?.address, 'https://h/old.xml');
    assert.equal(resolveRule('', macros), null);
  });
});
