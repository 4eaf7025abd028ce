/** Reading what a Poly phone runs: `config/get`, twenty names at a time (poly.md A.5). */

import { controlBase, noAddressError, statusError } from '../attempts.ts';
import { isSecretName } from '../catalogue.ts';
import type { ControlTarget, RunningParameter } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import type { DeviceTransport } from '../transport.ts';
import { isMasterAttribute } from './render.ts';
import { property, type RestOptions, rest, textProperty } from './rest.ts';

/** The phone answers 4009 to more (REST-04). */
const BATCH = 20;

/** A phone answers one request at a time (A.3), so its batches go one after the other. */
export async function readRunning(
  knowledge: Knowledge,
  target: ControlTarget,
  names: readonly string[],
  transport: DeviceTransport,
  signal: AbortSignal,
  options: RestOptions = {},
): Promise<readonly RunningParameter[]> {
  if (controlBase(target) === undefined) throw noAddressError(target);
  const readable = names.filter(isReadable);
  const found: RunningParameter[] = [];
  for (let at = 0; at < readable.length; at += BATCH) {
    const data = readable.slice(at, at + BATCH);
    const answer = await rest(target, transport, signal, 'POST', 'v1/mgmt/config/get', { ...options, data });
    if (!answer.ok) {
      const { result } = answer;
      throw statusError(
        'reason' in result ? result.reason : result.outcome,
        'hint' in result ? result.hint : undefined,
      );
    }
    for (const name of data) {
      const parameter = toParameter(knowledge, name, property(answer.data, name));
      if (parameter !== undefined) found.push(parameter);
    }
  }
  return found;
}

/** Attributes of the master file are none of the phone's parameters, and `.set` is a switch of the file (C.1). */
function isReadable(name: string): boolean {
  return !isMasterAttribute(name) && !/^device\.(?:.+\.)?set$/.test(name);
}

/** `undefined` for a name that the phone does not know: it stands in `InvalidParams` instead. */
function toParameter(knowledge: Knowledge, name: string, answer: unknown): RunningParameter | undefined {
  if (answer === undefined) return undefined;
  const layer = textProperty(answer, 'Source');
  const value = textProperty(answer, 'Value') ?? '';
  // Passwords come back empty.
  const hidden = value === '' && isSecretName(knowledge.catalogue, name);
  return { name, ...(!hidden && { value }), ...(layer !== undefined && { layer: layer.toLowerCase() }) };
}
