/** The kinds of control task: which action or command of the drivers each is, and what proves that it was done. */
import type { Command, CommandInputs, CommandOptions, CommandType } from '../../vendors/commands.ts';
import type { Action, AttemptResult, ControlTarget, Driver, RenderDevice } from '../../vendors/driver.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import { cannotHave, type DiagnosisInput } from '../diagnosis/action.ts';
import type { Evidence, EvidenceKind } from '../ports/evidence.ts';
import type { Phone } from './phone.ts';

/** Kinds of task that are commands of the drivers, by the name that people filter tasks by (REST-09, CALL-03). */
const COMMANDS = {
  restart: 'restart',
  reset: 'reset',
  dnd: 'dnd',
  message: 'message',
  key: 'key',
  set: 'set',
  dial: 'dial',
  'call-answer': 'answer',
  'call-hold': 'hold',
  'call-resume': 'resume',
  'call-end': 'end',
  'call-transfer': 'transfer',
  'capture-start': 'captureStart',
  'capture-stop': 'captureSend',
  'capture-cancel': 'captureEnd',
} as const satisfies Readonly<Record<string, CommandType>>;

export type CommandTask = keyof typeof COMMANDS;
/** Kinds of task that make phones fetch what they are given: success is what they run afterwards. */
export type PushTask = 'config-push' | 'firmware' | 'resource';

/** Kinds of task that set something for a while, and take it away again. */
export type DiagnosisTask = 'diagnosis' | 'diagnosis-end';

export type ControlType = 'reboot' | 'check-sync' | PushTask | DiagnosisTask | CommandTask;

export const CONTROL_TYPES: readonly ControlType[] = [
  'reboot',
  'check-sync',
  'config-push',
  'firmware',
  'resource',
  'diagnosis',
  'diagnosis-end',
  ...(Object.keys(COMMANDS) as CommandTask[]),
];

/** Parameters of a control task, as they are stored with it. */
export interface ControlContent {
  /** One of the driver's transports; without it the driver's order. */
  readonly via?: string;
  /** Also in the middle of a call. */
  readonly force?: boolean;
  /** Sends Basic over plain HTTP where a phone asks for it. */
  readonly plainBasic?: boolean;
  /** Of a command, as `CommandInputs` has it. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Further fields of the input that hold secrets: JSON, sealed for this row; base64. */
  readonly sealed?: { readonly row: string; readonly value: string };
}

/** A driver's action with its input in it. */
export interface Bound {
  readonly transports: readonly string[];
  notApplicable(device: RenderDevice): string | undefined;
  run(target: ControlTarget, transport: DeviceTransport, options: CommandOptions): Promise<AttemptResult>;
  proof?(evidence: Evidence): string | undefined;
}

export interface Kind {
  readonly bind: (driver: Driver, content: ControlContent) => Bound;
  /** What the server sees of it, whatever the vendor. */
  readonly proof?: { readonly kind: EvidenceKind; readonly words: string };
  readonly repeatable: boolean;
  /** Whether the phone's own uptime tells that it did it. */
  readonly uptime: boolean;
}

const BOOTED = { kind: 'boot', words: 'booted' } as const;
const FETCHED = { kind: 'fetch', words: 'fetched its configuration' } as const;

export function kindOf(type: ControlType): Kind {
  switch (type) {
    case 'reboot':
      return { bind: ({ actions }) => plain(actions.reboot), proof: BOOTED, repeatable: false, uptime: true };
    case 'check-sync':
    case 'config-push':
    case 'firmware':
    case 'resource':
    case 'diagnosis-end':
      return { bind: ({ actions }) => plain(actions.checkSync), proof: FETCHED, repeatable: true, uptime: false };
    case 'diagnosis':
      return { bind: diagnosisOf, proof: FETCHED, repeatable: true, uptime: false };
    case 'restart':
    case 'reset':
      return { bind: commandOf(type), proof: BOOTED, repeatable: false, uptime: true };
    default:
      // Doing these twice is doing them once.
      return { bind: commandOf(type), repeatable: REPEATABLE.test(type), uptime: false };
  }
}

const REPEATABLE = /^(?:dnd|set|capture-[a-z]+)$/;

function plain(action: Action): Bound {
  return {
    transports: action.transports,
    notApplicable: (device) => action.notApplicable(device),
    run: (target, transport, options) => action.run(target, undefined, transport, options),
  };
}

function diagnosisOf(driver: Driver, { input }: ControlContent): Bound {
  const { checkSync } = driver.actions;
  return {
    ...plain(checkSync),
    // Checked when the task was made.
    notApplicable: (device) =>
      cannotHave(driver, device, input as unknown as DiagnosisInput) ?? checkSync.notApplicable(device),
  };
}

function commandOf(type: CommandTask): Kind['bind'] {
  // The input was checked when the task was made, against the fields of this very command.
  return (driver, { input = {} }) => bindCommand(driver, COMMANDS[type], input as never);
}

export function bindCommand<Type extends CommandType>(
  { actions }: Driver,
  type: Type,
  input: CommandInputs[Type],
): Bound {
  const command = actions.commands[type] as Command<CommandInputs[Type]>;
  return {
    transports: command.transports,
    notApplicable: (device) => command.notApplicable(device, input),
    run: (target, transport, options) => command.run(target, input, transport, options),
    proof: (evidence) => command.proof?.(evidence, input),
  };
}

/** Name in results when a phone is acted on in a way that it was not asked for by name. */
export function transportsOf(type: ControlType, driver: Driver): readonly string[] {
  return kindOf(type).bind(driver, {}).transports;
}

/** Why this phone cannot be told to, known before anything is sent. */
export function notApplicable(
  type: ControlType,
  content: ControlContent,
  { driver, target }: Phone,
): string | undefined {
  return kindOf(type).bind(driver, content).notApplicable(target);
}
