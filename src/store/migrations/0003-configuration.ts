/** Profiles, their assignments, MAC files and the history of all of them (design.md section 4). */
import type { Migration } from './index.ts';

export const configuration: Migration = {
  version: 3,
  name: 'configuration',
  statements: ({ id, int }) => [
    // type: standard | user | software | imported. parameters: JSON list of [name, value] or [name, {sealed, print}].
    // uid names the row in sealed values, so that a profile can be renamed without sealing anew.
    `CREATE TABLE profile (
      id ${id}, enterprise_id ${int} NOT NULL REFERENCES enterprise(id), uid TEXT NOT NULL,
      name TEXT NOT NULL, name_key TEXT NOT NULL, vendor TEXT NOT NULL, type TEXT NOT NULL,
      description TEXT NOT NULL DEFAULT '', models TEXT NOT NULL DEFAULT '[]', image_id ${int},
      parameters TEXT NOT NULL, version ${int} NOT NULL DEFAULT 1, modified_by TEXT NOT NULL,
      created_at ${int} NOT NULL, updated_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX profile_name ON profile(enterprise_id, name_key)',

    // layer: global | group | model | site | user | device. target: '' | id | model name in lower case.
    // priority: 1 is the highest of its target. apply: auto | manual.
    `CREATE TABLE assignment (
      id ${id}, enterprise_id ${int} NOT NULL REFERENCES enterprise(id),
      profile_id ${int} NOT NULL REFERENCES profile(id), layer TEXT NOT NULL, target TEXT NOT NULL,
      priority ${int} NOT NULL, apply TEXT NOT NULL DEFAULT 'auto', created_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX assignment_place ON assignment(enterprise_id, layer, target, profile_id)',
    'CREATE INDEX assignment_profile ON assignment(profile_id)',

    // What was pushed of a manual assignment to a device (B-08); parameters as in profile.
    `CREATE TABLE assignment_push (
      assignment_id ${int} NOT NULL REFERENCES assignment(id) ON DELETE CASCADE,
      device_id ${int} NOT NULL REFERENCES device(id) ON DELETE CASCADE,
      uid TEXT NOT NULL, parameters TEXT NOT NULL, pushed_at ${int} NOT NULL, PRIMARY KEY (assignment_id, device_id))`,
    'CREATE INDEX assignment_push_device ON assignment_push(device_id)',

    // The top layer of a device (CFG-15..18); the newest active row holds, older ones are its history.
    `CREATE TABLE mac_file (
      id ${id}, device_id ${int} NOT NULL REFERENCES device(id) ON DELETE CASCADE, uid TEXT NOT NULL,
      parameters TEXT NOT NULL, source TEXT NOT NULL, author TEXT NOT NULL, active ${int} NOT NULL, created_at ${int} NOT NULL)`,
    'CREATE INDEX mac_file_device ON mac_file(device_id, active)',

    // Every change of the stack, with what each object was before and after, so that it can be undone.
    `CREATE TABLE revision (
      id ${id}, enterprise_id ${int} NOT NULL, at ${int} NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL,
      operation TEXT NOT NULL, summary TEXT NOT NULL)`,
    `CREATE TABLE revision_entry (
      id ${id}, revision_id ${int} NOT NULL REFERENCES revision(id) ON DELETE CASCADE,
      kind TEXT NOT NULL, object_id ${int} NOT NULL, before TEXT, after TEXT)`,
    'CREATE INDEX revision_entry_revision ON revision_entry(revision_id)',

    // Edits that are collected under a name until they are applied as one.
    `CREATE TABLE change (
      id ${id}, enterprise_id ${int} NOT NULL, name TEXT NOT NULL, edits TEXT NOT NULL, author TEXT NOT NULL,
      base_revision ${int} NOT NULL, created_at ${int} NOT NULL, updated_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX change_name ON change(enterprise_id, name)',
  ],
};
