import { initial } from './0001-initial.ts';
import { access } from './0002-access.ts';
import { configuration } from './0003-configuration.ts';
import { files } from './0004-files.ts';
import { schedules } from './0005-schedules.ts';
import { diagnostics } from './0006-diagnostics.ts';
import { givenFiles } from './0007-given-files.ts';
import { delegation } from './0008-delegation.ts';
import { keyEdits } from './0009-key-edits.ts';
import { officeHours } from './0010-office-hours.ts';
import { runHolders } from './0011-run-holders.ts';

/** Column types that the two databases name differently. */
export interface ColumnTypes {
  /** An integer primary key that is assigned by the database. */
  readonly id: string;
  /** Like `id`, but a value is never given twice, even after the newest row was deleted. */
  readonly sequence: string;
  readonly int: string;
  readonly blob: string;
}

export interface Migration {
  readonly version: number;
  readonly name: string;
  statements(types: ColumnTypes): readonly string[];
}

/** In order; a migration that has been released never changes. */
export const migrations: readonly Migration[] = [
  initial,
  access,
  configuration,
  files,
  schedules,
  diagnostics,
  givenFiles,
  delegation,
  keyEdits,
  officeHours,
  runHolders,
];

export const SCHEMA_VERSION = migrations.at(-1)!.version;
