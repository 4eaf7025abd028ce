/** What becomes of the objects of one topic; by name, in the order of the files. */
export interface TopicChanges {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly deleted: readonly string[];
  readonly unchanged: number;
}

export const NOTHING: TopicChanges = { created: [], changed: [], deleted: [], unchanged: 0 };

/** With what the fleet has and the folder does not; gone when it was pruned. */
export interface ToldChanges extends TopicChanges {
  readonly strangers: readonly string[];
}

/** Counts while a topic is applied. */
export class Tally {
  readonly created: string[] = [];
  readonly changed: string[] = [];
  readonly #strangers: string[] = [];
  #unchanged = 0;

  count(name: string, outcome: 'created' | 'changed' | 'unchanged'): void {
    if (outcome === 'unchanged') this.#unchanged += 1;
    else this[outcome].push(name);
  }

  stranger(name: string): void {
    this.#strangers.push(name);
  }

  get moved(): boolean {
    return this.created.length + this.changed.length > 0;
  }

  result(prune: boolean): ToldChanges {
    const { created, changed } = this;
    const strangers = this.#strangers;
    return { created, changed, deleted: prune ? strangers : [], unchanged: this.#unchanged, strangers };
  }
}

export function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
