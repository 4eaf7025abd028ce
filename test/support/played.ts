/** A fleet on a throw-away home, served by this process, whose phones the lab plays in this process as well. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Lab, startLab } from '../../src/lab/lab.ts';
import type { LabOptions } from '../../src/lab/types.ts';
import { DEFAULT_MIX, type Mix, madeUpFleet } from '../../src/sdk/lab/fleet.ts';
import type { ServerEvent } from '../../src/sdk/operations/servers.ts';
import { randomPassword } from '../../src/sdk/settings/shared-account.ts';
import { makeHome, type TestHome } from './home.ts';

export interface PlayedFleet extends AsyncDisposable {
  readonly home: TestHome;
  readonly phonectl: TestHome['phonectl'];
  readonly lab: Lab;
  readonly macs: readonly string[];
  /** PEM of the authority. */
  readonly ca: string;
  /** Where the management API is, if it was asked for. */
  readonly api: string | undefined;
  /** Resolves when every phone, or those of `macs`, holds its own configuration and rests. */
  settled(macs?: readonly string[]): Promise<void>;
}

export interface PlayedOptions {
  readonly phones: number;
  readonly mix?: Mix;
  readonly speed?: number;
  readonly onEvent?: LabOptions['onEvent'];
  /** Other models and firmware for some of the phones, by MAC. */
  readonly others?: Readonly<Record<string, { readonly model: string; readonly firmware: string }>>;
  /** Serves the management API too. */
  readonly api?: boolean;
  /** Receives the syslog of the phones that can be told a port. */
  readonly syslog?: boolean;
}

/** Starts server and phones and waits until all of them registered. */
export async function playedFleet(options: PlayedOptions): Promise<PlayedFleet> {
  const port = await freePort();
  const home = await makeHome({ url: `https://127.0.0.1:${port}`, certificates: true });
  const { phonectl } = home;
  const stop = new AbortController();
  const made = madeUpFleet(options.phones, options.mix ?? DEFAULT_MIX, randomPassword);
  await phonectl.accounts.import({ source: bytes(made.accounts) });
  const { others = {} } = options;
  await phonectl.devices.import({ source: bytes(withModels(made.devices, others)) });
  const serving = phonectl.servers.run(
    {
      listen: [`127.0.0.1:${port}`],
      ...(options.api && { api: '127.0.0.1:0' }),
      ...(options.syslog && { syslog: '127.0.0.1:0' }),
    },
    { signal: stop.signal },
  );
  const events = serving[Symbol.asyncIterator]();
  const first = (await events.next()).value as ServerEvent | undefined;
  const api = first?.type === 'listening' ? first.listening.find(({ kind }) => kind === 'api')?.address : undefined;
  const served = drain(events);
  const { players, server, credential } = await phonectl.lab.enlist({ selector: { all: true } });
  const ca = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(
    readFileSync(join(home.path, 'tls', 'ca.pem'), 'utf8'),
  )![0];
  const lab = await startLab({
    phones: players.map(({ mac, vendor, model, address }) => ({
      mac,
      vendor: vendor as 'poly',
      model,
      address,
      server,
      ...(vendor !== 'cisco' && { credential }),
      ...(others[mac] && { firmware: others[mac].firmware }),
    })),
    ca,
    speed: options.speed ?? 30,
    sipPort: 0,
    ...(options.onEvent && { onEvent: options.onEvent }),
  });
  await phonectl.lab.place({
    places: players.map(({ id, mac, address }) => ({
      id,
      mac,
      address,
      controlUrl: `${lab.controlUrl(mac)}#sip=${lab.sipAddress(mac).port}`,
    })),
  });
  const macs = players.map(({ mac }) => mac);
  async function settled(wanted: readonly string[] = macs): Promise<void> {
    await lab.waitFor(
      () => wanted.every((mac) => lab.phone(mac).state === 'running' && lab.phone(mac).lines.some((l) => l.registered)),
      Math.max(60_000, wanted.length * 200),
    );
  }
  async function remove(): Promise<void> {
    await lab.stop();
    stop.abort();
    await served;
    await home.remove();
  }
  try {
    await settled();
  } catch (error) {
    await remove();
    throw error;
  }
  return { home, phonectl, lab, macs, ca, api, settled, [Symbol.asyncDispose]: remove };
}

/** The made-up phones, some of them of another model. */
function withModels(devices: string, others: NonNullable<PlayedOptions['others']>): string {
  const rows = devices.split('\n').map((row) => {
    const [mac = '', vendor, model, ...rest] = row.split(',');
    return rest.length === 0 ? row : [mac, vendor, others[mac]?.model ?? model, ...rest].join(',');
  });
  return rows.join('\n');
}

async function drain(events: AsyncIterator<unknown>): Promise<void> {
  for (let next = await events.next(); next.done !== true; next = await events.next());
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
