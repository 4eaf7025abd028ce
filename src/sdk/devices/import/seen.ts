/** On which line a MAC was seen, for very many of them: 12 bytes a slot instead of a Map's hundred an entry. */

const START = 1 << 14;

/** An open hash table of numbers that are not zero (a MAC as a number of 48 bits) and the lines that they are on. */
export class SeenMacs {
  #keys = new Float64Array(START);
  #lines = new Uint32Array(START);
  #size = 0;

  /** Notes the line of a MAC that is new; returns the earlier line of one that is not. */
  add(mac: string, line: number): number | undefined {
    if (this.#size * 2 >= this.#keys.length) this.#grow();
    const key = Number.parseInt(mac, 16);
    const slot = this.#slotOf(key);
    if (this.#keys[slot] === key) return this.#lines[slot];
    this.#keys[slot] = key;
    this.#lines[slot] = line;
    this.#size += 1;
    return undefined;
  }

  /** Where the key is, or the free slot where it belongs. */
  #slotOf(key: number): number {
    const mask = this.#keys.length - 1;
    const low = (key % 0x100000000) | 0;
    const high = Math.floor(key / 0x100000000) | 0;
    // Multipliers of MurmurHash3's finaliser: neighbours among MACs must not be neighbours here.
    let hash = Math.imul(low, 0x85ebca6b) ^ Math.imul(high, 0xc2b2ae35);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const keys = this.#keys;
    const lines = this.#lines;
    this.#keys = new Float64Array(keys.length * 2);
    this.#lines = new Uint32Array(keys.length * 2);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]!;
      if (key === 0) continue;
      const slot = this.#slotOf(key);
      this.#keys[slot] = key;
      this.#lines[slot] = lines[index]!;
    }
  }
}
