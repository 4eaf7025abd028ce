/** How much of the line and of the machine files may take, so that a firmware wave never slows configuration (F-28). */

export interface FileLimits {
  /** Of all transfers together. */
  readonly bytesPerSecond: number;
  /** Large files that are sent at the same time; further phones are asked to come back. */
  readonly transfers: number;
}

export const FILE_LIMITS_SETTING = 'provisioning.files';

/** 400 Mbit/s: a gigabit line still carries everything else. */
export const FILE_LIMITS: FileLimits = { bytesPerSecond: 50_000_000, transfers: 100 };

/** The setting's value, with defaults for what nobody set. */
export function readFileLimits(setting: unknown): FileLimits {
  const given = typeof setting === 'object' && setting !== null ? (setting as Partial<FileLimits>) : {};
  return { ...FILE_LIMITS, ...given };
}
