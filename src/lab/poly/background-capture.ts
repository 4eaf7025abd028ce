/** The packets that a Poly phone keeps in the background, and their upload (poly.md A.5). */
import { gzipSync } from 'node:zlib';
import { frame, type Packet, pcapFile } from '../pcap.ts';
import { tar } from '../tar.ts';
import { isTrue } from './config.ts';
import type { PolyPhone } from './phone.ts';

/** Without a size of its own; kilobytes. */
const DEFAULT_BUFFER = 2048;

export class BackgroundCapture {
  readonly #phone: PolyPhone;
  #frames: { readonly at: number; readonly bytes: Buffer }[] = [];
  #size = 0;
  /** Bytes that went each way between two TCP endpoints. */
  readonly #sent = new Map<string, number>();

  constructor(phone: PolyPhone) {
    this.#phone = phone;
  }

  get isOn(): boolean {
    const { parameters } = this.#phone;
    return isTrue(parameters.get('diags.pcap.enabled')) && isTrue(parameters.get('diags.pcap.background.enabled'));
  }

  /** A ring: the oldest packets go first. A filter that is not a port or a protocol lets everything through. */
  take(packet: Packet): void {
    if (!this.isOn) {
      this.forget();
      return;
    }
    if (!fits(packet, this.#phone.parameters.text('diags.pcap.background.filter'))) return;
    const bytes = frame(packet, this.#count(packet));
    this.#frames.push({ at: Date.now(), bytes });
    this.#size += bytes.length;
    const most = (Number(this.#phone.parameters.text('diags.pcap.background.bufferSize')) || DEFAULT_BUFFER) * 1024;
    while (this.#size > most && this.#frames.length > 0) this.#size -= this.#frames.shift()!.bytes.length;
  }

  /** As phones pack it: `<mac>_<YYYY.MM.DD>_<hhmmss>.pcap.tar.gz` (ledger DIAG-15). */
  packed(): Buffer {
    const [date = '', time = ''] = new Date().toISOString().split('T');
    const name = `${this.#phone.mac}_${date.replaceAll('-', '.')}_${time.slice(0, 8).replaceAll(':', '')}.pcap`;
    return gzipSync(tar(name, pcapFile(this.#frames)));
  }

  forget(): void {
    this.#frames = [];
    this.#size = 0;
    this.#sent.clear();
  }

  #count({ protocol, from, to, payload }: Packet): { here: number; there: number } {
    if (protocol === 'udp') return { here: 0, there: 0 };
    const way = (a: Packet['from'], b: Packet['to']): string => `${a.address}:${a.port}>${b.address}:${b.port}`;
    const here = this.#sent.get(way(from, to)) ?? 0;
    this.#sent.set(way(from, to), here + payload.length);
    return { here, there: this.#sent.get(way(to, from)) ?? 0 };
  }
}

function fits({ protocol, from, to }: Packet, filter: string): boolean {
  const port = /^(?:(?:udp|tcp)\s+)?port\s+(\d{1,5})$/.exec(filter.trim())?.[1];
  const only = /^(udp|tcp)\b/.exec(filter.trim())?.[1];
  return (
    (only === undefined || only === protocol) && (port === undefined || [from.port, to.port].includes(Number(port)))
  );
}
