/** Questions. Asked on a terminal only; elsewhere the flag that would have answered is required, and named. */
import { PhonectlError } from '../sdk/errors.ts';
import type { Effect } from '../sdk/operation.ts';
import { interrupt } from './session.ts';
import type { Terminal } from './terminal.ts';
import { count } from './text.ts';

/** How many devices a disruptive effect may touch before it asks for their number. */
const MANY = 5;

export interface PromptContext {
  readonly terminal: Terminal;
  /** --yes was given. */
  readonly yes: boolean;
  readonly signal: AbortSignal;
}

/** Asks for a line of text. `flag` is what answers it without a terminal. */
export async function askText(
  context: PromptContext,
  question: { message: string; flag: string; initial?: string; check?: (value: string) => true | string },
): Promise<string> {
  requireTerminal(context, question.flag);
  const { value } = await ask<{ value: string }>(context, {
    type: 'input',
    name: 'value',
    message: question.message,
    ...(question.initial !== undefined && { default: question.initial }),
    ...(question.check && { validate: question.check }),
  });
  return value;
}

/** Asks for a secret, twice when it is a new one. */
export async function askSecret(
  context: PromptContext,
  question: { message: string; flag: string; repeat?: boolean },
): Promise<string> {
  requireTerminal(context, question.flag);
  const { value } = await ask<{ value: string }>(context, {
    type: 'password',
    name: 'value',
    message: question.message,
  });
  if (question.repeat) {
    const { again } = await ask<{ again: string }>(context, {
      type: 'password',
      name: 'again',
      message: 'The same again:',
    });
    if (again !== value) throw new PhonectlError('usage', 'The two entries differ. Nothing was changed.');
  }
  return value;
}

/**
 * Asks before an effect, as design.md section 9 says: reads and writes ask nothing; a disruptive effect on more than a
 * few devices, and every destructive one, asks (on many for their number to be typed). --yes answers everything.
 * `what` is the rest of the sentence "This will …": `reboot 12 devices`.
 */
export async function confirmEffect(
  context: PromptContext,
  effect: Effect,
  number: number,
  what: string,
): Promise<void> {
  if (context.yes || number === 0 || effect === 'read' || effect === 'write') return;
  if (effect === 'disruptive' && number <= MANY) return;
  requireConfirmation(context, what);
  if (number > 1) {
    const { value } = await ask<{ value: string }>(context, {
      type: 'input',
      name: 'value',
      message: `This will ${what}. Type ${number} to go on:`,
    });
    if (value.trim() === String(number)) return;
  } else {
    const { value } = await ask<{ value: boolean }>(context, {
      type: 'confirm',
      name: 'value',
      message: `This will ${what}. Go on?`,
      default: false,
    });
    if (value) return;
  }
  throw new PhonectlError('confirmation_required', `Not confirmed: nothing was done to ${count(number, 'object')}.`);
}

function requireConfirmation(context: PromptContext, what: string): void {
  if (context.terminal.interactive) return;
  throw new PhonectlError('confirmation_required', `This will ${what}, and nobody can be asked here.`, {
    hints: ['Give --yes to confirm.', 'Look first with --dry-run.'],
  });
}

function requireTerminal(context: PromptContext, flag: string): void {
  if (context.terminal.interactive) return;
  throw new PhonectlError('usage', `${flag} is required where nobody can be asked.`, {
    hints: [`Give ${flag}, or run the command on a terminal without --no-input.`],
    details: { flag },
  });
}

interface Question {
  type: 'input' | 'password' | 'confirm';
  name: string;
  message: string;
  default?: string | boolean;
  validate?: (value: string) => true | string;
}

async function ask<T>(context: PromptContext, question: Question): Promise<T> {
  const { default: inquirer } = await import('inquirer');
  // stdout is the answer's; the conversation is on stderr.
  const prompt = inquirer.createPromptModule({ output: process.stderr, signal: context.signal });
  try {
    return (await prompt([question as never])) as T;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') interrupt('SIGINT');
    throw error;
  }
}
