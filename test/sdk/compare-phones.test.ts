/**
 * What phones get by a write is found by looking at few of them (src/sdk/fleet/phones.ts); here it is held against looking at
 * every one.
 */
import assert from 'node:assert/strict';
import { strictObject } from 'valibot';
import type { OperationContext } from '../../src/sdk/context.ts';
import { callValue, type Installation } from '../../src/sdk/door.ts';
import { comparePhones, type PhoneChanges } from '../../src/sdk/fleet/phones.ts';
import { copyOf } from '../../src/sdk/fleet/rehearsal.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import type { Phonectl } from '../../src/sdk/index.ts';
import { operation } from '../../src/sdk/operation.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { bytes } from '../support/streams.ts';

/** Writes, and which phones get something else by each. */
const WRITES: readonly (readonly [
  what: string,
  write: (phonectl: Phonectl) => unknown,
  affected: readonly string[],
])[] = [
  ['nothing', () => undefined, []],
  ['a description', ({ devices }) => devices.edit({ devices: ['p1'], description: 'x' }), []],
  ['an account', ({ accounts }) => accounts.edit({ accounts: ['a1'], displayName: 'New' }), ['0004f2000001']],
  ['a line', ({ devices }) => devices.unassign({ device: 'p2', lines: [1] }), ['0004f2000002']],
  ['a group', ({ devices }) => devices.edit({ devices: ['p3'], addGroups: ['Hotline'] }), ['0004f2000003']],
  ['another site', ({ devices }) => devices.edit({ devices: ['p4'], site: 'Paris' }), ['0004f2000004']],
  ['the parent of a site', ({ sites }) => sites.edit({ sites: ['Rue'], parent: 'Paris' }), ['0004f2000005']],
  ['a site that is only described', ({ sites }) => sites.edit({ sites: ['Rue'], description: 'x' }), []],
  ['a download path', ({ sites }) => sites.edit({ sites: ['Paris'], downloadPath: 'https://images.example.net/' }), []],
  [
    'a profile',
    ({ profiles }) => profiles.set({ profile: 'paris', set: [{ name: 'voIpProt.server.1.expires', value: '77' }] }),
    ['0004f2000004', '0004f2000005'],
  ],
  ['a group that is gone', ({ groups }) => groups.delete({ groups: ['Hotline'] }), ['0004f2000003']],
  [
    'a MAC file',
    ({ macFiles }) =>
      macFiles.macUpload({
        file: '0004f2000006.cfg',
        source: bytes('<?xml version="1.0"?>\n<PHONE_CONFIG><ALL voIpProt.server.1.expires="99"/></PHONE_CONFIG>\n'),
      }),
    ['0004f2000006'],
  ],
  ['a device more', ({ devices }) => devices.add({ devices: [{ mac: '0004f2000009', model: 'VVX 450' }] }), []],
  ['a device less', ({ devices }) => devices.delete({ selector: { refs: ['p6'] } }), []],
  [
    'the address of the server',
    ({ settings }) => settings.editProvisioning({ url: 'https://other.example.net/' }),
    ['0004f2000001', '0004f2000002', '0004f2000003', '0004f2000004', '0004f2000005', '0004f2000009'],
  ],
];

describe('what phones get by a write', function () {
  this.timeout(30_000);
  let home: TestHome;
  let installation: Installation;

  before(async () => {
    home = await makeHome();
    const { sites, groups, accounts, devices, profiles } = home.phonectl;
    await sites.add({ sites: [{ name: 'Berlin' }, { name: 'Paris' }, { name: 'Rue', parent: 'Berlin' }] });
    await groups.add({ groups: [{ name: 'Hotline' }] });
    const names = [1, 2, 3, 4, 5, 6];
    await accounts.add({
      accounts: names.map((n) => ({ type: 'sip' as const, name: `a${n}`, username: `u${n}`, server: 'pbx' })),
    });
    await devices.add({
      devices: names.map((n) => ({
        mac: `0004f200000${n}`,
        name: `p${n}`,
        model: 'VVX 450',
        site: n === 5 ? 'Rue' : 'Berlin',
        accounts: [{ account: `a${n}` }],
      })),
    });
    const set = (value: string) => [{ name: 'voIpProt.server.1.expires', value }];
    await profiles.add({ name: 'paris', vendor: 'poly', set: set('60') });
    await profiles.assign({ profile: 'paris', target: { site: 'Paris' } });
    await profiles.add({ name: 'hotline', vendor: 'poly', set: set('61') });
    await profiles.assign({ profile: 'hotline', target: { group: 'Hotline' } });
    installation = await openInstallation({ home: home.path });
  });
  after(async () => {
    await installation.store.close();
    await home.remove();
  });

  /** Compares the fleet before and after, once as it is done and once by looking at every device. */
  async function compare(write: (phonectl: Phonectl) => unknown): Promise<readonly [PhoneChanges, PhoneChanges]> {
    const compared = operation({
      summary: 'Compares.',
      permission: 'test:read',
      effect: 'read',
      input: strictObject({}),
      async run(context: OperationContext) {
        await using before = await copyOf(context);
        await write(home.phonectl);
        const all = { devices: 'all', addresses: true } as const;
        return [
          await comparePhones(before.context, context),
          await comparePhones(before.context, context, all),
        ] as const;
      },
    });
    const caller = {
      actor: { kind: 'local', name: 'tester', source: 'local' },
      scope: 'all',
      permissions: ['*'],
    } as const;
    const call = { name: 'test.compare', operation: compared, input: {}, caller };
    return (await callValue(installation, call)) as readonly [PhoneChanges, PhoneChanges];
  }

  for (const [what, write, affected] of WRITES) {
    it(`${what}: ${affected.length} of them`, async () => {
      const [few, all] = await compare(write);
      assert.deepEqual(few, all);
      assert.deepEqual(few.affected, affected);
    });
  }
});
