/** Firmware images as a phone meets them: what version they are, and how it fetches one. */
import { LabError } from './errors.ts';
import { getFile } from './files.ts';
import type { HttpSession, RequestOptions } from './http-client.ts';
import type { Credential, LabFaults } from './types.ts';

/** An image that the configuration points at. */
export interface Offer {
  url: URL;
  version: string;
  /** Whether it is made for this hardware; an image for another one is refused when it has been read. */
  fits: boolean;
  credential: Credential | undefined;
}

/** Where a phone keeps an image between fetching and writing it. */
export class Flash {
  #image: { version: string; works: boolean } | undefined;
  /** Where the image is that it could not use: it does not fetch that one again. */
  #refused: string | undefined;
  /** Why the last image could not be fetched. */
  trouble: LabError | undefined;

  /** Fetches an image that the phone does not run; it is written when everything else has been fetched. */
  async load(
    session: HttpSession,
    offer: Offer,
    phone: { readonly firmware: string; readonly faults: LabFaults; readonly lifeSignal: AbortSignal },
    options?: RequestOptions,
  ): Promise<void> {
    const { url, version, fits } = offer;
    this.trouble = undefined;
    if (version === phone.firmware || url.href === this.#refused) return;
    try {
      if (!(await fetchImage(session, offer, options))) return;
    } catch (error) {
      if (phone.lifeSignal.aborted || !(error instanceof LabError)) throw error;
      this.trouble = error;
      return;
    }
    const works = fits && phone.faults.refuseFirmware !== true;
    this.#image = { version, works };
    this.#refused = works ? undefined : url.href;
  }

  /** Somebody asks it to look again: it may try what it refused before. */
  forget(): void {
    this.#refused = undefined;
  }

  /** What was fetched, once. */
  take(): { readonly version: string; readonly works: boolean } | undefined {
    const image = this.#image;
    this.#image = undefined;
    return image;
  }
}

/** Reads an image to its end and keeps nothing of it; false where it is not there. Throws `LabError`. */
async function fetchImage(
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
