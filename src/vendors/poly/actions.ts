/** Poly's actions: REST first, the web page's immediate reboot with force, push and SIP to re-read files (poly.md A, B, C.7). */
import { parseMac } from '../../domain/mac.ts';
import {
  ask,
  closedError,
  controlBase,
  firstAccepted,
  loginError,
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
import { createAdopt } from './adopt.ts';
import { createCommands } from './commands.ts';
import { createReadings } from './readings.ts';
import { property, REST_OFF, type RestOptions, rest, textProperty } from './rest.ts';
import { readRunning } from './running.ts';
import { submitForm } from './web.ts';

export function createActions(knowledge: Knowledge, options: RestOptions = {}): Driver['actions'] {
  async function reboot(
    target: ControlTarget,
    transport: DeviceTransport,
    signal: AbortSignal,
  ): Promise<AttemptResult> {
    if ((await isInCall(target, transport, signal, options)) === true)
      return { outcome: 'busy', reason: 'the phone is in a call' };
    // Reboots when no call is up, so that a call which begins in this very moment is safe, too (A.5).
    const answer = await rest(target, transport, signal, 'POST', 'v1/mgmt/safeReboot', options);
    return answer.ok ? { outcome: 'accepted', via: 'rest' } : answer.result;
  }

  async function updateConfiguration(
    target: ControlTarget,
    transport: DeviceTransport,
    signal: AbortSignal,
  ): Promise<AttemptResult> {
    const reason = cannot(knowledge, target, 'rest');
    if (reason !== undefined) return { outcome: 'not-applicable', reason };
    const answer = await rest(target, transport, signal, 'POST', 'v1/mgmt/updateConfiguration', options);
    return answer.ok ? { outcome: 'accepted', via: 'rest' } : answer.result;
  }

  return {
    reboot: {
      // A plain check-sync does not reboot a Poly phone (C.7), so SIP is no way to do it.
      transports: ['rest', 'web'],
      notApplicable: (device) => cannot(knowledge, device, 'rest'),
      run(target, _input, transport, run) {
        const byRest = { name: 'rest', run: () => reboot(target, transport, run.signal) };
        const byWeb = { name: 'web', run: () => submitForm('Reboot', target, transport, run) };
        return firstAccepted(run.force === true ? [byWeb, byRest] : [byRest, byWeb], run);
      },
    },
    checkSync: {
      transports: ['rest', 'push', 'sip'],
      notApplicable: (device) => cannot(knowledge, device, 'checkSync'),
      run(target, _input, transport, run) {
        return firstAccepted(
          [
            { name: 'rest', run: () => updateConfiguration(target, transport, run.signal) },
            { name: 'push', run: () => pushUpdate(knowledge, target, transport, run.signal) },
            { name: 'sip', run: () => notify(target, transport, run.signal, 'check-sync') },
          ],
          run,
        );
      },
    },
    status: {
      notApplicable: (device) => cannot(knowledge, device, 'rest'),
      read: (target, transport, signal) => readStatus(knowledge, target, transport, signal, options),
    },
    running: {
      notApplicable: (device) => cannot(knowledge, device, 'rest'),
      read: (target, names, transport, signal) => readRunning(knowledge, target, names, transport, signal, options),
    },
    adopt: createAdopt(knowledge, options),
    commands: createCommands(knowledge, options),
    readings: createReadings(knowledge, options),
  };
}

/** Digest push of an internal action; the base layer gives phones without REST the login for it (B.2). */
async function pushUpdate(
  knowledge: Knowledge,
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<AttemptResult> {
  if (cannot(knowledge, target, 'rest') === undefined)
    return { outcome: 'not-applicable', reason: 'push is set up on phones without a REST API only' };
  if (controlBase(target) === undefined) return NO_ADDRESS;
  const response = await ask(target, transport, signal, {
    method: 'POST',
    path: '/push',
    headers: { 'content-type': 'application/x-com-polycom-spipx' },
    body: '<PolycomIPPhone><Data priority="Critical">Action:UpdateConfig</Data></PolycomIPPhone>',
  });
  if (response.status === 200) return { outcome: 'accepted', via: 'push' };
  if (response.status === 401 || response.status === 403) return WRONG_PASSWORD;
  return { outcome: 'refused', reason: `the phone answers HTTP ${response.status} to a push` };
}

/** `undefined` when the phone does not tell, as on 5.7.0 (MODEL-12). */
async function isInCall(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  options: RestOptions,
): Promise<boolean | undefined> {
  const answer = await rest(target, transport, signal, 'GET', 'v1/webCallControl/callStatus', options);
  if (!answer.ok) return answer.status === 4007 ? false : undefined;
  const calls = Array.isArray(answer.data) ? answer.data : [answer.data];
  return calls.some((call) => {
    const state = textProperty(call, 'CallState');
    return state !== undefined && state !== 'Disconnected';
  });
}

async function readStatus(
  knowledge: Knowledge,
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  options: RestOptions,
): Promise<DeviceStatus> {
  if (controlBase(target) === undefined) throw noAddressError(target);
  const info = await rest(target, transport, signal, 'GET', 'v1/mgmt/device/info', options);
  if (!info.ok) {
    const { result } = info;
    if (result === WRONG_PASSWORD || info.status === 4010) throw loginError();
    if (result === REST_OFF) throw closedError(REST_OFF.reason, REST_OFF.hint);
    throw statusError('reason' in result ? result.reason : result.outcome, 'hint' in result ? result.hint : undefined);
  }
  const number = textProperty(info.data, 'ModelNumber');
  const model = number === undefined ? undefined : (knowledge.models.find(number, 'poly')?.name ?? number);
  // v2's shape answered on v1 in 5.7 (H): Firmware.Application is version and build date.
  const firmware =
    textProperty(info.data, 'FirmwareRelease') ?? textProperty(property(info.data, 'Firmware'), 'Application');
  const mac = parseMac(textProperty(info.data, 'MACAddress') ?? '');
  const uptimeSeconds = uptime(info.data);
  const lines = await readLines(target, transport, signal, options);
  const inCall = await isInCall(target, transport, signal, options);
  return {
    ...(model === undefined ? {} : { model }),
    ...(firmware === undefined ? {} : { firmware: firmware.split(' ', 1)[0] ?? firmware }),
    ...(mac === undefined ? {} : { mac }),
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
    ...(inCall === undefined ? {} : { inCall }),
    ...(lines === undefined ? {} : { lines }),
  };
}

/** `3 Day 04:12:55`, or v2's object of days, hours, minutes and seconds. */
function uptime(info: unknown): number | undefined {
  const text = textProperty(info, 'UpTimeSinceLastReboot');
  const match = /^(\d{1,6}) days? (\d{1,2}):(\d{2}):(\d{2})$/i.exec(text ?? '');
  const parts = match
    ? match.slice(1)
    : ['Days', 'Hours', 'Minutes', 'Seconds'].map((name) => textProperty(property(info, 'UpTime'), name));
  const [days, hours, minutes, seconds] = parts.map((part) => Number(part));
  const total = (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  return Number.isInteger(total) ? total : undefined;
}

async function readLines(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  options: RestOptions,
): Promise<DeviceStatus['lines']> {
  const answer = await rest(target, transport, signal, 'GET', 'v1/mgmt/lineInfo', options);
  if (!answer.ok) return undefined;
  // A single object on some firmware (A.4).
  const entries: readonly unknown[] = Array.isArray(answer.data) ? answer.data : [answer.data];
  return entries.flatMap((entry, index) => {
    const status = textProperty(entry, 'RegistrationStatus')?.toLowerCase();
    const proxy = textProperty(entry, 'ProxyAddress');
    if (status === undefined) return [];
    return [
      {
        line: Number(textProperty(entry, 'LineNumber') ?? index + 1),
        user:
          textProperty(entry, 'UserID') ?? textProperty(entry, 'Username') ?? textProperty(entry, 'SIPAddress') ?? '',
        state: status === 'registered' || status === 'unregistered' ? status : ('unknown' as const),
        ...(proxy === undefined ? {} : { server: proxy }),
      },
    ];
  });
}
