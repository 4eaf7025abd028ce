/** The live view of a task in the foreground: what is drawn, and that it never gets between the task and its result. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { followLive, type Live } from '../../src/cli/live-task.ts';
import { Picture } from '../../src/cli/picture.ts';
import { makeStyle } from '../../src/cli/style.ts';
import { pictureLines } from '../../src/cli/task-views.ts';
import { displayWidth, truncatePainted } from '../../src/cli/text.ts';
import type { ControlEvent } from '../../src/sdk/control/run.ts';
import { PhonectlError } from '../../src/sdk/errors.ts';
import type { TaskSnapshot } from '../../src/sdk/tasks/read.ts';

const COUNTERS = { total: 90, success: 20, failure: 1, notApplicable: 0, skipped: 0, inProgress: 69 };

function snapshot(waves: number): TaskSnapshot {
  const finished = Math.floor(waves / 2);
  return {
    ...{ id: 7, version: 1, name: 'Apply-Reboot', type: 'reboot', state: 'executing', reason: null, runs: 1 },
    ...{ when: 'at once', nextAt: null, createdBy: 'anna', createdAt: '', startedAt: null, endedAt: null },
    counters: COUNTERS,
    perMinute: 60,
    secondsLeft: 69,
    failures: [],
    waves: Array.from({ length: waves }, (_, wave) => ({
      ...{ wave, total: 5, failure: 0, notApplicable: 0, skipped: 0, running: 0, endedAt: null },
      success: wave < finished ? 5 : 0,
      inProgress: wave < finished ? 0 : 5,
    })),
  };
}

const plain = (text: string): string => text.replaceAll(/\u001b\[\d*[mFJ]/g, '');

describe('the picture of a task', () => {
  it('is drawn over the last one, and never over what somebody else has written below it', () => {
    const picture = new Picture({ columns: 40, rows: 10 });
    assert.equal(picture.draw(['a', 'b']), 'a\nb\n');
    assert.equal(picture.draw(['c']), '\u001b[2F\u001b[Jc\n');
    picture.leave();
    assert.equal(picture.draw(['d']), 'd\n');
    assert.equal(picture.clear(), '\u001b[1F\u001b[J');
    assert.equal(picture.clear(), '');
  });

  it('fits the terminal as it is now: no line wraps, and none scrolls away', () => {
    const size = { columns: 30, rows: 5 };
    const picture = new Picture(size);
    const long = Array.from({ length: 9 }, (_, line) => `${line} ${'x'.repeat(50)}`);
    const lines = picture.draw(long).split('\n').slice(0, -1);
    assert.equal(lines.length, 4);
    assert.ok(lines.every((line) => displayWidth(line) < 30 && line.endsWith('…')));
    size.columns = 60;
    assert.ok(picture.draw(long).includes(`0 ${'x'.repeat(50)}\n`));
  });

  it('a cut leaves every colour ended, and is as wide as there is room (property)', () => {
    const piece = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('\u001b[31m', '\u001b[39m'));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), (pieces, width) => {
        // Text of phones is cleaned before; see `cleanText`.
        const text = pieces.map((each) => (each.startsWith('\u001b[') ? each : each.replaceAll('\u001b', ''))).join('');
        const cut = truncatePainted(text, width);
        const colours = (of: string): readonly string[] => of.match(/\u001b\[\d+m/g) ?? [];
        assert.deepEqual(colours(cut), colours(text));
        assert.ok(displayWidth(plain(cut)) <= width, JSON.stringify(cut));
        if (displayWidth(plain(text)) <= width) assert.equal(cut, text);
      }),
    );
  });

  it('of many waves it shows those around the one that is being worked on', () => {
    const lines = pictureLines(snapshot(40), [], makeStyle(false, true));
    assert.equal(lines.length, 14);
    assert.equal(lines[1], '15 waves before');
    assert.match(lines[7] ?? '', /^wave 20 +0\/5$/);
    assert.equal(lines[12], '15 waves to come');
    assert.equal(pictureLines(snapshot(3), [], makeStyle(false, true)).length, 5);
  });
});

describe('following a task live', () => {
  const { write } = process.stderr;
  let written = '';
  beforeEach(() => {
    written = '';
    process.stderr.write = (text: string | Uint8Array) => {
      written += text.toString();
      return true;
    };
  });
  afterEach(() => {
    process.stderr.write = write;
  });

  const summary = { total: 90, success: 90, failure: 0, notApplicable: 0, skipped: 0, pending: 0 };

  /** Ends when the picture was looked at. */
  async function* events(total: number, until: Promise<unknown>): AsyncGenerator<ControlEvent> {
    yield { type: 'started', task: 7, name: 'Apply-Reboot', total };
    await until;
    yield { type: 'finished', task: 7, state: 'done', summary, results: [] };
  }

  let stopped = 0;

  function live(watch: Live['watch']): Live {
    stopped = 0;
    function stop(): void {
      stopped += 1;
    }
    return { watch, style: makeStyle(false, false), progress: { update: () => undefined, stop } };
  }

  it('draws, and takes the picture away at the end', async () => {
    const looked = Promise.withResolvers<void>();
    const drawing = live(async function* () {
      yield snapshot(2);
      setImmediate(looked.resolve);
    });
    const batch = await followLive(events(90, looked.promise), drawing);
    assert.equal(batch.state, 'done');
    assert.match(plain(written), /^Task 7 · Apply-Reboot · executing\ncanary +5\/5 {2}✔ 5\n/);
    assert.ok(written.endsWith('\u001b[4F\u001b[J'), JSON.stringify(written));
    assert.equal(stopped, 1, 'no spinner beside it');
  });

  it('leaves a single phone to the spinner', async () => {
    const drawing = live(async function* () {
      yield assert.fail('nobody looks');
    });
    await followLive(events(1, new Promise((resolve) => setTimeout(resolve, 400))), drawing);
    assert.equal(written, '');
  });

  for (const [code, told] of [
    ['forbidden', ''],
    ['locked', 'How it goes cannot be shown: no look at it\n'],
  ] as const) {
    it(`goes on without a picture that is ${code}`, async () => {
      const looked = Promise.withResolvers<void>();
      const drawing = live(async function* () {
        setImmediate(looked.resolve);
        yield await Promise.reject(new PhonectlError(code, 'no look at it'));
      });
      assert.equal((await followLive(events(90, looked.promise), drawing)).summary.success, 90);
      assert.equal(written, told);
    });
  }
});
