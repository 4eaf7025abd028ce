/** The guide to configuration with phones of the lab: what it says that they do, they do. */
import assert from 'node:assert/strict';
import { prepareGuide, runGuide } from '../support/configuration-guide.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';

const EXPIRES = 'voIpProt.server.1.expires';

describe('torture: the guide to configuration, with phones', function () {
  this.timeout(0);
  let fleet: PlayedFleet;

  before(async () => {
    fleet = await playedFleet({ phones: 3, mix: { poly: 100, yealink: 0, cisco: 0 }, speed: 60 });
    await prepareGuide(fleet.home, fleet.macs[0]!, fleet.macs[1]!);
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
  });

  const value = (index: number, name: string): string => fleet.lab.phone(fleet.macs[index]!).parameters.text(name);

  it('does what it says', async () => {
    await runGuide(fleet.home, { push: true }, (line, stdout) => {
      if (line.includes('expires=300 --dry-run')) assert.notEqual(value(0, EXPIRES), '300');
      if (line.includes('expires=300 -m')) {
        assert.match(stdout, /success +\S+ +reception +runs it, says the phone/);
        assert.match(stdout, /Task \d+: 2 of 2 devices done/);
        assert.deepEqual(
          [0, 1, 2].map((phone) => value(phone, EXPIRES) === '300'),
          [true, true, false],
        );
      }
      if (line.includes('--display-name')) assert.equal(value(0, 'reg.1.displayName'), 'Front desk');
      if (line.includes('change plan')) assert.notEqual(value(0, 'up.backlight.timeout'), '15');
      if (line.includes('change apply')) assert.equal(value(0, 'up.backlight.timeout'), '15');
      if (line.includes('rollback --push')) assert.notEqual(value(0, 'up.backlight.timeout'), '15');
    });
  });
});
