/**
 * Reads and checks the shipped data and a home's own: model files and parameter catalogues. Only loaded when there is
 * YAML to read; the build calls {@link compileModels} and {@link compileCatalogues} and writes their results to `dist/`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { CAPABILITIES, type ModelFile } from '../domain/models.ts';
import { isVersionPattern, parseRange } from '../domain/version.ts';
import { PhonectlError } from '../sdk/errors.ts';
import type { CatalogueFile } from './catalogue.ts';
import type { Vendor } from './driver.ts';
import type { StandardProfile } from './standard-profiles.ts';

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000));
const pattern = v.pipe(text, v.check(isVersionPattern, 'is no version pattern such as XX.84.0.10 or 6.4'));
const range = v.pipe(
  text,
  v.check((value) => parseRange(value) !== undefined, 'is no range of versions such as <6.4'),
);
const capabilityEntries = Object.fromEntries(Object.keys(CAPABILITIES).map((name) => [name, v.optional(v.boolean())]));

const shared = {
  kind: v.optional(v.picklist(['sip', 'usb', 'room', 'dect', 'codec'])),
  idBy: v.optional(v.picklist(['mac', 'serial'])),
  maxLines: v.optional(count),
  capabilities: v.optional(v.strictObject(capabilityEntries)),
  exceptions: v.optional(v.array(v.strictObject({ firmware: range, reason: text, ...capabilityEntries }))),
  firmware: v.optional(
    v.array(
      v.strictObject({
        edition: text,
        tested: v.optional(v.boolean()),
        min: pattern,
        except: v.optional(v.array(pattern)),
        below: v.optional(pattern),
        branch: v.optional(v.tuple([count, count])),
      }),
    ),
  ),
};

const modelFile = v.strictObject({
  vendor: v.picklist(['poly', 'yealink', 'cisco', 'other']),
  ouis: v.optional(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{6}$/i, 'is not six hex digits')))),
  capabilities: v.optional(v.strictObject(capabilityEntries)),
  families: v.array(
    v.strictObject({
      ...shared,
      family: text,
      endpointTypes: v.optional(v.array(text)),
      models: v.array(
        v.strictObject({
          ...shared,
          name: text,
          aliases: v.optional(v.array(text)),
          userAgents: v.optional(v.array(text)),
          parts: v.optional(v.array(text)),
          commonFile: v.optional(count),
          prefixes: v.optional(v.array(count)),
        }),
      ),
    }),
  ),
});

const catalogueFile = v.strictObject({
  vendor: v.picklist(['poly', 'yealink', 'cisco']),
  parameters: v.record(
    text,
    v.strictObject({
      type: v.picklist(['string', 'integer', 'boolean', 'enum', 'password', 'url']),
      min: v.optional(v.number()),
      max: v.optional(v.number()),
      values: v.optional(v.array(v.string())),
      default: v.optional(v.string()),
      causes: v.optional(v.picklist(['nothing', 'restart', 'reboot'])),
      secret: v.optional(v.boolean()),
      text: v.optional(text),
      models: v.optional(v.array(text)),
      firmware: v.optional(range),
    }),
  ),
});

const profileFile = v.strictObject({
  vendor: v.picklist(['poly', 'yealink', 'cisco']),
  profiles: v.array(
    v.strictObject({
      name: text,
      description: text,
      parameters: v.record(text, v.pipe(v.string(), v.maxLength(4096))),
    }),
  ),
});

/** The shipped standard profiles, in the order of their files. */
export function compileProfiles(templates: string): readonly StandardProfile[] {
  return yamlFiles(join(templates, 'profiles')).flatMap((path) => {
    const { vendor, profiles } = readChecked(path, profileFile);
    return profiles.map((profile) => ({ ...profile, vendor }));
  });
}

/** Reads one model file, YAML or JSON. Throws `invalid_file` with `file`, `line` and `column` in the details. */
export function readModelFile(path: string): ModelFile {
  return readChecked(path, modelFile) as ModelFile;
}

/** The same for text that is in no file yet; `name` stands for the path in errors. */
export function parseModelFile(text: string, name: string): ModelFile {
  return parseChecked(text, name, modelFile) as ModelFile;
}

/** All shipped model files, in the order that the catalogue wants; the build writes them to `dist/models.json`. */
export function compileModels(templates: string): readonly ModelFile[] {
  return yamlFiles(join(templates, 'models')).map(readModelFile);
}

/** The shipped parameter catalogues by vendor; the build writes them to `dist/catalogues.json`. */
export function compileCatalogues(templates: string): Readonly<Record<Vendor, CatalogueFile>> {
  const files = yamlFiles(join(templates, 'catalogues')).map(
    (path) => readChecked(path, catalogueFile) as CatalogueFile,
  );
  for (const { vendor, parameters } of files) refuseTwins(vendor, Object.keys(parameters));
  return Object.fromEntries(files.map((file) => [file.vendor, file])) as Record<Vendor, CatalogueFile>;
}

/** Names are looked up without regard to case, so two that differ in case only would hide one another. */
function refuseTwins(vendor: Vendor, names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined)
      throw new PhonectlError('invalid_file', `The ${vendor} catalogue holds both ${twin} and ${name}.`);
    seen.set(name.toLowerCase(), name);
  }
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
}

function readChecked<S extends v.GenericSchema>(path: string, schema: S): v.InferOutput<S> {
  return parseChecked(readFileSync(path, 'utf8'), path, schema);
}

function parseChecked<S extends v.GenericSchema>(text: string, path: string, schema: S): v.InferOutput<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) throw invalid(path, lines, broken.pos[0], broken.message);
  const result = v.safeParse(schema, expand(path, lines, document));
  if (result.success) return result.output;
  const issue = result.issues[0];
  const keys = (issue.path ?? []).map((step) => step.key as string | number);
  const where = keys.length === 0 ? 'the file' : keys.join('.');
  throw invalid(path, lines, offsetOf(document, keys), `${where} ${describe(issue)}`);
}

/** The document as data; aliases may repeat what is written, not blow it up. */
function expand(path: string, lines: LineCounter, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    if (error instanceof ReferenceError) throw invalid(path, lines, 0, error.message);
    throw error;
  }
}

function describe(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'check' || issue.type === 'regex') return issue.message;
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'is not known here';
  return `should be ${issue.expected ?? 'something else'}, not ${issue.received}`;
}

/** Where the innermost node on the way to `keys` stands that has a position of its own. */
function offsetOf(document: Document, keys: readonly (string | number)[]): number {
  for (let length = keys.length; length > 0; length--) {
    const node = document.getIn(keys.slice(0, length), true) as { range?: [number, number, number] | null } | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
}

function invalid(path: string, lines: LineCounter, offset: number, why: string): PhonectlError {
  const { line, col } = lines.linePos(offset);
  return new PhonectlError('invalid_file', `${path}, line ${line}, column ${col}: ${why}.`, {
    hints: ['Correct the file, or move it away to use what is shipped.'],
    details: { file: path, line, column: col },
  });
}
