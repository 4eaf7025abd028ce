/**
 * `phonectl demo`: a throw-away fleet from its first row to five reboots, through the same face that everybody uses.
 * Nothing here is staged: the phones are the lab's, but they boot from the real server and are dialled by the real drivers.
 */
import { assetPath } from '../assets.ts';
import type { ControlResult } from '../control/run.ts';
import type { Device } from '../devices/device.ts';
import { PhonectlError } from '../errors.ts';
import type { Phonectl, PhonectlOptions } from '../index.ts';
import { randomPassword } from '../settings/shared-account.ts';

export interface DemoOptions {
  /** Leaves server, phones and home running until the signal. */
  readonly keep?: boolean;
  readonly signal: AbortSignal;
}

export interface DemoResult {
  readonly devices: number;
  /** Phones that hold their own configuration and say that they registered with it. */
  readonly provisioned: number;
  readonly rebooted: number;
  readonly failed: number;
  readonly seconds: number;
}

export type DemoEvent =
  | { readonly type: 'step'; readonly text: string }
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'finished'; readonly result: DemoResult; readonly devices: readonly DemoDevice[] }
  | { readonly type: 'kept'; readonly home: string; readonly keyFile: string };

/** A device as the demo's last table shows it. */
export interface DemoDevice extends Device {
  /** What the reboot came to, for the phones that were rebooted. */
  readonly reboot: string | null;
}

/** How long the whole fleet may take to hold its configuration. The command promises a minute. Milliseconds. */
const PATIENCE = 50_000;
/** Simulated phones reboot this much faster than real ones: a second instead of a minute. */
const SPEED = 60;

const GROUPS = ['Shared areas', 'Desks', 'Meeting rooms'];

/** Two Poly, two Yealink, one Cisco, on three sites. */
const REBOOTS = [
  { vendor: 'poly', site: 'Berlin' },
  { vendor: 'poly', site: 'Lyon' },
  { vendor: 'yealink', site: 'Lyon' },
  { vendor: 'yealink', site: 'Austin' },
  { vendor: 'cisco', site: 'Berlin' },
];

/** Opens a home; handed in, since the face imports this file and not the other way round. */
export type OpenHome = (options: PhonectlOptions) => Phonectl;

