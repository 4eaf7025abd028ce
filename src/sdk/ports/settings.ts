/** Fleet-wide settings, each a JSON value under a dotted name. */
export interface SettingsRepository {
  get<T>(name: string): Promise<T | undefined>;
  set(name: string, value: unknown): Promise<void>;
  delete(name: string): Promise<void>;
  /** All settings whose name starts with `prefix`. */
  list(prefix: string): Promise<ReadonlyArray<readonly [name: string, value: unknown]>>;
}
