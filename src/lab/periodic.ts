/** Something that a phone does again and again while it runs. */

/** What it needs of the phone. */
export interface Running {
  /** Another one after each boot. */
  readonly lifeSignal: AbortSignal;
  later(seconds: number, run: () => unknown): void;
}

export class Periodic {
  readonly #phone: Running;
  readonly #run: () => Promise<void>;
  #seconds: number | undefined;
  #life: AbortSignal | undefined;
  #round = 0;

  constructor(phone: Running, run: () => Promise<void>) {
    this.#phone = phone;
    this.#run = run;
  }

  /** From now on every so many seconds of phone time; undefined for never again. The same again changes nothing. */
  every(seconds: number | undefined): void {
    const life = this.#phone.lifeSignal;
    if (seconds === this.#seconds && life === this.#life) return;
    this.#seconds = seconds;
    this.#life = life;
    this.#round += 1;
    this.#next(this.#round);
  }

  #next(round: number): void {
    if (this.#seconds === undefined) return;
    this.#phone.later(this.#seconds, async () => {
      if (round !== this.#round) return;
      try {
        await this.#run();
      } finally {
        this.#next(round);
      }
    });
  }
}
