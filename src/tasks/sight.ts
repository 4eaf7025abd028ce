/** What was seen of a phone, in words. */
import type { ProbeResult } from './action.ts';

/** True when asking or waiting any longer is no use. */
export function isFinal(seen: ProbeResult | undefined): seen is ProbeResult & { readonly done: false } {
  return seen?.done === false && seen.final === true;
}

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

export function sight(seen: ProbeResult | undefined): string {
  return seen === undefined || seen.done === true ? '' : `: ${seen.seen}`;
}
