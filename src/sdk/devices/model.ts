/** What a device is, from what somebody said of it: vendor, model, endpoint type (CSV-06, VAL-12, MODEL-18). */
import type { Kind } from '../../domain/device.ts';
import type { Model, ModelCatalogue } from '../../domain/models.ts';
import { excerpt, nearest } from '../../domain/text.ts';

export interface Said {
  readonly vendor?: string | undefined;
  readonly model?: string | undefined;
  /** A value of `endpoint_type` or a family's name. */
  readonly type?: string | undefined;
}

export interface What {
  readonly vendor: 'poly' | 'yealink' | 'cisco' | null;
  readonly model: string | null;
  readonly family: string | null;
  readonly kind: Kind;
  readonly idBy: 'mac' | 'serial' | undefined;
  readonly maxLines: number | undefined;
}

/** Which of the three was wrong, why, and what to do. */
export interface WhatProblem {
  readonly field: 'vendor' | 'model' | 'type';
  readonly reason: string;
  readonly remedy: string;
}

const UNKNOWN: What = {
  vendor: null,
  model: null,
  family: null,
  kind: 'sip',
  idBy: undefined,
  maxLines: undefined,
};

export function isProblem(what: What | WhatProblem): what is WhatProblem {
  return 'reason' in what;
}

/** The three have to agree; each may be missing. */
export function whatIs(catalogue: ModelCatalogue, said: Said): What | WhatProblem {
  const vendor = said.vendor ? vendorNamed(said.vendor) : null;
  if (vendor === undefined) {
    return {
      field: 'vendor',
      reason: `"${excerpt(said.vendor ?? '')}" is not a vendor that phonectl knows.`,
      remedy: 'Write poly, yealink or cisco.',
    };
  }
  const family = said.type ? catalogue.familyOf(said.type) : undefined;
  if (said.type && family === undefined) return unknownType(catalogue, said.type);
  const model = said.model ? catalogue.find(said.model, vendor ?? undefined) : undefined;
  if (said.model && model === undefined) return unknownModel(catalogue, said.model, vendor);
  const maker = vendor ?? vendorOf(model?.vendor ?? family?.vendor);
  if (vendor !== null && family !== undefined && family.vendor !== vendor) {
    return disagree('type', said.type ?? '', `is not of ${vendor}`);
  }
  if (model !== undefined && family !== undefined && model.family !== family.family) {
    return disagree('type', said.type ?? '', `does not fit the model ${model.name}`);
  }
  if (model !== undefined) {
    const { name, kind, idBy, maxLines } = model;
    return { vendor: maker, model: name, family: model.family, kind, idBy, maxLines };
  }
  if (family === undefined) return { ...UNKNOWN, vendor: maker };
  return { ...UNKNOWN, vendor: maker, family: family.family, ...shared(catalogue.list(family)) };
}

/** What all models of a family have in common. */
function shared(models: readonly Model[]): Partial<What> {
  const [first] = models;
  if (first === undefined) return {};
  return {
    kind: first.kind,
    ...(models.every(({ idBy }) => idBy === first.idBy) && { idBy: first.idBy }),
  };
}

/** `poly` from any usual spelling of a vendor's name; `undefined` when it is none. */
export function vendorNamed(text: string): 'poly' | 'yealink' | 'cisco' | undefined {
  switch (text.trim().toLowerCase()) {
    case 'poly':
    case 'polycom':
      return 'poly';
    case 'yealink':
      return 'yealink';
    case 'cisco':
      return 'cisco';
    default:
      return undefined;
  }
}

function vendorOf(vendor: string | undefined): What['vendor'] {
  return vendor === undefined ? null : (vendorNamed(vendor) ?? null);
}

function unknownModel(catalogue: ModelCatalogue, model: string, vendor: string | null): WhatProblem {
  const other = catalogue.find(model);
  if (other !== undefined) {
    return {
      field: 'model',
      reason: `${other.name} is a model of ${other.vendor}, not of ${vendor}.`,
      remedy: 'Correct the vendor or the model.',
    };
  }
  const near = catalogue.suggest(model, 3);
  return {
    field: 'model',
    reason: `There is no model "${excerpt(model)}".`,
    remedy:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : 'List the models with `phonectl model list`; new ones can be added with `phonectl model import`.',
  };
}

function unknownType(catalogue: ModelCatalogue, type: string): WhatProblem {
  const types = [...new Set(catalogue.list().flatMap(({ endpointTypes }) => endpointTypes))];
  const near = nearest(type, types);
  return {
    field: 'type',
    reason: `"${excerpt(type)}" is not an endpoint type.`,
    remedy: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Possible: ${types.slice(0, 12).join(', ')}.`,
  };
}

function disagree(field: WhatProblem['field'], value: string, how: string): WhatProblem {
  return { field, reason: `"${excerpt(value)}" ${how}.`, remedy: 'Correct one of them, or leave one out.' };
}

/** Models that may be added (MODEL-18); no entry at all means every model may. */
export type Approvals = readonly {
  readonly vendor: string;
  readonly model: string;
  readonly siteId: number | null;
}[];

/** Why this model may not be added at the site, as a sentence. */
export function notApproved(approvals: Approvals, what: What, siteId: number): string | undefined {
  if (approvals.length === 0 || what.model === null) return undefined;
  const approved = approvals.some(
    ({ vendor, model, siteId: site }) =>
      vendor === what.vendor && model === what.model && (site === null || site === siteId),
  );
  return approved ? undefined : `The model ${what.model} is not approved for this site.`;
}
