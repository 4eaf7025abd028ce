/** Users with passwords, their sessions, failed logins and reset tokens (AUTH-01..18, SUB-01..05). */

export interface UserRecord {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly phone: string;
  readonly country: string;
  readonly roles: readonly { readonly id: number; readonly name: string }[];
  readonly mustChange: boolean;
  readonly passwordAt: number;
  readonly frozenAt: number | null;
  /** Somebody outside who acts in the enterprise's name: on whose word (ENT-11). */
  readonly delegatedBy: string | null;
  /** When a delegation ends by itself. */
  readonly expiresAt: number | null;
  readonly version: number;
  readonly createdAt: number;
  readonly lastLoginAt: number | null;
}

export interface UserDraft {
  readonly email: string;
  readonly name: string;
  readonly phone: string;
  readonly country: string;
  readonly roleIds: readonly number[];
}

export interface SessionRecord {
  readonly id: number;
  readonly userId: number;
  readonly createdAt: number;
  readonly seenAt: number;
}

/** Failed logins of one user name or one source address. */
export interface FailureRecord {
  readonly failures: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly lockedUntil: number | null;
}

export interface UserRepository {
  list(): Promise<readonly UserRecord[]>;
  /** By e-mail address, without regard to case. */
  find(email: string): Promise<UserRecord | undefined>;
  byId(id: number): Promise<UserRecord | undefined>;
  /** The stored scrypt text. */
  password(id: number): Promise<string | undefined>;
  add(user: UserDraft, password: string, now: number): Promise<number>;
  edit(id: number, user: UserDraft, now: number): Promise<void>;
  delete(id: number): Promise<void>;
  setPassword(id: number, password: string, mustChange: boolean, now: number): Promise<void>;
  setDelegation(id: number, by: string, expiresAt: number | null, now: number): Promise<void>;
  setFrozen(id: number, at: number | null, now: number): Promise<void>;
  loggedIn(id: number, now: number): Promise<void>;

  /** `token` is the keyed hash. */
  addSession(userId: number, token: string, source: string, now: number): Promise<number>;
  session(token: string): Promise<SessionRecord | undefined>;
  sessionById(id: number): Promise<SessionRecord | undefined>;
  touchSession(id: number, now: number): Promise<void>;
  deleteSession(id: number): Promise<void>;
  /** All sessions of a user but `except`. */
  deleteSessions(userId: number, except?: number): Promise<void>;
  deleteIdleSessions(seenBefore: number): Promise<void>;

  failure(kind: 'user' | 'source', name: string): Promise<FailureRecord | undefined>;
  setFailure(kind: 'user' | 'source', name: string, failure: FailureRecord): Promise<void>;
  clearFailure(kind: 'user' | 'source', name: string): Promise<void>;
  deleteFailures(lastBefore: number): Promise<void>;

  addReset(token: string, userId: number, expiresAt: number): Promise<void>;
  /** Takes the token out, so that it works once; `undefined` when there is none that is still good. */
  takeReset(token: string, now: number): Promise<number | undefined>;
  deleteResets(userId: number): Promise<void>;
}

/** Whether a user may act: neither frozen nor at the end of a delegation. */
export function mayAct(user: Pick<UserRecord, 'frozenAt' | 'expiresAt'>, now: number): boolean {
  return user.frozenAt === null && (user.expiresAt === null || user.expiresAt > now);
}
