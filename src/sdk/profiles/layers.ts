/** The profile layers of the configuration stack, as the renderer asks for them. */
import type { LayerSource } from '../../domain/effective.ts';
import { classOf, indexStack, type Position, profileSources, type StackIndex } from '../../domain/stack.ts';
import type { LayerProvider, LayerSubject } from '../configuration/layers.ts';
import type { ProfileRepository } from '../ports/profiles.ts';
import type { SecretBox } from '../ports/secrets.ts';
import type { ServedDevice } from '../ports/serving.ts';
import { open, openProfile } from './parameters.ts';
import { type Surroundings, surroundings, toPosition } from './positions.ts';
import { type Addresses, addressesOf, givenSources, withAddresses } from './references.ts';

interface Loaded {
  readonly version: string;
  readonly index: StackIndex;
  readonly shared: Surroundings;
  readonly addresses: Addresses;
  /** Digest of what reaches a class of devices, by class. */
  readonly digests: Map<string, string>;
}

interface Known {
  /** Of everything that the position was made from. */
  readonly stamp: string;
  readonly position: Position | undefined;
}

/** How many devices' positions are kept; one takes about 200 bytes. */
const KEEP = 100_000;

/**
 * Holds the stack in memory and reads it anew when it has changed. A device's revision is a digest of the profiles that
 * reach it, so that a change elsewhere never makes it stale (design.md section 4).
 */
export class ProfileLayers implements LayerProvider {
  readonly #repository: ProfileRepository;
  readonly #secrets: SecretBox;
  readonly #known = new Map<number, Known>();
  #loaded: Loaded | undefined;
  #loading: Promise<void> | undefined;

  constructor(repository: ProfileRepository, secrets: SecretBox) {
    this.#repository = repository;
    this.#secrets = secrets;
  }

  async refresh(): Promise<void> {
    const version = this.#repository.layoutVersion();
    if (this.#loaded?.version === version) return;
    this.#loading ??= this.#load(version).finally(() => {
      this.#loading = undefined;
    });
    await this.#loading;
  }

  async #load(version: string): Promise<void> {
    const [profiles, assignments, files, shared] = await Promise.all([
      this.#repository.profiles(),
      this.#repository.assignments(),
      this.#repository.servedFiles(),
      surroundings(this.#repository, { secrets: this.#secrets }),
    ]);
    const opened = new Map(profiles.map((record) => [record.id, openProfile(record, this.#secrets)]));
    this.#loaded = {
      version,
      index: indexStack({ profiles: opened, assignments }),
      shared,
      addresses: addressesOf(files),
      digests: new Map(),
    };
  }

  revision(stored: ServedDevice): string {
    const { index, addresses, shared, digests } = this.#ready();
    const position = this.#position(stored);
    if (position === undefined) return '';
    const { vendor, model, siteId } = stored;
    const downloadUrl = shared.downloadUrl(siteId);
    const key = `${classOf(index, position)}${JSON.stringify([model, downloadUrl])}`;
    let digest = digests.get(key);
    if (digest === undefined) {
      const phone = { vendor: vendor ?? '', model, serverUrl: '', downloadUrl };
      digest = digestOf(withAddresses(profileSources(index, position), addresses, phone));
      digests.set(key, digest);
    }
    const given = this.#repository.givenFiles(stored.id);
    return given.length === 0 ? digest : `${digest}|${JSON.stringify(given)}`;
  }

  async sources({ stored, base, driver }: LayerSubject): Promise<readonly LayerSource[]> {
    await this.refresh();
    const position = this.#position(stored);
    if (position === undefined) return [];
    const { index, addresses, shared } = this.#ready();
    const { model, siteId } = stored;
    const phone = {
      vendor: position.vendor,
      model,
      serverUrl: base.serverUrl,
      downloadUrl: shared.downloadUrl(siteId),
      ...(driver.firmwareRule !== undefined && {
        firmwareRule: (url: string) => driver.firmwareRule!(url, base),
      }),
    };
    const given = givenSources(this.#repository.givenFiles(stored.id), addresses, phone);
    return [...withAddresses(profileSources(index, position), addresses, phone), ...given];
  }

  #position(stored: ServedDevice): Position | undefined {
    const { version, shared } = this.#ready();
    const known = this.#known.get(stored.id);
    // Vendor and model may be what the phone reported, which does not show in the device's version.
    const stamp = [version, stored.version, stored.updatedAt, stored.siteId, stored.vendor, stored.model].join('|');
    if (known?.stamp === stamp) return known.position;
    const [record] = [...this.#repository.positions('all', [stored.id])];
    const position = record && toPosition({ ...record, vendor: stored.vendor, model: stored.model }, shared);
    if (this.#known.size >= KEEP) this.#known.clear();
    this.#known.set(stored.id, { stamp, position });
    return position;
  }

  #ready(): Loaded {
    if (this.#loaded === undefined) throw new Error('ProfileLayers was asked before refresh().');
    return this.#loaded;
  }
}

function digestOf(sources: readonly LayerSource[]): string {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  return hash.update(JSON.stringify(sources)).digest('base64url').slice(0, 16);
}

/** The MAC file: what was backed up from the phone, or made for it (CFG-15..18). */
export function macFileLayer(repository: ProfileRepository, secrets: SecretBox): LayerProvider {
  return {
    revision: ({ id }) => String(repository.macFile(id)?.id ?? ''),
    sources({ stored: { id } }) {
      const file = repository.macFile(id);
      if (file === undefined) return [];
      return [
        { layer: 'mac', source: file.source, parameters: open(`mac-file:${file.uid}`, file.parameters, secrets) },
      ];
    },
  };
}
