/** YAML of a fleet folder: every value as the text that stands there, every error with its line and column. */
import { type GenericSchema, type InferOutput, safeParse } from 'valibot';
import type { FolderProblem, Problems } from './problems.ts';

export interface YamlFile<T> {
  readonly value: T;
  /** Where the innermost node on the way to these keys stands. */
  place(...keys: readonly (string | number)[]): Pick<FolderProblem, 'file' | 'line' | 'column'>;
}

/**
 * Parses and checks a file. What is wrong goes to the problems, and then there is no value. With `typed` numbers and
 * truth values are such; without, `10` and `0x0A` are texts, since a phone's parameter is what somebody wrote.
 */
export async function readYaml<S extends GenericSchema>(
  file: string,
  text: string,
  schema: S,
  problems: Problems,
  options: { readonly typed?: boolean } = {},
): Promise<YamlFile<InferOutput<S>> | undefined> {
  const { isMap, isScalar, LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: options.typed ? 'core' : 'failsafe',
  });
  const at = (offset: number): Pick<FolderProblem, 'file' | 'line' | 'column'> => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  for (const { pos, message } of document.errors) {
    problems.add({ ...at(pos[0]), reason: `${message}.`.replace(/\.\.$/, '.'), remedy: '' });
  }
  if (document.errors.length > 0) return undefined;
  const offsetOf = (keys: readonly (string | number)[]): number => {
    for (let length = keys.length; length > 0; length -= 1) {
      const parent = length === 1 ? document.contents : document.getIn(keys.slice(0, length - 1), true);
      // An entry of a mapping begins with its key.
      const pair = isMap(parent)
        ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(keys[length - 1]))
        : undefined;
      const node = (pair?.key ?? document.getIn(keys.slice(0, length), true)) as { range?: [number, number, number] };
      if (node?.range) return node.range[0];
    }
    return 0;
  };
  const result = safeParse(schema, document.toJS({ maxAliasCount: 100 }));
  if (result.success) return { value: result.output, place: (...keys) => at(offsetOf(keys)) };
  for (const issue of result.issues) {
    const keys = (issue.path ?? []).map(({ key }) => key as string | number);
    const what = keys.length === 0 ? 'The file' : `"${keys.join('.')}"`;
    const unknown = issue.type === 'strict_object' && issue.expected === 'never';
    const why = unknown
      ? 'is not known here'
      : `should be ${issue.expected ?? 'something else'}, not ${issue.received}`;
    const reason = issue.type === 'check' || issue.type === 'regex' ? issue.message : why;
    problems.add({ ...at(offsetOf(keys)), reason: `${what} ${reason}.`, remedy: '' });
  }
  return undefined;
}

export async function writeYaml(content: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });
}
