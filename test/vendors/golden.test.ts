/**
 * Golden files per model family: the very bytes that a phone gets. When a change of them is wanted, write them anew with
 * `PHONECTL_UPDATE_GOLDEN=1 npx mocha test/vendors/golden.test.ts` and read the difference before committing it.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Driver, RenderDevice, RenderedFile } from '../../src/vendors/driver.ts';
import { driverOf } from '../../src/vendors/registry.ts';
import { CONTEXT, DEVICES, effectiveOf, LINE } from './fixtures.ts';

const ROOT = join(import.meta.dirname, '../golden');
const UPDATE = process.env['PHONECTL_UPDATE_GOLDEN'] === '1';

/** Shared by all devices: one line more, which is not SIP, and a parameter that an administrator has set. */
const EXTRA = {
  poly: { name: 'up.screenCapture.enabled', value: '1' },
  yealink: { name: 'lang.gui', value: 'German' },
  cisco: { name: 'Station_Display_Name', value: 'Empfang & <Lobby>' },
} as const;

describe('golden files', () => {
  for (const [kind, device] of Object.entries(DEVICES)) {
    it(`${device.vendor}/${kind}: ${device.model} ${device.firmware}`, async () => {
      const driver = await driverOf(device.vendor);
      const full: RenderDevice = {
        ...device,
        lines: [LINE, { ...LINE, line: 2, type: 'yms', password: 'not rendered' }],
      };
      compare(join(ROOT, device.vendor, kind), filesOf(driver, full));
    });
  }
});

function filesOf(driver: Driver, device: RenderDevice): RenderedFile[] {
  const effective = effectiveOf(driver, device, [EXTRA[driver.vendor]]);
  return [
    ...driver.render(device, effective).map((file) => ({ ...file, name: join('own', file.name) })),
    ...driver.enrolment(device, CONTEXT).map((file) => ({ ...file, name: join('enrolment', file.name) })),
  ];
}

function compare(folder: string, files: readonly RenderedFile[]): void {
  if (UPDATE) {
    rmSync(folder, { recursive: true, force: true });
    for (const { name, body } of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), body);
    }
    return;
  }
  assert.ok(existsSync(folder), `no golden files in ${relative(ROOT, folder)}: see the head of this test`);
  const kept = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  assert.deepEqual(kept.sort(), files.map(({ name }) => name).sort());
  for (const { name, body } of files)
    assert.equal(new TextDecoder().decode(body), readFileSync(join(folder, name), 'utf8'), name);
}
