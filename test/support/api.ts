/** The management API of a throw-away home, for tests: started on loopback with a certificate of its own authority. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Installation } from '../../src/sdk/door.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { connectPhonectl, type Phonectl } from '../../src/sdk/index.ts';
import type { AccessKey } from '../../src/sdk/keys/secret.ts';
import type { OperationTable } from '../../src/sdk/operation.ts';
import type { Clock } from '../../src/sdk/ports/clock.ts';
import { type Api, type ApiOptions, startApi } from '../../src/server/api/index.ts';
import { makeHome, type TestHome } from './home.ts';
import { noMisfits, refereedOperations } from './results.ts';

export interface TestApi extends AsyncDisposable {
  readonly home: TestHome;
  readonly installation: Installation;
  readonly api: Api;
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** PEM of the authority. */
  readonly ca: string;
  /** What broke on the server's side. */
  readonly errors: unknown[];
  /** A new key with this role. */
  key(role?: string, more?: { from?: string[]; expires?: string }): Promise<AccessKey>;
  connect(key?: AccessKey | { token: string } | string, more?: { sign?: boolean; signal?: AbortSignal }): Phonectl;
  stop(): Promise<void>;
}

export interface TestApiOptions {
  readonly clock?: Clock;
  /** Operations beside the real ones. */
  readonly extra?: OperationTable;
  readonly api?: Partial<ApiOptions>;
}

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const home = await makeHome({ certificates: true });
  const opened = await openInstallation({ home: home.path });
  const installation: Installation = {
    ...opened,
    ...(options.clock && { clock: options.clock }),
    operations: async () => new Map([...(await refereedOperations()), ...(options.extra ?? [])]),
  };
  const errors: unknown[] = [];
  const api = await startApi(installation, {
    listen: { host: '127.0.0.1', port: 0 },
    onError: (error) => errors.push(error),
    ...options.api,
  });
  const server = `https://127.0.0.1:${api.port}`;
  const ca = readFileSync(join(home.path, 'tls', 'ca.pem'), 'utf8').split('-----BEGIN ENCRYPTED')[0]!;
  const open: Phonectl[] = [];
  let keys = 0;
  async function stop(): Promise<void> {
    for (const phonectl of open) await phonectl.close();
    await api.close(100);
    await opened.store.close();
    await home.remove();
    noMisfits();
  }
  return {
    home,
    installation,
    api,
    server,
    ca,
    errors,
    async key(role = 'super', more = {}) {
      keys += 1;
      const { id, secret } = await home.phonectl.keys.create({ name: `key ${keys}`, roles: [role], ...more });
      return { id, secret: secret! };
    },
    connect(key, more = {}) {
      const phonectl = connectPhonectl({ server, ca, ...(key !== undefined && { key }), ...more });
      open.push(phonectl);
      return phonectl;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
