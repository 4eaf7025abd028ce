/** Lengths of time as people write them. */
import { check, pipe, string, transform } from 'valibot';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90m`, `72h`, `7d` in milliseconds; `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^\s*(\d{1,6})\s*([smhd])\s*$/i.exec(text);
  return match === null ? undefined : Number(match[1]) * (UNITS[match[2]?.toLowerCase() ?? ''] ?? 0);
}

/** A field that takes such a text and yields milliseconds. */
export const durationField = pipe(
  string(),
  check((text) => (parseDuration(text) ?? 0) > 0, 'is not a length of time such as 90m, 72h or 7d'),
  transform((text) => parseDuration(text) ?? 0),
);
