/**
 * Mail that waits to be sent, as files in `<home>/outbox` (0600). They hold passwords and reset tokens, so a listing shows
 * their heads only. `serve` hands them to the mail server, where one is set; else an administrator hands them on.
 */
import { PhonectlError } from '../errors.ts';
import type { Home } from '../ports/home.ts';
import { isSystemError } from '../system-error.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface MailHead {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly at: string;
}

const ID = /^[0-9]{13}-[0-9a-f]{12}$/;

/** Writes a mail; returns its id. */
export async function writeMail(home: Home, mail: Mail): Promise<string> {
  const { mkdir, writeFile } = process.getBuiltinModule('node:fs/promises');
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const id = `${String(mail.at).padStart(13, '0')}-${randomBytes(6).toString('hex')}`;
  await mkdir(home.file('outbox'), { recursive: true, mode: 0o700 });
  const head = [
    `To: ${headerText(mail.to)}`,
    `Subject: ${headerText(mail.subject)}`,
    `Date: ${new Date(mail.at).toUTCString()}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
  const text = [...head, '', ...mail.text, ''].join('\r\n');
  await writeFile(home.file('outbox', `${id}.eml`), text, { mode: 0o600, flag: 'wx' });
  return id;
}

/** A header is one line, whatever the text was. */
function headerText(text: string): string {
  return text.replace(/[\r\n\0]+/g, ' ');
}

/** The heads of the waiting mails, oldest first. */
export async function listMails(home: Home): Promise<readonly MailHead[]> {
  const { readdir } = process.getBuiltinModule('node:fs/promises');
  const names = await readdir(home.file('outbox')).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  });
  const mails = names.filter((name) => name.endsWith('.eml')).map((name) => name.slice(0, -'.eml'.length));
  const ids = mails.filter((id) => ID.test(id));
  return await Promise.all(
    ids.sort().map(async (id) => {
      const text = await readMail(home, id);
      const field = (name: string): string => new RegExp(`^${name}: (.*)\\r$`, 'm').exec(text)?.[1] ?? '';
      return { id, to: field('To'), subject: field('Subject'), at: new Date(Number(id.slice(0, 13))).toISOString() };
    }),
  );
}

/** A mail as it would be sent. Throws `not_found`. */
export async function readMail(home: Home, id: string): Promise<string> {
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  if (!ID.test(id)) throw noMail(id);
  try {
    return await readFile(home.file('outbox', `${id}.eml`), 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) throw noMail(id);
    throw error;
  }
}

/** Who sends a mail holds it for so long: another process may think him dead then. Milliseconds. */
const HOLD = 120_000;

/**
 * Takes a mail in hand, so that no other process sends it too; `undefined` when another one has it. What comes back gives it
 * back.
 */
export async function takeMail(home: Home, id: string, now: number): Promise<(() => Promise<void>) | undefined> {
  const { open, rm, stat } = process.getBuiltinModule('node:fs/promises');
  const mark = home.file('outbox', `${id}.sending`);
  const since = await stat(mark).catch(ignoreMissing);
  if (since !== undefined && Math.abs(now - since.mtimeMs) > HOLD) await rm(mark, { force: true });
  try {
    await (await open(mark, 'wx', 0o600)).close();
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return undefined;
    throw error;
  }
  if ((await stat(home.file('outbox', `${id}.eml`)).catch(ignoreMissing)) === undefined) {
    // It was sent between the listing and now.
    await rm(mark, { force: true });
    return undefined;
  }
  return async () => await rm(mark, { force: true });
}

function ignoreMissing(error: unknown): undefined {
  if (!isSystemError(error, 'ENOENT')) throw error;
}

/** Removes a mail that was sent, and the mark of whoever sent it. */
export async function removeMail(home: Home, id: string): Promise<void> {
  const { rm } = process.getBuiltinModule('node:fs/promises');
  await rm(home.file('outbox', `${id}.eml`), { force: true });
  await rm(home.file('outbox', `${id}.sending`), { force: true });
}

function noMail(id: string): PhonectlError {
  return new PhonectlError('not_found', `There is no mail "${id}" in the outbox.`, {
    hints: ['See `phonectl user outbox`.'],
  });
}
