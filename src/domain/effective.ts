/**
 * The ordered configuration stack (design.md section 4) and what resolving it yields: for every parameter the value
 * that wins, where it comes from, and everything it beat.
 */

/** Low to high. `user` stands for user group, user and room; `accounts` for the lines; `diagnosis` for a while only. */
export const LAYERS = [
  'base',
  'global',
  'group',
  'model',
  'site',
  'user',
  'accounts',
  'device',
  'csv',
  'diagnosis',
  'mac',
] as const;

export type Layer = (typeof LAYERS)[number];

/** A vendor parameter with its value, as text, exactly as the phone will see it (before escaping). */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  /** True when the value must never be shown, logged or compared in clear text. */
  readonly secret?: boolean;
}

/** The parameters of one layer, from one source (a profile, the base, a line). Later sources of a layer win. */
export interface LayerSource {
  readonly layer: Layer;
  /** Name of the profile, `line 1`, `csv profile`, …: what `config explain` prints. */
  readonly source: string;
  readonly parameters: readonly Parameter[];
}

export interface Origin {
  readonly value: string;
  readonly layer: Layer;
  readonly source: string;
}

export interface EffectiveParameter extends Parameter, Origin {
  /** What this value beat, nearest first. */
  readonly beaten: readonly Origin[];
}

/** Winning parameters by name, in the order of the names' first appearance. */
export type Effective = ReadonlyMap<string, EffectiveParameter>;

/** Resolves sources that are ordered low to high. Parameter names are compared exactly: the drivers restore case. */
export function resolve(sources: readonly LayerSource[]): Effective {
  const effective = new Map<string, EffectiveParameter>();
  for (const { layer, source, parameters } of sources) {
    for (const parameter of parameters) {
      const beaten = effective.get(parameter.name);
      effective.set(parameter.name, {
        ...parameter,
        layer,
        source,
        beaten:
          beaten === undefined
            ? []
            : [{ value: beaten.value, layer: beaten.layer, source: beaten.source }, ...beaten.beaten],
      });
    }
  }
  return effective;
}
