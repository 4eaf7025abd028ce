/** The commands of docs/guides/configuration.md, run as they stand there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runCli } from '../cli/harness.ts';
import type { TestHome } from './home.ts';

/** What the guide takes for granted: the first two phones, and names. */
export async function prepareGuide({ phonectl }: TestHome, reception: string, lobby: string): Promise<void> {
  await phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
  await phonectl.groups.add({ groups: [{ name: 'lobby-phones' }] });
  await phonectl.devices.edit({ devices: [reception], name: 'reception', site: 'Berlin' });
  await phonectl.devices.edit({ devices: [lobby], name: 'lobby', site: 'Berlin' });
  const { lines } = await phonectl.devices.show({ device: 'reception' });
  await phonectl.accounts.edit({ accounts: [lines[0]!.account.replace(/^sip:/, '')], name: 'front' });
}

/** Runs line after line; each must end well. `push: false` leaves the phones out, which takes no time. */
export async function runGuide(
  { env }: TestHome,
  { push }: { readonly push: boolean },
  check: (line: string, stdout: string) => void,
): Promise<void> {
  const text = readFileSync(join(ROOT, 'docs/guides/configuration.md'), 'utf8');
  const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));
  assert.ok(lines.length >= 15, `${lines.length} commands`);
  for (const line of lines) {
    if (!push && line.includes('config push')) continue;
    const command = push ? line : line.replace(' --push', '').replace(/(account edit .*|site set .*) --yes/, '$1');
    const argv = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    assert.equal(argv.shift(), 'phonectl');
    const { status, stdout, stderr } = await runCli(argv, { env, timeout: 120_000 });
    assert.equal(status, 0, `${command}: ${stdout}${stderr}`);
    check(line, stdout);
  }
}
