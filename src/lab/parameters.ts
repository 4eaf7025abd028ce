/**
 * The parameters of one phone, in layers. The first layer that holds a name gives its value.
 *
 * Thousands of phones hold mostly the same names and often the same files, so names are shared through one pool and
 * a parsed file may be one map that many phones point at (see `ParsedFiles`).
 */
import { createHash } from 'node:crypto';

export type ParameterMap = ReadonlyMap<string, string>;

const names = new Map<string, string>();
/** A phone that is fed ever new names must not grow the pool for ever. */
const POOL_LIMIT = 50_000;

/** The one shared copy of a parameter name. Also cuts the name loose from the file text it was sliced out of. */
export function internName(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const copy = detached(name);
  if (names.size < POOL_LIMIT) names.set(copy, copy);
  return copy;
}

/** A copy that does not keep the whole file in memory: V8 slices point into their parent string. */
export function detached(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, 'utf8').toString('utf8');
}

const EMPTY: ParameterMap = new Map();

export class Parameters {
  /** Layer names, the strongest first. */
  readonly #order: readonly string[];
  readonly #layers: ParameterMap[];
  readonly #defaults: ParameterMap;

  constructor(order: readonly string[], defaults: ParameterMap) {
    this.#order = order;
    this.#layers = order.map(() => EMPTY);
    this.#defaults = defaults;
  }

  /** The value in force, or undefined where neither a layer nor the defaults know the name. */
  get(name: string): string | undefined {
    for (const layer of this.#layers) {
      const value = layer.get(name);
      if (value !== undefined) return value;
    }
    return this.#defaults.get(name);
  }

  /** The value in force, or '' . */
  text(name: string): string {
    return this.get(name) ?? '';
  }

  /** The layer that gives the value: a layer's name, `default`, or undefined for an unknown name. */
  source(name: string): string | undefined {
    const at = this.#layers.findIndex((layer) => layer.has(name));
    if (at >= 0) return this.#order[at];
    return this.#defaults.has(name) ? 'default' : undefined;
  }

  layer(layer: string): ParameterMap {
    return this.#layers[this.#index(layer)]!;
  }

  /** Replaces a whole layer. Returns the names whose value in force changed. */
  replace(layer: string, values: ParameterMap): string[] {
    const at = this.#index(layer);
    const old = this.#layers[at]!;
    if (old === values) return [];
    const touched = new Set([...old.keys(), ...values.keys()]);
    const before = new Map([...touched].map((name) => [name, this.get(name)]));
    this.#layers[at] = values;
    return [...touched].filter((name) => this.get(name) !== before.get(name));
  }

  /** Sets values in a layer and keeps the others. Returns the names whose value in force changed. */
  set(layer: string, values: Iterable<readonly [string, string]>): string[] {
    const merged = new Map(this.layer(layer));
    for (const [name, value] of values) merged.set(internName(name), detached(value));
    return this.replace(layer, merged);
  }

  clear(layer: string): string[] {
    return this.replace(layer, EMPTY);
  }

  /** How many names hold a value in some layer. */
  get size(): number {
    const full = this.#layers.filter((layer) => layer.size > 0);
    if (full.length <= 1) return full[0]?.size ?? 0;
    return new Set(full.flatMap((layer) => [...layer.keys()])).size;
  }

  /** Names and values in force, defaults excluded, sorted by name. */
  entries(): [string, string][] {
    const merged = new Map<string, string>();
    for (const layer of this.#layers.toReversed()) for (const [name, value] of layer) merged.set(name, value);
    return [...merged].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #index(layer: string): number {
    const at = this.#order.indexOf(layer);
    if (at < 0) throw new RangeError(`no parameter layer "${layer}"`);
    return at;
  }
}

/** Remembers what a file said, by its content, so that a common file is parsed and held once for all phones. */
export class ParsedFiles<T> {
  readonly #byHash = new Map<string, T>();
  readonly #limit: number;

  constructor(limit = 64) {
    this.#limit = limit;
  }

  get(body: Buffer, parse: (body: Buffer) => T): T {
    const hash = createHash('sha256').update(body).digest('base64');
    const known = this.#byHash.get(hash);
    if (known !== undefined) {
      // Move to the young end: files of one phone only come once, common files stay.
      this.#byHash.delete(hash);
      this.#byHash.set(hash, known);
      return known;
    }
    const parsed = parse(body);
    this.#byHash.set(hash, parsed);
    if (this.#byHash.size > this.#limit) {
      const [oldest] = this.#byHash.keys();
      if (oldest !== undefined) this.#byHash.delete(oldest);
    }
    return parsed;
  }
}
