/** What the server knows of the whole fleet, read again when any process has changed the store. */
import { type FleetBase, readFleetBase } from '../sdk/configuration/base.ts';
import type { LayerProvider } from '../sdk/configuration/layers.ts';
import type { Home } from '../sdk/ports/home.ts';
import type { SecretBox } from '../sdk/ports/secrets.ts';
import type { ServingReader } from '../sdk/ports/serving.ts';
import type { TrustedAuthority } from '../sdk/ports/trust.ts';
import { openSharedAccount, SHARED_ACCOUNT, type SharedAccount } from '../sdk/settings/shared-account.ts';
import type { Driver } from '../vendors/driver.ts';
import { allDrivers } from '../vendors/registry.ts';
import { ClientCertificates } from './client-certificate.ts';

/** Not more often than this (milliseconds), however busy the store is; a change counts within a second. */
const REFRESH_EVERY = 300;

export interface FleetOptions {
  readonly reader: ServingReader;
  /** Brought up to date with the store. */
  readonly layers: readonly LayerProvider[];
  readonly secrets: SecretBox;
  readonly home: Home;
  readonly now: () => number;
  readonly monotonic: () => number;
  /** Called when other authorities are trusted: the listeners have to ask for other certificates. */
  readonly onTrustChange: () => void;
}

interface State {
  readonly base: FleetBase;
  readonly basePath: string;
  readonly sharedAccount: SharedAccount | undefined;
  readonly drivers: readonly Driver[];
  readonly certificates: ClientCertificates;
  readonly trust: string;
}

export class Fleet {
  readonly #options: FleetOptions;
  #state: State | undefined;
  #version = -1;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Throws what reading the settings throws when there is nothing older to go on with. */
  async refresh(): Promise<void> {
    if (!this.isDue()) return;
    const { reader, monotonic } = this.#options;
    this.#checkedAt = monotonic();
    const version = reader.version();
    if (version === this.#version && this.#state !== undefined) return;
    this.#refreshing ??= this.#read(version).finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  /** Whether the store has not been asked for a while. */
  isDue(): boolean {
    return this.#options.monotonic() - this.#checkedAt >= REFRESH_EVERY;
  }

  /** Another number whenever the store was seen to have changed. */
  get generation(): number {
    return this.#version;
  }

  /** Reads everything again at the next request, for changes that the store does not show (certificate files). */
  invalidate(): void {
    this.#version = -1;
    this.#checkedAt = Number.NEGATIVE_INFINITY;
  }

  get base(): FleetBase {
    return this.#current.base;
  }

  /** Path of the provisioning URL without slashes at its ends. */
  get basePath(): string {
    return this.#current.basePath;
  }

  get sharedAccount(): SharedAccount | undefined {
    return this.#current.sharedAccount;
  }

  get drivers(): readonly Driver[] {
    return this.#current.drivers;
  }

  get certificates(): ClientCertificates {
    return this.#current.certificates;
  }

  driver(vendor: string | null): Driver | undefined {
    return this.drivers.find((driver) => driver.vendor === vendor);
  }

  get #current(): State {
    if (this.#state === undefined) throw new Error('Fleet.refresh() comes first.');
    return this.#state;
  }

  async #read(version: number): Promise<void> {
    const { reader, layers, secrets, home, now, onTrustChange } = this.#options;
    const [base, account, trusted, drivers] = await Promise.all([
      readFleetBase((name) => reader.setting(name), home, secrets),
      reader.setting(SHARED_ACCOUNT),
      reader.trustedAuthorities(),
      allDrivers(home),
      ...layers.map((layer) => layer.refresh?.()),
    ]);
    const trust = trustKey(trusted);
    const before = this.#state;
    this.#state = {
      base,
      basePath: new URL(base.serverUrl).pathname.replace(/^\/+|\/+$/g, ''),
      sharedAccount: openSharedAccount(account, secrets),
      drivers,
      certificates: before?.trust === trust ? before.certificates : new ClientCertificates(trusted, now),
      trust,
    };
    this.#version = version;
    if (before !== undefined && before.trust !== trust) onTrustChange();
  }
}

function trustKey(trusted: readonly TrustedAuthority[]): string {
  return trusted.map(({ fingerprint, allowExpired }) => `${fingerprint}:${allowExpired}`).join();
}
