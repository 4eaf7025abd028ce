/**
 * CPU per request to a phone, beside a bare node:https loop over the same phones: a new TLS connection each, 200 ms
 * latency, 500 at once (toolchain.md section 6: at most 1.0 ms where the bare loop takes 0.87), and how long all of it
 * takes. The phones are another process, so that the CPU figures are the client's alone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:https';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { deviceTransport } from '../src/net/transport.ts';
import { LATENCY } from './control-phones.ts';
import { interleaved, type Measurement, median } from './harness.ts';

const REQUESTS = 2000;
const CONCURRENCY = 500;
const ROUNDS = 3;

type Send = (index: number) => Promise<number>;

export async function run(): Promise<Measurement[]> {
  const phones = fork(join(import.meta.dirname, 'control-phones.ts'));
  try {
    const [port] = (await once(phones, 'message')) as [number];
    const walls = { bare: [] as number[], phonectl: [] as number[] };
    const timed = async (name: keyof typeof walls, send: Send): Promise<number> => {
      const start = performance.now();
      const own = await cpuPerRequest(send);
      walls[name].push(performance.now() - start);
      return own;
    };
    const cpu = await interleaved(
      {
        bare: () => timed('bare', bare(port)),
        phonectl: () => timed('phonectl', phonectl(port, '/')),
        digest: () => cpuPerRequest(phonectl(port, '/digest')),
      },
      ROUNDS,
    );
    const ideal = (REQUESTS * LATENCY) / CONCURRENCY;
    const least = Math.max(ideal, REQUESTS * cpu.bare);
    const wall = median(walls.phonectl);
    const against = (milliseconds: number): Pick<Measurement, 'ratio' | 'reference' | 'note'> => ({
      ratio: milliseconds / cpu.bare,
      reference: `node:https, bare, ${CONCURRENCY} at once, ${LATENCY} ms away`,
      note: `${milliseconds.toFixed(2)} ms / ${cpu.bare.toFixed(2)} ms CPU`,
    });
    return [
      { name: 'request to a phone, certificate pinned', ...against(cpu.phonectl), goal: 1.15 },
      { name: 'the same with Digest (two requests)', ...against(cpu.digest) },
      {
        name: `${REQUESTS} phones, from first to last answer`,
        ratio: wall / least,
        reference: 'the larger of phones × latency ÷ concurrency and the CPU of the bare loop',
        goal: 1.3,
        note: `${Math.round(wall)} ms / ${Math.round(least)} ms (ideal ${ideal} ms; the bare loop took ${Math.round(median(walls.bare))} ms)`,
      },
    ];
  } finally {
    phones.kill();
  }
}

async function cpuPerRequest(send: Send): Promise<number> {
  const before = process.cpuUsage();
  let next = 0;
  async function worker(): Promise<void> {
    for (let index = next++; index < REQUESTS; index = next++) {
      const status = await send(index);
      if (status !== 200) throw new Error(`phone ${index} answered ${status}`);
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / REQUESTS;
}

/** One address per phone, as on a LAN. */
function addressOf(index: number): string {
  return `127.1.${(index >> 8) & 255}.${index & 255}`;
}

function bare(port: number): Send {
  const secureContext = createSecureContext();
  return (index) =>
    new Promise((resolve, reject) => {
      const options = { host: addressOf(index), port, secureContext, agent: false, rejectUnauthorized: false } as const;
      const outgoing = request({ ...options, path: '/' }, (incoming) => {
        incoming.on('data', () => undefined);
        incoming.on('end', () => resolve(incoming.statusCode ?? 0));
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
}

function phonectl(port: number, path: string): Send {
  const transport = deviceTransport();
  const { signal } = new AbortController();
  const auth = { username: 'Polycom', password: 'secret' };
  return async (index) => {
    const url = `https://${addressOf(index)}:${port}${path}`;
    const { status } = await transport.http({ method: 'GET', url, auth, pinnedMac: '0004f2abcdef', signal });
    return status;
  };
}
