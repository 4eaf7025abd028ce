/** `fleet validate`: the SDK's check of a folder, which needs neither home nor server. */
import { openFolder } from '../sdk/fleet/folder.ts';
import { type Validated, validateFolder } from '../sdk/fleet/validate.ts';

export async function checkFolder(path: string, signal: AbortSignal): Promise<Validated> {
  return await validateFolder(openFolder(path), signal);
}
