/** What a timer does, as the command of its type would have it (TASK-06..11). */
import type { ResetScope } from '../../domain/commands.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { Placed } from './targets.ts';

/** What some types need to know, and no other may have. */
export interface TimerInput {
  /** dnd: on or off, of all accounts (TASK-10). */
  readonly on?: boolean;
  /** message. */
  readonly text?: string;
  readonly seconds?: number;
  /** reset. */
  readonly scope?: ResetScope;
  /** firmware: name or number of an image, or a release (TASK-08). */
  readonly firmware?: string;
  /** resource: names or numbers, one of each type (TASK-07). */
  readonly resources?: readonly string[];
  /** firmware, resource: leaves out devices that it is nothing for, instead of refusing the timer. */
  readonly fitting?: boolean;
}

/** Types that need something, and the field that says it. */
const WANTED: Readonly<Record<string, keyof TimerInput>> = {
  dnd: 'on',
  message: 'text',
  reset: 'scope',
  firmware: 'firmware',
  resource: 'resources',
};

/** Further fields of some types. */
const ALSO: Readonly<Record<string, readonly (keyof TimerInput)[]>> = {
  message: ['seconds'],
  firmware: ['fitting'],
  resource: ['fitting'],
};

/** The input of the command, as its own operation would make it. Throws `usage`, and what the operation throws. */
export async function inputOf(
  context: OperationContext,
  type: string,
  { on, text, seconds, scope, firmware, resources, fitting }: TimerInput,
  devices: readonly Placed[],
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const fields = { on, text, seconds, scope, firmware, resources, fitting };
  const wanted = WANTED[type];
  const allowed: readonly string[] = wanted === undefined ? [] : [wanted, ...(ALSO[type] ?? [])];
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const other = given.find(([name]) => !allowed.includes(name));
  if (other !== undefined) {
    throw new PhonectlError('usage', `"${other[0]}" means nothing to a timer of the type ${type}.`);
  }
  if (wanted === undefined) return undefined;
  if (fields[wanted] === undefined) throw new PhonectlError('usage', `A timer of the type ${type} needs "${wanted}".`);
  switch (type) {
    case 'message': {
      // Names the text to the phones that fetch it from the server.
      const token = process.getBuiltinModule('node:crypto').randomBytes(16).toString('hex');
      return { text, seconds: seconds ?? 30, token };
    }
    case 'firmware': {
      const { checkedInput } = await import('../firmware/rollout.ts');
      return { ...(await checkedInput(context, { firmware: firmware ?? '', fitting }, 'next-contact', devices)) };
    }
    case 'resource': {
      const { checkedResources } = await import('../resources/push.ts');
      return { ...(await checkedResources(context, { resources: resources ?? [], fitting }, devices)) };
    }
    default:
      return Object.fromEntries(given);
  }
}
