/** What a device's lines said of their registration, and what that makes the device (DEV-27). */

export interface LineState {
  readonly line: number;
  readonly user: string;
  readonly state: 'registered' | 'unregistered';
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface AssignedLine {
  readonly line: number;
  readonly username: string;
}

export interface LineReport {
  readonly line: number | undefined;
  readonly user: string | undefined;
  readonly state: LineState['state'];
  readonly at: number;
}

/** Phones name the line by its number, by its user, or not at all when they have one; all three find it. */
export function withReport(
  known: readonly LineState[],
  assigned: readonly AssignedLine[],
  report: LineReport,
): readonly LineState[] {
  const user = report.user === undefined ? undefined : userPart(report.user);
  const byUser = user === undefined ? undefined : assigned.find(({ username }) => userPart(username) === user);
  const line = byUser?.line ?? report.line ?? known.find((state) => state.user === user)?.line ?? 1;
  const username = user ?? assigned.find((entry) => entry.line === line)?.username ?? '';
  const others = known.filter((state) => state.line !== line);
  return [...others, { line, user: username, state: report.state, at: report.at }].sort((a, b) => a.line - b.line);
}

/** `sip:1001@pbx.example.net` and `1001` name the same user. */
function userPart(user: string): string {
  return user.replace(/^sips?:/i, '').replace(/@.*$/, '');
}

export type SipState = 'registered' | 'partial' | 'unregistered' | 'unknown';

/** Over the assigned lines; over those that reported when none is assigned here (lines that a CSV profile makes). */
export function sipState(known: readonly LineState[], assigned: readonly AssignedLine[]): SipState {
  const lines = assigned.length > 0 ? assigned.map(({ line }) => line) : known.map(({ line }) => line);
  const states = lines.map((line) => known.find((state) => state.line === line)?.state);
  const registered = states.filter((state) => state === 'registered').length;
  if (registered > 0) return registered === states.length ? 'registered' : 'partial';
  return states.includes('unregistered') ? 'unregistered' : 'unknown';
}
