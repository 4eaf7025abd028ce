/** What a Cisco MPP phone may ask for (cisco.md 2): which name depends on how it was told of us. */
import type { FileSpec, RenderDevice } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { CA_FILE, deviceKey, modelOf } from '../support.ts';

/** `$PSN`, the product's short name: `8841-3PCC`. */
export function productName(knowledge: Knowledge, device: RenderDevice): string | undefined {
  return modelOf(knowledge, device)?.userAgents[0];
}

/** Names of the one configuration file, the one of our own Profile_Rule first. All of them hold the same bytes. */
export function configNames(knowledge: Knowledge, device: RenderDevice): readonly string[] {
  const key = deviceKey(device);
  const product = productName(knowledge, device);
  const byProduct = product === undefined ? [] : [`Cisco/CP-${product}/${key}.cfg`, `${product}.xml`];
  return [`${key}.xml`, `${key}.cfg`, ...byProduct];
}

export function files(knowledge: Knowledge, device: RenderDevice): readonly FileSpec[] {
  return [
    ...configNames(knowledge, device).map((name) => ({ name, kind: 'config' as const })),
    { name: CA_FILE, kind: 'static' },
  ];
}
