/** The targets of assignments by names that mean the same in another fleet. */
import type { Target } from '../../domain/stack.ts';
import { loadModels } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';

export interface NamedTarget {
  readonly layer: 'global' | 'group' | 'model' | 'site' | 'device';
  /** Empty for `global`; of devices MAC or serial number: their other names may change. */
  readonly name: string;
}

export async function targetNames({ read, home }: OperationContext): Promise<(target: Target) => NamedTarget> {
  const models = await loadModels(home);
  const sites = new Map((await read.devices.places('all')).map(({ id, name }) => [id, name]));
  const groups = new Map((await read.devices.groups()).map(({ id, name }) => [id, name]));
  const devices = new Map<number, string>();
  for (const { id, mac, serial } of read.profiles.positions('all')) devices.set(id, mac ?? serial ?? String(id));
  return (target) => {
    const { layer } = target;
    switch (layer) {
      case 'global':
        return { layer, name: '' };
      case 'model':
        return { layer, name: models.find(target.model)?.name ?? target.model };
      case 'group':
        return { layer, name: groups.get(target.id) ?? String(target.id) };
      case 'site':
        return { layer, name: sites.get(target.id) ?? String(target.id) };
      case 'device':
        return { layer, name: devices.get(target.id) ?? String(target.id) };
      case 'user':
        throw new PhonectlError('conflict', 'A folder cannot hold assignments to users yet.');
    }
  };
}
