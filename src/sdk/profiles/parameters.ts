/** Parameters on their way between people, the store and the stack: sealing, opening, masking. */
import type { Parameter } from '../../domain/effective.ts';
import type { Profile } from '../../domain/stack.ts';
import type { ProfileRecord, StoredParameter } from '../ports/profiles.ts';
import type { SecretBox } from '../ports/secrets.ts';
import { withFirmware } from './references.ts';

/** What people see instead of a secret. */
export const MASK = '••••••••';

/** The row name of a sealed parameter; `owner` is `profile:<uid>` or `mac-file:<uid>`. */
function row(owner: string, name: string): string {
  return `${owner}:${name}`;
}

/** Seals secret values; others stay as they are. */
export function store(owner: string, parameters: readonly Parameter[], secrets: SecretBox): readonly StoredParameter[] {
  return parameters.map(({ name, value, secret }) => {
    if (!secret) return [name, value] as const;
    const sealed = Buffer.from(secrets.seal(value, row(owner, name))).toString('base64');
    return [name, { sealed, print: secrets.fingerprint(value) }] as const;
  });
}

/** Parameters with their secrets opened: for rendering only. */
export function open(owner: string, parameters: readonly StoredParameter[], secrets: SecretBox): readonly Parameter[] {
  return parameters.map(([name, value]) =>
    typeof value === 'string'
      ? { name, value }
      : { name, value: secrets.open(Buffer.from(value.sealed, 'base64'), row(owner, name)), secret: true },
  );
}

/** Parameters whose secrets are stood for by their prints: equal secrets compare equal, nothing is opened. */
export function closed(parameters: readonly StoredParameter[]): readonly Parameter[] {
  return parameters.map(([name, value]) =>
    typeof value === 'string' ? { name, value } : { name, value: value.print, secret: true },
  );
}

/** A profile for planning: nothing is opened. */
export function closedProfile(record: ProfileRecord): Profile {
  const { id, name, vendor, type, version } = record;
  return { id, name, vendor, type, version, parameters: withFirmware(record, closed(record.parameters)) };
}

/** A profile for rendering: secrets are opened. */
export function openProfile(record: ProfileRecord, secrets: SecretBox): Profile {
  const { id, name, vendor, type, version } = record;
  const parameters = open(`profile:${record.uid}`, record.parameters, secrets);
  return { id, name, vendor, type, version, parameters: withFirmware(record, parameters) };
}
