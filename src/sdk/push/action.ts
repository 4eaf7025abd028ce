/**
 * `config push` for the task engine: the phone is told to fetch, and has done it when it was served what it should run
 * and, where it can be asked, runs it. That it took the message proves nothing (design.md section 7).
 */
import type { AttemptOutcome, ProbeResult, TaskAction } from '../../tasks/action.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import type { ControlContext } from '../control/phone.ts';
import { PhonectlError } from '../errors.ts';
import { type Inspection, Inspector } from './inspect.ts';

/** Milliseconds that a SIP NOTIFY is waited for where the phone's web server is not there: most likely nobody is. */
const NOTIFY_PATIENCE = 5_000;

/** A phone fetches its files in a moment, unless it restarts over them. Milliseconds. */
const FIRST_LOOK = 800;

/**
 * A phone that has not come is told again after so many milliseconds: words get lost while it starts, or is busy. It is
 * told so often in all.
 */
const REMIND = 20_000;
const MOST_REMINDERS = 3;

/** What the phone gets when it comes back, in the words of results. */
const NEXT_CONTACT = 'it gets the change at its next contact';

/** `tell` makes one phone fetch, over this transport. */
export type Tell = (deviceId: number, transport: DeviceTransport, signal: AbortSignal) => Promise<AttemptOutcome>;

export function pushAction(context: ControlContext, transport: DeviceTransport, tell: Tell): TaskAction {
  const inspector = new Inspector(context, transport);
  /** Phones that were told again: when last, and how often. */
  const reminded = new Map<number, { readonly at: number; readonly times: number }>();

  async function attempt(deviceId: number, signal: AbortSignal): Promise<AttemptOutcome> {
    const watched = impatient(transport);
    const outcome = await tell(deviceId, watched, signal);
    if (outcome.outcome !== 'unreachable' || watched.answered) return outcome;
    return { outcome: 'later', reason: `${outcome.reason.replace(/\.$/, '')}; ${NEXT_CONTACT}` };
  }

  async function probe(deviceId: number, elapsed: number, signal: AbortSignal): Promise<ProbeResult> {
    // Taken first: looking takes longer than a quick phone needs from our word to its fetch.
    const since = context.clock.now() - elapsed;
    const inspection = await inspector.inspect(deviceId, signal);
    const cameAt = inspection.servedAt ?? 0;
    if (inspection.state === 'pending' || cameAt < since) await remind(deviceId, { since, cameAt }, signal);
    if (inspection.state !== 'pending' && cameAt < since) {
      return { done: false, seen: 'it has not come to fetch since it was told to' };
    }
    await inspector.record([inspection]);
    return judge(inspection);
  }

  /** A phone may be quicker than the server, which knows of a change a moment later: then it comes for nothing. */
  async function remind(
    deviceId: number,
    { since, cameAt }: { readonly since: number; readonly cameAt: number },
    signal: AbortSignal,
  ): Promise<void> {
    const last = reminded.get(deviceId);
    const { at, times } = last !== undefined && last.at >= since ? last : { at: since, times: 0 };
    const now = context.clock.now();
    if (times === MOST_REMINDERS || (cameAt < at && now - at < REMIND)) return;
    reminded.set(deviceId, { at: now, times: times + 1 });
    // Whatever it answers: the next look shows whether it came.
    await tell(deviceId, impatient(transport), signal);
  }

  // A fetch alone settles nothing: what the phone then runs is looked at.
  return { repeatable: true, attempt, proof: () => undefined, probe, firstLook: FIRST_LOOK };
}

function judge(inspection: Inspection): ProbeResult {
  const { state, differences, reason, servedAt } = inspection;
  switch (state) {
    case 'running':
      return { done: true, evidence: `runs it, says the phone (${inspection.compared} parameters compared)` };
    case 'served':
      // A phone that could be asked and does not answer now is restarting, most likely.
      if (reason !== null) return { done: undefined, seen: `it fetched it, and cannot be asked: ${reason}` };
      return { done: true, evidence: `fetched it at ${new Date(servedAt ?? 0).toISOString()}` };
    case 'differs':
      return judgeDifferences(inspection);
    case 'pending':
      return { done: false, seen: 'it has not fetched it' };
    default:
      return { done: undefined, seen: reason ?? `its configuration is ${state}`, stop: differences.length === 0 };
  }
}

/** What a phone overrides itself it will override for ever; anything else it may still be applying. */
function judgeDifferences({ differences, overriding, clear }: Inspection): ProbeResult {
  const [first] = differences;
  const more = differences.length > 1 ? ` and ${differences.length - 1} more` : '';
  const what = `${first?.param ?? ''}${more}`;
  if (differences.some(({ layer }) => layer === null || !overriding.includes(layer))) {
    return { done: false, seen: `it runs another value of ${what}` };
  }
  return { done: false, final: true, seen: `its own settings override ${what}; clear them with: ${clear}` };
}

interface ImpatientTransport extends DeviceTransport {
  /** Whether anything answered at the phone's address. */
  readonly answered: boolean;
}

/** A phone that is switched off answers nothing: it is not waited for as long as a SIP transaction may take. */
function impatient(transport: DeviceTransport): ImpatientTransport {
  let answered = false;
  let silent = false;
  return {
    get answered() {
      return answered;
    },
    async http(request) {
      silent = true;
      const response = await transport.http(request);
      answered = true;
      silent = false;
      return response;
    },
    async notify(request) {
      if (!silent) return transport.notify(request);
      const patience = AbortSignal.timeout(NOTIFY_PATIENCE);
      try {
        return await transport.notify({ ...request, signal: AbortSignal.any([request.signal, patience]) });
      } catch (error) {
        if (!patience.aborted || request.signal.aborted) throw error;
        const seconds = NOTIFY_PATIENCE / 1000;
        throw new PhonectlError('timeout', `It did not answer a NOTIFY within ${seconds} s.`, { cause: error });
      }
    },
  };
}
