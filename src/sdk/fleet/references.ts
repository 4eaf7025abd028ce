/** The secrets outside that a folder refers to, so that whoever sends the folder can look them up first. */
import type { Folder } from './folder.ts';
import { TABLES } from './folder.ts';
import { Problems } from './problems.ts';
import { isExternal } from './secrets.ts';
import { readStack, secretTexts } from './stack.ts';
import { readTable } from './tables.ts';

/** `env:NAME` and `file:PATH`, each once. What cannot be read is left to the check of the whole folder. */
export async function externalSecrets(folder: Folder): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const problems = new Problems();
  for (const file of TABLES) {
    if (!folder.names.includes(file)) continue;
    await problems.within(file, async () => {
      const { shape, rows } = await readTable(folder, file);
      if (shape.secrets.length === 0) return;
      for await (const { cells } of rows) {
        for (const { index } of shape.secrets) {
          const text = cells[index] ?? '';
          if (isExternal(text)) found.add(text);
        }
      }
    });
  }
  for (const text of secretTexts(await readStack(folder, problems))) if (isExternal(text)) found.add(text);
  return found;
}
