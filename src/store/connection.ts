import type { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** What a repository works on: Kysely for what is written once, the raw connection for prepared hot paths. */
export interface Connection {
  readonly database: DatabaseSync;
  readonly kysely: Kysely<Schema>;
}

/** The single enterprise of an installation; tenancy comes with its own issue, the column is there already. */
export const ENTERPRISE = 1;
