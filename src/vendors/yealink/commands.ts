/** What Yealink phones can be told: keys over the Action URI or SIP, texts as XML (yealink.md B1, B3, B5). */
import { ask, controlBase, firstAccepted, NO_ADDRESS, notify, textOf, WRONG_PASSWORD } from '../attempts.ts';
import {
  type Command,
  type CommandInputs,
  type Commands,
  dndForOne,
  impossible,
  type SeenEvent,
  seen,
} from '../commands.ts';
import type { AttemptResult, ControlTarget, RenderDevice } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannot, cannotAny } from '../support.ts';
import type { DeviceTransport } from '../transport.ts';
import { escapeText } from '../xml.ts';
import { actionUri } from './action-uri.ts';

/** Our words for keys, and the phone's (B1). A name that is not here is the phone's own. */
const KEYS: Readonly<Record<string, string>> = {
  star: '*',
  pound: 'POUND',
  '#': 'POUND',
  up: 'UP',
  down: 'DOWN',
  left: 'LEFT',
  right: 'RIGHT',
  ok: 'OK',
  delete: 'X',
  mute: 'MUTE',
  redial: 'RD',
  'volume-up': 'VOLUME_UP',
  'volume-down': 'VOLUME_DOWN',
  headset: 'HEADSET',
  speaker: 'SPEAKER',
};

export function createCommands(knowledge: Knowledge): Commands {
  const controlled = (device: RenderDevice): string | undefined => cannot(knowledge, device, 'deviceControl');
  const noCapture = impossible((device) => controlled(device) ?? NO_CAPTURE);

  /** Keys that do something to calls; the phone tells by its events that it did. */
  function call<Input>(
    key: (target: ControlTarget, input: Input) => string,
    events: readonly string[],
    what: string,
  ): Command<Input> {
    return {
      transports: ['action-uri', 'sip'],
      notApplicable: (device) => cannotAny(knowledge, device, ['deviceControl', 'callControl']),
      run: (target, input, transport, options) =>
        firstAccepted(
          [
            { name: 'action-uri', run: () => actionUri(target, transport, options.signal, key(target, input)) },
            { name: 'sip', run: () => sipKeys(target, transport, options.signal, [key(target, input)]) },
          ],
          options,
        ),
      proof: (event) => (events.includes(eventOf(event)) ? `${what}: it reported ${eventOf(event)}` : undefined),
    };
  }

  return {
    restart: impossible((device) => controlled(device) ?? cannot(knowledge, device, 'restart') ?? NO_RESTART),
    set: impossible((device) => controlled(device) ?? cannot(knowledge, device, 'parameters') ?? NO_SET),
    captureStart: noCapture,
    captureSend: noCapture,
    captureEnd: noCapture,
    reset: {
      transports: ['action-uri'],
      notApplicable: (device, { scope }) =>
        cannotAny(knowledge, device, ['deviceControl', scope === 'factory' ? 'factoryReset' : 'partialReset']) ??
        (scope === 'factory' ? undefined : 'it can only be reset as a whole'),
      run: (target, _input, transport, { signal }) => actionUri(target, transport, signal, 'Reset'),
    },
    dnd: {
      transports: ['action-uri', 'sip'],
      notApplicable: (device, { account }) =>
        cannotAny(knowledge, device, ['deviceControl', 'dnd']) ?? dndForOne(device, account),
      run: (target, { on }, transport, options) => {
        const key = on ? 'DNDOn' : 'DNDOff';
        return firstAccepted(
          [
            { name: 'action-uri', run: () => switchDnd(target, on, key, transport, options.signal) },
            { name: 'sip', run: () => sipKeys(target, transport, options.signal, [key]) },
          ],
          options,
        );
      },
      proof: (event, { on }) =>
        eventOf(event) === (on ? 'dnd_on' : 'dnd_off') ? `it reported ${eventOf(event)}` : undefined,
    },
    message: {
      transports: ['push', 'sip'],
      notApplicable: (device) => cannotAny(knowledge, device, ['deviceControl', 'messages']),
      run: (target, input, transport, options) =>
        firstAccepted(
          [
            { name: 'push', run: () => pushText(target, input, transport, options.signal) },
            { name: 'sip', run: () => sipText(target, input, transport, options.signal) },
          ],
          options,
        ),
    },
    key: {
      transports: ['action-uri', 'sip'],
      notApplicable: (device) => cannotAny(knowledge, device, ['deviceControl', 'keys']),
      run: (target, { keys }, transport, options) =>
        firstAccepted(
          [
            { name: 'action-uri', run: () => press(target, keys, transport, options.signal) },
            { name: 'sip', run: () => sipKeys(target, transport, options.signal, keys.map(keyName)) },
          ],
          options,
        ),
    },
    dial: call<CommandInputs['dial']>(dialKey, ['outgoing_call', 'idle_to_busy', 'call_established'], 'dials'),
    answer: call(() => 'OK', ['call_established'], 'answered'),
    hold: call(() => 'HOLD', ['hold'], 'holds'),
    resume: call(() => 'UNHOLD', ['unhold'], 'resumed'),
    end: call(() => 'CALLEND', ['call_terminated', 'busy_to_idle'], 'ended'),
    transfer: call<CommandInputs['transfer']>(
      (_target, { to }) => `BTrans=${encodeURIComponent(to)}`,
      ['blind_transfer_call', 'transfer_finished', 'call_terminated', 'busy_to_idle'],
      'transferred',
    ),
  };
}

