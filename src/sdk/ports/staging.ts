/** A scratch area for the rows of one import: checked and kept outside the store until all of them are. */
export interface Staging extends Disposable {
  /**
   * Keeps a row under its key; `data` is JSON, null when there is nothing to apply. When the key is there already, the
   * row is not kept and the line of the earlier one is returned.
   */
  add(key: string, line: number, data: string | null): number | undefined;
  /** Lines and data of the rows that have any, in the order of the file. */
  batches(size: number): Iterable<readonly { readonly line: number; readonly data: string }[]>;
}
