/** Cisco's actions: direct action URLs, else SIP NOTIFY (cisco.md 6, 8). */
import {
  ask,
  controlBase,
  firstAccepted,
  loginError,
  NO_ADDRESS,
  noAddressError,
  notify,
  statusError,
  WRONG_PASSWORD,
} from '../attempts.ts';
import type { AttemptResult, ControlTarget, Driver } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannot } from '../support.ts';
import type { DeviceTransport } from '../transport.ts';
import { createAdopt } from './adopt.ts';
import { createCommands } from './commands.ts';
import { createReadings } from './readings.ts';
import { readRunning } from './running.ts';
import { readStatus } from './status.ts';

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
        if (response.status === 401) throw loginError();
        if (response.status !== 200) throw statusError(`it answers HTTP ${response.status}`, WEB_HINT);
        const status = await readStatus(knowledge, response.body);
        if (status === undefined) throw statusError('its answer is not understood');
        return status;
      },
    },
    running: {
      notApplicable: (device) => cannot(knowledge, device, 'deviceControl'),
      read: (target, names, transport, signal) => readRunning(knowledge, target, names, transport, signal),
    },
    adopt: createAdopt(knowledge),
    commands: createCommands(knowledge),
    readings: createReadings(knowledge),
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
    const inCall = response.status === 200 ? (await readStatus(knowledge, response.body))?.inCall : undefined;
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
