/** What a rollout would do, before anything is sent: who fits, who does not and why, steps, waves, volume (FW-04). */
import { deviceLabel } from '../control/phone.ts';
import type { ImageRecord } from '../ports/files.ts';
import type { Strategy } from '../ports/tasks.ts';
import { FILE_LIMITS_SETTING, readFileLimits } from '../settings/file-limits.ts';
import { type Placed, targetsFor } from '../tasks/targets.ts';
import type { FirmwareInput } from './choice.ts';
import { type ChoiceContext, chooseAll } from './choose-all.ts';

/** Phones that go the same way. */
export interface FirmwareMove {
  readonly model: string | null;
  /** What they run; `null` while they have not told. */
  readonly from: string | null;
  /** What they run in between, in order. */
  readonly via: readonly string[];
  readonly to: string;
  /** Names of the images, in order. */
  readonly images: readonly string[];
  readonly devices: number;
}

export interface Misfit {
  /** MAC, else serial number, else id. */
  readonly device: string;
  readonly name: string;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly reason: string;
}

export interface FirmwarePlan {
  /** Name of the image, or the release. */
  readonly target: string;
  readonly devices: number;
  /** Those that get it, those that run it already, and those that it is nothing for. */
  readonly upgrade: number;
  readonly current: number;
  readonly misfit: number;
  readonly moves: readonly FirmwareMove[];
  readonly misfits: readonly Misfit[];
  /** Phones of each wave; wave 0 is the canary. */
  readonly waves: readonly { readonly wave: number; readonly devices: number }[];
  /** What the phones fetch in all, and how long that takes at least with the server's limit of bandwidth. */
  readonly bytes: number;
  readonly seconds: number;
  readonly strategy: Strategy;
  /** What speaks against the time that was chosen (TASK-32). */
  readonly warnings: readonly string[];
}

export async function planFirmware(
  context: ChoiceContext,
  input: FirmwareInput,
  devices: readonly Placed[],
  strategy: Strategy,
): Promise<Omit<FirmwarePlan, 'warnings'>> {
  const chosen = await chooseAll(context, input, devices);
  const upgrading = chosen.flatMap(({ device, choice }) =>
    choice.kind === 'upgrade' ? [{ device, steps: choice.steps }] : [],
  );
  const targets = await targetsFor(
    context,
    upgrading.map(({ device }) => device),
    strategy,
  );
  const bytes = upgrading.reduce((sum, { steps }) => sum + steps.reduce((all, { size }) => all + size, 0), 0);
  const { bytesPerSecond } = readFileLimits(await context.read.settings.get(FILE_LIMITS_SETTING));
  const misfits = chosen.flatMap(({ device, choice }) =>
    choice.kind === 'misfit' ? [misfitOf(device, choice.reason)] : [],
  );
  return {
    target: input.target,
    devices: devices.length,
    upgrade: upgrading.length,
    current: devices.length - upgrading.length - misfits.length,
    misfit: misfits.length,
    moves: movesOf(upgrading),
    misfits,
    waves: [...Map.groupBy(targets, ({ wave }) => wave)]
      .map(([wave, { length }]) => ({ wave, devices: length }))
      .sort((a, b) => a.wave - b.wave),
    bytes,
    seconds: Math.ceil(bytes / bytesPerSecond),
    strategy,
  };
}

function misfitOf(device: Placed, reason: string): Misfit {
  const { id, name, model, facts } = device;
  return { device: deviceLabel(device, id), name, model: model ?? facts.model, firmware: facts.firmware, reason };
}

function movesOf(
  upgrading: readonly { readonly device: Placed; readonly steps: readonly ImageRecord[] }[],
): readonly FirmwareMove[] {
  const groups = Map.groupBy(upgrading, ({ device: { model, facts }, steps }) =>
    JSON.stringify([model ?? facts.model, facts.firmware, steps.map(({ id }) => id)]),
  );
  const moves = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { device, steps } = first;
    return [
      {
        model: device.model ?? device.facts.model,
        from: device.facts.firmware,
        via: steps.slice(0, -1).map(({ release }) => release),
        to: steps.at(-1)?.release ?? '',
        images: steps.map(({ name }) => name),
        devices: group.length,
      },
    ];
  });
  return moves.sort((a, b) => b.devices - a.devices);
}
