/** Accounts on lines (ACCT-08..10, ACCT-12, B-12). */
import type { InferOutput } from 'valibot';
import { deviceKey } from '../../domain/device.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { DeviceRecord, FoundAccount } from '../ports/devices.ts';
import type { Repositories } from '../ports/store.ts';
import { writeOrRehearse } from '../rehearse.ts';
import { type Device, deviceOf } from './device.ts';
import type { assignSchema, unassignSchema } from './fields.ts';
import { resolveDevice, unknown, within } from './references.ts';

export interface AccountOnLine {
  readonly account: string;
  /** The next free line when not given. */
  readonly line?: number | undefined;
}

export interface LinesWritten {
  readonly device: Device;
  readonly warnings: readonly string[];
}

/** `device assign`. */
export async function assign(
  context: OperationContext,
  input: InferOutput<typeof assignSchema>,
): Promise<LinesWritten> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const device = await resolveDevice(within(context, repositories), input.device);
    context.checkVersion(device.version);
    const maxLines = await linesOfModel(context, device);
    const warnings = await assignAccounts(context, repositories, device, input.accounts, {
      replace: input.replace ?? false,
      maxLines,
      now,
    });
    const [after] = await repositories.devices.byIds([device.id], context.scope);
    return [
      { device: deviceOf(after ?? device), warnings },
      { object: `device:${deviceKey(device)}`, result: 'done', details: { accounts: input.accounts.length } },
    ];
  });
}

/** `device unassign`: the accounts stay, free for another device. */
export async function unassign(
  context: OperationContext,
  input: InferOutput<typeof unassignSchema>,
): Promise<LinesWritten> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const device = await resolveDevice(within(context, repositories), input.device);
    context.checkVersion(device.version);
    const leaving = await leavingLines(context, repositories, device, input);
    const staying = device.lines.filter(({ line }) => !leaving.has(line));
    await repositories.devices.setLines(device.id, staying, now);
    const [after] = await repositories.devices.byIds([device.id], context.scope);
    return [
      { device: deviceOf(after ?? device), warnings: [] },
      { object: `device:${deviceKey(device)}`, result: 'done', details: { lines: [...leaving] } },
    ];
  });
}

async function leavingLines(
  context: OperationContext,
  repositories: Repositories,
  device: DeviceRecord,
  input: InferOutput<typeof unassignSchema>,
): Promise<ReadonlySet<number>> {
  const { accounts, lines } = input;
  if (accounts === undefined && lines === undefined) return new Set(device.lines.map(({ line }) => line));
  const leaving = new Set<number>();
  for (const number of lines ?? []) {
    if (!device.lines.some(({ line }) => line === number)) {
      throw new PhonectlError('not_found', `${deviceKey(device)} has no account on line ${number}.`);
    }
    leaving.add(number);
  }
  for (const reference of accounts ?? []) {
    const account = await requireAccount(context, repositories, reference);
    const held = device.lines.find(({ accountId }) => accountId === account.id);
    if (held === undefined) {
      throw new PhonectlError('not_found', `The account ${account.name} is not on ${deviceKey(device)}.`);
    }
    leaving.add(held.line);
  }
  return leaving;
}

/** Puts accounts on lines. Returns what is worth saying. Throws `not_found`, `ambiguous`, `conflict`. */
export async function assignAccounts(
  context: OperationContext,
  repositories: Repositories,
  device: DeviceRecord,
  wanted: readonly AccountOnLine[],
  options: { readonly replace: boolean; readonly maxLines: number | undefined; readonly now: number },
): Promise<readonly string[]> {
  const warnings: string[] = [];
  const taken = new Map<number, { accountId: number; type: string }>();
  if (!options.replace) for (const line of device.lines) taken.set(line.line, line);
  for (const wish of wanted) {
    const account = await requireAccount(context, repositories, wish.account);
    for (const [line, { accountId }] of taken) if (accountId === account.id) taken.delete(line);
    const line = wish.line ?? nextFree(taken);
    if (options.maxLines !== undefined && line > options.maxLines) {
      throw new PhonectlError(
        'conflict',
        `A ${device.model} has ${options.maxLines} lines; line ${line} is none of them.`,
        {
          hints: [
            wish.line === undefined
              ? 'Free a line with `phonectl device unassign`, or assign with --replace.'
              : `Give a line from 1 to ${options.maxLines}.`,
          ],
        },
      );
    }
    if (account.heldBy !== null && account.heldBy.deviceId !== device.id) {
      warnings.push(`The account ${account.name} left line ${account.heldBy.line} of ${account.heldBy.device}.`);
    }
    taken.set(line, { accountId: account.id, type: account.type });
  }
  if (taken.size > 1 && [...taken.values()].some(({ type }) => type === 'sfb')) {
    throw new PhonectlError(
      'conflict',
      'A device with a Skype for Business account takes no other account (ACCT-09).',
      {
        hints: ['Take the others off first, or assign with --replace.'],
      },
    );
  }
  const lines = [...taken].map(([line, { accountId }]) => ({ line, accountId })).sort((a, b) => a.line - b.line);
  await repositories.devices.setLines(device.id, lines, options.now);
  return warnings;
}

export function nextFree(taken: { has(line: number): boolean }): number {
  let line = 1;
  while (taken.has(line)) line += 1;
  return line;
}

async function requireAccount(
  context: OperationContext,
  repositories: Repositories,
  reference: string,
): Promise<FoundAccount> {
  const found = await repositories.devices.findAccounts(reference, context.scope);
  if (found.length > 1) {
    throw new PhonectlError('ambiguous', `"${reference}" fits ${found.length} accounts.`, {
      hints: [
        `Write ${found
          .slice(0, 3)
          .map(({ type, name }) => `${type}:${name}`)
          .join(' or ')}.`,
      ],
      details: { candidates: found.map(({ id, type, name }) => ({ id, type, name })) },
    });
  }
  const [account] = found;
  if (account !== undefined) return account;
  throw unknown('account', reference, await repositories.devices.similarAccounts(reference, context.scope));
}

/** How many lines the device's model has, if the catalogue knows. */
export async function linesOfModel(context: OperationContext, device: DeviceRecord): Promise<number | undefined> {
  const model = device.model ?? device.facts.model;
  if (model === null) return undefined;
  const { loadModels } = await import('../../vendors/registry.ts');
  const vendor = device.vendor ?? undefined;
  return (await loadModels(context.home)).find(model, vendor)?.maxLines;
}
