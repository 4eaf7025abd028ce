/** Takes secrets out of what leaves the house: in every form in which they may stand there. */
import { resolveFor } from '../configuration/configuration.ts';
import { credentialRow, deviceKey, openCredential } from '../configuration/credentials.ts';
import { readingSource } from '../configuration/source.ts';
import type { OperationContext } from '../context.ts';
import type { Phone } from '../control/phone.ts';

/** Shorter ones, such as a PIN of three digits, would take half of every text with them. */
const SHORTEST = 4;

const MASK = '********';

/** What is called a secret where it stands, as in the lines of logs: nobody needs to know it beforehand. */
const NAMED = /((?:passw(?:or)?d|secret)[\w.-]{0,64}["']?\s{0,4}[=:]\s{0,4}["']?)(?!\*{4})([^\s"'&,;<>]{1,256})/gi;
/** Basic holds the password itself; behind the answer of Digest, a weak one can be guessed. */
const LOGIN = /(\bbasic\s{1,4}|\bresponse\s{0,4}=\s{0,4}")([\w+/=-]{8,512})/gi;

export class Redactor {
  readonly #pattern: RegExp | undefined;

  constructor(secrets: Iterable<string>) {
    const forms = new Set<string>();
    for (const secret of secrets) if (secret.length >= SHORTEST) for (const form of formsOf(secret)) forms.add(form);
    // The longest first: one secret may begin another.
    const sorted = [...forms]
      .sort((a, b) => b.length - a.length)
      .map((form) => form.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
    this.#pattern = sorted.length === 0 ? undefined : new RegExp(sorted.join('|'), 'gi');
  }

  text(text: string): string {
    return this.#replace(text, () => MASK);
  }

  /** Any bytes; their number stays, so that archives and pictures stay readable. */
  bytes(bytes: Uint8Array): Buffer {
    const clean = this.#replace(Buffer.from(bytes).toString('latin1'), (found) => '*'.repeat(found.length));
    return Buffer.from(clean, 'latin1');
  }

  /** A log: text, or an archive that holds some. */
  file(bytes: Uint8Array): Buffer {
    return bytes.includes(0) ? this.bytes(bytes) : Buffer.from(this.text(new TextDecoder().decode(bytes)));
  }

  #replace(text: string, mask: (found: string) => string): string {
    const clean = this.#pattern === undefined ? text : text.replace(this.#pattern, mask);
    const named = (_: string, name: string, value: string): string => `${name}${mask(value)}`;
    return clean.replace(NAMED, named).replace(LOGIN, named);
  }
}

/** For what comes from one device. */
export async function redactorFor(context: OperationContext, device: Phone['device']): Promise<Redactor> {
  return new Redactor(await secretsOf(context, { device }));
}

/** Plain, as the bytes of UTF-8, escaped for XML and URLs, base64 and hex. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const xml = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    secret,
    bytes.toString('latin1'),
    xml,
    xml.replaceAll('"', '&quot;'),
    encodeURIComponent(secret),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    // Behind other bytes, as in `user:password`: what base64 makes of it then is the same but for its first sign.
    ...[1, 2].map((shift) => shifted(bytes, shift)),
  ];
}

function shifted(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  // The first signs hold bits of what stands before, the last one of what comes after.
  return text.slice(shift + 1, (shift + bytes.length) % 3 === 0 ? undefined : -1);
}

/** All secrets that phonectl has for a device: of its logins, its lines, and its configuration. */
export async function secretsOf(
  context: OperationContext,
  { device }: Pick<Phone, 'device'>,
): Promise<ReadonlySet<string>> {
  const secrets = new Set<string>();
  const source = await readingSource(context);
  for (const { type, nameKey, password } of await source.reader.lines(device.id))
    if (password !== null) secrets.add(context.secrets.open(password, `account:${type}/${nameKey}:password`));
  for (const stored of await source.reader.credentials(device.id)) {
    secrets.add(openCredential(context.secrets, device, stored).password);
    if (stored.previous !== null) {
      secrets.add(context.secrets.open(stored.previous, credentialRow(device, stored.purpose)));
    }
  }
  const served = await source.reader.deviceById(device.id);
  if (served !== undefined && served.vendor !== null && (device.mac ?? device.serial) !== null) {
    const { effective } = await resolveFor(source, served);
    for (const { secret, value } of effective.values())
      if (secret === true) for (const part of parts(value)) secrets.add(part);
  }
  secrets.delete('');
  secrets.delete(deviceKey(device));
  return secrets;
}

/** `admin:password` and `https://…/e/secret` are secrets as a whole; what is secret in them is secret alone, too. */
function parts(value: string): readonly string[] {
  const login = /^[^:/\s]{1,64}:(\S+)$/.exec(value)?.[1];
  // A phone puts its own facts into the address before it logs it.
  const event = /\/e\/([a-z0-9]{16,64})(?![a-z0-9])/.exec(value)?.[1];
  return [value, login, event].filter((part) => part !== undefined);
}
