/** What Poly phones can be told beside rebooting: REST, the web page, push (poly.md A.5, A.8, B.2). */
import type { ResetScope } from '../../domain/commands.ts';
import { ask, controlBase, NO_ADDRESS, textOf, WRONG_PASSWORD } from '../attempts.ts';
import { type CommandInputs, type Commands, dndForOne, seen } from '../commands.ts';
import type { AttemptResult, ControlTarget } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannot, cannotAny } from '../support.ts';
import type { DeviceTransport } from '../transport.ts';
import { escapeText } from '../xml.ts';
import { callCommands, readCalls } from './calls.ts';
import { captureCommands } from './captures.ts';
import { property, type RestOptions, rest, textProperty } from './rest.ts';
import { setParameters } from './set.ts';
import { submitForm } from './web.ts';

const RESETS: Readonly<Record<ResetScope, string>> = {
  web: 'configReset/web',
  local: 'configReset/local',
  device: 'configReset/device',
  all: 'configReset',
  factory: 'factoryReset',
};

/** Our words for keys, and the phone's (poly.md A.5). A name that is not here is the phone's own. */
const KEYS: Readonly<Record<string, string>> = {
  star: 'DialpadStar',
  '*': 'DialpadStar',
  pound: 'DialpadPound',
  '#': 'DialpadPound',
  up: 'ArrowUp',
  down: 'ArrowDown',
  left: 'ArrowLeft',
  right: 'ArrowRight',
  ok: 'Select',
  delete: 'Delete',
  home: 'Home',
  mute: 'MicMute',
  redial: 'Redial',
  'volume-up': 'VolUp',
  'volume-down': 'VolDown',
  headset: 'Headset',
  speaker: 'Handsfree',
};

/** poly.md B.2: longer texts are refused; bytes. */
const LONGEST_PUSH = 1024;

export function createCommands(knowledge: Knowledge, options: RestOptions): Commands {
  return {
    ...callCommands(knowledge, options),
    ...captureCommands(knowledge, options),
    restart: {
      transports: ['rest', 'web'],
      notApplicable: (device) => cannotAny(knowledge, device, ['rest', 'deviceControl', 'restart']),
      run: (target, _input, transport, run) =>
        run.force === true || run.via === 'web'
          ? submitForm('Restart', target, transport, run)
          : restart(target, transport, run.signal, options),
    },
    reset: {
      transports: ['rest'],
      notApplicable: (device, { scope }) =>
        cannotAny(knowledge, device, ['rest', 'deviceControl', scope === 'factory' ? 'factoryReset' : 'partialReset']),
      async run(target, { scope }, transport, { signal }) {
        const answer = await rest(target, transport, signal, 'POST', `v1/mgmt/${RESETS[scope]}`, options);
        return answer.ok ? { outcome: 'accepted', via: 'rest' } : answer.result;
      },
    },
    dnd: {
      transports: ['rest'],
      notApplicable: (device, { account }) =>
        cannotAny(knowledge, device, ['rest', 'deviceControl', 'dnd']) ?? dndForOne(device, account),
      run: (target, input, transport, { signal }) => switchDnd(target, input, transport, signal, options),
    },
    message: {
      transports: ['push'],
      notApplicable: (device) => cannot(knowledge, device, 'messages'),
      run: (target, { text }, transport, { signal }) => pushText(target, text, transport, signal),
    },
    key: {
      transports: ['rest'],
      notApplicable: (device) => cannotAny(knowledge, device, ['rest', 'deviceControl', 'keys']),
      run: (target, { keys }, transport, { signal }) => press(target, keys, transport, signal, options),
    },
    set: {
      transports: ['rest'],
      notApplicable: (device) => cannotAny(knowledge, device, ['rest', 'deviceControl', 'parameters']),
      run: (target, { parameters }, transport, { signal }) =>
        setParameters(knowledge, target, parameters, transport, signal, options),
    },
  };
}

async function restart(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  options: RestOptions,
): Promise<AttemptResult> {
  const answer = await rest(target, transport, signal, 'POST', 'v1/mgmt/safeRestart', options);
  if (answer.ok) return { outcome: 'accepted', via: 'rest' };
  // "When no call is up" (A.5): 5000 says no more than that it failed.
  if (answer.status === 5000 && (await readCalls({ target, transport, signal, options })).length > 0)
    return { outcome: 'busy', reason: 'the phone is in a call' };
  return answer.result;
}

/**
 * No endpoint sets do not disturb; a key switches it over, and the second version of lineInfo tells how it stands
 * (poly.md A.4, A.5). So it is read first, and read again.
 */
