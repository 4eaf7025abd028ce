/**
 * Packet captures of Poly phones: the ring buffer that they fill in the background, and its upload (poly.md A.5). No
 * request begins or ends a capture; two parameters do, in the phone's web layer.
 */
import type { Commands } from '../commands.ts';
import type { AttemptResult, ControlTarget } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannotAny } from '../support.ts';
import type { DeviceTransport } from '../transport.ts';
import { property, type RestOptions, rest, textProperty } from './rest.ts';
import { setParameters } from './set.ts';

/** DIAG-13: without it no capture of any kind; switching it may restart the phone. */
const FEATURE = 'diags.pcap.enabled';
const BACKGROUND = 'diags.pcap.background.enabled';
const FILTER = 'diags.pcap.background.filter';
/** Its unit stands in no document: taken for kilobytes, as of the other sizes (`log.render.file.size`). */
const BUFFER = 'diags.pcap.background.bufferSize';

interface Switch {
  readonly on: boolean;
  /** The phone's own name of the layer that says so. */
  readonly layer: string;
}

interface Exchange {
  readonly knowledge: Knowledge;
  readonly target: ControlTarget;
  readonly transport: DeviceTransport;
  readonly signal: AbortSignal;
  readonly options: RestOptions;
}

export function captureCommands(
  knowledge: Knowledge,
  options: RestOptions,
): Pick<Commands, 'captureStart' | 'captureSend' | 'captureEnd'> {
  const common = {
    transports: ['rest'],
    notApplicable: (device: ControlTarget) => cannotAny(knowledge, device, ['rest', 'deviceControl', 'packetCapture']),
  };
  return {
    captureStart: {
      ...common,
      run: (target, input, transport, { signal }) => start({ knowledge, target, transport, signal, options }, input),
    },
    captureSend: {
      ...common,
      async run(target, { token }, transport, { signal }) {
        if (target.eventUrl === undefined)
          return { outcome: 'refused', reason: 'phonectl has no address to which the phone could send the capture' };
        const data = { url: `${target.eventUrl}/capture/${token}` };
        const path = 'v1/mgmt/network/uploadBgCapture';
        const answer = await rest(target, transport, signal, 'POST', path, { ...options, data });
        return answer.ok ? { outcome: 'accepted', via: 'rest' } : answer.result;
      },
    },
    captureEnd: {
      ...common,
      run: (target, { disable }, transport, { signal }) =>
        end({ knowledge, target, transport, signal, options }, disable),
    },
  };
}

/** Doing it twice is doing it once: a capture that runs is left alone. */
async function start(
  exchange: Exchange,
  { filter, megabytes, enable }: { readonly filter: string; readonly megabytes: number; readonly enable: boolean },
): Promise<AttemptResult> {
  const before = await read(exchange);
  if ('outcome' in before) return before;
  if (before.feature.on && before.background.on) return RUNS;
  if (!before.feature.on && !enable) {
    return {
      outcome: 'refused',
      reason: `packet capture is switched off on the phone (${FEATURE})`,
      hint: 'Switch it on for this capture with --enable, which may restart the phone, or for good with a profile.',
    };
  }
  const result = await set(exchange, {
    ...(!before.feature.on && { [FEATURE]: '1' }),
    [FILTER]: filter,
    [BUFFER]: String(megabytes * 1024),
    [BACKGROUND]: '1',
  });
  if (result.outcome !== 'accepted' || result.evidence === undefined) return result;
  return RUNS;
}

const RUNS: AttemptResult = { outcome: 'accepted', via: 'rest', evidence: 'captures, says the phone' };

/** The feature itself is switched off only where it was switched on like this: a profile's word stands. */
async function end(exchange: Exchange, disable: boolean): Promise<AttemptResult> {
  const before = await read(exchange);
  if ('outcome' in before) return before;
  const feature = disable && before.feature.on && before.feature.layer === 'web';
  if (feature || before.background.on) {
    const off = { ...(feature && { [FEATURE]: '0' }), [BACKGROUND]: '0' };
    const result = await set(exchange, off);
    if (result.outcome !== 'accepted' || result.evidence === undefined) return result;
  }
  return { outcome: 'accepted', via: 'rest', evidence: 'captures no more, says the phone' };
}

function set({ knowledge, target, transport, signal, options }: Exchange, parameters: Record<string, string>) {
  return setParameters(knowledge, target, parameters, transport, signal, options);
}

async function read(
  exchange: Exchange,
): Promise<{ readonly feature: Switch; readonly background: Switch } | AttemptResult> {
  const { target, transport, signal, options } = exchange;
  const data = [FEATURE, BACKGROUND];
  const answer = await rest(target, transport, signal, 'POST', 'v1/mgmt/config/get', { ...options, data });
  if (!answer.ok) return answer.result;
  return { feature: switchOf(answer.data, FEATURE), background: switchOf(answer.data, BACKGROUND) };
}

function switchOf(data: unknown, name: string): Switch {
  const entry = property(data, name);
  return {
    on: /^(?:1|true)$/i.test(textProperty(entry, 'Value') ?? ''),
    layer: (textProperty(entry, 'Source') ?? '').toLowerCase(),
  };
}
