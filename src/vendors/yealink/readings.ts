/** What Yealink phones show when they are asked (yealink.md B2). */
import { ask, controlBase, loginError, noAddressError, statusError } from '../attempts.ts';
import { imageSuffix, type Readings, unreadable } from '../commands.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannot, cannotAny, deviceKey } from '../support.ts';

const MOST_BYTES = 20_000_000;

/** Newest spelling first (B2). */
const SCREENS = ['/screencapture', '/servlet?command=screenshot'];

export function createReadings(knowledge: Knowledge): Readings {
  return {
    calls: unreadable(() => 'it does not answer questions about its calls; its events tell whether it is in one'),
    logs: unreadable((device) => cannot(knowledge, device, 'logs') ?? 'its logs cannot be fetched from it'),
    network: unreadable(() => 'it does not tell its network settings'),
    performance: unreadable((device) => cannot(knowledge, device, 'performance') ?? 'it does not tell its load'),
    configuration: unreadable(
      (device) => cannot(knowledge, device, 'configExport') ?? 'its configuration cannot be fetched from it',
    ),
    screen: {
      notApplicable: (device) => cannotAny(knowledge, device, ['deviceControl', 'screenCapture']),
      async read(target, _input, transport, signal) {
        if (controlBase(target) === undefined) throw noAddressError(target);
        let status = 404;
        for (const path of SCREENS) {
          const response = await ask(target, transport, signal, { method: 'GET', path, maxBytes: MOST_BYTES });
          status = response.status;
          if (status === 200) {
            const { body, headers } = response;
            const contentType = headers['content-type']?.split(';', 1)[0]?.trim() ?? 'image/bmp';
            return { name: `${deviceKey(target)}-screen.${imageSuffix(body)}`, contentType, body };
          }
          if (status !== 404) break;
        }
        if (status === 401) throw loginError();
        throw statusError(`it answers HTTP ${status}`, 'features.action_uri_limit_ip lists who may.');
      },
    },
  };
}
