/** What Cisco phones can be told: a warm restart by NOTIFY, a text that they fetch (cisco.md 7, 8). */
import { ask, controlBase, NO_ADDRESS, notify, textOf } from '../attempts.ts';
import { type CommandInputs, type Commands, impossible } from '../commands.ts';
import type { AttemptResult, ControlTarget, RenderDevice } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { type cannot, cannotAny } from '../support.ts';
import type { DeviceTransport } from '../transport.ts';
import { escapeAttribute, escapeText } from '../xml.ts';

/** The login of people at the phone, which XML services take (cisco.md 7). */
const USER = 'user';

export function createCommands(knowledge: Knowledge): Commands {
  const never = (capability: Parameters<typeof cannot>[2], otherwise: string) =>
    impossible((device: RenderDevice) => cannotAny(knowledge, device, ['deviceControl', capability]) ?? otherwise);
  const noCapture = impossible(
    (device: RenderDevice) =>
      cannotAny(knowledge, device, ['deviceControl']) ?? 'packets can only be captured on its own web page',
  );
  const noCalls = never('callControl', 'its calls cannot be controlled remotely');
  return {
    restart: {
      transports: ['sip'],
      notApplicable: (device) => cannotAny(knowledge, device, ['deviceControl', 'restart']),
      run: async (target, _input, transport, { signal, force }) =>
        force !== true && target.inCall === true
          ? { outcome: 'busy', reason: 'the phone is in a call' }
          : notify(target, transport, signal, 'restart_now'),
    },
    message: {
      transports: ['xml'],
      notApplicable: (device) => cannotAny(knowledge, device, ['deviceControl', 'messages']),
      run: (target, input, transport, { signal }) => execute(target, input, transport, signal),
      proof: ({ detail }, { token }) =>
        detail['event'] === 'message' && detail['token'] === token ? 'it fetched the text' : undefined,
    },
    reset: never('factoryReset', 'it cannot be reset remotely'),
    dnd: never('dnd', 'its do not disturb cannot be switched remotely'),
    key: never('keys', 'its keys cannot be pressed remotely'),
    set: never('parameters', 'single parameters cannot be set on it; give it a profile instead'),
    captureStart: noCapture,
    captureSend: noCapture,
    captureEnd: noCapture,
    dial: noCalls,
    answer: noCalls,
    hold: noCalls,
    resume: noCalls,
    end: noCalls,
    transfer: noCalls,
  };
}

/** Where the phone fetches a text: its own callback URL. */
function textUrl(eventUrl: string, token: string): string {
  return `${eventUrl}/message/${token}`;
}

/** What stands there: a page of text. */
export function textPage(text: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<CiscoIPPhoneText>\n<Title>phonectl</Title>\n<Text>${escapeText(text)}</Text>\n</CiscoIPPhoneText>\n`
  );
}

/** Sends the phone to the page. That it took the order proves nothing; that it fetched the page does. */
async function execute(
  target: ControlTarget,
  { token }: CommandInputs['message'],
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<AttemptResult> {
  if (controlBase(target) === undefined) return NO_ADDRESS;
  if (target.eventUrl === undefined) {
    return { outcome: 'refused', reason: 'phonectl has no address at which the phone could fetch the text' };
  }
  const url = escapeAttribute(textUrl(target.eventUrl, token));
  const order = `<CiscoIPPhoneExecute><ExecuteItem Priority="0" URL="${url}"/></CiscoIPPhoneExecute>`;
  const response = await ask({ ...target, admin: { ...target.admin, username: USER } }, transport, signal, {
    method: 'POST',
    path: '/CGI/Execute',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ XML: order }).toString(),
  });
  if (response.status === 401) {
    return { outcome: 'refused', reason: 'the phone does not accept the password of its user that phonectl gave it' };
  }
  if (response.status !== 200) {
    const hint = 'CISCO_XML_EXE_Enable is part of the base layer: make the phone provision first.';
    return { outcome: 'refused', reason: `the phone answers HTTP ${response.status} to a text`, hint };
  }
  const error = /<CiscoIPPhoneError\b[^>]{0,100}\bNumber="(\d{1,3})"/.exec(textOf(response).slice(0, 4096))?.[1];
  if (error === undefined) return { outcome: 'accepted', via: 'xml' };
  return { outcome: 'refused', reason: `the phone answers error ${error} of XML services to a text` };
}
