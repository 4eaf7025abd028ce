/** Progress on stderr: a spinner on a terminal, a line every few seconds elsewhere, nothing with --quiet. */
import type { Terminal } from './terminal.ts';

export interface Progress {
  /** Tells where it stands; cheap, call it as often as you like. */
  update(text: string): void;
  /** Ends it and leaves the line. Without text the line goes. */
  stop(text?: string): void;
}

const EVERY_MS = 5000;

const SILENT: Progress = { update: () => undefined, stop: () => undefined };

/** Starts showing progress. Call stop() in a `finally`. */
export async function startProgress(terminal: Terminal, quiet: boolean, text: string): Promise<Progress> {
  if (quiet) return SILENT;
  // On a terminal of no width (`script`, `docker exec -t` without a size) ora would clear lines for ever.
  const animated = terminal.stderrIsTty && !terminal.plain && (process.stderr.columns ?? 0) > 0;
  return animated ? await spinner(terminal, text) : lines(text);
}

async function spinner(terminal: Terminal, text: string): Promise<Progress> {
  const { default: ora } = await import('ora');
  const bar = ora({ text, stream: process.stderr, discardStdin: false, color: terminal.stderrColour ? 'cyan' : false });
  bar.start();
  return {
    update: (now) => {
      bar.text = now;
    },
    stop: (last) => {
      bar.stop();
      if (last !== undefined) process.stderr.write(`${last}\n`);
    },
  };
}

function lines(text: string): Progress {
  let latest = text;
  let written = performance.now();
  return {
    update: (now) => {
      latest = now;
      if (performance.now() - written < EVERY_MS) return;
      written = performance.now();
      process.stderr.write(`${latest}\n`);
    },
    stop: (last) => {
      if (last !== undefined) process.stderr.write(`${last}\n`);
    },
  };
}
