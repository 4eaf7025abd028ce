/** Leading a Poly phone here that nobody manages yet: its flash parameters over REST, then its files (poly.md A.5). */
import type { Action, Adoption } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannot } from '../support.ts';
import { bootstrapParameters } from './base.ts';
import { type RestOptions, rest } from './rest.ts';
import { setParameters } from './set.ts';

export function createAdopt(knowledge: Knowledge, options: RestOptions): Action<Adoption> {
  return {
    transports: ['rest'],
    notApplicable: (device) => cannot(knowledge, device, 'rest'),
    async run(target, context, transport, { signal }) {
      const { account } = context;
      const parameters = {
        ...Object.fromEntries(bootstrapParameters(context).map(({ name, value }) => [name, value])),
        ...(account && { 'device.prov.user': account.username, 'device.prov.password': account.password }),
      };
      const set = await setParameters(knowledge, target, parameters, transport, signal, options);
      if (set.outcome !== 'accepted') return set;
      // One that restarts over its new parameters does not answer, and fetches when it is up again.
      const answer = await rest(target, transport, signal, 'POST', 'v1/mgmt/updateConfiguration', options);
      return answer.ok || set.evidence === undefined ? { outcome: 'accepted', via: 'rest' } : answer.result;
    },
  };
}
