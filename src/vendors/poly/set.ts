/** Setting parameters of a Poly phone one by one: `config/set`, twenty at a time, and reading back (poly.md A.5). */
import { isPhonectlError } from '../../sdk/errors.ts';
import { isSecretName } from '../catalogue.ts';
import { seen } from '../commands.ts';
import type { AttemptResult, ControlTarget } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import type { DeviceTransport } from '../transport.ts';
import { property, type RestOptions, rest, textProperty } from './rest.ts';

/** The phone answers 4009 to more (REST-04); `.set` switches count. */
const MOST = 20;

type Pair = readonly [name: string, value: string];

/** `device.*` wants two switches beside it, of which `device.set` is shared by the batch. */
export function batches(pairs: readonly Pair[]): Pair[][] {
  const found: Pair[][] = [];
  let batch: Pair[] = [];
  for (const pair of pairs) {
    const [name] = pair;
    const flash = /^device\.(?!set$|.*\.set$)/.test(name);
    const more: Pair[] = flash ? [pair, [`${name}.set`, '1']] : [pair];
    const needed =
      flash && !batch.some(([each]) => each === 'device.set') ? [['device.set', '1'] as const, ...more] : more;
    if (batch.length + needed.length > MOST) {
      found.push(batch);
      batch = flash ? [['device.set', '1'], ...more] : more;
    } else batch.push(...needed);
  }
  if (batch.length > 0) found.push(batch);
  return found;
}

export async function setParameters(
  knowledge: Knowledge,
  target: ControlTarget,
  parameters: Readonly<Record<string, string>>,
  transport: DeviceTransport,
  signal: AbortSignal,
  options: RestOptions,
): Promise<AttemptResult> {
  const pairs = Object.entries(parameters);
  for (const batch of batches(pairs)) {
    const data = Object.fromEntries(batch);
    const answer = await rest(target, transport, signal, 'POST', 'v1/mgmt/config/set', { ...options, data });
    if (!answer.ok) return answer.result;
    const wanted = batch.filter(([name]) => Object.hasOwn(parameters, name));
    // The phone may restart by itself over it; then what it runs cannot be read for a while.
    const kept = await seen(async () => holds(knowledge, wanted, target, transport, signal, options), signal);
    if (kept === undefined) return { outcome: 'accepted', via: 'rest' };
  }
  const layers = pairs.every(([name]) => name.startsWith('device.')) ? 'device' : 'web';
  const count = pairs.length === 1 ? 'the parameter' : `${pairs.length} parameters`;
  return { outcome: 'accepted', via: 'rest', evidence: `${count} read back from its ${layers} layer` };
}

/** True when the phone runs every value; a secret is not shown, so that it comes from a layer of its own must do. */
async function holds(
  knowledge: Knowledge,
  pairs: readonly Pair[],
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  options: RestOptions,
): Promise<true | undefined> {
  const data = pairs.map(([name]) => name);
  const answer = await rest(target, transport, signal, 'POST', 'v1/mgmt/config/get', { ...options, data }).catch(away);
  if (!answer?.ok) return undefined;
  const all = pairs.every(([name, value]) => {
    const entry = property(answer.data, name);
    if (isSecretName(knowledge.catalogue, name)) return /^(?:web|device)$/i.test(textProperty(entry, 'Source') ?? '');
    return (textProperty(entry, 'Value') ?? '') === value;
  });
  return all ? true : undefined;
}

/** A phone that restarts does not answer for a while: nothing can be told then. */
function away(error: unknown): undefined {
  if (isPhonectlError(error) && (error.code === 'unreachable' || error.code === 'timeout')) return undefined;
  throw error;
}
