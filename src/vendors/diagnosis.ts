/** What the three vendors' settings for looking into a fault have in common. */
import { SEVERITIES, type Severity } from '../domain/diagnosis.ts';
import type { Effective, Parameter } from '../domain/effective.ts';
import { PhonectlError } from '../sdk/errors.ts';

/** Parameters as they are collected; the first thing that the phone cannot have is the reason. */
export class Settings {
  readonly #parameters: Parameter[] = [];
  #reason: string | undefined;

  set(name: string, value: string | number | boolean | undefined, secret = false): void {
    if (value === undefined) return;
    const text = typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
    this.#parameters.push(secret ? { name, value: text, secret: true } : { name, value: text });
  }

  /** `when`: it was asked for. */
  cannot(when: boolean, reason: string): void {
    if (when) this.#reason ??= reason;
  }

  get result(): { readonly parameters: readonly Parameter[] } | { readonly reason: string } {
    if (this.#reason !== undefined) return { reason: this.#reason };
    if (this.#parameters.length === 0) throw new PhonectlError('invalid_input', 'The change says nothing.');
    return { parameters: this.#parameters };
  }
}

/** A URL with a login in it, as phones take it where they have no parameters for user and password. */
export function withLogin(url: string, username: string | undefined, password: string | undefined): string {
  if (username === undefined) return url;
  const whole = new URL(url);
  whole.username = encodeURIComponent(username);
  whole.password = encodeURIComponent(password ?? '');
  return whole.href;
}

/** The same without it, for people. */
export function withoutLogin(url: string): string {
  if (!URL.canParse(url)) return url;
  const plain = new URL(url);
  if (plain.username === '' && plain.password === '') return url;
  plain.username = '';
  plain.password = '';
  return plain.href;
}

export function severityNumber(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

export function textOf(effective: Effective, name: string): string | undefined {
  const value = effective.get(name)?.value;
  return value === '' ? undefined : value;
}

export function numberOf(effective: Effective, name: string): number | null {
  const value = textOf(effective, name);
  return value === undefined || !Number.isFinite(Number(value)) ? null : Number(value);
}
