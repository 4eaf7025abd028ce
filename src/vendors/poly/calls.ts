/** Calls of Poly phones: what is up, and doing something to it (poly.md A.4, A.6). */
import { controlBase, noAddressError, statusError } from '../attempts.ts';
import { type Command, type CommandInputs, type PhoneCall, seen } from '../commands.ts';
import type { AttemptResult, ControlTarget } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannotAny } from '../support.ts';
import type { DeviceTransport } from '../transport.ts';
import { type RestOptions, rest, textProperty } from './rest.ts';

interface HandledCall extends PhoneCall {
  /** As `Ref` wants it: `0x` and hex digits. */
  readonly ref: string;
}

const OVER = /^disconnected$/i;
const HELD = /^(?:on)?hold$|^callhold$/i;
const CONNECTED = /^connected$|^callconference$/i;

interface Exchange {
  readonly target: ControlTarget;
  readonly transport: DeviceTransport;
  readonly signal: AbortSignal;
  readonly options: RestOptions;
}

/** The calls that are up. Throws what reading a phone throws. */
export async function readCalls({ target, transport, signal, options }: Exchange): Promise<readonly HandledCall[]> {
  if (controlBase(target) === undefined) throw noAddressError(target);
  // Firmware before 5.8 knows the first version only, which tells of one call.
  for (const version of ['v2', 'v1']) {
    const answer = await rest(target, transport, signal, 'GET', `${version}/webCallControl/callStatus`, options);
    if (answer.ok) return toCalls(answer.data);
    if (answer.status === 4007) return [];
    if (version === 'v1' || (answer.status !== 404 && answer.status !== 4004)) {
      const { result } = answer;
      throw statusError('reason' in result ? result.reason : result.outcome);
    }
  }
  return [];
}

function toCalls(data: unknown): readonly HandledCall[] {
  const entries: readonly unknown[] = Array.isArray(data) ? data : [data];
  return entries.flatMap((entry): HandledCall[] => {
    const state = textProperty(entry, 'CallState');
    const handle = textProperty(entry, 'CallHandle');
    if (state === undefined || handle === undefined || OVER.test(state)) return [];
    const direction = textProperty(entry, 'Type')?.toLowerCase();
    const line = Number(textProperty(entry, 'LineId'));
    const seconds = Number(textProperty(entry, 'DurationInSeconds') ?? textProperty(entry, 'DurationSeconds'));
    return [
      {
        ref: /^0x/i.test(handle) ? handle : `0x${handle}`,
        line: Number.isInteger(line) ? line : null,
        state,
        direction: direction === 'incoming' || direction === 'outgoing' ? direction : null,
        remoteName: textProperty(entry, 'RemotePartyName') ?? null,
        remoteNumber: textProperty(entry, 'RemotePartyNumber') ?? null,
        seconds: Number.isInteger(seconds) ? seconds : null,
      },
    ];
  });
}

type CallCommands = 'dial' | 'answer' | 'hold' | 'resume' | 'end' | 'transfer';

interface Verb<Input> {
  readonly path: string;
  readonly data: (input: Input, call: HandledCall | undefined) => Readonly<Record<string, string>>;
  /** The call that is meant; absent where none is needed. */
  readonly which?: (call: HandledCall) => boolean;
  /** What is missing when there is no such call. */
  readonly missing?: string;
  /** What the calls look like when it is done. */
  readonly done: (calls: readonly HandledCall[], input: Input, before: HandledCall | undefined) => string | undefined;
}

export function callCommands(
  knowledge: Knowledge,
  options: RestOptions,
): { readonly [Type in CallCommands]: Command<CommandInputs[Type]> } {
  function command<Input>(verb: Verb<Input>): Command<Input> {
    return {
      transports: ['rest'],
      notApplicable: (device) => cannotAny(knowledge, device, ['rest', 'deviceControl', 'callControl']),
      run: (target, input, transport, { signal }) => act(verb, input, { target, transport, signal, options }),
    };
  }

  return {
    dial: command<CommandInputs['dial']>({
      path: 'dial',
      data: ({ to, line, type }) => ({ Dest: to, Line: String(line), Type: type.toUpperCase() }),
      done: (calls, { to }) => {
        const number = numberOf(to);
        const call = calls.find(
          ({ direction, remoteNumber }) => direction === 'outgoing' && numberOf(remoteNumber ?? '') === number,
        );
        return call === undefined ? undefined : `calls ${call.remoteNumber} (${call.state}), says the phone`;
      },
    }),
    answer: command({
      path: 'answerCall',
      data: withRef,
      which: ({ state }) => /^offering$/i.test(state),
      missing: 'no call is ringing at it',
      done: (calls, _input, before) => stateOf(calls, before, CONNECTED),
    }),
    hold: command({
      path: 'holdCall',
      data: withRef,
      which: ({ state }) => CONNECTED.test(state),
      missing: 'it has no connected call',
      done: (calls, _input, before) => stateOf(calls, before, HELD),
    }),
    resume: command({
      path: 'resumeCall',
      data: withRef,
      which: ({ state }) => HELD.test(state),
      missing: 'it has no call on hold',
      done: (calls, _input, before) => stateOf(calls, before, CONNECTED),
    }),
    end: command({
      path: 'endCall',
      data: withRef,
      which: () => true,
      missing: 'it has no call',
      done: gone,
    }),
    transfer: command<CommandInputs['transfer']>({
      path: 'transferCall',
      data: ({ to }, call) => ({ ...withRef(undefined, call), TransferDest: to }),
      which: ({ state }) => CONNECTED.test(state) || HELD.test(state),
      missing: 'it has no connected call',
      done: gone,
    }),
  };
}

function withRef(_input: unknown, call: HandledCall | undefined): Readonly<Record<string, string>> {
  return { Ref: call?.ref ?? '' };
}

function stateOf(calls: readonly HandledCall[], before: HandledCall | undefined, state: RegExp): string | undefined {
  const call = calls.find(({ ref }) => ref === before?.ref);
  return call !== undefined && state.test(call.state) ? `the call is ${call.state}, says the phone` : undefined;
}

function gone(calls: readonly HandledCall[], _input: unknown, before: HandledCall | undefined): string | undefined {
  return calls.some(({ ref }) => ref === before?.ref) ? undefined : 'the call is gone, says the phone';
}

/** `sip:1002@pbx` and `1002` are the same number to a phone. */
function numberOf(address: string): string {
  return (address.replace(/^(?:sips?|tel|h323):/i, '').split('@', 1)[0] ?? '').toLowerCase();
}

async function act<Input>(verb: Verb<Input>, input: Input, exchange: Exchange): Promise<AttemptResult> {
  const { target, transport, signal, options } = exchange;
  let before: HandledCall | undefined;
  if (verb.which !== undefined) {
    before = (await readCalls(exchange)).find(verb.which);
    if (before === undefined) return { outcome: 'refused', reason: verb.missing ?? 'it has no such call' };
  }
  const data = verb.data(input, before);
  const answer = await rest(target, transport, signal, 'POST', `v1/callctrl/${verb.path}`, { ...options, data });
  if (!answer.ok) {
    if (answer.status !== 404) return answer.result;
    // poly.md A.6: firmware whose REST API has no call control.
    return { outcome: 'not-applicable', reason: 'its firmware has no call control in its REST API (404)' };
  }
  const evidence = await seen(async () => verb.done(await readCalls(exchange), input, before), signal);
  return { outcome: 'accepted', via: 'rest', ...(evidence !== undefined && { evidence }) };
}
