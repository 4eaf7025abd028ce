/** Reading what a Cisco phone runs: its whole configuration in one answer (cisco.md 6). */
import { ask, controlBase, loginError, noAddressError, statusError } from '../attempts.ts';
import { isSecretName } from '../catalogue.ts';
import type { ControlTarget, RunningParameter } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import type { DeviceTransport } from '../transport.ts';
import { parse } from './parse.ts';
import { ACCESS_SUFFIX } from './render.ts';

export async function readRunning(
  knowledge: Knowledge,
  target: ControlTarget,
  names: readonly string[],
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<readonly RunningParameter[]> {
  if (controlBase(target) === undefined) throw noAddressError(target);
  const response = await ask(target, transport, signal, { method: 'GET', path: '/admin/cfg.xml' });
  if (response.status === 401) throw loginError();
  if (response.status !== 200) throw statusError(`it answers HTTP ${response.status} instead of its configuration`);
  const wanted = new Set(names.filter((name) => !name.endsWith(ACCESS_SUFFIX)));
  const { parameters } = parse(knowledge, 'cfg.xml', response.body);
  return parameters
    .filter(({ name }) => wanted.has(name))
    .map(({ name, value }) => ({ name, ...(!isHidden(knowledge, name, value) && { value }) }));
}

/** Passwords, and rules that may hold some, come back empty (cisco.md 4, 9). */
function isHidden(knowledge: Knowledge, name: string, value: string): boolean {
  return value === '' && (isSecretName(knowledge.catalogue, name) || /_Rule(?:_[B-D])?$/.test(name));
}
