/** A store that cannot be written for a minute, around a server and its campaign. `npm run torture`. */
import assert from 'node:assert/strict';
import { assertNothingLost, FULL, LOCKED, missing, OVER_QUOTA, onOwnDisk, troubledCampaign } from './store.ts';

const PHONES = Number(process.env['PHONECTL_TORTURE_PHONES'] ?? 120);
const SECONDS = Number(process.env['PHONECTL_TORTURE_SECONDS'] ?? 60);
const OPTIONS = { phones: PHONES, speed: 20, mix: { poly: 40, yealink: 40, cisco: 20 }, concurrency: 10 };

describe('torture: a store that takes no writes while a campaign goes on', function () {
  this.timeout(900_000);

  it(`F-05: somebody else holds it for ${SECONDS} s`, async () => {
    const report = await troubledCampaign({ ...OPTIONS, trouble: LOCKED, seconds: SECONDS });
    assertNothingLost(report, PHONES);
    assert.equal(report.told.status, 11);
    assert.match(report.told.stderr, /Wait for the other phonectl command to finish/);
    assert.match(
      report.words,
      /What phones report cannot be written yet, and is kept: Another process holds the store/,
    );
    assert.match(report.words, /Task 1 stopped and is tried again by itself: Another process holds the store/);
    assert.match(report.words, /What phones report is written again/);
  });

  it(`the disk is full for ${SECONDS} s`, async function () {
    const reason = missing('disk');
    if (reason !== undefined) this.skip();
    const report = await onOwnDisk(() => troubledCampaign({ ...OPTIONS, trouble: FULL, seconds: SECONDS }));
    assertNothingLost(report, PHONES);
    assert.equal(report.told.status, 6, report.told.stderr);
    assert.match(report.told.stderr, /no space left.*Free some space/);
    assert.match(report.words, /What phones report cannot be written yet, and is kept: There is no space left/);
  });

  it(`the server may write no file for ${SECONDS} s`, async function () {
    const reason = missing('quota');
    if (reason !== undefined) this.skip();
    const report = await troubledCampaign({ ...OPTIONS, trouble: OVER_QUOTA, seconds: SECONDS });
    assertNothingLost(report, PHONES);
    assert.match(report.words, /The disk refused to read or write/);
  });
});
