/** What goes out from here to others (callbacks of access keys), and others who are let in (delegations). */
import type { Migration } from './index.ts';

export const delegation: Migration = {
  version: 8,
  name: 'delegation',
  statements: ({ int, sequence }) => [
    // state: waiting | delivered | failed | not-allowed. uid: names it to the receiver. next_at: also a lease.
    `CREATE TABLE callback (
      id ${sequence}, uid TEXT NOT NULL, key_id ${int} NOT NULL REFERENCES access_key(id) ON DELETE CASCADE,
      event TEXT NOT NULL, object TEXT NOT NULL, at ${int} NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
      attempts ${int} NOT NULL DEFAULT 0, next_at ${int} NOT NULL, ended_at ${int}, problem TEXT)`,
    "CREATE INDEX callback_next ON callback(next_at) WHERE state = 'waiting'",
    'CREATE INDEX callback_key ON callback(key_id, id)',

    // Somebody outside who acts in the name of the enterprise: since when, on whose word, until when (ENT-11).
    `ALTER TABLE user_account ADD COLUMN delegated_by TEXT`,
    `ALTER TABLE user_account ADD COLUMN expires_at ${int}`,
  ],
};
