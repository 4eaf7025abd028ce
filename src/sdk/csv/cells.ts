/**
 * Cells that a spreadsheet would take for a formula (security.md I-03), made harmless in a way that is undone on reading:
 * `import(export(x)) == x` also for `+14155550100`, `-5` and `'=1`.
 */

/** What spreadsheets execute when a cell starts with it, behind any number of our own apostrophes. */
const FORMULA = /^'*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]/;
const NEUTRALISED = /^'+[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]/;

const APOSTROPHE = 0x27;

/** Puts one apostrophe before a cell that starts like a formula; spreadsheets then show it as the text that it is. */
export function neutralise(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

/** Takes off what {@link neutralise} has put on. Any other cell comes back as it is. */
export function restore(cell: string): string {
  if (cell.charCodeAt(0) !== APOSTROPHE) return cell;
  return NEUTRALISED.test(cell) ? cell.slice(1) : cell;
}