async function switchDnd(
  target: ControlTarget,
  { on }: CommandInputs['dnd'],
  transport: DeviceTransport,
  signal: AbortSignal,
  options: RestOptions,
): Promise<AttemptResult> {
  const word = on ? 'on' : 'off';
  const read = async (): Promise<boolean | undefined> => {
    const answer = await rest(target, transport, signal, 'GET', 'v2/mgmt/lineInfo', options);
    return answer.ok ? dndOf(answer.data) : undefined;
  };
  const first = await rest(target, transport, signal, 'GET', 'v2/mgmt/lineInfo', options);
  if (!first.ok) return first.result;
  const before = dndOf(first.data);
  if (before === undefined) {
    return {
      outcome: 'refused',
      reason: 'the phone does not tell whether do not disturb is on, and its key only switches it over',
      hint: 'A phone without a line does not tell; firmware before 5.8 does neither.',
    };
  }
  if (before === on) return { outcome: 'accepted', via: 'rest', evidence: `was ${word} already, says the phone` };
  const data = { Type: 'Tap', KeyName: 'DoNotDisturb' };
  const answer = await rest(target, transport, signal, 'POST', 'v1/mgmt/simulateKeyEvent', { ...options, data });
  if (!answer.ok) return answer.result;
  const done = await seen(async () => ((await read()) === on ? true : undefined), signal);
  return { outcome: 'accepted', via: 'rest', ...(done === true && { evidence: `is ${word}, says the phone` }) };
}

/** `DoNotDisturb` of the lines' call servers; `undefined` when none tells. */
function dndOf(data: unknown): boolean | undefined {
  const lines: readonly unknown[] = Array.isArray(data) ? data : [data];
  const told = lines.flatMap((line) => {
    const servers = property(line, 'CallServers');
    return (Array.isArray(servers) ? (servers as readonly unknown[]) : []).flatMap((server) => {
      const text = textProperty(server, 'DoNotDisturb');
      return text === undefined ? [] : [/^(?:true|1)$/i.test(text)];
    });
  });
  return told.length === 0 ? undefined : told.some(Boolean);
}

/** `Data` is HTML inside XML: the text is escaped for both. */
async function pushText(
  target: ControlTarget,
  text: string,
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<AttemptResult> {
  if (controlBase(target) === undefined) return NO_ADDRESS;
  const html = escapeText(text).replaceAll('\n', '<br/>');
  if (Buffer.byteLength(html) > LONGEST_PUSH) {
    return { outcome: 'refused', reason: `the text is longer than the ${LONGEST_PUSH} bytes that the phone takes` };
  }
  const response = await ask(target, transport, signal, {
    method: 'POST',
    path: '/push',
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: `<PolycomIPPhone><Data priority="Critical">${escapeText(html)}</Data></PolycomIPPhone>`,
  });
  if (response.status === 200) {
    const answer = textOf(response).trim().slice(0, 100);
    return { outcome: 'accepted', via: 'push', evidence: `the phone answers: ${answer === '' ? '200 OK' : answer}` };
  }
  if (response.status === 401) return WRONG_PASSWORD;
  const hint = 'apps.push.messageType is part of the base layer: make the phone provision first.';
  return { outcome: 'refused', reason: `the phone answers HTTP ${response.status} to a push`, hint };
}

async function press(
  target: ControlTarget,
  keys: readonly string[],
  transport: DeviceTransport,
  signal: AbortSignal,
  options: RestOptions,
): Promise<AttemptResult> {
  for (const key of keys) {
    const data = { Type: 'Tap', KeyName: keyName(key) };
    const answer = await rest(target, transport, signal, 'POST', 'v1/mgmt/simulateKeyEvent', { ...options, data });
    if (answer.ok) continue;
    if (answer.status !== 4000) return answer.result;
    return { outcome: 'refused', reason: `the phone knows no key ${keyName(key)} (4000)` };
  }
  const evidence = `the phone answers that it took ${keys.length === 1 ? 'the key' : `${keys.length} keys`}`;
  return { outcome: 'accepted', via: 'rest', evidence };
}

function keyName(key: string): string {
  const word = key.toLowerCase();
  if (/^\d$/.test(word)) return `Dialpad${word}`;
  const numbered = /^(soft|line)-?(\d{1,2})$/.exec(word);
  if (numbered !== null) return `${numbered[1] === 'soft' ? 'SoftKey' : 'Line'}${numbered[2]}`;
  return KEYS[word] ?? key;
}
