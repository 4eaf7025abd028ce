/** What commands that fetch files from phones share: writing them into a folder and saying what came. */
import { boolean, integer, string } from '@oclif/core/flags';
import type { FilesReport } from '../sdk/diagnostics/files.ts';
import { selectorFlags } from './selector.ts';
import { cleanText, phoneColumn } from './text.ts';
import { type BatchResult, batchExit, textView } from './view.ts';

export const askFlags = {
  ...selectorFlags,
  concurrency: integer({ summary: 'Phones at the same time.', helpValue: 'N', min: 1, max: 1000 }),
  'plain-basic': boolean({ summary: 'Send the password over plain HTTP to phones that know nothing better.' }),
};

export const folderFlag = {
  out: string({ summary: 'Folder for the files. Default: this one.', helpValue: 'DIR', default: '.' }),
};

interface AskFlagValues {
  readonly concurrency?: number | undefined;
  readonly 'plain-basic'?: boolean | undefined;
}

export function askInput(flags: AskFlagValues): { concurrency?: number; plainBasic?: boolean } {
  return {
    ...(flags.concurrency !== undefined && { concurrency: flags.concurrency }),
    ...(flags['plain-basic'] === true && { plainBasic: true }),
  };
}

export interface SavedFile {
  readonly path: string;
  readonly bytes: number;
  readonly source: 'phone' | 'upload';
}

export interface SavedReport extends Omit<FilesReport, 'files'> {
  readonly files: readonly SavedFile[];
}

export interface SavedBatch extends BatchResult {
  readonly results: readonly SavedReport[];
}

/** Writes what comes into the folder; a name from a phone never leads out of it. */
export async function saveFiles(reports: AsyncIterable<FilesReport>, folder: string): Promise<SavedBatch> {
  const { mkdir } = await import('node:fs/promises');
  const { basename, join } = await import('node:path');
  const { writeFileAtomically } = await import('./streams.ts');
  await mkdir(folder, { recursive: true });
  const results: SavedReport[] = [];
  for await (const { files, ...report } of reports) {
    const saved: SavedFile[] = [];
    for (const { name, base64, bytes, source } of files) {
      const path = join(folder, basename(name).replace(/[^\w.-]/g, '_'));
      await writeFileAtomically(path, [Buffer.from(base64, 'base64')]);
      saved.push({ path, bytes, source });
    }
    results.push({ ...report, files: saved });
  }
  const number = (wanted: FilesReport['result']): number => results.filter(({ result }) => result === wanted).length;
  const summary = {
    total: results.length,
    success: number('success'),
    failure: number('failure'),
    notApplicable: number('not-applicable'),
  };
  return { summary, results };
}

const LOOKS = { success: ['green', 'ok'], failure: ['red', 'fail'], 'not-applicable': ['grey', 'none'] } as const;

/** A line per file, or per phone that gave none. */
export const savedView = textView<SavedBatch>(
  ({ results }, style) => {
    const column = phoneColumn(results);
    return results.flatMap((saved) => {
      const { result, reason, hint, files } = saved;
      const [colour, symbol] = LOOKS[result];
      const phone = `${style.paint(colour, style.symbol(symbol))} ${column(saved)}`;
      if (files.length === 0) {
        const advice = hint === null ? [] : [style.paint('dim', `  → ${cleanText(hint)}`)];
        return [`${phone} ${cleanText(reason ?? 'nothing')}`, ...advice];
      }
      return files.map(({ path, bytes, source }) => {
        const from = source === 'upload' ? ' (uploaded before)' : '';
        return `${phone} ${path}, ${bytes} bytes${from}`;
      });
    });
  },
  (batch) => batchExit(batch),
);
