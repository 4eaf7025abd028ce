/** Commands to phones as tasks: what goes into them, and what of it is sealed. */
import type { CommandInputs } from '../../vendors/commands.ts';
import type { OperationContext } from '../context.ts';
import type { CommandTask, ControlContent } from './kinds.ts';
import { type ControlEvent, type ControlRequest, runControl } from './run.ts';

/** Makes and runs the task of one command; its input stands in the task for everybody who may see tasks. */
export async function* runCommand(
  context: OperationContext,
  type: CommandTask,
  request: ControlRequest,
  input: Readonly<Record<string, unknown>> = {},
): AsyncGenerator<ControlEvent> {
  yield* runControl(context, type, { ...request, input });
}

/** DEV-45. The token names the text to the phones that fetch it from the server. */
export async function* sendText(
  context: OperationContext,
  request: ControlRequest,
  { text, seconds }: Pick<CommandInputs['message'], 'text' | 'seconds'>,
): AsyncGenerator<ControlEvent> {
  const token = process.getBuiltinModule('node:crypto').randomBytes(16).toString('hex');
  yield* runCommand(context, 'message', request, { text, seconds, token });
}

/**
 * REST-06. Any value may be a secret, so all are sealed; the names stand in the task. The phone keeps what it is given
 * in a layer of its own, above the configuration that it fetches (PROF-36).
 */
export async function* setParameters(
  context: OperationContext,
  request: ControlRequest,
  parameters: Readonly<Record<string, string>>,
): AsyncGenerator<ControlEvent> {
  const row = `control:${process.getBuiltinModule('node:crypto').randomUUID()}`;
  const value = Buffer.from(context.secrets.seal(JSON.stringify({ parameters }), row)).toString('base64');
  const sealed: NonNullable<ControlContent['sealed']> = { row, value };
  // A dry run looks at the input and stores nothing.
  const input = request.dryRun ? { parameters } : { names: Object.keys(parameters) };
  yield* runControl(context, 'set', { ...request, input, ...(!request.dryRun && { sealed }) });
}
