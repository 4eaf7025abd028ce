/** How much of what people really set is in the catalogues, where lists of such parameters are at hand. */
import assert from 'node:assert/strict';
import { checkParameters, rulesFor } from '../../src/sdk/profiles/validate.ts';
import { createCatalogue } from '../../src/vendors/catalogue.ts';
import { loadCatalogue } from '../../src/vendors/knowledge.ts';
import { mergeCatalogues } from '../../src/vendors/own-catalogue.ts';
import { readSchema } from '../../src/vendors/poly/schema.ts';
import { corpusFile } from './fixtures.ts';

/** Nothing but what is shipped. */
const NO_HOME = { path: '/nonexistent', file: (...segments: string[]) => ['/nonexistent', ...segments].join('/') };

interface Listed {
  readonly name: string;
  /** Models in whose templates it stands. */
  readonly families: string;
}

function listed(file: string): readonly Listed[] | undefined {
  const table = corpusFile('params', file);
  return table
    ?.toString('utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split('\t'))
    .map(([name = '', , families = '']) => ({ name, families }));
}

/** Names in templates whose number is still to be filled in: `account.N.label`. */
const PLACEHOLDER = /(?:^|[._])[NXxYyn](?:[._]|$)/;

function share(label: string, rows: readonly Listed[], find: (name: string) => unknown): number {
  const known = rows.filter(({ name }) => find(name) !== undefined).length;
  const percent = (100 * known) / rows.length;
  process.stdout.write(`      ${label}: ${known} of ${rows.length} names, ${percent.toFixed(1)} %\n`);
  return percent;
}

describe('coverage of the catalogues', function () {
  this.timeout(10_000);

  it('Cisco: what is set on 6800, 7800 and 8800 phones', async function () {
    const rows = listed('cisco__fusionpbx.tsv')?.filter(({ families }) => /\b(?:68|78|88)\d\d\b/.test(families));
    if (rows === undefined) this.skip();
    const { find } = await loadCatalogue('cisco');
    assert.ok(share('Cisco MPP', rows, find) > 99);
  });

  it('Yealink: what is set on T3, T4, T5 and CP phones', async function () {
    const rows = listed('yealink__fusionpbx.tsv')?.filter(
      ({ name, families }) => /\bt(?:3\d|4|5)\d*[a-z]*\b|\bcp9/.test(families) && !PLACEHOLDER.test(name),
    );
    if (rows === undefined) this.skip();
    const { find } = await loadCatalogue('yealink');
    assert.ok(share('Yealink', rows, find) > 94);
  });

  it('PROF-15: Poly: the shipped catalogue, and all of a schema that is laid over it', async function () {
    const rows = listed('polycom__xsd_attributes.tsv');
    const schema = corpusFile('polycom-config', 'ucs__polycomConfig.xsd');
    if (rows === undefined || schema === undefined) this.skip();
    const shipped = await loadCatalogue('poly');
    assert.ok(share('Poly as shipped', rows, shipped.find) > 90);
    const parameters = Object.fromEntries(
      [...shipped.entries()].map(({ name, type, secret }) => [name, { type, secret }]),
    );
    const merged = createCatalogue(mergeCatalogues({ vendor: 'poly', parameters }, readSchema('x.xsd', schema)));
    assert.equal(share('Poly with the schema', rows, merged.find), 100);
    for (const entry of merged.entries()) {
      if (/passw|\.pin$/i.test(entry.name) && entry.type !== 'boolean' && entry.type !== 'integer')
        assert.ok(entry.secret || /enable|length|change|required/i.test(entry.name), entry.name);
    }
  });

  it('values that real files hold are taken; what is not are slips of these files', async function () {
    const wrong: string[] = [];
    let all = 0;
    for (const [vendor, file] of [
      ['yealink', 'yealink__fusionpbx.tsv'],
      ['yealink', 'yealink__provisioner.tsv'],
      ['cisco', 'cisco__fusionpbx.tsv'],
    ] as const) {
      const table = corpusFile('params', file);
      if (table === undefined) this.skip();
      const rules = await rulesFor({ home: NO_HOME }, vendor);
      for (const row of table.toString('utf8').trim().split('\n').slice(1)) {
        const [name = '', , , values = ''] = row.split('\t');
        if (rules.catalogue.find(name) === undefined) continue;
        for (const value of values.split('|').map((text) => text.trim())) {
          // Some templates keep their remarks in the value: `1 (default)`.
          if (value === '' || value.endsWith('(default)')) continue;
          all += 1;
          wrong.push(
            ...checkParameters(rules, [{ name, value }], { custom: true }).problems.map(({ reason }) => reason),
          );
        }
      }
    }
    assert.ok(all > 2500, `${all} values`);
    assert.deepEqual(wrong, ['features.pickup.group_pickup_enable must be 0 or 1, not "**".']);
  });

  it('most parameters have a type of their own, beyond "some text"', async () => {
    for (const [vendor, least] of [
      ['poly', 97],
      ['yealink', 66],
      ['cisco', 66],
    ] as const) {
      const entries = [...(await loadCatalogue(vendor)).entries()];
      const told = entries.filter(
        ({ type, max, description }) => type !== 'string' || max !== undefined || description,
      );
      const percent = (100 * told.length) / entries.length;
      process.stdout.write(`      ${vendor}: ${told.length} of ${entries.length} told, ${percent.toFixed(1)} %\n`);
      assert.ok(percent >= least, vendor);
    }
  });
});
