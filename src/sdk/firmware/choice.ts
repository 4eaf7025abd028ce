/** What a firmware task wants, and what that means for one phone: which images, in which order, or why none. Pure. */
import type { Model } from '../../domain/models.ts';
import { compareVersions, parseVersion, sameRelease } from '../../domain/version.ts';
import type { ImageRecord } from '../ports/files.ts';
import { misfit } from './infer.ts';
import { stepsTo, type UpgradePath } from './paths.ts';

/** The input of a firmware task, as it is stored with it. */
export interface FirmwareInput {
  /** The images; each phone gets the one that fits it. */
  readonly images: readonly number[];
  /** For people: the image's name, or the release. */
  readonly target: string;
  /** Also to phones that run something newer. */
  readonly downgrade?: boolean;
  /** What becomes of phones that are away: they failed, or get it at their next contact. */
  readonly away: 'fails' | 'next-contact';
}

/** Everything that a choice depends on but the phone. */
export interface Stock {
  readonly targets: readonly ImageRecord[];
  /** Every image of the fleet, for the steps in between. */
  readonly images: readonly ImageRecord[];
  readonly paths: readonly UpgradePath[];
  readonly downgrade: boolean;
}

export type Choice =
  /** To be taken one after the other. */
  | { readonly kind: 'upgrade'; readonly steps: readonly ImageRecord[] }
  /** It runs what it should. */
  | { readonly kind: 'current'; readonly reason: string }
  | { readonly kind: 'misfit'; readonly reason: string };

/** `running`: what the phone reports; `null` while it has not told. */
export function choose(stock: Stock, model: Model | undefined, running: string | null): Choice {
  if (model === undefined) return { kind: 'misfit', reason: 'its model is not known yet' };
  const reasons = stock.targets.map((image) => ({ image, reason: unfit(image, model) }));
  const fitting = reasons.find(({ reason }) => reason === undefined)?.image;
  if (fitting === undefined) return { kind: 'misfit', reason: whyNone(reasons, model) };
  if (running !== null && sameRelease(running, fitting.release)) {
    return { kind: 'current', reason: `it runs ${running} already` };
  }
  if (running !== null && !stock.downgrade && isOlder(fitting.release, running)) {
    return { kind: 'misfit', reason: `it runs ${running}, which is newer than ${fitting.release}` };
  }
  const steps = stepsTo(fitting, running, model, stock.images, stock.paths);
  return typeof steps === 'string' ? { kind: 'misfit', reason: steps } : { kind: 'upgrade', steps };
}

function unfit(image: ImageRecord, model: Model): string | undefined {
  const reason = misfit(image, model);
  if (reason !== undefined) return reason;
  const { prefixes } = model;
  // A phone refuses an image of another hardware's number (yealink.md A7).
  const prefix = Number(image.release.split('.', 1)[0]);
  if (model.vendor !== 'yealink' || prefixes.length === 0 || prefixes.includes(prefix)) return undefined;
  return `a ${model.name} takes ${prefixes.map((number) => `${number}.x`).join(' or ')}, not ${image.release}`;
}

function whyNone(reasons: readonly { readonly reason: string | undefined }[], model: Model): string {
  const [only] = reasons;
  if (reasons.length === 1 && only?.reason !== undefined) return only.reason;
  return `there is no image of this release for the ${model.name}`;
}

function isOlder(release: string, running: string): boolean {
  const [offered, has] = [parseVersion(release), parseVersion(running)];
  return offered !== undefined && has !== undefined && compareVersions(offered, has) < 0;
}
