/** Parameter catalogues. */
import { boolean, minLength, optional, picklist, pipe, strictObject, string, trim } from 'valibot';
import { bytesInput } from '../bytes.ts';
import { listCatalogs, resetCatalog, searchCatalogs, showParameter, uploadSchema } from '../catalogs/catalogs.ts';
import { nameField, referenceField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';

const vendor = picklist(['poly', 'yealink', 'cisco']);
const dryRun = optional(boolean());

export const catalogs = {
  list: streamOperation({
    summary: 'Lists the parameter catalogues: shipped ones and uploaded schemas.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({}),
    run: listCatalogs,
  }),
  search: streamOperation({
    summary: 'Searches the parameters of the phones.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({
      text: pipe(string(), trim(), minLength(2, 'must have two characters or more (VAL-17)')),
      vendor: optional(vendor),
    }),
    run: searchCatalogs,
  }),
  show: operation({
    summary: 'Tells type, range, default and effect of a parameter.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({ name: referenceField, vendor: optional(vendor) }),
    run: showParameter,
  }),
  upload: operation({
    summary: "Takes over the parameters of a firmware's schema (polycomConfig.xsd).",
    permission: 'profile:catalog',
    effect: 'write',
    input: strictObject({ source: bytesInput(), name: nameField, software: optional(referenceField), dryRun }),
    run: uploadSchema,
  }),
  reset: operation({
    summary: 'Takes an uploaded schema away; the shipped catalogue counts again.',
    permission: 'profile:catalog',
    effect: 'write',
    input: strictObject({ vendor, software: optional(referenceField), dryRun }),
    run: resetCatalog,
  }),
};
