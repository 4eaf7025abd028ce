/** What all exports share on the command line. */
import { boolean, string } from '@oclif/core/flags';
import { outFlag } from './flags.ts';
import { separatorFlag } from './importing.ts';

export const exportFlags = {
  ...outFlag,
  ...separatorFlag,
  search: string({ summary: 'Only what contains this text.', helpValue: 'TEXT' }),
  bom: boolean({ summary: 'Begin with a byte order mark, for Excel on Windows.' }),
  raw: boolean({
    summary: 'Write cells exactly as they are. Not for spreadsheets: they take some for formulas.',
  }),
};

export interface ExportFlagValues {
  separator?: 'comma' | 'semicolon' | 'tab' | undefined;
  search?: string | undefined;
  bom?: boolean | undefined;
  raw?: boolean | undefined;
}

/** The operation's input of these flags. */
export function exportInput({ separator, search, bom, raw }: ExportFlagValues): ExportFlagValues {
  return { separator, search, bom, raw };
}
