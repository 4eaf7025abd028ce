/** `fleet validate`: a folder by itself. Needs no home and no server; secrets are taken to be where they are said to be. */
import { applyFolder } from './apply.ts';
import type { Folder } from './folder.ts';
import { type FolderProblem, Problems } from './problems.ts';
import { emptyFleet } from './rehearsal.ts';
import { NO_SECRETS, SecretFinder } from './secrets.ts';
import { readHead } from './settings.ts';

export interface Validated {
  readonly valid: boolean;
  readonly problems: readonly FolderProblem[];
  readonly warnings: readonly string[];
  /** How many there are in the folder, by topic. */
  readonly counts: Readonly<Record<string, number>>;
}

export async function validateFolder(folder: Folder, signal: AbortSignal): Promise<Validated> {
  const problems = new Problems();
  const head = await readHead(folder, new Problems());
  await using fleet = await emptyFleet(head?.value.company ?? 'Company', signal);
  const options = { secrets: new SecretFinder(NO_SECRETS, { assume: true }), prune: false, all: true, alone: true };
  const { changes } = await applyFolder(fleet.context, folder, problems, options);
  const counts = Object.entries(changes).map(([topic, { created, changed, unchanged }]) => [
    topic,
    created.length + changed.length + unchanged,
  ]);
  return {
    valid: problems.count === 0,
    problems: problems.list,
    warnings: problems.warnings,
    counts: Object.fromEntries(counts),
  };
}
