/** How far a rotation of the provisioning account has come: phones of classic sites that show the new password (PROV-07). */
import type { OperationContext } from '../context.ts';
import { OLD_PASSWORD } from '../ports/facts.ts';
import type { StoredSharedAccount } from './shared-account.ts';

export interface Rotation {
  /** ISO 8601: when the password was changed, and until when the old one works. */
  readonly since: string;
  readonly until: string;
  /** Of sites in classic mode; the others have logins of their own. */
  readonly phones: number;
  readonly changed: number;
  /** Came with the old password last. */
  readonly old: number;
  /** Have not come since. */
  readonly unseen: number;
}

/** `null` when the old password does not work any more, or there is none. */
export async function rotationOf(
  { read, scope, clock }: Pick<OperationContext, 'read' | 'scope' | 'clock'>,
  account: StoredSharedAccount | undefined,
): Promise<Rotation | null> {
  const { since, until } = account?.previous ?? {};
  if (since === undefined || until === undefined || until <= clock.now()) return null;
  const siteIds: number[] = [];
  for await (const { id, provisioning } of read.sites.list({ scope })) if (provisioning === 'shared') siteIds.push(id);
  const counts = { phones: 0, changed: 0, old: 0, unseen: 0 };
  for await (const { facts } of read.devices.list({ scope, siteIds, onlineSince: 0 })) {
    counts.phones += 1;
    if (facts.attention?.startsWith(OLD_PASSWORD)) counts.old += 1;
    else if ((facts.seenAt ?? 0) < since) counts.unseen += 1;
    else counts.changed += 1;
  }
  return { since: new Date(since).toISOString(), until: new Date(until).toISOString(), ...counts };
}
