/** DIAG-24: all that is known of a device, without its secrets, as one archive that opens in a browser. */
import { packageVersion } from '../assets.ts';
import { renderDevice } from '../configuration/render.ts';
import type { OperationContext } from '../context.ts';
import { type Asked, askOne, reading } from '../control/ask.ts';
import { loadPhone } from '../control/phone.ts';
import { readStatus } from '../control/status.ts';
import { phoneTransport } from '../control/transport.ts';
import { type Finding, whyOffline } from '../control/why-offline.ts';
import { listCrashes } from '../device-files/crashes.ts';
import { iso } from '../devices/device.ts';
import { resolveDevice } from '../devices/references.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import { diffDevices } from '../explain/diff.ts';
import { type ZipEntry, zip } from '../profiles/zip.ts';
import { uploadedLogs, withoutSecrets } from './files.ts';
import { bundlePage, type Section } from './page.ts';
import { performanceHistory, performances } from './performance.ts';
import { Redactor, secretsOf } from './redact.ts';
import { syslogLines } from './syslog.ts';

const EVENTS = 200;
const TASKS = 50;
/** Lines. */
const SYSLOG = 2_000;
/** Milliseconds. */
const WEEK = 7 * 86_400_000;

interface Part {
  readonly name: string;
  readonly title: string;
  readonly body: Uint8Array | string;
}

/** The archive, in pieces. What could not be had stands in it with the reason. */
export async function* bundle(
  context: OperationContext,
  input: { readonly device: string; readonly plainBasic?: boolean; readonly enable?: boolean },
): AsyncGenerator<Uint8Array> {
  const { id } = await resolveDevice(context, input.device);
  const phone = await loadPhone(context, id);
  if ('reason' in phone) throw new PhonectlError('conflict', `Nothing can be collected: ${phone.reason}.`);
  const redactor = new Redactor(await secretsOf(context, phone));
  const { device } = phone;
  const missing: string[] = [];
  const parts: Part[] = [];
  const collect = async (what: string, make: () => Promise<readonly Part[]>): Promise<void> => {
    context.signal.throwIfAborted();
    context.progress({ collecting: what });
    try {
      parts.push(...(await make()));
    } catch (error) {
      if (!isPhonectlError(error)) throw error;
      const reason = redactor.text(`${what}: ${error.message}`);
      missing.push(reason);
      context.progress({ missing: reason });
    }
  };
  const reference = { device: String(id), ...(input.plainBasic === true && { plainBasic: true }) };
  const transport = await phoneTransport(context, input);
  const answerOf = <T>(what: string, { answer, reason }: Asked<T>): T => {
    if (answer === undefined) throw new PhonectlError('conflict', `${(reason ?? `no ${what}`).replace(/\.$/, '')}.`);
    return answer;
  };

  await collect('status', async () => [json('status.json', 'Status and lines', await readStatus(context, reference))]);
  const findings: Finding[] = [];
  await collect('findings', async () => {
    const report = await whyOffline(context, reference);
    findings.push(...report.findings);
    return [json('findings.json', 'Findings', report)];
  });
  await collect('events', async () => [
    json('events.json', 'Last events', await context.read.evidence.latest(id, EVENTS)),
  ]);
  await collect('tasks', async () => [json('tasks.json', 'Last tasks', await tasksOf(context, id))]);
  await collect('load', async () => [json('load.json', 'CPU and memory', await loadOf(context, reference))]);
  await collect('rendered configuration', async () => {
    const { files } = await renderDevice(context, { device: String(id) });
    return files.map(({ name, text }) => ({
      name: `configuration/rendered/${name}`,
      title: `Rendered: ${name}`,
      body: text,
    }));
  });
  await collect('difference to what it runs', async () => [
    json(
      'configuration/difference.json',
      'Difference to what it runs',
      await diffDevices(context, { selector: { refs: [String(id)] }, against: 'running' }),
    ),
  ]);
  await collect('running configuration', async () => {
    const asked = await askOne(context, id, transport, context.signal, reading('configuration', { part: 'all' }));
    const file = await withoutSecrets(context, phone, answerOf('configuration', asked));
    return [{ name: `configuration/running/${file.name}`, title: 'As the phone exports it', body: file.body }];
  });
  await collect('screen', async () => {
    const asked = await askOne(
      context,
      id,
      transport,
      context.signal,
      reading('screen', { enable: input.enable === true }),
    );
    const { name, body } = answerOf('screen', asked);
    return [{ name: `screen${name.slice(name.lastIndexOf('.'))}`, title: 'Screen', body }];
  });
  await collect('logs of the phone', async () => {
    const asked = await askOne(context, id, transport, context.signal, reading('logs', {}));
    return answerOf('logs', asked).map(({ name, body }) => ({ name: `logs/${name}`, title: `Log: ${name}`, body }));
  });
  await collect('uploaded logs', async () =>
    (await uploadedLogs(context, id)).map(({ name, body }) => ({
      name: `logs/uploaded/${name}`,
      title: `Uploaded log: ${name}`,
      body,
    })),
  );
  await collect('syslog', async () => {
    const wanted = { device: String(id), lines: SYSLOG, follow: false, showSecrets: false };
    const lines = await Array.fromAsync(syslogLines(context, wanted));
    const body = lines.map((line) => `${line}\n`).join('');
    return lines.length === 0 ? [] : [{ name: 'logs/syslog.log', title: 'Syslog, as the server received it', body }];
  });
  await collect('crash files', async () => [
    json(
      'crashes.json',
      'Crash files, as far as they were sent; they stay on the server',
      await Array.fromAsync(listCrashes(context, { selector: { refs: [String(id)] } })),
    ),
  ]);
  await collect('environment', async () => [
    json('environment.json', 'Where this was collected', environment(context)),
  ]);

  const modified = context.clock.now();
  const clean = parts.map(({ name, title, body }) => ({
    name,
    title,
    body: typeof body === 'string' ? Buffer.from(redactor.text(body)) : redactor.bytes(body),
  }));
  const sections: Section[] = clean.map(({ name, title, body }) => ({ name, title, body }));
  const page = bundlePage({
    device: device.mac ?? device.serial ?? String(id),
    name: device.name,
    model: device.model ?? device.facts.model ?? '',
    firmware: device.facts.firmware ?? '',
    at: new Date(modified).toISOString(),
    findings: findings.map(({ level, text, hint }) => ({
      level,
      text: redactor.text(text),
      hint: hint === null ? null : redactor.text(hint),
    })),
    sections,
    missing,
  });
  const entries: ZipEntry[] = [
    { name: 'index.html', body: Buffer.from(page), modified },
    ...clean.map(({ name, body }) => ({ name, body, modified })),
  ];
  yield* zip(entries);
}

