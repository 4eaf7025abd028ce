/** A throw-away home for a test: made in well under a second, gone afterwards. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHome } from '../../src/sdk/home-admin/create.ts';
import { createPhonectl, type Phonectl } from '../../src/sdk/index.ts';

export interface TestHome extends AsyncDisposable {
  /** Folder of the home; what `--home` wants. */
  readonly path: string;
  /** Environment under which a child process finds this home and its key. */
  readonly env: Readonly<Record<string, string>>;
  readonly phonectl: Phonectl;
  /** Closes the store and removes everything. */
  remove(): Promise<void>;
}

export interface TestHomeOptions {
  readonly company?: string;
  readonly url?: string;
  /** Makes certificates too; that takes a second. */
  readonly certificates?: boolean;
}

/**
 * Makes a home whose sealing key lies beside it, and names the key in this process's environment: keys are found by the
 * home's own id, so several homes at once do not meet.
 */
export async function makeHome(options: TestHomeOptions = {}): Promise<TestHome> {
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-test-'));
  const path = join(folder, 'home');
  const env = { PHONECTL_HOME: path, XDG_CONFIG_HOME: sharedConfiguration() };
  await createHome({
    home: path,
    company: options.company ?? 'Acme',
    url: options.url ?? 'https://127.0.0.1:18443',
    certificates: options.certificates ?? false,
    actor: 'tester',
  });
  const phonectl = createPhonectl({ home: path, actor: 'tester' });
  async function remove(): Promise<void> {
    await phonectl.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return { path, env, phonectl, remove, [Symbol.asyncDispose]: remove };
}

let configuration: string | undefined;

/** One configuration folder for this test process, so that nothing reaches the developer's own. */
function sharedConfiguration(): string {
  if (configuration === undefined) {
    configuration = mkdtempSync(join(tmpdir(), 'phonectl-config-'));
    mkdirSync(configuration, { recursive: true });
    process.env['XDG_CONFIG_HOME'] = configuration;
    delete process.env['PHONECTL_KEY_FILE'];
    process.once('exit', () => rmSync(configuration!, { recursive: true, force: true }));
  }
  return configuration;
}
