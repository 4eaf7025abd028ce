/** Hands mail to a mail server (SMTP, RFC 5321; TLS by RFC 8314). nodemailer speaks it, loaded when there is mail to send. */
import { PhonectlError } from '../sdk/errors.ts';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `tls` from the first byte, `starttls` before anything else is said, `none` within one's own machine or network. */
  readonly security: 'tls' | 'starttls' | 'none';
  readonly login?: { readonly user: string; readonly password: string };
}

export interface Letter {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The same in each attempt, so that a mail that came through twice is seen to be one. */
  readonly id: string;
}

const PATIENCE = 20_000;

/** Resolves when the server has taken it. Throws `unreachable`, `certificate`, and `conflict` when it refuses. */
export async function sendMail(server: MailServer, letter: Letter): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const { host, port, security, login } = server;
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(login && { auth: { user: login.user, pass: login.password } }),
    connectionTimeout: PATIENCE,
    greetingTimeout: PATIENCE,
    socketTimeout: PATIENCE,
    // A mail is text that we wrote: nothing in it names a file or an address to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { from, to, subject, text, at, id } = letter;
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '');
  try {
    await transport.sendMail({
      from,
      // As an object: a list or a name in the text stays part of the one address.
      to: { name: '', address: to },
      subject,
      text,
      date: new Date(at),
      messageId: `<${id}@${domain}>`,
    });
  } catch (error) {
    throw asPhonectlError(server, error);
  } finally {
    transport.close();
  }
}

function asPhonectlError({ host, port }: MailServer, error: unknown): PhonectlError {
  const { code, responseCode, message } = error as { code?: string; responseCode?: number; message?: string };
  const where = `The mail server ${host}:${port}`;
  if (responseCode !== undefined && responseCode >= 400) {
    const about = code === 'EAUTH' ? 'refuses the user name or password' : `refuses the mail (${responseCode})`;
    return new PhonectlError('conflict', `${where} ${about}.`, {
      hints: ['See `phonectl settings mail show`.'],
      details: { responseCode },
      cause: error,
    });
  }
  const tls = code === 'ETLS' || /certificate|self[- ]signed/i.test(message ?? '');
  return new PhonectlError(tls ? 'certificate' : 'unreachable', `${where}: ${message ?? 'no answer'}.`, {
    hints: tls ? ['Its certificate has to be valid for this name.'] : ['Check host, port and --security.'],
    cause: error,
  });
}
