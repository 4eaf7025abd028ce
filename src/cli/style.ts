/** Colours and symbols. Meaning is always in a word too: nothing is said by colour alone. */
import type { Terminal } from './terminal.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'grey' | 'bold' | 'dim';

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
  grey: [90, 39],
};

/** How to say things on one stream. */
export interface Style {
  readonly plain: boolean;
  /** Wraps the text in the colour, or returns it as it is where the stream shows none. */
  paint(colour: Colour, text: string): string;
  /** `✔`, or its ASCII stand-in in plain mode. */
  symbol(name: SymbolName): string;
}

const SYMBOLS = {
  ok: ['✔', '+'],
  fail: ['✖', 'x'],
  none: ['–', '-'],
  on: ['●', '*'],
  part: ['◐', '~'],
  warn: ['▲', '!'],
  off: ['○', 'o'],
  unknown: ['?', '?'],
  run: ['▶', '>'],
  arrow: ['→', '->'],
  ellipsis: ['…', '...'],
} as const;

export type SymbolName = keyof typeof SYMBOLS;

export function makeStyle(colour: boolean, plain: boolean): Style {
  return {
    plain,
    paint: (name, text) => (colour && text !== '' ? `\u001b[${CODES[name][0]}m${text}\u001b[${CODES[name][1]}m` : text),
    symbol: (name) => SYMBOLS[name][plain ? 1 : 0],
  };
}

export function stdoutStyle(terminal: Terminal): Style {
  return makeStyle(terminal.colour, terminal.plain);
}

export function stderrStyle(terminal: Terminal): Style {
  return makeStyle(terminal.stderrColour, terminal.plain);
}

/** The words that states are made of, with how they look. A word that is not here is shown as it is. */
const STATES: Readonly<Record<string, readonly [SymbolName, Colour]>> = {
  online: ['on', 'green'],
  registered: ['on', 'green'],
  active: ['on', 'green'],
  current: ['on', 'green'],
  enabled: ['on', 'green'],
  success: ['ok', 'green'],
  ok: ['ok', 'green'],
  delivered: ['ok', 'green'],
  created: ['ok', 'green'],
  updated: ['ok', 'yellow'],
  partial: ['part', 'yellow'],
  pending: ['part', 'yellow'],
  waiting: ['part', 'yellow'],
  running: ['run', 'cyan'],
  stopping: ['run', 'cyan'],
  starting: ['run', 'cyan'],
  cancelled: ['none', 'grey'],
  done: ['ok', 'green'],
  aged: ['warn', 'yellow'],
  drift: ['warn', 'yellow'],
  stale: ['warn', 'yellow'],
  warning: ['warn', 'yellow'],
  quarantine: ['unknown', 'yellow'],
  quarantined: ['unknown', 'yellow'],
  unknown: ['unknown', 'grey'],
  offline: ['off', 'grey'],
  disabled: ['off', 'grey'],
  unchanged: ['none', 'grey'],
  skipped: ['none', 'grey'],
  'not-applicable': ['none', 'grey'],
  'not-allowed': ['none', 'grey'],
  frozen: ['off', 'grey'],
  revoked: ['off', 'grey'],
  unregistered: ['fail', 'red'],
  failure: ['fail', 'red'],
  failed: ['fail', 'red'],
  rejected: ['fail', 'red'],
  error: ['fail', 'red'],
  expired: ['fail', 'red'],
};

/** `● online` in green. */
export function stateText(state: string, style: Style): string {
  const look = Object.hasOwn(STATES, state) ? STATES[state] : undefined;
  return look === undefined ? state : style.paint(look[1], `${style.symbol(look[0])} ${state}`);
}
