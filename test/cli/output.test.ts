import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { isoTime, terminalCell, tsvCell } from '../../src/cli/output/cells.ts';
import { type RenderOptions, render } from '../../src/cli/output/render.ts';
import { chooseColumns, parseFilters, parseSort, sortRows } from '../../src/cli/output/rows.ts';
import { Output, OutputClosed } from '../../src/cli/output/sink.ts';
import { makeStyle } from '../../src/cli/style.ts';
import { detectTerminal, type Terminal } from '../../src/cli/terminal.ts';
import { cleanText, displayWidth, headerOf, truncate } from '../../src/cli/text.ts';
import { type AnyView, type Column, listView, showView } from '../../src/cli/view.ts';

interface Phone {
  name: string;
  site: string | null;
  lines: number;
  seen: Date | null;
  tags: string[];
}

const COLUMNS: Column<Phone>[] = [
  { name: 'name' },
  { name: 'site' },
  { name: 'lines', kind: 'number' },
  { name: 'seen', kind: 'time' },
  { name: 'tags', kind: 'list', extra: true },
];

const PHONES: Phone[] = [
  { name: 'bar-10', site: 'Berlin', lines: 2, seen: new Date('2026-01-02T03:04:05Z'), tags: ['a', 'b'] },
  { name: 'bar-2', site: 'Paris', lines: 12, seen: null, tags: [] },
  { name: 'lobby', site: null, lines: 1, seen: new Date('2026-02-02T03:04:05Z'), tags: ['b'] },
];

const VIEW = listView<Phone>(COLUMNS, { empty: 'No phones.' });

const PIPE: Terminal = detectTerminal({ stdin: {}, stdout: {}, stderr: {} }, {});

function tty(columns: number, rows = 24): Terminal {
  const stream = { isTTY: true, columns, rows };
  return { ...detectTerminal({ stdin: stream, stdout: stream, stderr: stream }, {}), colour: false };
}

async function rendered(
  result: unknown,
  view: unknown,
  options: Partial<RenderOptions> = {},
  terminal: Terminal = PIPE,
): Promise<{ text: string; notes: string[] }> {
  let text = '';
  const notes: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  await render(
    result,
    view as AnyView,
    { format: 'table', header: true, wide: false, ...options },
    {
      out: new Output(stream),
      terminal,
      style: makeStyle(terminal.colour, terminal.plain),
      note: (line) => notes.push(line),
    },
  );
  return { text, notes };
}

