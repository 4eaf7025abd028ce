/** What the three streams can do, decided once per process from the streams, the environment and the flags. */

export interface Terminal {
  /** stdout is a terminal: tables, colours, a screenful at most. Otherwise tab-separated and complete. */
  readonly stdoutIsTty: boolean;
  readonly stderrIsTty: boolean;
  /** Questions may be asked: stdin and stderr are terminals, and neither CI nor --no-input forbids it. */
  readonly interactive: boolean;
  /** Columns of the terminal; 80 where unknown. */
  readonly width: number;
  /** Lines of the terminal; 24 where unknown. */
  readonly height: number;
  readonly colour: boolean;
  readonly stderrColour: boolean;
  /** ASCII only, no spinner, no colour: for screen readers and old consoles (PHONECTL_PLAIN=1). */
  readonly plain: boolean;
}

export interface TerminalWishes {
  colour?: 'auto' | 'always' | 'never' | undefined;
  noInput?: boolean | undefined;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface Streams {
  readonly stdin: Stream;
  readonly stdout: Stream;
  readonly stderr: Stream;
}

/** Reads the situation. Pure but for what it is handed, so that tests can pretend to be a terminal. */
export function detectTerminal(
  streams: Streams,
  env: Readonly<Record<string, string | undefined>>,
  wishes: TerminalWishes = {},
): Terminal {
  const stdoutIsTty = streams.stdout.isTTY === true;
  const stderrIsTty = streams.stderr.isTTY === true;
  const plain = isOn(env['PHONECTL_PLAIN']);
  // https://no-color.org: any non-empty value counts. TERM=dumb cannot show escapes at all.
  const forbidden = plain || Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb';
  const colourOn = (isTty: boolean): boolean => {
    if (wishes.colour === 'always') return true;
    if (wishes.colour === 'never') return false;
    return isTty && !forbidden;
  };
  return {
    stdoutIsTty,
    stderrIsTty,
    interactive: streams.stdin.isTTY === true && stderrIsTty && !isOn(env['CI']) && wishes.noInput !== true,
    width: streams.stdout.columns || positive(env['COLUMNS']) || 80,
    height: streams.stdout.rows || positive(env['LINES']) || 24,
    colour: colourOn(stdoutIsTty),
    stderrColour: colourOn(stderrIsTty),
    plain,
  };
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value.toLowerCase() !== 'false';
}

function positive(value: string | undefined): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
