/** What a phone writes down of what happens to it. The vendors say how much of it, how a line looks, and where else it goes. */
import type { LogEntry } from './log-events.ts';
import type { SyslogSender, SyslogTarget } from './syslog.ts';

/** How a vendor's phones log. */
export interface LogHabits {
  /** Whether an entry is kept, as the levels of the configuration have it. */
  keeps(entry: LogEntry): boolean;
  /** A line of the phone's own log, without its end. */
  line(entry: LogEntry): string;
  /** Where entries are sent at once; undefined where its configuration names no server. */
  syslog(): SyslogTarget | undefined;
  /** The message for it, with its priority in front; undefined for what its level leaves out. */
  message(entry: LogEntry): string | undefined;
}

/** A phone's log has some kilobytes; the oldest entries go first. */
const MOST = 200;

export class LogBook {
  readonly #habits: LogHabits;
  readonly #sender: SyslogSender;
  readonly #entries: LogEntry[] = [];
  /** Entries that have not been uploaded yet; the newest ones. */
  #fresh = 0;

  constructor(habits: LogHabits, sender: SyslogSender) {
    this.#habits = habits;
    this.#sender = sender;
  }

  write(entry: LogEntry, from: string): void {
    const target = this.#habits.syslog();
    const message = target === undefined ? undefined : this.#habits.message(entry);
    if (target !== undefined && message !== undefined) this.#sender.send(from, target, message);
    if (!this.#habits.keeps(entry)) return;
    this.#entries.push(entry);
    if (this.#entries.length > MOST) this.#entries.shift();
    this.#fresh = Math.min(this.#fresh + 1, this.#entries.length);
  }

  /** All of it, or the entries that a filter lets through. */
  text(wanted: (entry: LogEntry) => boolean = () => true): string {
    return this.#lines(this.#entries.filter(wanted));
  }

  /** What has come since this was asked last: the piece that is uploaded next. */
  takeFresh(): string {
    const piece = this.#fresh === 0 ? [] : this.#entries.slice(-this.#fresh);
    this.#fresh = 0;
    return this.#lines(piece);
  }

  clear(): void {
    this.#entries.length = 0;
    this.#fresh = 0;
  }

  #lines(entries: readonly LogEntry[]): string {
    return entries.map((entry) => `${this.#habits.line(entry)}\n`).join('');
  }
}
