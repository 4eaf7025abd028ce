/** Firmware images as a phone meets them: what version they are, and how it fetches one. */
import { getFile } from './files.ts';
import type { HttpSession, RequestOptions } from './http-client.ts';
import type { Credential } from './types.ts';

/** An image that the configuration points at. */
export interface Offer {
  url: URL;
  version: string;
  /** Whether it is made for this hardware; an image for another one is refused when it has been read. */
  fits: boolean;
  credential: Credential | undefined;
}

/** Reads an image to its end and keeps nothing of it; false where it is not there. Throws `LabError`. */
export async function fetchImage(
  session: HttpSession,
  { url, credential }: Offer,
  options: RequestOptions = {},
): Promise<boolean> {
  return (await getFile(session, url, credential, { ...options, discard: true })) !== null;
}

const POLY_VERSION = /(?<![\d.])\d{1,2}\.\d{1,2}\.\d{1,2}\.\d{2,5}(?![\d.])/;

/** Poly writes the version into the image's head; where none can be read there, its folder is named after it. */
export function polyVersion(head: Buffer, path: string): string | undefined {
  return POLY_VERSION.exec(head.toString('latin1'))?.[0] ?? POLY_VERSION.exec(path)?.[0];
}

/** `T54W(T57W,T53W)-96.86.0.45.rom` (yealink.md A7). */
export function yealinkVersion(path: string): string | undefined {
  return /(?<!\d)(\d{1,3}\.\d{2,3}\.\d{1,3}\.\d{1,4})\.rom$/i.exec(path)?.[1];
}

/** `sip88xx.12-0-7MPP0201-66.loads` (cisco.md 6): the series, and the version as the phone tells it. */
export function ciscoLoad(path: string): { series: string; version: string } | undefined {
  const [, series = '', ...numbers] = /\/sip(\d{2})xx\.(\d+)-(\d+)-(\d+)[\w-]*\.loads$/i.exec(path) ?? [];
  return numbers.length === 0 ? undefined : { series, version: numbers.join('.') };
}