describe('output', () => {
  describe('forms of a list', () => {
    it('piped: tab-separated, complete, no header, ISO times', async () => {
      const { text } = await rendered(PHONES, VIEW);
      assert.equal(text.split('\n')[0], 'bar-10\tBerlin\t2\t2026-01-02T03:04:05.000Z');
      assert.equal(text.split('\n')[1], 'bar-2\tParis\t12\t');
    });

    it('JSON: an array of the rows as they came; chosen columns narrow it', async () => {
      const { text } = await rendered(PHONES, VIEW, { format: 'json' });
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(PHONES)));
      const narrow = await rendered(PHONES, VIEW, { format: 'json', columns: 'lines,site' });
      assert.deepEqual(JSON.parse(narrow.text)[2], { lines: 1, site: null });
      assert.equal((await rendered([], VIEW, { format: 'json' })).text, '[]\n');
    });

    it('JSON escapes what would steer a terminal and stays exact', async () => {
      const row = { ...PHONES[0]!, name: 'a\u009b31m\u202eb' };
      const { text } = await rendered([row], VIEW, { format: 'json' });
      assert.ok(!/[\u0080-\u009f\u202e]/.test(text));
      assert.equal(JSON.parse(text)[0].name, row.name);
    });

    it('NDJSON, names, CSV and YAML', async () => {
      assert.equal((await rendered(PHONES, VIEW, { format: 'ndjson' })).text.trim().split('\n').length, 3);
      assert.equal((await rendered(PHONES, VIEW, { format: 'name' })).text, 'bar-10\nbar-2\nlobby\n');
      const csv = await rendered([{ ...PHONES[0]!, name: 'a,"b"\n' }], VIEW, { format: 'csv' });
      assert.equal(csv.text, 'name,site,lines,seen\n"a,""b""\n",Berlin,2,2026-01-02T03:04:05.000Z\n');
      const yaml = await rendered([PHONES[0]], VIEW, { format: 'yaml', columns: 'name,tags' });
      assert.equal(yaml.text, '- name: bar-10\n  tags:\n    - a\n    - b\n');
    });

    it('a terminal: header, relative times, a dash for nothing, a remark when empty', async () => {
      const { text } = await rendered(PHONES, VIEW, {}, tty(80));
      assert.match(text.split('\n')[0]!, /^NAME +SITE +LINES +SEEN$/);
      assert.match(text, /bar-2 +Paris +12 +–/);
      const { text: tags } = await rendered(PHONES, VIEW, { columns: 'name,tags' }, tty(80));
      assert.match(tags, /^bar-2 +–$/m);
      assert.deepEqual((await rendered([], VIEW, {}, tty(80))).notes, ['No phones.']);
    });

    it('an async sequence is read no further than the limit when piped', async () => {
      let read = 0;
      async function* many(): AsyncGenerator<Phone> {
        for (;;) {
          read += 1;
          yield PHONES[0]!;
        }
      }
      const { text } = await rendered(many(), VIEW, { limit: 5 });
      assert.equal(text.split('\n').length, 6);
      assert.equal(read, 5);
    });

    it('PLAT-13: pages are taken of the sorted and searched whole', async () => {
      const { text } = await rendered(PHONES, VIEW, { format: 'name', sort: 'name', limit: 2, page: 2 });
      assert.equal(text, 'lobby\n');
    });

    it('a terminal gets a screenful and is told how many there are; --limit 0 gives all', async () => {
      const rows = Array.from({ length: 100 }, (_, index) => ({ ...PHONES[0]!, name: `p${index}` }));
      const { text, notes } = await rendered(rows, VIEW, {}, tty(80, 24));
      assert.equal(text.trimEnd().split('\n').length, 21);
      assert.deepEqual(notes, ['20 of 100 shown; --limit 0 for all.']);
      const all = await rendered(rows, VIEW, { limit: 0 }, tty(80, 24));
      assert.equal(all.text.trimEnd().split('\n').length, 101);
    });
  });

  describe('tables', () => {
    it('never exceed the width, and drop the columns of the highest priority number first', async () => {
      const columns: Column<Record<string, string>>[] = [
        { name: 'a' },
        { name: 'b', priority: 9 },
        { name: 'c', priority: 1 },
      ];
      const row = { a: 'a'.repeat(30), b: 'b'.repeat(30), c: 'c'.repeat(30) };
      const { text } = await rendered([row], listView(columns), {}, tty(60));
      for (const line of text.split('\n')) assert.ok(displayWidth(line) <= 60, line);
      assert.ok(text.includes('ccc') && !text.includes('bbb'));
    });

    it('any rows on any width: no line is wider than the terminal, no row is lost', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), note: fc.string({ unit: 'binary' }) }), {
            minLength: 1,
            maxLength: 8,
          }),
          fc.integer({ min: 20, max: 120 }),
          async (rows, width) => {
            const view = listView<{ name: string; note: string }>([{ name: 'name' }, { name: 'note' }]);
            const { text } = await rendered(rows, view, {}, tty(width));
            const lines = text.slice(0, -1).split('\n');
            assert.equal(lines.length, rows.length + 1);
            for (const line of lines) assert.ok(displayWidth(line) <= width, JSON.stringify(line));
          },
        ),
        { numRuns: 60 },
      );
    });

    it('--wide shows the extra columns and cuts nothing', async () => {
      const row = { ...PHONES[0]!, name: 'n'.repeat(200) };
      const { text } = await rendered([row], VIEW, { wide: true }, tty(40));
      assert.ok(text.includes('n'.repeat(200)) && text.includes('TAGS'));
    });
  });

  describe('one object', () => {
    const view = showView<Phone>(COLUMNS);

    it('is an object in JSON, several are an array, YAML is alike', async () => {
      assert.deepEqual(JSON.parse((await rendered(PHONES[1], view, { format: 'json' })).text).name, 'bar-2');
      assert.equal(JSON.parse((await rendered(PHONES.slice(0, 2), view, { format: 'json' })).text).length, 2);
      assert.match((await rendered(PHONES[1], view, { format: 'yaml' })).text, /^name: bar-2\nsite: Paris\n/);
    });

    it('is label and value on a terminal, field and value when piped', async () => {
      assert.match((await rendered(PHONES[0], view, {}, tty(80))).text, /^Name {3}bar-10\nSite {3}Berlin\n/);
      assert.match((await rendered(PHONES[0], view)).text, /^name\tbar-10\nsite\tBerlin\n/);
    });
  });

  describe('fields', () => {
    it('an unknown one in --columns, --sort or --filter lists the known ones (exit 2)', () => {
      for (const attempt of [
        () => chooseColumns(COLUMNS, 'nmae', false),
        () => parseSort(COLUMNS, '-nmae'),
        () => parseFilters(COLUMNS, ['nmae=x']),
      ]) {
        assert.throws(attempt, (error: Error & { hints?: string[]; code?: string }) => {
          assert.equal(error.code, 'usage');
          assert.deepEqual(error.hints, ['Did you mean "name"?', 'Fields: name, site, lines, seen, tags']);
          return true;
        });
      }
    });

    it('a,b chooses, +c adds', () => {
      assert.deepEqual(
        chooseColumns(COLUMNS, 'lines,name', false).map(({ name }) => name),
        ['lines', 'name'],
      );
      assert.deepEqual(
        chooseColumns(COLUMNS, '+tags', false).map(({ name }) => name),
        ['name', 'site', 'lines', 'seen', 'tags'],
      );
      assert.deepEqual(
        chooseColumns(COLUMNS, 'name,+tags', false).map(({ name }) => name),
        ['name', 'tags'],
      );
    });

    it('PLAT-12: sorts by several fields, numbers by value, names as people count, nothing last', () => {
      const names = (text: string): string[] =>
        sortRows([...PHONES], COLUMNS, parseSort(COLUMNS, text)).map(({ name }) => name);
      assert.deepEqual(names('name'), ['bar-2', 'bar-10', 'lobby']);
      assert.deepEqual(names('-lines'), ['bar-2', 'bar-10', 'lobby']);
      assert.deepEqual(names('lines:desc'), ['bar-2', 'bar-10', 'lobby']);
      assert.deepEqual(names('site'), ['bar-10', 'bar-2', 'lobby']);
      assert.deepEqual(names('-site'), ['bar-2', 'bar-10', 'lobby']);
    });

    it('PLAT-05, PLAT-07: filters and search combine, without regard to case', async () => {
      const names = async (options: Partial<RenderOptions>): Promise<string> =>
        (await rendered(PHONES, VIEW, { ...options, format: 'name' })).text.trim().replaceAll('\n', ' ');
      assert.equal(await names({ filters: ['site=berlin'] }), 'bar-10');
      assert.equal(await names({ filters: ['site!=Berlin'] }), 'bar-2 lobby');
      assert.equal(await names({ filters: ['name~AR-'] }), 'bar-10 bar-2');
      assert.equal(await names({ filters: ['tags=b'] }), 'bar-10 lobby');
      assert.equal(await names({ filters: ['tags=b'], search: 'OBB' }), 'lobby');
      assert.equal(await names({ search: 'paris' }), 'bar-2');
    });
  });

  describe('cells and text', () => {
    it('hostile names do not reach a terminal or a log', () => {
      assert.equal(cleanText('\u001b[2J\u001b]0;owned\u0007bar\u202etxt\u009b31m'), 'bartxt31m');
      const row = { name: 'a\tb\r\nc\u001b[31md', note: '' };
      assert.equal(tsvCell({ name: 'name' }, row), 'a b cd');
      assert.equal(terminalCell({ name: 'name' }, row, makeStyle(true, false), 0), 'a b cd');
    });

    it('cleaned text never holds a control character', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), (text) => {
          assert.ok(!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(cleanText(text)));
        }),
      );
    });

    it('truncated text fits, whatever the script', () => {
      assert.equal(truncate('日本語テキスト', 7), '日本語…');
      assert.equal(displayWidth('日本語'), 6);
      assert.equal(displayWidth('e\u0301'), 1);
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, width) => {
          assert.ok(displayWidth(truncate(cleanText(text), width)) <= width);
        }),
      );
    });

    it('headers, times, states', () => {
      assert.equal(headerOf('lastSeen'), 'LAST SEEN');
      assert.equal(headerOf('private_ip'), 'PRIVATE IP');
      assert.equal(isoTime(0), '1970-01-01T00:00:00.000Z');
      const style = makeStyle(false, false);
      const seen = (ms: number): string =>
        terminalCell({ name: 't', kind: 'time' }, { t: 1_000_000_000_000 - ms }, style, 1_000_000_000_000);
      assert.deepEqual([12_000, 120_000, 7_200_000, 259_200_000].map(seen), ['12s', '2m', '2h', '3d']);
      assert.equal(seen(-60_000), 'in 1m');
      assert.equal(terminalCell({ name: 's', kind: 'state' }, { s: 'online' }, style, 0), '● online');
      assert.equal(
        terminalCell({ name: 's', kind: 'state' }, { s: 'online' }, makeStyle(true, true), 0),
        '\u001b[32m* online\u001b[39m',
      );
      assert.equal(terminalCell({ name: 's', kind: 'state' }, { s: '__proto__' }, style, 0), '__proto__');
    });
  });

  it('a reader that has gone ends the writing', async () => {
    const gone = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' }));
      },
    });
    const out = new Output(gone);
    out.write('x');
    await assert.rejects(out.flush(), OutputClosed);
    out.write('y');
    await assert.rejects(out.flush(), OutputClosed);
  });
});
