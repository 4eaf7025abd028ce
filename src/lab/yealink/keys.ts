/** The values of Action URI and of SIP ACTION-URI (yealink.md B1). */
import type { Call } from '../calls.ts';
import { YEALINK_LAYERS } from './defaults.ts';
import type { YealinkPhone } from './phone.ts';

type Action = (phone: YealinkPhone, argument: string) => unknown;

const ACTIONS: Record<string, Action> = {
  Reboot: (phone) => phone.afterAnswer(() => phone.reboot('Action URI')),
  Reset: (phone) => phone.afterAnswer(() => phone.factoryReset('Action URI', YEALINK_LAYERS)),
  AutoP: (phone) => phone.afterAnswer(() => phone.provisionSoon('request')),
  DNDOn: (phone) => phone.afterAnswer(() => phone.setDnd(true)),
  DNDOff: (phone) => phone.afterAnswer(() => phone.setDnd(false)),
  OK: (phone) => onCall(phone, (call) => phone.calls.answer(call)),
  ENTER: (phone) => onCall(phone, (call) => phone.calls.answer(call)),
  ANSWER: (phone) => onCall(phone, (call) => phone.calls.answer(call)),
  ASW: (phone) => onCall(phone, (call) => phone.calls.answer(call)),
  SPEAKER: (phone) => onCall(phone, (call) => phone.calls.answer(call)),
  OFFHOOK: (phone) => onCall(phone, (call) => phone.calls.answer(call)),
  ONHOOK: (phone) => onCall(phone, (call) => phone.calls.end(call)),
  CALLEND: (phone) => onCall(phone, (call) => phone.calls.end(call)),
  CallEnd: (phone) => onCall(phone, (call) => phone.calls.end(call)),
  X: (phone) => onCall(phone, (call) => phone.calls.end(call)),
  CANCEL: (phone) => onCall(phone, (call) => phone.calls.end(call)),
  HOLD: (phone) => onCall(phone, (call) => phone.calls.hold(call)),
  UNHOLD: (phone) => onCall(phone, (call) => phone.calls.resume(call)),
  F_HOLD: (phone) =>
    onCall(phone, (call) => (call.state === 'Hold' ? phone.calls.resume(call) : phone.calls.hold(call))),
  MUTE: (phone) =>
    onCall(phone, (call) => {
      call.muted = !call.muted;
      return call.muted;
    }),
};

const WITH_ARGUMENT: Record<string, Action> = {
  number: (phone, argument) => dial(phone, argument),
  ATrans: (phone, to) => onCall(phone, (call) => phone.calls.transfer(call, to)),
  BTrans: (phone, to) => onCall(phone, (call) => phone.calls.transfer(call, to)),
};

const PLAIN_KEYS =
  /^(?:[0-9*]|POUND|UP|DOWN|LEFT|RIGHT|VOLUME_UP|VOLUME_DOWN|F[1-4]|L\d{1,2}|HEADSET|RD|MSG|F_TRANSFER|F_CONFERENCE)$/;
/** Chaining with `;` does not work on touch models (yealink.md B1). */
const TOUCH = /^(?:T48|T57|T58|T8|VP59)/;

/** Presses one key, or several joined by `;`. False where one of them is not known. */
export function pressKeys(phone: YealinkPhone, value: string): boolean {
  const keys = TOUCH.test(phone.model) ? [value] : value.split(';');
  return keys.every((key) => pressKey(phone, key));
}

function pressKey(phone: YealinkPhone, key: string): boolean {
  const [name = '', ...rest] = key.split(/[=:]/);
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  const withArgument = rest.length > 0 && Object.hasOwn(WITH_ARGUMENT, name) ? WITH_ARGUMENT[name] : undefined;
  if (action === undefined && withArgument === undefined && !PLAIN_KEYS.test(key)) return false;
  phone.press(key);
  action?.(phone, rest.join('='));
  withArgument?.(phone, rest.join('='));
  return true;
}

/** `number=1234&outgoing_uri=1006@10.3.5.199`. */
function dial(phone: YealinkPhone, argument: string): void {
  const [number = '', ...options] = argument.split('&');
  const from = options
    .find((option) => option.startsWith('outgoing_uri'))
    ?.replace(/^outgoing_uri=?/, '')
    .split('@')[0];
  const line = phone.lines.find(({ user, registered }) => registered && (from === undefined || user === from));
  if (line !== undefined) phone.calls.dial(line.line, number);
}

function onCall(phone: YealinkPhone, act: (call: Call) => boolean): boolean {
  const call = phone.calls.find();
  return call === undefined ? false : act(call);
}
