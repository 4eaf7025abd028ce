import assert from 'node:assert/strict';
import { DEFAULT_MIX } from '../../src/sdk/lab/fleet.ts';
import { badCampaign, poison } from './bad.ts';

const PHONES = Number(process.env['PHONECTL_TORTURE_PHONES'] ?? 10_000);

describe('torture: campaigns that go wrong over lab phones', () => {
  it(`F-23: ${PHONES} phones, of which three in ten never come back`, async function () {
    this.timeout(0);
    const report = await badCampaign({ phones: PHONES, speed: 20, mix: DEFAULT_MIX }, 0.3);
    process.stdout.write(`      ${JSON.stringify(report)}\n`);
    assert.equal(report.state, 'halted');
    assert.deepEqual(report.wrongly, []);
    assert.ok(report.touched > 0);
    assert.ok(report.touched < PHONES * 0.06, 'less than 6 % were touched');
    assert.equal(report.later, report.touched, 'nothing began within a second after');
    assert.equal(report.resumed, report.touched, 'nothing began when it was tried to go on');
    assert.equal(report.failuresAfterResume, report.failures, 'the count is kept');
  });

  it(`F-24: ${Math.ceil(PHONES / 20)} phones, of which one in twenty hangs`, async function () {
    this.timeout(0);
    const fleet = { phones: Math.ceil(PHONES / 20), speed: 20, mix: DEFAULT_MIX };
    const report = await poison(fleet, 0.05, 50);
    process.stdout.write(`      ${JSON.stringify(report)}\n`);
    assert.equal(report.failures, 0);
    assert.ok(report.poisoned < report.healthy * 1.1 + 2000, 'a tenth longer at the most, and two seconds of noise');
  });
});
