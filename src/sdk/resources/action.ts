/** Resources for the task engine: a phone is given them when its turn comes, and is seen to run what names them. */
import type { AttemptOutcome, ProbeResult, TaskAction } from '../../tasks/action.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import { type ControlContext, loadPhone } from '../control/phone.ts';
import type { GivingRun } from '../firmware/action.ts';
import type { Evidence } from '../ports/evidence.ts';
import type { TargetState } from '../ports/tasks.ts';
import { pushAction, type Tell } from '../push/action.ts';
import { loadTellings, tell as parametersFor, type Wanted } from './telling.ts';

/** The input of a resource task, as it is stored with it. */
export interface ResourceInput {
  readonly resources: readonly { readonly id: number; readonly param?: string }[];
}

/** So long may a phone take to fetch the files themselves; it may have them already, and then asks for none. */
const FILES_WITHIN = 15_000;

export function resourceAction(
  context: ControlContext,
  transport: DeviceTransport,
  tell: Tell,
  { resources }: ResourceInput,
  { taskId, runId, skip }: GivingRun,
): TaskAction {
  const { store, clock, home } = context;
  const base = pushAction(context, transport, tell);
  /** Names of the files that each phone fetched since it was told. */
  const fetched = new Map<number, Set<string>>();

  async function wanted(): Promise<readonly Wanted[]> {
    const found = await Promise.all(
      resources.map(async ({ id, param }) => ({ resource: await store.read.resources.find(String(id)), param })),
    );
    return found.flatMap(({ resource, param }) => (resource === undefined ? [] : [{ resource, param }]));
  }

  async function attempt(deviceId: number, signal: AbortSignal): Promise<AttemptOutcome> {
    const phone = await loadPhone(context, deviceId);
    if ('reason' in phone) return { outcome: 'not-applicable', reason: phone.reason };
    const [files, tellings] = await Promise.all([wanted(), loadTellings(home)]);
    const given = files.map((each) => ({
      slot: each.resource.type,
      fileId: each.resource.id,
      parameters: parametersFor(tellings, phone.driver, phone.target.model, each),
    }));
    const reason = given.map(({ parameters }) => parameters).find((each) => typeof each === 'string');
    if (given.length < resources.length) return { outcome: 'not-applicable', reason: 'the resource was deleted' };
    if (typeof reason === 'string') return { outcome: 'not-applicable', reason };
    await store.transaction(async ({ givenFiles }) => {
      for (const { parameters, ...file } of given) {
        if (typeof parameters === 'string') continue;
        await givenFiles.give({ deviceId, ...file, parameters, taskId, runId, at: clock.now() });
      }
    });
    fetched.set(deviceId, new Set());
    return skip ? { outcome: 'later', reason: 'left to its next poll' } : base.attempt(deviceId, signal);
  }

  function proof(evidence: Evidence): undefined {
    if (evidence.kind !== 'download') return undefined;
    const names = fetched.get(evidence.deviceId) ?? new Set();
    fetched.set(evidence.deviceId, names.add(String(evidence.detail['name'])));
    return undefined;
  }

  async function probe(deviceId: number, elapsed: number, signal: AbortSignal): Promise<ProbeResult> {
    const result = await base.probe?.(deviceId, elapsed, signal);
    if (result === undefined) throw new Error('A push that cannot be looked at.');
    if (result.done !== true) return result;
    const names = fetched.get(deviceId) ?? new Set();
    const files = (await wanted()).map(({ resource }) => resource.servedAs);
    const missing = files.filter((name) => !names.has(name));
    if (missing.length === 0) return { done: true, evidence: `fetched ${files.join(', ')}` };
    if (elapsed < FILES_WITHIN) return { done: false, seen: `it has not fetched ${missing.join(', ')}` };
    return { done: true, evidence: `${result.evidence}; it did not ask for ${missing.join(', ')}, and may have it` };
  }

  async function withdraw(deviceId: number, state: TargetState): Promise<void> {
    // A phone that is away gets it at its next contact; one that said no is asked no more.
    if (state !== 'failure' && state !== 'not-applicable') return;
    const slots = new Set((await wanted()).map(({ resource }) => resource.type));
    await store.transaction(async ({ givenFiles }) => {
      for (const slot of slots) await givenFiles.withdraw(deviceId, slot, runId);
    });
  }

  return { repeatable: true, attempt, proof, probe, withdraw };
}
