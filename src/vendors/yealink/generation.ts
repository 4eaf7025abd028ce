/** Yealink firmware comes in two generations: V81 brought boot files and the `static.` prefix (yealink.md A1, A3). */
import { parseVersion } from '../../domain/version.ts';
import type { RenderDevice } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { modelOf } from '../support.ts';

/** `boot`: V81 and later. `plain`: before it; no boot file is asked for, and no name bears the prefix. */
export type Generation = 'boot' | 'plain';

/**
 * By the firmware when it is known, else by whether the model ever got V81. The second number of a version is the
 * branch: 70 to 80 are the old SIP firmware; small numbers are Skype, Teams, Zoom and video editions, all newer.
 */
export function generationOf(knowledge: Knowledge, device: RenderDevice): Generation {
  const branch = parseVersion(device.firmware ?? '')?.numbers[1];
  if (branch !== undefined) return branch >= 60 && branch <= 80 ? 'plain' : 'boot';
  return modelOf(knowledge, device)?.capabilities.bootFile === false ? 'plain' : 'boot';
}

/** The name of a `static.` parameter in that generation. */
export function staticName(generation: Generation, name: string): string {
  return generation === 'boot' ? `static.${name}` : name;
}