export async function* runDemo(openHome: OpenHome, options: DemoOptions): AsyncGenerator<DemoEvent> {
  const { mkdtempSync, rmSync } = process.getBuiltinModule('node:fs');
  const { tmpdir } = process.getBuiltinModule('node:os');
  const { join } = process.getBuiltinModule('node:path');
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-demo-'));
  const keyFile = join(folder, 'sealing.key');
  const before = process.env['PHONECTL_KEY_FILE'];
  // The demo must not leave a key behind in the user's own configuration.
  process.env['PHONECTL_KEY_FILE'] = keyFile;
  try {
    yield* demonstrate(openHome, join(folder, 'home'), keyFile, options);
  } finally {
    if (before === undefined) delete process.env['PHONECTL_KEY_FILE'];
    else process.env['PHONECTL_KEY_FILE'] = before;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* demonstrate(
  openHome: OpenHome,
  home: string,
  keyFile: string,
  options: DemoOptions,
): AsyncGenerator<DemoEvent> {
  const started = performance.now();
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const running: Promise<void>[] = [];
  await using phonectl = openHome({ home });
  try {
    const port = await freePort();
    yield { type: 'step', text: 'Making a home: database, sealing key, certificates, default sites' };
    await phonectl.init({ company: 'Demo', url: `https://127.0.0.1:${port}` });

    yield { type: 'step', text: 'Importing three sites, their accounts and phones' };
    const devices = await importFleet(phonectl);

    yield { type: 'step', text: `Serving ${devices} phones on https://127.0.0.1:${port}` };
    running.push((await startServer(phonectl, port, signal)).ended);

    yield { type: 'step', text: 'Booting simulated phones of three vendors' };
    const lab = startLab(phonectl, signal);
    running.push(lab.ended);
    yield* untilProvisioned(phonectl, devices, signal);
    const provisioned = await countProvisioned(phonectl);

    const chosen = await choose(phonectl);
    yield { type: 'step', text: `Rebooting five of them, each by its vendor's own interface` };
    const reboots = await reboot(phonectl, chosen, signal);
    const rebooted = [...reboots.values()].filter(({ result }) => result === 'success').length;

    const seconds = Math.round((performance.now() - started) / 100) / 10;
    const failed = devices - provisioned + (chosen.length - rebooted);
    yield {
      type: 'finished',
      result: { devices, provisioned, rebooted, failed, seconds },
      devices: await lastTable(phonectl, reboots),
    };
    if (options.keep && !options.signal.aborted) {
      yield { type: 'kept', home, keyFile };
      await aborted(options.signal);
    }
  } finally {
    stop.abort();
    await Promise.all(running);
  }
}

async function importFleet(phonectl: Phonectl): Promise<number> {
  const { createReadStream, readFileSync } = process.getBuiltinModule('node:fs');
  await phonectl.sites.import({ source: createReadStream(assetPath('templates', 'demo', 'sites.csv')) });
  await phonectl.groups.add({ groups: GROUPS.map((name) => ({ name })) });
  // The shipped file holds no passwords; every demo makes its own.
  const accounts = readFileSync(assetPath('templates', 'demo', 'accounts.csv'), 'utf8')
    .trimEnd()
    .split('\n');
  const withPasswords = accounts.map((line, index) => `${line},${index === 0 ? 'password' : randomPassword()}\n`);
  await phonectl.accounts.import({ source: bytes(withPasswords.join('')) });
  const { summary } = await phonectl.devices.import({
    source: createReadStream(assetPath('templates', 'demo', 'devices.csv')),
  });
  return summary.created;
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Resolves when it listens; `ended` when it has stopped. */
async function startServer(phonectl: Phonectl, port: number, signal: AbortSignal): Promise<{ ended: Promise<void> }> {
  const events = phonectl.servers.run({ listen: [`127.0.0.1:${port}`] }, { signal })[Symbol.asyncIterator]();
  await events.next();
  return {
    ended: (async () => {
      for (let next = await events.next(); next.done !== true; next = await events.next());
    })(),
  };
}

function startLab(phonectl: Phonectl, signal: AbortSignal): { ended: Promise<void> } {
  const events = phonectl.simulator.play({ selector: { all: true }, speed: SPEED, signal });
  return {
    ended: (async () => {
      for await (const _ of events);
    })(),
  };
}

async function* untilProvisioned(phonectl: Phonectl, total: number, signal: AbortSignal): AsyncGenerator<DemoEvent> {
  const until = performance.now() + PATIENCE;
  let last = -1;
  for (;;) {
    await askTheSilent(phonectl, signal);
    const count = await countProvisioned(phonectl);
    if (count !== last) yield { type: 'progress', text: `${count} of ${total} phones hold their own configuration` };
    last = count;
    if (count === total || performance.now() > until) return;
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Poly and Yealink phones tell when they register; Cisco phones have to be asked. */
async function askTheSilent(phonectl: Phonectl, signal: AbortSignal): Promise<void> {
  const silent: string[] = [];
  for await (const { mac, vendor, sip, config } of phonectl.devices.list({ vendors: ['cisco'] })) {
    if (vendor === 'cisco' && sip !== 'registered' && config.served !== null && mac !== null) silent.push(mac);
  }
  if (silent.length === 0) return;
  for await (const _ of phonectl.control.refresh({ selector: { refs: silent } }, { signal }));
}

/**
 * A phone that registered its lines holds its own configuration: nothing else would have given it the account. Counted
 * by what phones said to the server or to us, not by what the lab knows.
 */
async function countProvisioned(phonectl: Phonectl): Promise<number> {
  let count = 0;
  for await (const { sip, config } of phonectl.devices.list({})) {
    if (sip === 'registered' && config.served !== null) count += 1;
  }
  return count;
}

async function choose(phonectl: Phonectl): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { vendor, site } of REBOOTS) {
    const devices = phonectl.devices.list({ vendors: [vendor], sites: [site], limit: 1 });
    for await (const { name } of devices) names.push(name);
  }
  return names;
}

type Reboots = ReadonlyMap<string, ControlResult>;

async function reboot(phonectl: Phonectl, names: readonly string[], signal: AbortSignal): Promise<Reboots> {
  const selector = { refs: names };
  for await (const event of phonectl.control.reboot({ selector, timeout: 30 }, { signal })) {
    if (event.type === 'finished') return new Map(event.results.map((result) => [result.device, result]));
  }
  return new Map();
}

async function lastTable(phonectl: Phonectl, reboots: Reboots): Promise<readonly DemoDevice[]> {
  const rows: DemoDevice[] = [];
  for await (const device of phonectl.devices.list({ sort: 'site,name' })) {
    const outcome = reboots.get(device.mac ?? '');
    rows.push({ ...device, reboot: outcome === undefined ? null : describe(outcome) });
  }
  // The rebooted ones first: a terminal shows a screenful.
  return rows.toSorted((a, b) => Number(b.reboot !== null) - Number(a.reboot !== null));
}

function describe({ result, via, evidence, reason }: ControlResult): string {
  return result === 'success' ? `${via}: ${evidence ?? 'done'}` : `${result}: ${reason}`;
}

/** A port that is free now; the server takes it a moment later. */
function freePort(): Promise<number> {
  const { createServer } = process.getBuiltinModule('node:net');
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new PhonectlError('unexpected', 'No free port.'));
        else resolve(address.port);
      });
    });
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
