/** TASK-32: what restarts phones while people need them is said beforehand, in words and with a way out. */
import assert from 'node:assert/strict';
import type { ControlEvent } from '../../src/sdk/control/run.ts';
import type { Phonectl } from '../../src/sdk/index.ts';
import { makeHome, type TestHome } from '../support/home.ts';

/** Noon in Berlin of a Monday to come. */
function monday(): string {
  const at = new Date(Date.now() + 86_400_000);
  while (at.getUTCDay() !== 1) at.setUTCDate(at.getUTCDate() + 1);
  return `${at.toISOString().slice(0, 10)} 12:00`;
}

describe('TASK-32: office hours', () => {
  let home: TestHome;
  let phonectl: Phonectl;
  beforeEach(async () => {
    home = await makeHome();
    phonectl = home.phonectl;
    await phonectl.sites.add({
      sites: [
        { name: 'Berlin', timeZone: 'Europe/Berlin' },
        { name: 'New York', timeZone: 'America/New_York' },
      ],
    });
    await phonectl.devices.add({
      devices: [
        { mac: '0004f2000001', model: 'VVX 450', site: 'Berlin' },
        { mac: '0004f2000002', model: 'VVX 450', site: 'Berlin' },
        { mac: '805ec0000003', model: 'T54W', site: 'New York' },
      ],
    });
  });
  afterEach(() => home.remove());

  const ALL = { selector: { all: true } } as const;
  const NEXT = { at: monday(), timeZone: 'Europe/Berlin' } as const;
  const DAILY = { repeat: 'daily', timeZone: 'Europe/Berlin' } as const;

  async function timer(at: string, more: Partial<Parameters<Phonectl['timers']['add']>[0]> = {}) {
    return (await phonectl.timers.add({ type: 'config-push', ...ALL, ...DAILY, at, dryRun: true, ...more })).warnings;
  }

  async function warned(events: AsyncIterable<ControlEvent>): Promise<readonly string[] | undefined> {
    for await (const event of events) if (event.type === 'finished') return event.warnings;
    return assert.fail('it did not finish');
  }

  it('a daily timer falls into them, whatever day today is, in the time of each place', async () => {
    const [one = '', ...more] = await timer('12:00', { selector: { sites: ['Berlin'] } });
    assert.deepEqual(more, []);
    assert.match(one, /of Berlin \((?:Mon|Tue|Wed|Thu|Fri) 12:00 there/);
    assert.equal(
      one.replace(/\w{3} 12:00/, 'Mon 12:00'),
      'This may restart phones in the office hours of Berlin (Mon 12:00 there, office hours mon-fri 08:00-18:00, ' +
        '2 phones). Choose another time or add --window 18:00-08:00; if it is meant, say so once: ' +
        'phonectl site edit Berlin --office-hours off.',
    );
    const [both = ''] = await timer('15:00');
    assert.match(both, /of Berlin \(\w{3} 15:00 .*, 2 phones\) and New York \(\w{3} \d\d:00 .*, 1 phone\)\. Choose/);
    assert.deepEqual(await timer('03:00'), [], 'it is 21:00 in New York');
  });

  it('a window makes phones wait until it opens', async () => {
    assert.deepEqual(await timer('12:00', { window: '18:00-08:00' }), []);
    assert.match((await timer('03:00', { window: '09:00-10:00' }))[0] ?? '', /Berlin \(\w{3} 09:00 there/);
  });

  it('what disturbs nobody is not warned of', async () => {
    assert.deepEqual(await timer('12:00', { type: 'message', text: 'Lunch' }), []);
    assert.deepEqual(await timer('12:00', { type: 'dnd', on: true }), []);
    const weekly = { repeat: 'weekly', at: '12:00', timeZone: 'Europe/Berlin' } as const;
    assert.deepEqual(await timer('12:00', { ...weekly, days: ['sat', 'sun'] }), []);
    assert.deepEqual(await warned(phonectl.pushes.push({ ...ALL, wait: false, skip: true, ...NEXT })), undefined);
    assert.deepEqual(await warned(phonectl.control.reboot({ ...ALL, dryRun: true })), undefined, 'now is now');
  });

  it('a site says its own, or that there are none, for all below it', async () => {
    const { sites } = phonectl;
    await sites.edit({ sites: ['Berlin'], officeHours: 'mon-fri 06:00-11:00' });
    await sites.edit({ sites: ['New York'], officeHours: 'off' });
    assert.deepEqual(await timer('12:00'), []);
    assert.match(
      (await timer('10:30'))[0] ?? '',
      /Berlin \(\w{3} 10:30 there, office hours mon-fri 06:00-11:00, 2 phones\)\./,
    );
    await sites.edit({ sites: ['Berlin', 'New York'], officeHours: null });
    await sites.edit({ sites: ['Acme'], officeHours: 'off' });
    assert.deepEqual(await timer('12:00'), [], 'the whole fleet');
    await assert.rejects(sites.edit({ sites: ['Berlin'], officeHours: 'always' }), {
      code: 'invalid_input',
      message: /"always" are no office hours such as "mon-fri 08:00-18:00"/,
    });
  });

  it('holds for --at of every command, its dry run, and for later edits', async () => {
    assert.match(
      (await warned(phonectl.control.reboot({ ...ALL, ...NEXT, dryRun: true })))?.[0] ?? '',
      /^This reboots phones in/,
    );
    assert.match((await warned(phonectl.pushes.push({ ...ALL, ...NEXT })))?.[0] ?? '', /^This may restart phones in/);
    const { id = 0 } = await phonectl.timers.add({ type: 'reboot', ...ALL, ...DAILY, at: '03:00' });
    assert.equal((await phonectl.timers.edit({ task: id, name: 'Nightly' })).warnings, undefined);
    const edited = await phonectl.timers.edit({ task: id, repeat: 'daily', at: '11:00' });
    assert.match(edited.warnings?.[0] ?? '', /Berlin \(\w{3} 11:00 there/);
    assert.equal((await phonectl.timers.edit({ task: id, window: '20:00-05:00' })).warnings, undefined);
  });
});
