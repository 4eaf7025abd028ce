/** Cisco's actions: direct action URLs, else SIP NOTIFY (cisco.md 6, 8). */
import { parseMac } from '../../domain/mac.ts';
import { isPhonectlError } from '../../sdk/errors.ts';
import {
  ask,
  controlBase,
  firstAccepted,
  NO_ADDRESS,
  noAddressError,
  notify,
  statusError,
  WRONG_PASSWORD,
} from '../attempts.ts';
import type { AttemptResult, ControlTarget, DeviceStatus, Driver } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannot } from '../support.ts';
import type { DeviceTransport } from '../transport.ts';
import { parseXml, type XmlElement } from '../xml.ts';
import { readRunning } from './running.ts';

export function createActions(knowledge: Knowledge): Driver['actions'] {
  return {
    reboot: {
      transports: ['action-url', 'sip'],
      notApplicable: (device) => cannot(knowledge, device, 'deviceControl'),
      run(target, _input, transport, run) {
        return firstAccepted(
          [
            { name: 'action-url', run: () => reboot(knowledge, target, transport, run.signal, run.force === true) },
            { name: 'sip', run: () => sipReboot(target, transport, run.signal, run.force === true) },
          ],
          run,
        );
      },
    },
    checkSync: {
      transports: ['action-url', 'sip'],
      notApplicable: (device) => cannot(knowledge, device, 'checkSync'),
      run(target, _input, transport, run) {
        return firstAccepted(
          [
            { name: 'action-url', run: () => actionUrl(target, transport, run.signal, 'resync') },
            { name: 'sip', run: () => notify(target, transport, run.signal, 'resync') },
          ],
          run,
        );
      },
    },
    status: {
      notApplicable: (device) => cannot(knowledge, device, 'deviceControl'),
      async read(target, transport, signal) {
        if (controlBase(target) === undefined) throw noAddressError(target);
        const response = await ask(target, transport, signal, { method: 'GET', path: '/admin/status.xml' });
        if (response.status === 401)
          throw statusError('it does not accept the admin password that phonectl has for it');
        if (response.status !== 200) throw statusError(`it answers HTTP ${response.status}`, WEB_HINT);
        const status = readStatus(knowledge, response.body);
        if (status === undefined) throw statusError('its answer is not understood');
        return status;
      },
    },
    running: {
      notApplicable: (device) => cannot(knowledge, device, 'deviceControl'),
      read: (target, names, transport, signal) => readRunning(knowledge, target, names, transport, signal),
    },
  };
}

const WEB_HINT =
  'Enable_Direct_Action_Url and Enable_Web_Admin_Access are part of the base layer: make it provision first.';
const IN_CALL: AttemptResult = { outcome: 'busy', reason: 'the phone is in a call' };

async function reboot(
  knowledge: Knowledge,
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  force: boolean,
): Promise<AttemptResult> {
  if (controlBase(target) === undefined) return NO_ADDRESS;
  if (!force) {
    const response = await ask(target, transport, signal, { method: 'GET', path: '/admin/status.xml' });
    if (response.status === 401) return WRONG_PASSWORD;
    const inCall = response.status === 200 ? readStatus(knowledge, response.body)?.inCall : undefined;
    if (inCall ?? target.inCall === true) return IN_CALL;
  }
  return actionUrl(target, transport, signal, 'reboot');
}

async function sipReboot(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  force: boolean,
): Promise<AttemptResult> {
  if (!force && target.inCall === true) return IN_CALL;
  return notify(target, transport, signal, 'reboot');
}

async function actionUrl(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  action: string,
): Promise<AttemptResult> {
  if (controlBase(target) === undefined) return NO_ADDRESS;
  const response = await ask(target, transport, signal, { method: 'GET', path: `/admin/${action}` });
  if (response.status >= 200 && response.status < 400) return { outcome: 'accepted', via: 'action-url' };
  if (response.status === 401) return WRONG_PASSWORD;
  if (response.status === 503) return { outcome: 'busy', reason: 'the phone answers 503' };
  return { outcome: 'refused', reason: `the phone answers HTTP ${response.status}`, hint: WEB_HINT };
}

/**
 * Takes what can be recognised from status.xml; its elements are named after the labels of the web page, which differ
 * between releases. `undefined` when nothing is recognised.
 */
export function readStatus(knowledge: Knowledge, body: Uint8Array): DeviceStatus | undefined {
  const elements = leaves(body);
  const status: { -readonly [K in keyof DeviceStatus]: DeviceStatus[K] } = {};
  const lines: { line: number; user: string; state: 'registered' | 'unregistered' | 'unknown' }[] = [];
  let calls: number | undefined;
  for (const { name, text } of elements) {
    const value = text.trim();
    const registration =
      /^Registration_Stat(?:e|us)_(\d{1,2})_$/i.exec(name) ??
      /^(?:Ext|Line)_(\d{1,2})_Registration_Stat(?:e|us)$/i.exec(name);
    if (/^Product_Name$|^Model(?:_Number)?$/i.test(name))
      status.model = knowledge.models.find(value, 'cisco')?.name ?? value;
    else if (/^Software_Version$/i.test(name) && value !== '') status.firmware = value;
    else if (/^MAC_Address$/i.test(name)) {
      const mac = parseMac(value);
      if (mac !== undefined) status.mac = mac;
    } else if (/^(?:Elapsed_Time|Uptime|Up_Time)$/i.test(name)) {
      const seconds = elapsed(value);
      if (seconds !== undefined) status.uptimeSeconds = seconds;
    } else if (registration !== null) {
      const state = /^(?:not|un|fail)/i.test(value)
        ? 'unregistered'
        : /^reg|^online/i.test(value)
          ? 'registered'
          : 'unknown';
      lines.push({ line: Number(registration[1]), user: '', state });
    } else if (
      /^(?:Line_\d{1,2}_)?Call_\d{1,2}_(?:Call_)?State(?:_\d{1,2}_)?$|^Call_State(?:_\d{1,2}){0,2}_?$/i.test(name)
    )
      calls = (calls ?? 0) + (value === '' || /^(?:idle|ended|n\/a)$/i.test(value) ? 0 : 1);
  }
  if (calls !== undefined) status.inCall = calls > 0;
  if (lines.length > 0) status.lines = lines;
  return Object.keys(status).length === 0 ? undefined : status;
}

function leaves(body: Uint8Array): XmlElement[] {
  const found: XmlElement[] = [];
  const open: XmlElement[] = [];
  try {
    open.push(parseXml('status.xml', body).root);
  } catch (error) {
    // A page of something else at that address: nothing is recognised, and the caller says so.
    if (isPhonectlError(error) && error.code === 'invalid_file') return [];
    throw error;
  }
  for (let element = open.pop(); element !== undefined; element = open.pop()) {
    if (element.children.length === 0) found.push(element);
    else open.push(...element.children.slice(0, 10_000));
  }
  return found.reverse();
}

/** `3 days and 04:12:55`, `04:12:55`. */
function elapsed(text: string): number | undefined {
  const match = /^(?:(\d{1,5}) days?(?: and)? )?(\d{1,4}):(\d{2}):(\d{2})$/i.exec(text);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
}
