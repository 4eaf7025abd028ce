import type { HomeOptions } from '../home.ts';

export interface RestoreOptions extends HomeOptions {
  readonly file: string;
}
export interface RestoredHome {
  readonly home: string;
}
export async function restoreHome(options: RestoreOptions): Promise<RestoredHome> {
  throw new Error(`not yet: ${options.file}`);
}