/** For models that nothing is known of: the vendor's documents offer no such thing (B1). */
const NO_RESTART = 'it can only be rebooted, not restarted';
const NO_SET = 'single parameters cannot be set on it; give it a profile instead';
/** B8: no address of the web page is known that starts one. */
const NO_CAPTURE = "packets can only be captured on its own web page, or by the vendor's cloud";

function eventOf({ detail }: SeenEvent): string {
  const { event } = detail;
  return typeof event === 'string' ? event : '';
}

/** `number=1234&outgoing_uri=1006@10.3.5.199`: the line is named by its account (B1). */
function dialKey(target: ControlTarget, { to, line }: CommandInputs['dial']): string {
  const account = target.lines.find((each) => each.line === line);
  const from =
    account === undefined ? '' : `&outgoing_uri=${encodeURIComponent(`${account.username}@${account.server}`)}`;
  return `number=${encodeURIComponent(to)}${from}`;
}

async function switchDnd(
  target: ControlTarget,
  on: boolean,
  key: string,
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const result = await actionUri(target, transport, signal, key);
  if (result.outcome !== 'accepted') return result;
  // Firmware that answers no questions is not asked again and again; its event tells.
  if ((await readDnd(target, transport, signal)) === undefined) return result;
  const done = await seen(async () => ((await readDnd(target, transport, signal)) === on ? true : undefined), signal);
  return done === true ? { ...result, evidence: `is ${on ? 'on' : 'off'}, says the phone` } : result;
}

/** `dnd=1` in what `phonecfg=get` answers, however that is divided; `undefined` where it does not tell. */
async function readDnd(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const path = '/servlet?phonecfg=get&accounts=0&dnd=1&fw=0';
  const response = await ask(target, transport, signal, { method: 'GET', path });
  if (response.status !== 200) return undefined;
  const value = /(?:^|[\s&;<>,"])dnd[\w. ]{0,20}"?\s*[=:]\s*"?(0|1|on|off)\b/i.exec(
    textOf(response).slice(0, 65_536),
  )?.[1];
  return value === undefined ? undefined : /^(?:1|on)$/i.test(value);
}

/** Touch models do not take several keys at once (B1): one request each. */
async function press(
  target: ControlTarget,
  keys: readonly string[],
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<AttemptResult> {
  for (const key of keys) {
    const result = await actionUri(target, transport, signal, encodeURIComponent(keyName(key)));
    if (result.outcome !== 'accepted') return result;
  }
  const evidence = `the phone answers that it took ${keys.length === 1 ? 'the key' : `${keys.length} keys`}`;
  return { outcome: 'accepted', via: 'action-uri', evidence };
}

function keyName(key: string): string {
  const word = key.toLowerCase();
  const numbered = /^(soft|line)-?(\d{1,2})$/.exec(word);
  if (numbered !== null) return `${numbered[1] === 'soft' ? 'F' : 'L'}${numbered[2]}`;
  return KEYS[word] ?? key;
}

async function sipKeys(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  keys: readonly string[],
): Promise<AttemptResult> {
  const body = keys.map((key) => `key=${decodeURIComponent(key)}`).join('\r\n');
  return notify(target, transport, signal, 'ACTION-URI', { type: 'message/sipfrag', body });
}

function statusXml({ text, seconds }: CommandInputs['message']): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<YealinkIPPhoneStatus Beep="yes" SessionID="phonectl" Timeout="${seconds}">\n` +
    `<Message Icon="Message">${escapeText(text)}</Message>\n</YealinkIPPhoneStatus>`
  );
}

/** The phone takes it from the addresses in push_xml.server, and knows the sender by its Referer (B5). */
async function pushText(
  target: ControlTarget,
  input: CommandInputs['message'],
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<AttemptResult> {
  if (controlBase(target) === undefined) return NO_ADDRESS;
  const referer = target.controlAddresses?.[0];
  if (referer === undefined) {
    return {
      outcome: 'refused',
      reason: 'no address is set from which phones take commands',
      hint: 'Set provisioning.controlAddresses with `phonectl init`, and let the phone provision.',
    };
  }
  const response = await ask(target, transport, signal, {
    method: 'POST',
    path: '/servlet?push=xml',
    headers: { 'content-type': 'text/xml; charset=utf-8', referer },
    body: `xml=${statusXml(input)}`,
  });
  if (response.status === 200) {
    return { outcome: 'accepted', via: 'push', evidence: 'the phone answers that it took the text (200)' };
  }
  if (response.status === 401) return WRONG_PASSWORD;
  const hint = 'push_xml.server lists who may send texts; it is part of the base layer.';
  return { outcome: 'refused', reason: `the phone answers HTTP ${response.status} to a text`, hint };
}

async function sipText(
  target: ControlTarget,
  input: CommandInputs['message'],
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const content = { type: 'application/xml', body: statusXml(input) };
  const result = await notify(target, transport, signal, 'Yealink-xml', content);
  return result.outcome === 'accepted'
    ? { ...result, evidence: `the phone answers that it took the text (${result.detail})` }
    : result;
}
