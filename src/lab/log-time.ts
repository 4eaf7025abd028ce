/** Times in logs. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 22 10:07:01`, as in RFC 3164; in UTC. */
export function syslogTime(at: number): string {
  const time = new Date(at);
  const day = String(time.getUTCDate()).padStart(2, ' ');
  return `${MONTHS[time.getUTCMonth()]} ${day} ${time.toISOString().slice(11, 19)}`;
}

/** `MMDDHHMMSS`. */
export function shortTime(at: number): string {
  return new Date(at).toISOString().slice(5, 19).replace(/\D/g, '');
}
