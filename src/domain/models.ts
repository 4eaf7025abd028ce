/** Questions about phone models: which one is it, what can it do, is its firmware supported. Models are data, see `model-data.ts`. */
import {
  CAPABILITIES,
  type Capability,
  type Model,
  type ModelFile,
  type ModelVendor,
  mergeFiles,
  nameKey,
} from './model-data.ts';
import { checkRule, parseRange, parseVersion } from './version.ts';

export type { Capability, Model, ModelFile, ModelVendor };
export { CAPABILITIES };

export interface FirmwareCheck {
  readonly status: 'supported' | 'unsupported' | 'unknown';
  readonly edition?: string;
  /** A clause for people: `older than 66.83.0.30`. */
  readonly reason?: string;
}

const VENDOR_WORDS = /^(?:polycom|poly|yealink|cisco|sip-?(?=[a-z]{1,2}\d)|cp-(?=\d))[\s_-]*/i;

function withoutVendorWords(name: string): string {
  let rest = name.trim();
  for (let round = 0; round < 2; round++) rest = rest.replace(VENDOR_WORDS, '');
  return rest;
}

/** All models, shipped and own. Immutable. */
export class ModelCatalogue {
  readonly #models: readonly Model[];
  readonly #byName = new Map<string, Model[]>();
  readonly #byUserAgent = new Map<string, Model>();
  readonly #byPart = new Map<string, Model>();
  readonly #byCommonFile = new Map<number, Model[]>();
  readonly #families = new Map<string, { vendor: ModelVendor; family: string }>();
  readonly #vendorByOui = new Map<string, ModelVendor>();

  /** Later files win over earlier ones, field by field. */
  constructor(files: readonly ModelFile[]) {
    this.#models = mergeFiles(files);
    for (const model of this.#models) {
      for (const name of [model.name, ...model.aliases]) push(this.#byName, nameKey(name), model);
      for (const token of [model.name, ...model.aliases, ...model.userAgents])
        setOnce(this.#byUserAgent, `${model.vendor} ${nameKey(token)}`, model);
      for (const part of model.parts) setOnce(this.#byPart, nameKey(part), model);
      if (model.commonFile !== undefined) push(this.#byCommonFile, model.commonFile, model);
      for (const type of [model.family, ...model.endpointTypes])
        setOnce(this.#families, nameKey(type), { vendor: model.vendor, family: model.family });
    }
    for (const { vendor, ouis } of files)
      for (const oui of ouis ?? []) this.#vendorByOui.set(oui.toLowerCase(), vendor);
  }

  /** In the order of the files. */
  list(filter: { readonly vendor?: ModelVendor; readonly family?: string } = {}): readonly Model[] {
    return this.#models.filter(
      ({ vendor, family }) =>
        (filter.vendor === undefined || vendor === filter.vendor) &&
        (filter.family === undefined || nameKey(family) === nameKey(filter.family)),
    );
  }

  /**
   * The model of that name or alias, without regard to case, blanks and a vendor's name in front: `vvx450`,
   * `Polycom VVX 450`, `SIP-T54W`, `CP-8841-3PCC`. A name that two vendors use needs `vendor`.
   */
  find(name: string, vendor?: ModelVendor): Model | undefined {
    for (const spelling of [name, withoutVendorWords(name)]) {
      const found = (this.#byName.get(nameKey(spelling)) ?? []).filter(
        (model) => vendor === undefined || model.vendor === vendor,
      );
      if (found.length === 1) return found[0];
    }
    return undefined;
  }

  /** The model that a vendor's User-Agent calls `token`, such as `VVX_450`, `T54W` or `8841-3PCC`. */
  byUserAgent(vendor: ModelVendor, token: string): Model | undefined {
    return this.#byUserAgent.get(`${vendor} ${nameKey(token)}`);
  }

  /** By part number, also of another revision of it: `3111-48450-001`. */
  byPart(part: string): Model | undefined {
    return this.#byPart.get(nameKey(part));
  }

  /** Yealink models that ask for `y0000000000NN.cfg` with this number. */
  byCommonFile(number: number): readonly Model[] {
    return this.#byCommonFile.get(number) ?? [];
  }

  /** Vendor and family of an `endpoint_type` (CSV-06) or of a family's name. */
  familyOf(endpointType: string): { readonly vendor: ModelVendor; readonly family: string } | undefined {
    return this.#families.get(nameKey(endpointType));
  }

  /** Who was given the MAC's block, as far as listed. A hint for people, never proof of anything. */
  vendorOfMac(mac: string): ModelVendor | undefined {
    return this.#vendorByOui.get(mac.slice(0, 6).toLowerCase());
  }

  /** Blocks of the vendor: six lower-case hex digits each. None for Cisco, whose blocks say nothing. */
  ouisOf(vendor: ModelVendor): readonly string[] {
    return [...this.#vendorByOui].flatMap(([oui, owner]) => (owner === vendor ? [oui] : []));
  }

  /** Names near a misspelt one, best first. */
  suggest(name: string, limit = 5): readonly string[] {
    const wanted = nameKey(withoutVendorWords(name));
    return this.#models
      .map((model) => ({ name: model.name, distance: editDistance(wanted, nameKey(model.name)) }))
      .filter(({ distance }) => distance <= Math.max(1, Math.floor(wanted.length / 3)))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, limit)
      .map(({ name: near }) => near);
  }
}

/** Whether a model can do something, with its firmware where that matters; the reason when it cannot. */
export function checkCapability(
  model: Model,
  capability: Capability,
  firmware?: string,
): { readonly can: true } | { readonly can: false; readonly reason: string } {
  for (const exception of model.exceptions) {
    const value = exception[capability];
    if (value === undefined || firmware === undefined) continue;
    if (parseRange(exception.firmware)?.(firmware) !== true) continue;
    return value ? { can: true } : { can: false, reason: exception.reason };
  }
  return model.capabilities[capability]
    ? { can: true }
    : { can: false, reason: `${model.name}: ${CAPABILITIES[capability]}` };
}

/** MODEL-01..09: whether this firmware of a model is one that phonectl supports. */
export function checkFirmware(model: Model, firmware: string): FirmwareCheck {
  const version = parseVersion(firmware);
  if (version === undefined) return { status: 'unknown', reason: `'${firmware}' is not a version` };
  if (model.firmware.length === 0) return { status: 'unknown', reason: `no rule is known for ${model.name}` };
  const prefix = version.numbers[0] ?? 0;
  let reason = '';
  let edition = '';
  for (const rule of model.firmware) {
    const foreign = /^XX\./i.test(rule.min) && model.prefixes.length > 0 && !model.prefixes.includes(prefix);
    const result = foreign ? 'not-addressed' : checkRule(version, rule);
    if (result === 'not-addressed') continue;
    if (result === 'supported') return { status: 'supported', edition: rule.edition };
    if (rule.tested === true)
      return {
        status: 'unknown',
        edition: rule.edition,
        reason: `not among the tested versions (from ${rule.min} on)`,
      };
    edition = rule.edition;
    if (result === 'too-old') reason = `older than ${rule.min}`;
    else if (result === 'too-new') reason = `${rule.below} and later are no longer supported`;
    else reason = 'this very version is excepted';
  }
  return edition === ''
    ? { status: 'unknown', reason: `no rule of ${model.name} speaks of ${firmware}` }
    : { status: 'unsupported', edition, reason };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else if (!list.includes(value)) list.push(value);
}

function setOnce<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (!map.has(key)) map.set(key, value);
}

/** Levenshtein distance; for short names. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
