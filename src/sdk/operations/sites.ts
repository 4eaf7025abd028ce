/** Everything that can be done with sites. */
import { array, boolean, minLength, optional, picklist, pipe, strictObject, string } from 'valibot';
import { dryRunField, listFields, nameField, referenceField, referencesField } from '../fields.ts';
import { exportFields } from '../imports/export-fields.ts';
import { importFields } from '../imports/fields.ts';
import { operation, streamOperation } from '../operation.ts';
import { exportSites } from '../sites/export.ts';
import { newSiteSchema, siteFields } from '../sites/fields.ts';
import { importSites } from '../sites/import.ts';
import { requireSite, type Site, siteOf } from '../sites/site.ts';
import { addSubnet, removeSubnet, resolveSite } from '../sites/subnets.ts';
import { addSites, deleteSites, editSites } from '../sites/write.ts';

const subnetInput = strictObject({
  site: referenceField,
  public: string(),
  private: optional(array(string())),
  ...dryRunField,
});

export const sites = {
  list: streamOperation({
    summary: 'Lists the sites.',
    permission: 'site:read',
    effect: 'read',
    input: strictObject(listFields),
    async *run(context, input): AsyncGenerator<Site> {
      for await (const record of context.read.sites.list({ ...input, scope: context.scope })) yield siteOf(record);
    },
  }),
  show: operation({
    summary: 'Shows one site.',
    permission: 'site:read',
    effect: 'read',
    input: strictObject({ site: referenceField }),
    run: async (context, { site }) => siteOf(await requireSite(context.read.sites, site, context.scope)),
  }),
  add: operation({
    summary: 'Adds sites.',
    permission: 'site:add',
    effect: 'write',
    input: strictObject({ sites: pipe(array(newSiteSchema), minLength(1, 'is empty')), ...dryRunField }),
    run: addSites,
  }),
  edit: operation({
    summary: 'Changes sites; a name only of one.',
    permission: 'site:edit',
    effect: 'write',
    input: strictObject({ sites: referencesField, name: optional(nameField), ...siteFields, ...dryRunField }),
    run: editSites,
  }),
  delete: operation({
    summary: 'Deletes sites; their devices go where their addresses say.',
    permission: 'site:delete',
    effect: 'destructive',
    input: strictObject({
      sites: referencesField,
      recursive: optional(boolean()),
      migrate: optional(boolean()),
      ...dryRunField,
    }),
    run: deleteSites,
  }),
  addSubnet: operation({
    summary: 'Adds a public subnet to a site, or private subnets inside one.',
    permission: 'site:edit',
    effect: 'write',
    input: subnetInput,
    run: addSubnet,
  }),
  removeSubnet: operation({
    summary: 'Takes a subnet away from a site.',
    permission: 'site:edit',
    effect: 'write',
    input: subnetInput,
    run: removeSubnet,
  }),
  resolve: operation({
    summary: 'Says to which site a device with these addresses belongs.',
    permission: 'site:read',
    effect: 'read',
    input: strictObject({ public: optional(string()), private: optional(string()) }),
    run: resolveSite,
  }),
  import: operation({
    summary: 'Adds and overwrites sites from a table; all rows or, with partial, the good ones.',
    permission: 'site:import',
    effect: 'write',
    input: strictObject(importFields),
    run: importSites,
  }),
  export: streamOperation({
    summary: 'Writes the sites as a table that imports as unchanged.',
    permission: 'site:read',
    effect: 'read',
    input: strictObject({ ...exportFields, format: optional(picklist(['own', 'manual'])) }),
    run: exportSites,
  }),
};
