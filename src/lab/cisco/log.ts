/** How Cisco phones log (cisco.md 4.1, 11). */
import type { LogHabits } from '../log-book.ts';
import type { LogEntry } from '../log-events.ts';
import { syslogTime } from '../log-time.ts';
import type { CiscoPhone } from './phone.ts';
import { expandMacros } from './profile-rule.ts';

/** Debug_Level, in the order of syslog. */
const LEVELS = ['EMERGENCY', 'ALERT', 'CRITICAL', 'ERROR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'];
const NOTICE = 5;
const FACILITY = 16;

export function ciscoLog(phone: CiscoPhone): LogHabits {
  function keeps({ always, severity }: LogEntry): boolean {
    const level = LEVELS.indexOf(phone.parameters.text('Debug_Level').toUpperCase());
    return always || severity <= (level < 0 ? NOTICE : level);
  }
  /** `CP-8841-3PCC 00:56:2b:00:00:08 -- text`. */
  const body = ({ text }: LogEntry): string =>
    `${phone.details.product} ${phone.mac.replace(/..(?!$)/g, '$&:')} -- ${text}`;
  return {
    keeps,
    line: (entry) => `${syslogTime(entry.at)} ${body(entry)}`,
    syslog() {
      const [, server = '', port = '514'] =
        /^([^:\s]+)(?::(\d{1,5}))?$/.exec(phone.parameters.text('Syslog_Server')) ?? [];
      return server === '' ? undefined : { server, port: Number(port), transport: 'udp', ca: [] };
    },
    message(entry) {
      if (!keeps(entry)) return undefined;
      const identifier = phone.parameters.text('Syslog_Identifier');
      const id = identifier.startsWith('$') ? `${expandMacros(identifier, phone.macros())} ` : '';
      return `<${FACILITY * 8 + entry.severity}>${syslogTime(entry.at)} ${id}${body(entry)}`;
    },
  };
}
