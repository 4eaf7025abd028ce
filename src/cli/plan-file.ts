/** A saved plan as the user names it: its id, or the file that it was written to. */
import { PhonectlError } from '../sdk/errors.ts';
import { readText } from './streams.ts';

/** Plans of a whole fleet name every phone. */
const LARGEST = 256 << 20;

export async function readPlanReference(text: string): Promise<{ plan: string; digest?: string }> {
  if (/^p-[0-9a-f]+$/.test(text)) return { plan: text };
  const content = await readText(text, LARGEST);
  const saved = parse(content, text);
  if (typeof saved.id !== 'string' || typeof saved.digest !== 'string') throw noPlan(text);
  return { plan: saved.id, digest: saved.digest };
}

/** Digest of a plan that `fleet plan --out` wrote. */
export async function readDigest(file: string): Promise<string> {
  const { digest } = parse(await readText(file, LARGEST), file);
  if (typeof digest !== 'string') throw noPlan(file);
  return digest;
}

function parse(content: string, file: string): { id?: unknown; digest?: unknown } {
  try {
    return Object(JSON.parse(content));
  } catch (cause) {
    throw noPlan(file, cause);
  }
}

function noPlan(file: string, cause?: unknown): PhonectlError {
  return new PhonectlError('invalid_file', `${file} is not a plan that phonectl wrote.`, {
    cause,
  });
}
