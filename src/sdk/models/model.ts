/** A model as people and programs see it, and finding one. */
import {
  type Capability,
  type Model as CatalogueModel,
  checkFirmware,
  type ModelCatalogue,
} from '../../domain/models.ts';
import type { OperationContext } from '../context.ts';
import { notFound } from '../missing.ts';
import type { Approval } from '../ports/models.ts';

export interface Model {
  readonly vendor: string;
  readonly name: string;
  readonly family: string;
  readonly kind: string;
  /** Lines that it takes at the most; null when not known. */
  readonly maxLines: number | null;
  readonly idBy: 'mac' | 'serial';
  readonly aliases: readonly string[];
  readonly parts: readonly string[];
  /** Rules of the firmware that is supported, as text. */
  readonly firmware: readonly string[];
  readonly capabilities: Readonly<Record<Capability, boolean>>;
  /** Where it may be used: `all`, or the names of the sites; an empty list is nowhere (MODEL-18). */
  readonly approved: 'all' | readonly string[];
  readonly deviceCount: number;
}

/** What is asked of the store for each model, once. */
export interface ModelFacts {
  readonly approvals: readonly Approval[];
  readonly deviceCounts: ReadonlyMap<string, number>;
}

export async function modelFacts({ read, scope }: Pick<OperationContext, 'read' | 'scope'>): Promise<ModelFacts> {
  return { approvals: await read.models.approvals(), deviceCounts: await read.models.deviceCounts(scope) };
}

export function modelOf(model: CatalogueModel, { approvals, deviceCounts }: ModelFacts): Model {
  const { vendor, name, family, kind, idBy, aliases, parts, capabilities } = model;
  return {
    vendor,
    name,
    family,
    kind,
    maxLines: model.maxLines ?? null,
    idBy,
    aliases,
    parts,
    firmware: model.firmware.map(ruleText),
    capabilities,
    approved: approvedWhere(approvals, vendor, name),
    deviceCount: deviceCounts.get(`${vendor} ${name}`) ?? 0,
  };
}

function ruleText({ edition, min, below, except }: CatalogueModel['firmware'][number]): string {
  const parts = [`${edition} ${min} or later`];
  if (below !== undefined) parts.push(`before ${below}`);
  if (except !== undefined && except.length > 0) parts.push(`not ${except.join(', ')}`);
  return parts.join(', ');
}

function approvedWhere(approvals: readonly Approval[], vendor: string, name: string): 'all' | readonly string[] {
  if (approvals.length === 0) return 'all';
  const own = approvals.filter((approval) => approval.vendor === vendor && approval.model === name);
  if (own.some(({ siteId }) => siteId === null)) return 'all';
  return own.map(({ site }) => site ?? '');
}

/** The catalogue of this home; its own files included. */
export async function catalogueOf({ home }: Pick<OperationContext, 'home'>): Promise<ModelCatalogue> {
  const { loadModels } = await import('../../vendors/registry.ts');
  return await loadModels(home);
}

/** Finds a model by any spelling of its name. Throws `not_found` with the nearest names. */
export function requireModel(catalogue: ModelCatalogue, reference: string): CatalogueModel {
  const model = catalogue.find(reference);
  if (model !== undefined) return model;
  throw notFound('model', reference, [...catalogue.suggest(reference), ...catalogue.list().map(({ name }) => name)]);
}

export interface FirmwareVerdict {
  readonly model: string;
  readonly vendor: string;
  readonly firmware: string;
  readonly status: 'supported' | 'unsupported' | 'unknown';
  /** Product line that the firmware belongs to, such as `sip` or `teams`. */
  readonly edition: string | null;
  readonly reason: string | null;
}

/** MODEL-01..09. */
export function verdictOf(model: CatalogueModel, firmware: string): FirmwareVerdict {
  const { status, edition, reason } = checkFirmware(model, firmware);
  return {
    model: model.name,
    vendor: model.vendor,
    firmware,
    status,
    edition: edition ?? null,
    reason: reason ?? null,
  };
}
