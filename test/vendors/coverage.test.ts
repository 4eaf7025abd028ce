/** How much of what people really set is in the catalogues, where lists of such parameters are at hand. */
import assert from 'node:assert/strict';
import { createCatalogue } from '../../src/vendors/catalogue.ts';
import { loadCatalogue } from '../../src/vendors/knowledge.ts';
import { mergeCatalogues } from '../../src/vendors/own-catalogue.ts';
import { readSchema } from '../../src/vendors/poly/schema.ts';
import { corpusFile } from './fixtures.ts';

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
    assert.ok(share('Poly as shipped', rows, shipped.find) > 40);
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
});
