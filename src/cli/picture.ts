/** Lines on a terminal that are drawn again and again over themselves. */
import { truncatePainted } from './text.ts';

interface Size {
  readonly columns?: number;
  readonly rows?: number;
}

/** Says what to write; writing is its user's business. The terminal may change its size meanwhile. */
export class Picture {
  readonly #terminal: Size;
  #drawn = 0;

  constructor(terminal: Size) {
    this.#terminal = terminal;
  }

  /** These lines in the place of the last ones: cut to the terminal, where a line that wraps could not be counted. */
  draw(lines: readonly string[]): string {
    const { columns = 80, rows = 24 } = this.#terminal;
    const shown = lines.slice(0, rows - 1).map((line) => truncatePainted(line, columns - 1));
    const text = `${this.#away()}${shown.join('\n')}\n`;
    this.#drawn = shown.length;
    return text;
  }

  /** Takes the picture away. */
  clear(): string {
    const text = this.#away();
    this.#drawn = 0;
    return text;
  }

  /** Somebody has written below it: it stays as it is, and the next one is drawn under that. */
  leave(): void {
    this.#drawn = 0;
  }

  /** Up to the first line of the last picture, and away with it (ECMA-48 CPL, ED). */
  #away(): string {
    return this.#drawn === 0 ? '' : `\u001b[${this.#drawn}F\u001b[J`;
  }
}

/** On stdout, for commands whose answer it is. */
export function stdoutPicture(): Picture {
  return new Picture(process.stdout);
}
