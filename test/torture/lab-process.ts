/**
 * A part of the lab in a process of its own: each phone holds three sockets, and a process may hold 20,000. Told what to
 * play, and asked how it goes, over the channel of `fork`.
 */
import type { LabFaults, LabOptions } from '../../src/lab/index.ts';
import { type Lab, startLab } from '../../src/lab/index.ts';

export type Order =
  | { readonly type: 'play'; readonly options: Omit<LabOptions, 'onEvent'> }
  | { readonly type: 'running'; readonly timeout: number }
  | { readonly type: 'faults'; readonly macs: readonly string[]; readonly faults: LabFaults }
  | { readonly type: 'phones' };

export interface PlayedPhone {
  readonly mac: string;
  readonly controlUrl: string;
  readonly bootCount: number;
  readonly state: string;
}

let lab: Lab | undefined;

async function obey(order: Order): Promise<readonly PlayedPhone[]> {
  if (order.type === 'play') lab = await startLab(order.options);
  const playing = lab;
  if (playing === undefined) throw new Error('nothing is played');
  if (order.type === 'running') {
    await playing.waitFor((all) => all.counts().running === all.phones.size, order.timeout);
  } else if (order.type === 'faults') for (const mac of order.macs) playing.phone(mac).faults = { ...order.faults };
  if (order.type === 'running' || order.type === 'faults') return [];
  return playing.status().map(({ mac, bootCount, state }) => ({
    mac,
    bootCount,
    state,
    controlUrl: `${playing.controlUrl(mac)}#sip=${playing.sipAddress(mac).port}`,
  }));
}

process.on('message', (order: Order) => {
  obey(order).then(
    (phones) => process.send?.({ phones }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});

// Whoever plays with us is gone.
process.on('disconnect', () => process.exit());
