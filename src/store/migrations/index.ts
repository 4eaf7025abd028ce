import { initial } from './0001-initial.ts';
import { configuration } from './0003-configuration.ts';

/** Column types that the two databases name differently. */
export interface ColumnTypes {
  /** An integer primary key that is assigned by the database. */
  readonly id: string;
  readonly int: string;
  readonly blob: string;
}

export interface Migration {
  readonly version: number;
  readonly name: string;
  statements(types: ColumnTypes): readonly string[];
}

/** In order; a migration that has been released never changes. */
export const migrations: readonly Migration[] = [initial, configuration];

export const SCHEMA_VERSION = migrations.at(-1)!.version;
