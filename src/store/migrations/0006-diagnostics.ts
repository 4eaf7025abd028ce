/** What is looked for in phones: settings that hold while it is, and captures of their packets. */
import type { Migration } from './index.ts';

export const diagnostics: Migration = {
  version: 6,
  name: 'diagnostics',
  statements: ({ int, sequence }) => [
    // Parameters as in profile; uid is a new one with every change: it names sealed values, and shows that it changed.
    `CREATE TABLE diagnosis (
      device_id ${int} PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE, uid TEXT NOT NULL UNIQUE,
      parameters TEXT NOT NULL, author TEXT NOT NULL, changed_at ${int} NOT NULL)`,

    // state: starting | running | stopping | done | cancelled | failed. token: part of the URL that the phone sends it to.
    // switched: packet capture was switched on for it, and is switched off again after it.
    `CREATE TABLE capture (
      id ${sequence}, device_id ${int} NOT NULL REFERENCES device(id) ON DELETE CASCADE, token TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL, state TEXT NOT NULL, switched ${int} NOT NULL, filter TEXT NOT NULL DEFAULT '',
      megabytes ${int} NOT NULL, author TEXT NOT NULL, started_at ${int} NOT NULL, ends_at ${int} NOT NULL,
      ended_at ${int}, reason TEXT)`,
    "CREATE UNIQUE INDEX capture_open ON capture(device_id) WHERE state IN ('starting', 'running', 'stopping')",
    'CREATE INDEX capture_device ON capture(device_id, started_at)',

    // cpu: percent; memory: bytes. What a phone did not tell is null.
    `CREATE TABLE load_sample (
      device_id ${int} NOT NULL REFERENCES device(id) ON DELETE CASCADE, at ${int} NOT NULL,
      cpu REAL, cpu_average REAL, memory_used ${int}, memory_total ${int},
      PRIMARY KEY (device_id, at))`,
  ],
};
