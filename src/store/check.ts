/** Looks whether a database is whole. Reads only; a million rows in constant memory. */
import type { DatabaseSync } from 'node:sqlite';
import { type AccountType, passwordRow } from '../domain/account.ts';
import { documentRow } from '../domain/device.ts';

/** A value that is sealed, with the place that it must open for. */
export interface SealedValue {
  /** For people: `account sip/1001`. */
  readonly what: string;
  readonly row: string;
  readonly sealed: Uint8Array;
}

export function schemaVersionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/** What SQLite finds wrong; empty when nothing is. */
export function integrityProblems(database: DatabaseSync): readonly string[] {
  const rows = database.prepare('PRAGMA integrity_check(20)').all() as { integrity_check: string }[];
  const broken = rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  const foreign = database.prepare('PRAGMA foreign_key_check').all() as { table: string; parent: string }[];
  return [
    ...broken,
    ...foreign.slice(0, 20).map(({ table, parent }) => `A row of ${table} refers to a missing ${parent}.`),
  ];
}

/** Every sealed value of the store. */
export function* sealedValues(database: DatabaseSync): Generator<SealedValue> {
  yield* accountPasswords(database);
  yield* deviceCredentials(database);
  yield* documents(database);
  yield* parameterLists(database);
  yield* sharedAccounts(database);
}

function* accountPasswords(database: DatabaseSync): Generator<SealedValue> {
  const rows = database
    .prepare('select type, name, name_key, password from account where password is not null')
    .iterate() as Iterable<{ type: AccountType; name: string; name_key: string; password: Uint8Array }>;
  for (const { type, name, name_key, password } of rows) {
    yield { what: `account ${type}/${name}`, row: passwordRow(type, name_key), sealed: password };
  }
}

function* deviceCredentials(database: DatabaseSync): Generator<SealedValue> {
  const rows = database
    .prepare(
      `select coalesce(device.mac, device.serial) as device, purpose, secret, previous
       from device_credential join device on device.id = device_id`,
    )
    .iterate() as Iterable<{ device: string; purpose: string; secret: Uint8Array; previous: Uint8Array | null }>;
  for (const { device, purpose, secret, previous } of rows) {
    const [what, row] = [`${purpose} credential of ${device}`, `device:${device}:${purpose}`];
    yield { what, row, sealed: secret };
    if (previous !== null) yield { what: `previous ${what}`, row, sealed: previous };
  }
}

function* documents(database: DatabaseSync): Generator<SealedValue> {
  const rows = database
    .prepare('select mac, serial, document from device where document like \'%"sealed"%\'')
    .iterate() as Iterable<{ mac: string | null; serial: string | null; document: string }>;
  for (const { mac, serial, document } of rows) {
    const row = documentRow({ mac, serial });
    for (const [name, value] of Object.entries(JSON.parse(document) as Record<string, { sealed?: string }>)) {
      if (value.sealed === undefined) continue;
      yield { what: `${name} of ${mac ?? serial}`, row, sealed: Buffer.from(value.sealed, 'base64') };
    }
  }
}

/** Profiles, what was pushed of them, MAC files and diagnoses keep their parameters alike. */
function* parameterLists(database: DatabaseSync): Generator<SealedValue> {
  for (const [table, owner] of [
    ['profile', 'profile'],
    ['assignment_push', 'push'],
    ['mac_file', 'mac-file'],
    ['diagnosis', 'diagnosis'],
  ] as const) {
    const rows = database
      .prepare(`select uid, parameters from ${table} where parameters like '%"sealed"%'`)
      .iterate() as Iterable<{ uid: string; parameters: string }>;
    for (const { uid, parameters } of rows) {
      for (const [name, value] of JSON.parse(parameters) as [string, string | { sealed: string }][]) {
        if (typeof value === 'string') continue;
        yield {
          what: `${name} of ${owner} ${uid}`,
          row: `${owner}:${uid}:${name}`,
          sealed: Buffer.from(value.sealed, 'base64'),
        };
      }
    }
  }
}

function* sharedAccounts(database: DatabaseSync): Generator<SealedValue> {
  const rows = database.prepare('select name, value from setting where value like \'%"sealed"%\'').all() as {
    name: string;
    value: string;
  }[];
  for (const { name, value } of rows) {
    const { sealed } = JSON.parse(value) as { sealed?: string };
    if (typeof sealed === 'string') {
      yield { what: `setting ${name}`, row: `setting:${name}`, sealed: Buffer.from(sealed, 'base64') };
    }
  }
}

/** The special sites that are missing or there more than once. */
export function siteProblems(database: DatabaseSync): readonly string[] {
  const rows = database
    .prepare("select kind, count(*) as count from site where kind in ('company', 'internet') group by kind")
    .all() as { kind: string; count: number }[];
  const counts = new Map(rows.map(({ kind, count }) => [kind, count]));
  return ['company', 'internet']
    .filter((kind) => counts.get(kind) !== 1)
    .map((kind) => `There are ${counts.get(kind) ?? 0} ${kind} sites; there must be one.`);
}
