/** Upgrade paths: where a phone cannot take a firmware directly, which ones lie between (templates/upgrade-paths.yaml). */
import type { Model } from '../../domain/models.ts';
import { compareVersions, parseRange, parseVersion, type VersionRange } from '../../domain/version.ts';
import { assetPath } from '../assets.ts';
import { PhonectlError } from '../errors.ts';
import type { ImageRecord } from '../ports/files.ts';
import type { Home } from '../ports/home.ts';
import { misfit } from './infer.ts';

export interface UpgradePath {
  readonly vendor: string;
  /** All of the vendor's where neither is said. */
  readonly families?: readonly string[];
  readonly models?: readonly string[];
  /** What the phone runs, what it is to run, and what it must run in between. */
  readonly from: VersionRange;
  readonly to: VersionRange;
  readonly via: VersionRange;
  /** The range as it was written, and a release in it that is known to work. */
  readonly needs: string;
}

/** The fleet's own lines first, then the shipped ones. Throws `invalid_data` for a broken file. */
export async function loadPaths(home: Home): Promise<readonly UpgradePath[]> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const own = home.file('upgrade-paths.yaml');
  const shipped = await readPaths(assetPath('templates', 'upgrade-paths.yaml'));
  return existsSync(own) ? [...(await readPaths(own)), ...shipped] : shipped;
}

async function readPaths(file: string): Promise<readonly UpgradePath[]> {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { parse } = await import('yaml');
  const document: unknown = parse(readFileSync(file, 'utf8'));
  const list = typeof document === 'object' && document !== null && 'paths' in document ? document.paths : undefined;
  if (!Array.isArray(list)) throw broken(file, 'it has no list `paths`');
  return list.map((line: unknown) => toPath(line, file));
}

function toPath(line: unknown, file: string): UpgradePath {
  const { vendor, families, models, from, to, via, example } = (line ?? {}) as Record<string, unknown>;
  const range = (name: string, value: unknown): VersionRange => {
    const parsed = value === undefined ? undefined : parseRange(String(value), { prefixed: vendor === 'yealink' });
    if (parsed === undefined) throw broken(file, `\`${name}\` is no range such as '<5.7.3'`);
    return parsed;
  };
  if (typeof vendor !== 'string') throw broken(file, 'a path names no `vendor`');
  return {
    vendor,
    ...(isList(families) && { families }),
    ...(isList(models) && { models }),
    from: range('from', from),
    to: range('to', to),
    via: range('via', via),
    needs: example === undefined ? String(via) : `${String(via)} (such as ${String(example)})`,
  };
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function broken(file: string, why: string): PhonectlError {
  return new PhonectlError('invalid_data', `${file} cannot be used: ${why}.`, {
    hints: ['See templates/upgrade-paths.yaml of phonectl.'],
  });
}

/** More steps than that are a circle in somebody's table. */
const MOST_STEPS = 5;

/**
 * The images that a phone has to take one after the other to run the last of them. A text says why there is no way.
 * `stock`: what the fleet has.
 */
export function stepsTo(
  target: ImageRecord,
  running: string | null,
  model: Model,
  stock: readonly ImageRecord[],
  paths: readonly UpgradePath[],
): readonly ImageRecord[] | string {
  return walk(target, running, model, stock, paths, MOST_STEPS);
}

function walk(
  target: ImageRecord,
  running: string | null,
  model: Model,
  stock: readonly ImageRecord[],
  paths: readonly UpgradePath[],
  left: number,
): readonly ImageRecord[] | string {
  const path = running === null ? undefined : paths.find((each) => isAbout(each, model, running, target.release));
  if (path === undefined || running === null) return [target];
  if (left === 1) return `more than ${MOST_STEPS} steps lie between ${running} and ${target.release}`;
  const between = newest(stock.filter((image) => path.via(image.release) && misfit(image, model) === undefined));
  if (between === undefined) {
    return `${running} cannot go to ${target.release} directly; it needs ${path.needs} first, and there is no such image`;
  }
  const before = walk(between, running, model, stock, paths, left - 1);
  const after = walk(target, between.release, model, stock, paths, left - 1);
  if (typeof before === 'string') return before;
  return typeof after === 'string' ? after : [...before, ...after];
}

function isAbout(path: UpgradePath, model: Model, running: string, release: string): boolean {
  const { vendor, families, models, from, to } = path;
  const named =
    (families === undefined && models === undefined) ||
    families?.includes(model.family) === true ||
    models?.includes(model.name) === true;
  return vendor === model.vendor && named && from(running) && to(release);
}

function newest(images: readonly ImageRecord[]): ImageRecord | undefined {
  return images.reduce<ImageRecord | undefined>((best, image) => {
    const [a, b] = [parseVersion(image.release), best && parseVersion(best.release)];
    return a !== undefined && (b === undefined || compareVersions(a, b) > 0) ? image : best;
  }, undefined);
}
