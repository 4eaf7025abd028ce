/** Why a device is not there: what was seen of it last, what it should have done since, and what stands in its way. */
import type { OperationContext } from '../context.ts';
import { resolveDevice } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import { askOne } from './ask.ts';
import { deviceLabel } from './phone.ts';
import { phoneTransport } from './transport.ts';

export interface OfflineReport {
  readonly device: string;
  readonly name: string;
  /** True when it answers now, or was seen within its own time. */
  readonly online: boolean;
  /** ISO 8601. */
  readonly seenAt: string | null;
  readonly findings: readonly Finding[];
  /** What happened last, newest first. */
  readonly events: readonly { readonly at: string; readonly what: string }[];
}

export interface Finding {
  readonly level: 'ok' | 'info' | 'problem';
  readonly text: string;
  /** What to do about it; a command to type where there is one. */
  readonly hint: string | null;
}

/** Phones fetch or upload once a day: who was silent for longer missed one. Milliseconds. */
const A_DAY = 26 * 3_600_000;
const EVENTS = 10;

export async function whyOffline(
  context: OperationContext,
  input: { readonly device: string; readonly plainBasic?: boolean },
): Promise<OfflineReport> {
  const { id } = await resolveDevice(context, input.device);
  const [device] = await context.read.devices.byIds([id], context.scope);
  if (device === undefined) throw new PhonectlError('not_found', 'The device was deleted meanwhile.');
  const now = context.clock.now();
  const { facts } = device;
  const asked = await askOne(
    context,
    id,
    await phoneTransport(context, input),
    context.signal,
    async (phone, over, signal) => {
      const { status } = phone.driver.actions;
      const reason = status.notApplicable(phone.target);
      return reason === undefined ? { answer: await status.read(phone.target, over, signal) } : { reason };
    },
  );
  const credentials = await (await context.store.serving()).credentials(id);
  const evidence = await context.read.evidence.latest(id, EVENTS);
  const findings = [
    stateFinding(device.state),
    answerFinding(asked),
    seenFinding(facts.seenAt, now),
    ...(facts.attention === null ? [] : [problem(facts.attention, `phonectl device show ${deviceLabel(device, id)}`)]),
    loginFinding(facts.seenAt, credentials),
    ...registrationFindings(facts.sip),
  ].filter((finding) => finding !== undefined);
  return {
    device: deviceLabel(device, id),
    name: device.name,
    online: asked.result === 'success' || (facts.seenAt !== null && now - facts.seenAt < A_DAY),
    seenAt: facts.seenAt === null ? null : new Date(facts.seenAt).toISOString(),
    findings,
    events: evidence.map(({ at, kind, address, detail }) => ({
      at: new Date(at).toISOString(),
      what: [kind, detail['event'] ?? detail['name'], address === null ? undefined : `from ${address}`]
        .filter((word) => word !== undefined)
        .join(' '),
    })),
  };
}

function problem(text: string, hint: string | null): Finding {
  return { level: 'problem', text, hint };
}

function stateFinding(state: string): Finding | undefined {
  if (state === 'active') return undefined;
  return problem(`The device is ${state}: the server gives it nothing.`, 'phonectl device approve');
}

function answerFinding({ result, reason }: { readonly result: string; readonly reason: string | null }): Finding {
  if (result === 'success') return { level: 'ok', text: 'It answers now.', hint: null };
  if (result === 'not-applicable') return { level: 'info', text: `It cannot be asked: ${reason ?? ''}.`, hint: null };
  return problem(`It does not answer: ${reason ?? ''}`, null);
}

function seenFinding(seenAt: number | null, now: number): Finding {
  if (seenAt === null) {
    return problem('It has never come to this server.', 'Look at how phones find it: phonectl deploy plan MAC');
  }
  const hours = Math.floor((now - seenAt) / 3_600_000);
  const when = new Date(seenAt).toISOString();
  if (now - seenAt < A_DAY) return { level: 'ok', text: `It was here at ${when}.`, hint: null };
  return problem(
    `It was here ${hours} hours ago (${when}) and has missed its daily poll since.`,
    'No power, no network, another server, or a certificate that it does not trust: look at the place itself.',
  );
}

function loginFinding(
  seenAt: number | null,
  credentials: readonly { readonly purpose: string; readonly lastUsedAt: number | null }[],
): Finding | undefined {
  const own = credentials.find(({ purpose }) => purpose === 'provisioning');
  if (own === undefined || own.lastUsedAt !== null || seenAt === null) return undefined;
  return problem(
    'It has been seen, but never came with its own login: it is not enrolled.',
    'phonectl device enrol DEVICE, and restart the phone',
  );
}

function registrationFindings(sip: string): readonly Finding[] {
  if (sip === 'registered' || sip === 'unknown') return [];
  const hint = 'The PBX decides that: account, password and server of its lines are in `phonectl config explain`.';
  return [problem(`Its SIP registration was ${sip} when it last told.`, hint)];
}
