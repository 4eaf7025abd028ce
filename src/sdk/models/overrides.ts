/** A home's own model files: laid over what is shipped, kept through upgrades (design.md section 4). */
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { isSystemError } from '../system-error.ts';
import { catalogueOf, requireModel } from './model.ts';

/** Larger files are no model files. */
const LARGEST = 1 << 20;

export interface OverrideWritten {
  /** Name of the file in the home. */
  readonly file: string;
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly models: readonly string[];
}

/** Checks a model file (YAML or JSON) and puts it into the home under this name; it counts at once. */
export async function importModels(
  context: OperationContext,
  input: { readonly source: AsyncIterable<Uint8Array>; readonly name: string; readonly dryRun?: boolean | undefined },
): Promise<OverrideWritten> {
  const { readFileSync, renameSync, rmSync, writeFileSync, mkdirSync } = process.getBuiltinModule('node:fs');
  const text = await readAll(input.source);
  const { parseModelFile } = await import('../../vendors/registry.ts');
  const { families } = await parseModelFile(text, input.name);
  const file = `${input.name}.yaml`;
  const path = context.home.file('models', file);
  const before = readIfThere(path, readFileSync);
  const outcome = before === undefined ? 'created' : before === text ? 'unchanged' : 'updated';
  const models = families.flatMap((family) => family.models.map(({ name }) => name));
  if (input.dryRun !== true) {
    await context.write(async () => {
      mkdirSync(context.home.file('models'), { recursive: true, mode: 0o700 });
      // A leading dot hides the file from the catalogue until it is whole.
      const temporary = context.home.file('models', `.${file}.new`);
      try {
        writeFileSync(temporary, text, { mode: 0o600, flush: true });
        renameSync(temporary, path);
      } finally {
        rmSync(temporary, { force: true });
      }
      return [undefined, { object: `model file:${file}`, result: 'done', details: { outcome, models: models.length } }];
    });
  }
  return { file, outcome, models };
}

async function readAll(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > LARGEST) throw new PhonectlError('invalid_file', `A model file has at most ${LARGEST} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readIfThere(path: string, read: (path: string, encoding: 'utf8') => string): string | undefined {
  try {
    return read(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Models as a model file, to be changed and imported: the named ones, else those of a vendor. */
export async function* exportModels(
  context: OperationContext,
  input: { readonly models?: readonly string[] | undefined; readonly vendor?: string | undefined },
): AsyncGenerator<string> {
  const { stringify } = await import('yaml');
  const catalogue = await catalogueOf(context);
  const named = input.models?.map((reference) => requireModel(catalogue, reference));
  const chosen = (named ?? catalogue.list()).filter(
    ({ vendor }) => input.vendor === undefined || vendor === input.vendor,
  );
  const vendors = [...new Set(chosen.map(({ vendor }) => vendor))];
  if (vendors.length !== 1) {
    throw new PhonectlError('invalid_input', 'A model file holds the models of one vendor.', {
      hints: [
        `Name one with --vendor: ${(vendors.length > 0 ? vendors : catalogueVendors(catalogue.list())).join(', ')}.`,
      ],
    });
  }
  const families = [...new Set(chosen.map(({ family }) => family))].map((family) => ({
    family,
    models: chosen.filter((model) => model.family === family).map(fileEntry),
  }));
  yield stringify({ vendor: vendors[0], families }, { lineWidth: 120 });
}

function catalogueVendors(models: readonly { readonly vendor: string }[]): readonly string[] {
  return [...new Set(models.map(({ vendor }) => vendor))];
}

/** A model with everything that it has, also what its family gave it. */
function fileEntry(model: ReturnType<typeof requireModel>): Record<string, unknown> {
  const { vendor: _vendor, family: _family, endpointTypes: _types, ...rest } = model;
  return Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
}
