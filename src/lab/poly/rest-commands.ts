/** What Poly's REST API does: the POST half, poly.md A.5 and A.6. */
import type { Call } from '../calls.ts';
import { isPolyParameter, POLY_LAYERS } from './defaults.ts';
import type { PolyPhone } from './phone.ts';
import { CODES, type RestResult } from './rest-codes.ts';

type Data = Record<string, unknown>;
export type Outcome = RestResult & { more?: Record<string, unknown> };
type Handler = (phone: PolyPhone, data: Data) => Outcome | Promise<Outcome>;

const DONE: Outcome = { code: CODES.ok };
const MOST_PARAMETERS = 20;

export const COMMANDS: Record<string, Handler> = {
  '/api/v1/mgmt/safeRestart': (phone) => goDown(phone, () => phone.restart('safeRestart')),
  '/api/v1/mgmt/safeReboot': (phone) => goDown(phone, () => phone.reboot('safeReboot')),
  '/api/v1/mgmt/factoryReset': (phone) => after(phone, () => phone.factoryReset('factoryReset', POLY_LAYERS)),
  '/api/v1/mgmt/configReset': (phone) => resetLayers(phone, ['web', 'local', 'device']),
  '/api/v1/mgmt/configReset/web': (phone) => resetLayers(phone, ['web']),
  '/api/v1/mgmt/configReset/local': (phone) => resetLayers(phone, ['local']),
  '/api/v1/mgmt/configReset/device': (phone) => resetLayers(phone, ['device']),
  '/api/v1/mgmt/configReset/cloud': () => DONE,
  '/api/v1/mgmt/updateConfiguration': (phone) => after(phone, () => phone.provisionSoon('request')),
  '/api/v1/mgmt/config/get': configGet,
  '/api/v1/mgmt/config/set': configSet,
  '/api/v1/mgmt/network/uploadBgCapture': uploadCapture,
  '/api/v1/mgmt/simulateKeyEvent': keyEvent,
  '/api/v1/mgmt/simulateTextInput': (phone, { Value }) =>
    typeof Value === 'string' ? press(phone, `text:${Value}`) : { code: CODES.invalid },
  '/api/v1/callctrl/dial': dial,
  '/api/v1/callctrl/endCall': onCall((phone, call) => phone.calls.end(call), true),
  '/api/v1/callctrl/holdCall': onCall((phone, call) => phone.calls.hold(call)),
  '/api/v1/callctrl/resumeCall': onCall((phone, call) => phone.calls.resume(call)),
  '/api/v1/callctrl/answerCall': onCall((phone, call) => phone.calls.answer(call)),
  '/api/v1/callctrl/ignoreCall': onCall((_phone, call) => {
    call.ignored = call.state === 'Offering';
    return call.ignored;
  }),
  '/api/v1/callctrl/rejectCall': onCall((phone, call) => {
    if (call.state !== 'Offering') return false;
    return phone.calls.end(call);
  }),
  '/api/v1/callctrl/mute': mute,
  '/api/v1/callctrl/sendDTMF': (phone, { Digits }) => {
    if (typeof Digits !== 'string' || !/^[0-9A-D*#]+$/i.test(Digits)) return { code: CODES.invalid };
    return phone.calls.find()?.state === 'Connected' ? press(phone, `dtmf:${Digits}`) : { code: CODES.noCall };
  },
  '/api/v1/callctrl/transferCall': (phone, data) => {
    const to = data['TransferDest'];
    if (typeof to !== 'string' || to === '') return { code: CODES.invalid };
    return onCall((owner, call) => owner.calls.transfer(call, to))(phone, data);
  },
};

/** "When no call is up" (poly.md A.5): in a call the request fails. */
function goDown(phone: PolyPhone, run: () => unknown): Outcome {
  return phone.calls.active.length > 0 ? { code: CODES.failed } : after(phone, run);
}

function after(phone: PolyPhone, run: () => unknown): Outcome {
  phone.afterAnswer(run);
  return DONE;
}

function resetLayers(phone: PolyPhone, layers: readonly string[]): Outcome {
  return after(phone, () => phone.resetLayers(layers));
}

/** Unknown names come back in `InvalidParams` (poly.md A.5). */
function configGet(phone: PolyPhone, names: Data): Outcome {
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) return { code: CODES.invalid };
  if (names.length > MOST_PARAMETERS) return { code: CODES.tooMany };
  const known = names.filter((name) => isPolyParameter(name));
  const data = Object.fromEntries(
    known.map((name) => [
      name,
      { Value: isSecret(name) ? '' : phone.parameters.text(name), Source: phone.parameters.source(name) ?? 'default' },
    ]),
  );
  const unknown = names.filter((name) => !isPolyParameter(name));
  return { data, ...(unknown.length > 0 && { more: { InvalidParams: unknown } }) };
}

function isSecret(name: string): boolean {
  return /password$|\.pin$/i.test(name);
}

/** Writes the web layer, and `device.*` with its `.set` beside it the flash; the phone restarts by itself where it must. */
async function configSet(phone: PolyPhone, data: Data): Promise<Outcome> {
  const entries = Object.entries(data).map(([name, value]) => [name, String(value)] as const);
  if (entries.length === 0) return { code: CODES.invalid };
  if (entries.length > MOST_PARAMETERS) return { code: CODES.tooMany };
  if (entries.some(([name]) => !isPolyParameter(name) && name !== 'device.set')) return { code: CODES.invalid };
  await phone.setByWeb(entries);
  return DONE;
}

/** To the URL of the request, else to the one of its configuration; while it captures only. */
function uploadCapture(phone: PolyPhone, { url }: Data): Outcome {
  if (!phone.capture.isOn) return { code: CODES.notAllowed };
  const to = typeof url === 'string' ? url : phone.parameters.text('diags.pcap.background.uploadURL');
  return URL.canParse(to) ? after(phone, () => phone.put(to, phone.capture.packed())) : { code: CODES.invalid };
}

function keyEvent(phone: PolyPhone, { Type, KeyName }: Data): Outcome {
  if (typeof KeyName !== 'string' || typeof Type !== 'string' || !KEYS.test(KeyName)) return { code: CODES.invalid };
  if (KeyName === 'DoNotDisturb') phone.afterAnswer(() => phone.setDnd(!phone.dnd));
  return press(phone, KeyName);
}

/** poly.md A.5; DoNotDisturb is the hard key of SoundPoint phones [recalled]. */
const KEYS =
  /^(?:Dialpad(?:\d|Star|Pound)|SoftKey\d|Arrow(?:Up|Down|Left|Right)|Select|Delete|Home|MicMute|Redial|VolUp|VolDown|Line\d+|Headset|Handsfree|DoNotDisturb)$/;

function press(phone: PolyPhone, key: string): Outcome {
  phone.press(key);
  return DONE;
}

function dial(phone: PolyPhone, { Dest, Line = '1', Type = 'TEL' }: Data): Outcome {
  if (typeof Dest !== 'string' || Dest === '' || !['TEL', 'SIP', 'H323'].includes(String(Type)))
    return { code: CODES.invalid };
  const line = phone.lines.find((candidate) => String(candidate.line) === String(Line));
  if (line?.registered !== true) return { code: CODES.lineNotRegistered };
  const number = Dest.replace(/^sip:/i, '').split('@')[0] ?? Dest;
  return phone.calls.dial(line.line, number) === undefined ? { code: CODES.lineNotRegistered } : DONE;
}

function mute(phone: PolyPhone, { state }: Data): Outcome {
  if (state !== '0' && state !== '1') return { code: CODES.invalid };
  const call = phone.calls.find();
  if (call === undefined) return { code: CODES.noCall };
  call.muted = state === '1';
  return DONE;
}

/** Finds the call that `Ref` means: `0x` and hex, or a decimal number; without it the active call, unless it is mandatory. */
function onCall(act: (phone: PolyPhone, call: Call) => boolean, needsRef = false): Handler {
  return (phone, { Ref }) => {
    if (Ref === undefined ? needsRef : !/^(?:0x[0-9a-f]+|\d+)$/i.test(String(Ref))) return { code: CODES.invalid };
    const call = phone.calls.find(Ref === undefined ? undefined : Number(Ref));
    if (call === undefined) return { code: CODES.noCall };
    return act(phone, call) ? DONE : { code: CODES.notAllowed };
  };
}
