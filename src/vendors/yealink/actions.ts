/** Yealink's actions: the Action URI on the phone's web server, else SIP check-sync (yealink.md B1, B6). */
import { parseMac } from '../../domain/mac.ts';
import {
  ask,
  closedError,
  controlBase,
  firstAccepted,
  loginError,
  noAddressError,
  notify,
  statusError,
  textOf,
} from '../attempts.ts';
import type { AttemptResult, ControlTarget, DeviceStatus, Driver } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannot, cannotAny } from '../support.ts';
import type { DeviceTransport } from '../transport.ts';
import { actionUri } from './action-uri.ts';
import { createCommands } from './commands.ts';
import { createReadings } from './readings.ts';

/** B1: the Action URI sets nothing, and the forms of the web page are documented nowhere. */
const BY_HAND = 'a Yealink phone takes its server from its own web page, by DHCP or from the server that it has';

export function createActions(knowledge: Knowledge): Driver['actions'] {
  return {
    reboot: {
      transports: ['action-uri', 'sip'],
      notApplicable: (device) => cannot(knowledge, device, 'deviceControl'),
      run(target, _input, transport, run) {
        // The phone cannot be asked for its calls; its last event says whether it is in one.
        if (target.inCall === true && run.force !== true)
          return Promise.resolve<AttemptResult>({ outcome: 'busy', reason: 'the phone is in a call' });
        return firstAccepted(
          [
            { name: 'action-uri', run: () => actionUri(target, transport, run.signal, 'Reboot') },
            { name: 'sip', run: () => notify(target, transport, run.signal, 'check-sync;reboot=true') },
          ],
          run,
        );
      },
    },
    checkSync: {
      transports: ['action-uri', 'sip'],
      notApplicable: (device) => cannot(knowledge, device, 'checkSync'),
      run(target, _input, transport, run) {
        return firstAccepted(
          [
            { name: 'action-uri', run: () => actionUri(target, transport, run.signal, 'AutoP') },
            { name: 'sip', run: () => notify(target, transport, run.signal, 'check-sync;reboot=false') },
          ],
          run,
        );
      },
    },
    status: {
      notApplicable: (device) => cannotAny(knowledge, device, ['deviceControl', 'lineInfo']),
      read: readStatus,
    },
    adopt: {
      transports: [],
      notApplicable: () => BY_HAND,
      run: async () => ({ outcome: 'not-applicable', reason: BY_HAND }),
    },
    commands: createCommands(knowledge),
    readings: createReadings(knowledge),
  };
}

/**
 * `phonecfg=get` tells firmware, registration and DND. The guide prints square brackets in its example, which may be
 * meant: both are tried. What comes back is not documented: only what can be recognised is taken (B1).
 */
async function readStatus(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<DeviceStatus> {
  if (controlBase(target) === undefined) throw noAddressError(target);
  let refused = 'it answers nothing';
  for (const path of [
    '/servlet?phonecfg=get%5B&accounts=1&dnd=1&fw=1%5D',
    '/servlet?phonecfg=get&accounts=1&dnd=1&fw=1',
  ]) {
    const response = await ask(target, transport, signal, { method: 'GET', path });
    if (response.status === 401) throw loginError();
    if (response.status === 403)
      throw closedError('it does not take commands from this address', 'features.action_uri_limit_ip lists who may.');
    if (response.status === 200) {
      const status = readAnswer(textOf(response));
      if (Object.keys(status).length > 0) return status;
      refused = 'its answer is not understood';
    } else {
      refused = `it answers HTTP ${response.status}`;
    }
  }
  throw statusError(refused);
}

type LineState = NonNullable<DeviceStatus['lines']>[number]['state'];

/** Pairs of name and value, however they are divided; a `status` belongs to the account before it. */
export function readAnswer(body: string): DeviceStatus {
  const status: { -readonly [K in keyof DeviceStatus]: DeviceStatus[K] } = {};
  const lines: { line: number; user: string; state: LineState }[] = [];
  for (const part of body.slice(0, 65_536).split(/[\r\n&;<>,]+/)) {
    const pair = /^\s*"?([\w. -]{1,64}?)"?\s*[=:]\s*"?([^"]{0,256}?)"?\s*$/.exec(part.slice(0, 400));
    if (pair === null) continue;
    const [, name = '', value = ''] = pair;
    const account = /^account[ ._]?(\d{1,3})\b/i.exec(name);
    const last = lines.at(-1);
    if (account !== null) {
      const user = value.includes('@') ? (value.split('@', 1)[0] ?? '') : '';
      lines.push({ line: Number(account[1]), user, state: stateOf(value) });
    } else if (/^(?:status|state|reg(?:ister)?_?stat(?:us|e))$/i.test(name) && last !== undefined)
      last.state = stateOf(value);
    else if (/^(?:fw|firmware)/i.test(name) && /^\d{1,4}(?:\.\d{1,4}){3}$/.test(value)) status.firmware = value;
    else if (/^model|^product/i.test(name)) status.model = value;
    else if (/^mac/i.test(name)) {
      const mac = parseMac(value);
      if (mac !== undefined) status.mac = mac;
    }
  }
  if (lines.length > 0) status.lines = lines;
  return status;
}

function stateOf(value: string): LineState {
  if (/^(?:registered|1)$/i.test(value)) return 'registered';
  return /^(?:unregistered|not registered|register(?:ation)? ?failed|failed|disabled|0)$/i.test(value)
    ? 'unregistered'
    : 'unknown';
}
