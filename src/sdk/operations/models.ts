/** Everything that can be done with models. */
import { array, optional, picklist, pipe, regex, strictObject, string } from 'valibot';
import { bytesInput } from '../bytes.ts';
import { dryRunField, referenceField, referencesField } from '../fields.ts';
import { approveModels, revokeModels } from '../models/approve.ts';
import { catalogueOf, type Model, modelFacts, modelOf, requireModel, verdictOf } from '../models/model.ts';
import { exportModels, importModels } from '../models/overrides.ts';
import { operation, streamOperation } from '../operation.ts';

const vendorField = picklist(['poly', 'yealink', 'cisco', 'other']);
const approvalInput = strictObject({ models: referencesField, site: optional(referenceField), ...dryRunField });

export const models = {
  list: streamOperation({
    summary: 'Lists the models that phonectl knows.',
    permission: 'model:read',
    effect: 'read',
    input: strictObject({ vendor: optional(vendorField) }),
    async *run(context, { vendor }): AsyncGenerator<Model> {
      const facts = await modelFacts(context);
      for (const model of (await catalogueOf(context)).list(vendor === undefined ? {} : { vendor })) {
        yield modelOf(model, facts);
      }
    },
  }),
  show: operation({
    summary: 'Shows one model.',
    permission: 'model:read',
    effect: 'read',
    input: strictObject({ model: referenceField }),
    run: async (context, { model }) =>
      modelOf(requireModel(await catalogueOf(context), model), await modelFacts(context)),
  }),
  check: operation({
    summary: 'Says whether a firmware version of a model is supported.',
    permission: 'model:read',
    effect: 'read',
    input: strictObject({ model: referenceField, firmware: string() }),
    run: async (context, { model, firmware }) => verdictOf(requireModel(await catalogueOf(context), model), firmware),
  }),
  approve: operation({
    summary: 'Approves models; from the first on, only approved ones can be added.',
    permission: 'model:approve',
    effect: 'write',
    input: approvalInput,
    run: approveModels,
  }),
  revoke: operation({
    summary: 'Takes the approval of models back; devices that are there stay.',
    permission: 'model:approve',
    effect: 'write',
    input: approvalInput,
    run: revokeModels,
  }),
  import: operation({
    summary: 'Puts a model file over the shipped ones, under a name of its own.',
    permission: 'model:import',
    effect: 'write',
    input: strictObject({
      source: bytesInput(),
      name: pipe(string(), regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'is not a name such as my-phones')),
      ...dryRunField,
    }),
    run: importModels,
  }),
  export: streamOperation({
    summary: 'Writes models as a model file, to be changed and imported.',
    permission: 'model:read',
    effect: 'read',
    input: strictObject({ models: optional(array(referenceField)), vendor: optional(vendorField) }),
    run: exportModels,
  }),
};