/** Content and strategy of tasks stay out: what was done to the phone, and what came of it. */
async function tasksOf(context: OperationContext, deviceId: number): Promise<readonly object[]> {
  const tasks = await context.read.tasks.latestOf(deviceId, TASKS);
  return tasks.map(({ task, name, type, state, code, reason, evidence, via, attempts, startedAt, endedAt }) => ({
    task,
    name,
    type,
    state,
    code,
    reason,
    evidence,
    via,
    attempts,
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
  }));
}

/** Asks once, where the phone tells it, and adds what is kept of the last days. */
async function loadOf(
  context: OperationContext,
  { device, ...how }: { readonly device: string; readonly plainBasic?: boolean },
): Promise<object> {
  const selector = { refs: [device] };
  const [now] = await Array.fromAsync(performances(context, { ...how, selector, samples: 1, every: 1 }));
  const [history] = await Array.fromAsync(performanceHistory(context, { selector, since: WEEK }));
  return { now, samples: history?.samples ?? [] };
}

function json(name: string, title: string, value: unknown): Part {
  return { name, title, body: `${JSON.stringify(value, null, 2)}\n` };
}

function environment(context: OperationContext): object {
  const { hostname, platform, release, arch } = process.getBuiltinModule('node:os');
  return {
    host: hostname(),
    system: `${platform()} ${release()} ${arch()}`,
    phonectl: packageVersion(),
    node: process.version,
    at: new Date(context.clock.now()).toISOString(),
    by: context.actor.name,
  };
}
