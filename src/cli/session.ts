/** What lives as long as the process: the abort signal of Ctrl-C and the words that say how to go on afterwards. */

const controller = new AbortController();
let resumeHint: string | undefined;

/** Aborted by the first Ctrl-C, by SIGTERM and by SIGHUP. Hand it to whatever takes long. */
export function processSignal(): AbortSignal {
  return controller.signal;
}

/** Tells what to print when the user interrupts: `Resume: phonectl task resume 118`. */
export function onInterruptSay(text: string | undefined): void {
  resumeHint = text;
}

const EXIT_OF_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

let interrupted: number | undefined;
let untilStopped = false;

/** For what runs until it is told to stop (serve, lab): the signal is then its ordinary end, and the exit status 0. */
export function runsUntilStopped(): void {
  untilStopped = true;
}

let keepsOnHangup = false;

/** For what reads its files again on SIGHUP (serve) instead of ending. */
export function reloadsOnHangup(): void {
  keepsOnHangup = true;
}

/** The exit status that the signal asks for, once one has come. */
export function interruptedExit(): number | undefined {
  return untilStopped ? undefined : interrupted;
}

/**
 * The first signal stops the work cleanly, the second one ends the process at once. A command that does not listen to
 * the abort signal is not held up: nothing else keeps it from ending when it is done.
 */
export function handleSignals(): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (name === 'SIGHUP' && keepsOnHangup) return;
      if (interrupted !== undefined) process.exit(EXIT_OF_SIGNAL[name]);
      if (name === 'SIGINT') process.stderr.write(`\nStopping. ${resumeHint ?? 'Once more to quit at once.'}\n`);
      interrupt(name);
    });
  }
}

/** What a signal does, also for Ctrl-C at a question: a terminal that is read key by key sends no signal for it. */
export function interrupt(name: keyof typeof EXIT_OF_SIGNAL): void {
  interrupted = EXIT_OF_SIGNAL[name];
  controller.abort(name);
}
