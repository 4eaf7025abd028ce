/** Files that phones hand out: screens, logs, their configuration. */
import type { ConfigPart } from '../../domain/commands.ts';
import type { PhoneFile } from '../../vendors/commands.ts';
import type { OperationContext } from '../context.ts';
import { type Ask, type AskOptions, askPhones, reading } from '../control/ask.ts';
import type { Phone } from '../control/phone.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import { isSystemError } from '../system-error.ts';
import { Redactor, redactorFor, secretsOf } from './redact.ts';

export interface DeviceFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly base64: string;
  /** `phone`: fetched now; `upload`: sent by the phone before. */
  readonly source: 'phone' | 'upload';
}

export interface FilesReport {
  readonly deviceId: number;
  readonly device: string;
  readonly name: string;
  readonly result: 'success' | 'failure' | 'not-applicable';
  readonly reason: string | null;
  /** What to do about it. */
  readonly hint: string | null;
  readonly files: readonly DeviceFile[];
}

/** DIAG-23, REST-11. */
export async function* screens(
  context: OperationContext,
  { enable, ...options }: AskOptions & { readonly enable: boolean },
): AsyncGenerator<FilesReport> {
  const ask = reading('screen', { enable });
  yield* files(context, options, async (phone, transport, signal) => single(await ask(phone, transport, signal)));
}

/** DIAG-20, REST-10. Secrets are taken out unless `showSecrets`. */
export async function* configurations(
  context: OperationContext,
  { part, showSecrets, ...options }: AskOptions & { readonly part: ConfigPart; readonly showSecrets: boolean },
): AsyncGenerator<FilesReport> {
  const ask = reading('configuration', { part });
  yield* files(context, options, async (phone, transport, signal) => {
    const answer = await ask(phone, transport, signal);
    if (!('answer' in answer)) return answer;
    const file = showSecrets ? answer.answer : await withoutSecrets(context, phone, answer.answer);
    return single({ answer: file });
  });
}

/**
 * DIAG-11, DIAG-19: what the phone gives now; else what it has uploaded. What is known to be secret, or is called so, is
 * taken out unless `showSecrets`.
 */
export async function* logs(
  context: OperationContext,
  { showSecrets, ...options }: AskOptions & { readonly showSecrets: boolean },
): AsyncGenerator<FilesReport> {
  const ask = reading('logs', {});
  for await (const report of files(context, options, async (phone, transport, signal) => {
    const answer = await ask(phone, transport, signal);
    if (!('answer' in answer)) return answer;
    const found = showSecrets ? answer.answer : await cleaned(context, phone.device, answer.answer);
    return { answer: { files: found, source: 'phone' as const } };
  })) {
    if (report.result === 'success') yield report;
    else {
      const uploaded = await uploadedLogs(context, report.deviceId);
      const [device] = await context.read.devices.byIds([report.deviceId], context.scope);
      if (device === undefined) continue;
      const found = showSecrets ? uploaded : await cleaned(context, device, uploaded);
      yield found.length === 0
        ? report
        : {
            ...report,
            result: 'success',
            reason: null,
            hint: null,
            files: found.map((file) => toFile(file, 'upload')),
          };
    }
  }
}

async function cleaned(
  context: OperationContext,
  device: DeviceRecord,
  found: readonly PhoneFile[],
): Promise<readonly PhoneFile[]> {
  if (found.length === 0) return found;
  const redactor = await redactorFor(context, device);
  return found.map((file) => ({ ...file, body: redactor.file(file.body) }));
}

interface Found {
  readonly files: readonly PhoneFile[];
  readonly source: 'phone' | 'upload';
}

function single(answer: { readonly answer: PhoneFile } | { readonly reason: string }) {
  return 'answer' in answer ? { answer: { files: [answer.answer], source: 'phone' as const } } : answer;
}

async function* files(context: OperationContext, options: AskOptions, ask: Ask<Found>): AsyncGenerator<FilesReport> {
  for await (const { answer, deviceId, device, name, result, reason, hint } of askPhones(context, options, ask)) {
    const found = answer === undefined ? [] : answer.files.map((file) => toFile(file, answer.source));
    yield { deviceId, device, name, result, reason, hint, files: found };
  }
}

function toFile({ name, contentType, body }: PhoneFile, source: DeviceFile['source']): DeviceFile {
  return { name, contentType, bytes: body.length, base64: Buffer.from(body).toString('base64'), source };
}

/** A configuration as the phone hands it out: what phonectl knows to be secret, and what a name says is. */
export async function withoutSecrets(context: OperationContext, phone: Phone, file: PhoneFile): Promise<PhoneFile> {
  const secrets = new Set(await secretsOf(context, phone));
  const { isSecretName } = await import('../../vendors/registry.ts');
  const { driver } = phone;
  const { parameters } = driver.parse(file.name, file.body);
  for (const { name, value } of parameters)
    if (value !== '' && isSecretName(driver.catalogue, name)) secrets.add(value);
  return { ...file, body: Buffer.from(new Redactor(secrets).text(new TextDecoder().decode(file.body))) };
}

/** Logs that the phone sent by itself, the newest of each name. */
export async function uploadedLogs(context: OperationContext, deviceId: number): Promise<readonly PhoneFile[]> {
  const uploads = (await context.read.uploads.list(deviceId)).filter(({ kind }) => kind === 'log');
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  const found: PhoneFile[] = [];
  for (const { name, path } of uploads) {
    try {
      found.push({ name, contentType: 'text/plain', body: await readFile(context.home.file('uploads', path)) });
    } catch (error) {
      // Removed by its retention meanwhile.
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
  return found;
}
