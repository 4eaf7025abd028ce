/** What Poly phones show when they are asked: calls, screen, logs, load, configuration (poly.md A.4, A.8). */
import type { ConfigPart } from '../../domain/commands.ts';
import { controlBase, loginError, noAddressError, statusError } from '../attempts.ts';
import { imageSuffix, type Performance, type PhoneFile, type Readings } from '../commands.ts';
import type { ControlTarget } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannotAny, deviceKey } from '../support.ts';
import type { DeviceResponse, DeviceTransport } from '../transport.ts';
import { readCalls } from './calls.ts';
import { readNetwork } from './network.ts';
import { askPatiently, property, type RestOptions, rest, STILL_BUSY, textProperty } from './rest.ts';
import { setParameters } from './set.ts';

/** poly.md A.8: both are needed. */
const SCREEN_SWITCHES = ['up.screenCapture.enabled', 'up.screenCapture.value'];

/** Which number is which layer was never verified (poly.md I); -1 is everything. */
const SOURCES: Readonly<Record<ConfigPart, string>> = { all: '-1', files: '1', local: '2', web: '5', device: '6' };

const MOST_BYTES = 20_000_000;

export function createReadings(knowledge: Knowledge, options: RestOptions): Readings {
  return {
    calls: {
      notApplicable: (device) => cannotAny(knowledge, device, ['rest', 'callStatus']),
      read: (target, _input, transport, signal) => readCalls({ target, transport, signal, options }),
    },
    screen: {
      notApplicable: (device) => cannotAny(knowledge, device, ['rest', 'deviceControl', 'screenCapture']),
      read: (target, { enable }, transport, signal) => screen(knowledge, target, enable, transport, signal, options),
    },
    logs: {
      notApplicable: (device) => cannotAny(knowledge, device, ['rest', 'deviceControl', 'logs']),
      async read(target, _input, transport, signal) {
        const files: PhoneFile[] = [];
        for (const kind of ['app', 'boot']) {
          const path = `/Diagnostics/log?value=${kind}&dummyParam=${Date.now()}`;
          const { body } = await get(target, path, transport, signal, options);
          files.push({ name: `${deviceKey(target)}-${kind}.log`, contentType: 'text/plain', body });
        }
        return files;
      },
    },
    network: readNetwork(knowledge, options),
    performance: {
      notApplicable: (device) => cannotAny(knowledge, device, ['rest', 'performance']),
      async read(target, _input, transport, signal) {
        if (controlBase(target) === undefined) throw noAddressError(target);
        const answer = await rest(target, transport, signal, 'GET', 'v1/mgmt/device/stats', options);
        if (answer.ok) return load(answer.data);
        throw statusError('reason' in answer.result ? answer.result.reason : answer.result.outcome);
      },
    },
    configuration: {
      notApplicable: (device) => cannotAny(knowledge, device, ['rest', 'deviceControl', 'configExport']),
      async read(target, { part }, transport, signal) {
        const path = `/Utilities/configuration/exportFile?source=${SOURCES[part]}`;
        const { body } = await get(target, path, transport, signal, options);
        return { name: `${deviceKey(target)}-${part}.cfg`, contentType: 'application/xml', body };
      },
    },
  };
}

async function get(
  target: ControlTarget,
  path: string,
  transport: DeviceTransport,
  signal: AbortSignal,
  options: RestOptions,
): Promise<DeviceResponse> {
  if (controlBase(target) === undefined) throw noAddressError(target);
  const response = await askPatiently(
    target,
    transport,
    signal,
    { method: 'GET', path, maxBytes: MOST_BYTES },
    options,
  );
  if (response.status === 200) return response;
  if (response.status === 401) throw loginError();
  throw statusError(response.status === 403 ? STILL_BUSY : `it answers HTTP ${response.status}`);
}

async function screen(
  knowledge: Knowledge,
  target: ControlTarget,
  enable: boolean,
  transport: DeviceTransport,
  signal: AbortSignal,
  options: RestOptions,
): Promise<PhoneFile> {
  if (controlBase(target) === undefined) throw noAddressError(target);
  const path = '/captureScreen/mainScreen';
  const set = async (value: string, over: AbortSignal): Promise<void> => {
    const values = Object.fromEntries(SCREEN_SWITCHES.map((name) => [name, value]));
    await setParameters(knowledge, target, values, transport, over, options);
  };
  const first = await askPatiently(target, transport, signal, { method: 'GET', path, maxBytes: MOST_BYTES }, options);
  if (first.status === 200) return picture(target, first);
  if (first.status === 401) throw loginError();
  if (first.status !== 404) throw statusError(`it answers HTTP ${first.status}`);
  if (!enable) {
    throw statusError(
      'screen capture is switched off on it',
      'Switch it on for this once with --enable, or for good with a profile: up.screenCapture.enabled=1, up.screenCapture.value=1.',
    );
  }
  await set('1', signal);
  try {
    return picture(target, await get(target, path, transport, signal, options));
  } finally {
    // Whoever gives up meanwhile must not leave the screens of people open to view.
    await set('0', AbortSignal.timeout(15_000));
  }
}

function picture(target: ControlTarget, { headers, body }: DeviceResponse): PhoneFile {
  const contentType = headers['content-type']?.split(';', 1)[0]?.trim() ?? 'image/png';
  return { name: `${deviceKey(target)}-screen.${imageSuffix(body)}`, contentType, body };
}

/** Memory in kB; what can be given back counts as free, as public clients do it (A.4). */
function load(data: unknown): Performance {
  const cpu = property(data, 'CPU');
  const memory = property(data, 'Memory');
  const number = (value: unknown, name: string): number | null => {
    const text = textProperty(value, name);
    return text === undefined || !Number.isFinite(Number(text)) ? null : Number(text);
  };
  const used = number(memory, 'Used');
  const total = number(memory, 'Total');
  return {
    cpu: number(cpu, 'Current'),
    cpuAverage: number(cpu, 'Average'),
    memoryUsed: used === null ? null : (used - (number(memory, 'SReclaim') ?? 0)) * 1024,
    memoryTotal: total === null ? null : total * 1024,
  };
}
