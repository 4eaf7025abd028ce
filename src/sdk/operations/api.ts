/** The management API about itself. */
import { strictObject } from 'valibot';
import { PhonectlError } from '../errors.ts';
import { operation } from '../operation.ts';

export const api = {
  document: operation({
    summary: 'Gives the OpenAPI document of the management API.',
    permission: 'auth:anonymous',
    effect: 'read',
    input: strictObject({}),
    async run(context): Promise<Readonly<Record<string, unknown>>> {
      const { openApi } = await import('../../server/api/openapi.ts');
      const operations = await context.operations?.();
      if (operations === undefined) throw new PhonectlError('unexpected', 'This installation knows no operations.');
      return await openApi(operations);
    },
  }),
};
