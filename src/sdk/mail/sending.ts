/** Brings the mail of the outbox to the mail server. What is not taken stays there, and is tried again. */
import { pause } from '../../tasks/pause.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { listMails, readMail, removeMail, takeMail } from './outbox.ts';
import { mailServer } from './settings.ts';

type Context = Pick<OperationContext, 'store' | 'secrets' | 'clock' | 'home'>;

export interface SentMails {
  readonly sent: number;
  /** Those that the server did not take, with what it said. */
  readonly failed: readonly { readonly id: string; readonly problem: string }[];
}

const EVERY = 2_000;
/** After a failure. */
const LATER = 60_000;

/** Sends what waits; does nothing while no mail server is set. */
export async function sendWaiting(context: Context): Promise<SentMails> {
  const { home, store, clock } = context;
  const waiting = await listMails(home);
  const known = waiting.length === 0 ? undefined : await mailServer(store.read.settings, context);
  if (known === undefined) return { sent: 0, failed: [] };
  const { sendMail } = await import('../../net/smtp.ts');
  const failed: { id: string; problem: string }[] = [];
  let sent = 0;
  for (const { id, to, subject, at } of waiting) {
    const back = await takeMail(home, id, clock.now());
    if (back === undefined) continue;
    const body = (await readMail(home, id)).split('\r\n\r\n').slice(1).join('\r\n\r\n');
    try {
      await sendMail(known.server, { from: known.from, to, subject, text: body, at: Date.parse(at), id });
    } catch (error) {
      await back();
      failed.push({ id, problem: error instanceof Error ? error.message : String(error) });
      continue;
    }
    await removeMail(home, id);
    sent += 1;
  }
  return { sent, failed };
}

/** Does so until the signal aborts; part of `serve`. The same trouble is told once. */
export async function keepSendingMail(
  context: Context,
  signal: AbortSignal,
  onTrouble: (message: string) => void,
): Promise<void> {
  let told = '';
  while (!signal.aborted) {
    const problem = await sendWaiting(context).then(
      ({ failed }) => failed[0]?.problem ?? '',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (problem !== '' && problem !== told) onTrouble(`Mail cannot be sent: ${problem}`);
    told = problem;
    await pause(problem === '' ? EVERY : LATER, signal);
  }
}

/** Sends a mail to somebody at once, to see whether the settings are right. Throws what the mail server says. */
export async function testMail(context: OperationContext, to: string): Promise<{ to: string; server: string }> {
  const known = await mailServer(context.read.settings, context);
  if (known === undefined) {
    throw new PhonectlError('conflict', 'No mail server is set.', {
      hints: ['phonectl settings mail edit --host smtp.example.net --from phones@example.net'],
    });
  }
  const { server, from } = known;
  const { sendMail } = await import('../../net/smtp.ts');
  const { randomUUID } = process.getBuiltinModule('node:crypto');
  await sendMail(server, {
    from,
    to,
    subject: 'phonectl can send mail',
    text: `This was sent by phonectl through ${server.host}, because ${context.actor.name} asked for it.\r\n`,
    at: context.clock.now(),
    id: randomUUID(),
  });
  return await context.write(async () => [
    { to, server: `${server.host}:${server.port}` },
    { object: 'settings:mail', result: 'done', details: { to } },
  ]);
}
