/** What Cisco phones show when they are asked (cisco.md 6). */
import { ask, controlBase, loginError, noAddressError, statusError } from '../attempts.ts';
import { imageSuffix, type PhoneFile, type Readings, unreadable } from '../commands.ts';
import type { ControlTarget } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannot, cannotAny, deviceKey } from '../support.ts';
import type { DeviceTransport } from '../transport.ts';
import { readCalls, readNetwork } from './status.ts';

const MOST_BYTES = 50_000_000;

export function createReadings(knowledge: Knowledge): Readings {
  return {
    calls: {
      notApplicable: (device) => cannotAny(knowledge, device, ['deviceControl', 'callStatus']),
      async read(target, _input, transport, signal) {
        const { body } = await get(target, 'status.xml', transport, signal);
        const calls = await readCalls(body);
        if (calls === undefined) throw statusError('its status does not name its calls');
        return calls;
      },
    },
    network: {
      notApplicable: (device) => cannot(knowledge, device, 'deviceControl'),
      async read(target, _input, transport, signal) {
        const { body } = await get(target, 'status.xml', transport, signal);
        return await readNetwork(body);
      },
    },
    performance: unreadable((device) => cannot(knowledge, device, 'performance') ?? 'it does not tell its load'),
    screen: {
      notApplicable: (device) => cannotAny(knowledge, device, ['deviceControl', 'screenCapture']),
      async read(target, _input, transport, signal) {
        const file = await get(target, 'screendump.bmp', transport, signal);
        return { ...file, name: `${deviceKey(target)}-screen.${imageSuffix(file.body)}` };
      },
    },
    logs: {
      notApplicable: (device) => cannotAny(knowledge, device, ['deviceControl', 'logs']),
      read: async (target, _input, transport, signal) => [await get(target, 'log.tar', transport, signal)],
    },
    configuration: {
      notApplicable: (device, { part }) =>
        cannotAny(knowledge, device, ['deviceControl', 'configExport']) ??
        (part === 'all' ? undefined : 'it shows its configuration as a whole only'),
      read: (target, _input, transport, signal) => get(target, 'cfg.xml', transport, signal),
    },
  };
}

async function get(
  target: ControlTarget,
  name: string,
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<PhoneFile> {
  if (controlBase(target) === undefined) throw noAddressError(target);
  const request = { method: 'GET', path: `/admin/${name}`, maxBytes: MOST_BYTES } as const;
  const { status, headers, body } = await ask(target, transport, signal, request);
  if (status === 401) throw loginError();
  if (status !== 200) {
    throw statusError(`it answers HTTP ${status}`, 'Enable_Direct_Action_Url and Enable_Web_Admin_Access are needed.');
  }
  const contentType = headers['content-type']?.split(';', 1)[0]?.trim() ?? 'application/octet-stream';
  return { name: `${deviceKey(target)}-${name}`, contentType, body };
}
