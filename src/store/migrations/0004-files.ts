/** What phones run, and the files that they fetch beside their configuration: resources, firmware, files of their own. */
import type { Migration } from './index.ts';

export const files: Migration = {
  version: 4,
  name: 'files',
  statements: ({ id, int }) => [
    // The newest comparison of a phone with what it should run. differences: JSON of sdk/ports/running.ts.
    `CREATE TABLE device_running (
      device_id ${int} PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE, at ${int} NOT NULL,
      desired TEXT NOT NULL, running TEXT NOT NULL, basis TEXT NOT NULL, differences TEXT NOT NULL)`,

    // The bytes of all three lie in <home>/files by their SHA-256; a name is never a path on our disk.
    // served_as: the name that phones ask for. type: ring-tone, image, language, …, see sdk/resources/types.ts.
    `CREATE TABLE resource (
      id ${id}, enterprise_id ${int} NOT NULL REFERENCES enterprise(id), name TEXT NOT NULL, name_key TEXT NOT NULL,
      served_as TEXT NOT NULL, served_key TEXT NOT NULL, type TEXT NOT NULL, description TEXT NOT NULL DEFAULT '',
      models TEXT NOT NULL DEFAULT '[]', sha256 TEXT NOT NULL, size ${int} NOT NULL, version ${int} NOT NULL DEFAULT 1,
      created_by TEXT NOT NULL, created_at ${int} NOT NULL, updated_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX resource_name ON resource(enterprise_id, name_key)',
    'CREATE UNIQUE INDEX resource_served ON resource(enterprise_id, served_key)',
    'CREATE INDEX resource_file ON resource(sha256)',

    // family: phone | cx | group-series. served_key: path that phones ask for, firmware/RELEASE/FILE in lower case.
    // license: SHA-256 of the licence file of a Group Series image (LIC-07), which lies beside it.
    `CREATE TABLE image (
      id ${id}, enterprise_id ${int} NOT NULL REFERENCES enterprise(id), name TEXT NOT NULL, name_key TEXT NOT NULL,
      vendor TEXT NOT NULL, family TEXT NOT NULL, release TEXT NOT NULL, description TEXT NOT NULL DEFAULT '',
      models TEXT NOT NULL DEFAULT '[]', file_name TEXT NOT NULL, served_key TEXT NOT NULL, sha256 TEXT NOT NULL, size ${int} NOT NULL,
      license TEXT, license_name TEXT, license_size ${int}, version ${int} NOT NULL DEFAULT 1, created_by TEXT NOT NULL,
      created_at ${int} NOT NULL, updated_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX image_name ON image(enterprise_id, name_key)',
    'CREATE UNIQUE INDEX image_served ON image(enterprise_id, served_key)',
    'CREATE INDEX image_file ON image(sha256)',

    // directory: misc | contacts | overrides | license | profiles | certificate | flk (DFILE-05).
    `CREATE TABLE device_file (
      id ${id}, device_id ${int} NOT NULL REFERENCES device(id) ON DELETE CASCADE, name TEXT NOT NULL,
      name_key TEXT NOT NULL, directory TEXT NOT NULL, sha256 TEXT NOT NULL, size ${int} NOT NULL,
      created_by TEXT NOT NULL, created_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX device_file_name ON device_file(device_id, name_key)',
    'CREATE INDEX device_file_file ON device_file(sha256)',
  ],
};
