/** CSV profiles of rows (PROF-21): written as text at once, their secrets sealed later, many together. */
import { type DeviceVendor, documentRow } from '../../../domain/device.ts';
import { MASK } from '../../csv/report.ts';
import type { StagedDevice } from '../../ports/bulk.ts';
import type { ToSeal } from '../../ports/secrets.ts';
import { checkValue, KEEP } from '../document.ts';
import type { ParameterColumn } from './columns.ts';
import { remembered } from './lookup.ts';

/** Stands for a sealed value in a document that is not sealed yet. No JSON text holds this character. */
const SEALED = '\u0001';

/** A row that its compiler may still complete. */
type OpenRow = { -readonly [K in keyof StagedDevice]: StagedDevice[K] };

/** Puts the sealed values, in the order of `takeSecrets`, into the documents of these rows. */
export function fillSealed(rows: readonly OpenRow[], sealed: readonly string[]): readonly StagedDevice[] {
  if (sealed.length === 0) return rows;
  let next = 0;
  for (const row of rows) {
    if (row.document?.includes(SEALED)) row.document = row.document.replaceAll(SEALED, () => sealed[next++] ?? '');
  }
  return rows;
}

/** Says what is wrong with a cell; `problem` is a clause. */
export type Complaint = (column: string, cell: string, secret: boolean, problem: string) => void;

export class ProfileWriter {
  /** Some row wants the stored secret kept. */
  keeps = false;
  readonly #columns: readonly ParameterColumn[];
  readonly #cells = new Map<string, readonly ProfileCell[]>();
  #toSeal: ToSeal[] = [];

  constructor(columns: readonly ParameterColumn[]) {
    this.#columns = columns;
  }

  /** How many secrets wait to be sealed. */
  get pending(): number {
    return this.#toSeal.length;
  }

  /** The profile in the order of `writeDocument`; `null` when no cell has a value (PROF-22). */
  write(
    cells: readonly string[],
    device: { readonly vendor: DeviceVendor | null; readonly mac: string | null; readonly serial: string | null },
    complain: Complaint,
  ): string | null {
    if (this.#columns.length === 0) return null;
    const { vendor } = device;
    const row = documentRow(device);
    const parts: string[] = [];
    for (const cell of remembered(this.#cells, vendor ?? '', () => profileCells(this.#columns, vendor))) {
      const value = cells[cell.index] ?? '';
      if (value === '') continue;
      const problem = cell.problem ?? checkValue(value);
      if (problem === undefined) parts.push(cell.name + this.#value(value, cell.secret, row));
      else complain(cell.column, value, cell.secret, problem);
    }
    return parts.length === 0 ? null : `{${parts.join(',')}}`;
  }

  #value(value: string, secret: boolean, row: string): string {
    if (!secret) return `{"value":${JSON.stringify(value)}}`;
    // The mask of an export means the secret that is stored.
    if (value === MASK) {
      this.keeps = true;
      return JSON.stringify(KEEP);
    }
    this.#toSeal.push({ plain: value, row });
    return `{"sealed":"${SEALED}"}`;
  }

  /** Drops the secrets of a row that turned out bad, so that they are not taken for those of the next one. */
  forget(pending: number): void {
    this.#toSeal.length = pending;
  }

  /** The secrets of the rows since the last call, in their order. */
  takeSecrets(): readonly ToSeal[] {
    const secrets = this.#toSeal;
    this.#toSeal = [];
    return secrets;
  }
}

/** A parameter column as it is for the rows of one vendor. */
interface ProfileCell {
  readonly column: string;
  readonly index: number;
  /** The parameter's name as JSON, with its colon. */
  readonly name: string;
  readonly secret: boolean;
  /** Why no row of this vendor may have a value here, as a clause. */
  readonly problem: string | undefined;
}

function profileCells(columns: readonly ParameterColumn[], vendor: DeviceVendor | null): readonly ProfileCell[] {
  const named = columns.map(({ header, known, custom }) => {
    const parameter = (vendor === null ? undefined : known[vendor]) ?? custom;
    const owners = Object.keys(known);
    const foreign = vendor !== null && owners.length > 0 && known[vendor] === undefined;
    return {
      header,
      ...parameter,
      problem: foreign ? `is a parameter of ${owners.join(' and ')}, not of ${vendor}` : undefined,
    };
  });
  const seen = new Set<string>();
  return named
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ header, name, secret, problem }) => {
      const twice = seen.has(name) ? `is ${name} once more` : undefined;
      seen.add(name);
      return {
        column: header.name,
        index: header.index,
        name: `${JSON.stringify(name)}:`,
        secret,
        problem: problem ?? twice,
      };
    });
}
