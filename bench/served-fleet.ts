/** A fleet for the server's benchmarks: a throw-away home, phones with accounts and logins, and `serve` as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorityCertificate } from '../src/sdk/certificates/authority.ts';
import { newCredential, openCredential } from '../src/sdk/configuration/credentials.ts';
import { openInstallation } from '../src/sdk/home.ts';
import { createHome } from '../src/sdk/home-admin/create.ts';
import { readSharedAccount, type SharedAccount } from '../src/sdk/settings/shared-account.ts';
import type { SqliteStore } from '../src/store/store.ts';

export interface BenchPhone {
  readonly mac: string;
  readonly login: SharedAccount;
}

export interface ServedFleet {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly ca: string;
  readonly shared: SharedAccount;
  /** The first ones of the fleet, with their logins. */
  readonly phones: readonly BenchPhone[];
  remove(): void;
}

/** MAC of the nth phone. */
export function macOf(n: number): string {
  return `0004f2${n.toString(16).padStart(6, '0')}`;
}

/** Makes `devices` Poly phones with an account and an open window each; `withLogin` of them have enrolled already. */
export async function makeFleet(devices: number, withLogin: number): Promise<ServedFleet> {
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-bench-'));
  const env = { ...process.env, PHONECTL_HOME: join(folder, 'home'), XDG_CONFIG_HOME: join(folder, 'config') };
  process.env['XDG_CONFIG_HOME'] = env.XDG_CONFIG_HOME;
  await createHome({ home: env.PHONECTL_HOME, company: 'Bench', url: 'https://127.0.0.1:8443' });
  const { store, secrets, home } = await openInstallation({ home: env.PHONECTL_HOME });
  const { writer } = (store as SqliteStore).raw;
  const now = Date.now();
  const site = Number(writer.prepare("SELECT id FROM site WHERE kind = 'internet'").get()?.['id']);
  const account = writer.prepare(
    `INSERT INTO account (enterprise_id, type, name, name_key, username, password, server, created_at, updated_at)
     VALUES (1, 'sip', ?, ?, ?, ?, 'pbx.example.net', ?, ?)`,
  );
  const device = writer.prepare(
    `INSERT INTO device (enterprise_id, mac, vendor, model, name, name_key, site_id, created_at, updated_at)
     VALUES (1, ?, 'poly', 'VVX 450', ?, ?, ?, ?, ?)`,
  );
  const line = writer.prepare('INSERT INTO device_line (device_id, line, account_id) VALUES (?, 1, ?)');
  const window = writer.prepare(
    `INSERT INTO enrolment (device_id, opened_at, closes_at, networks) VALUES (?, ?, ?, '["127.0.0.0/8"]')`,
  );
  writer.exec('BEGIN IMMEDIATE');
  for (let n = 0; n < devices; n += 1) {
    const name = `a${n}`;
    const sealed = secrets.seal(`password-${n}`, `account:sip/${name}:password`);
    const accountId = account.run(name, name, String(n), sealed, now, now).lastInsertRowid;
    const deviceId = device.run(macOf(n), `phone ${n}`, `phone ${n}`, site, now, now).lastInsertRowid;
    line.run(deviceId, accountId);
    window.run(deviceId, now, now + 86_400_000);
  }
  writer.exec('COMMIT');
  const phones: BenchPhone[] = [];
  const reader = await store.serving();
  for (let n = 0; n < withLogin; n += 1) {
    const found = await reader.deviceByMac(macOf(n));
    if (found === undefined) throw new Error('no device');
    const made = (['provisioning', 'admin', 'event'] as const).map((p) => newCredential(secrets, found, p, now));
    await store.transaction((repositories) => repositories.credentials.add(made));
    const row = (await store.read.credentials.list(found.id)).find(({ purpose }) => purpose === 'provisioning');
    if (row !== undefined) phones.push({ mac: macOf(n), login: openCredential(secrets, found, row) });
  }
  const shared = await readSharedAccount(store.read.settings, secrets);
  const ca = authorityCertificate(home) ?? '';
  await store.close();
  if (shared === undefined) throw new Error('no account');
  return { folder, env, ca, shared, phones, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Served {
  readonly process: ChildProcess;
  readonly port: number;
  stop(): Promise<void>;
}

/** `phonectl serve` on a free port: from the bundle where there is one, from source with BENCH_SOURCE=1. */
export async function serve(fleet: ServedFleet, ...more: string[]): Promise<Served> {
  const root = join(import.meta.dirname, '..');
  const bundled = process.env['BENCH_SOURCE'] !== '1' && existsSync(join(root, 'dist/cli.cjs'));
  const bin = join(root, 'bin', bundled ? 'run.js' : 'dev.js');
  const child = spawn(process.execPath, [bin, 'serve', '--listen', '127.0.0.1:0', '--json', ...more], {
    env: fleet.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { listening } = JSON.parse(line.toString()) as { listening: { port: number }[] };
  const port = listening[0]?.port ?? 0;
  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  return { process: child, port, stop };
}

/** CPU that a process and its threads have used so far, in microseconds (Linux: proc(5)). */
export function cpuOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // Fields 14 and 15, counted from the state as field 3; in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Resident memory of a process in MiB. */
export function memoryOf(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? 0) / 1024;
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
