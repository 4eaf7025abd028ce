/**
 * Yealink's files. Everything stands in `<mac>.cfg`, which phones of both generations ask for: V81 and later by way of
 * `<mac>.boot`, older ones after the common file, which holds nothing (yealink.md A1..A3). So a phone ends with the
 * same parameters whichever way it comes, and no file that several phones share holds anything of one.
 */
import { type Effective, LAYERS } from '../../domain/effective.ts';
import type { RenderDevice, RenderedFile } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { checkValue, nameRefusal, refusal, utf8 } from '../support.ts';
import { bootName, commonName, configName } from './files.ts';
import { type Generation, generationOf } from './generation.ts';

const CONTENT_TYPE = 'text/plain; charset=utf-8';

/** Must be the very first line (A2, A3). */
export const HEADER = '#!version:1.0.0.1';

/** In a file, an empty value leaves the phone's as it is; this literal empties it (A3). */
export const EMPTY = '%NULL%';

/** Belongs into the boot file; no phone looks for it elsewhere (A2). */
const OVERWRITE = 'overwrite_mode';

const KEY = /^[A-Za-z_][\w.-]{0,255}$/;

export function render(knowledge: Knowledge, device: RenderDevice, effective: Effective): readonly RenderedFile[] {
  const generation = generationOf(knowledge, device);
  const values = new Map<string, string>();
  for (const [name, { value }] of merge(generation, effective)) values.set(name, value);
  // What is not in the file goes back to the factory's value, so that what an administrator removes is gone.
  const overwrite = values.get(OVERWRITE) ?? '1';
  values.delete(OVERWRITE);
  return renderFiles(knowledge, device, values, overwrite);
}

export function renderFiles(
  knowledge: Knowledge,
  device: RenderDevice,
  values: ReadonlyMap<string, string>,
  overwrite: string | undefined,
): readonly RenderedFile[] {
  const boot = generationOf(knowledge, device) === 'boot' ? [file(bootName(device), bootFile(device, overwrite))] : [];
  return [
    ...boot,
    file(
      commonName(knowledge, device),
      `${HEADER}\n# Nothing is common: all parameters are in the file of the phone.\n`,
    ),
    file(configName(device), configFile(values)),
  ];
}

/** The parameter file's text. Refuses what would not arrive as it is. */
export function configFile(values: ReadonlyMap<string, string>): string {
  let text = `${HEADER}\n`;
  for (const [name, value] of values) {
    if (!KEY.test(name)) throw nameRefusal(name, "Yealink's names are letters, digits, dots, hyphens and underscores");
    checkValue(name, value);
    if (value === EMPTY)
      throw refusal(name, `is ${EMPTY}, which empties a parameter`, ['Use an empty value to say that.']);
    if (value !== value.trim()) throw refusal(name, 'begins or ends with a blank, which the phone would cut off');
    text += `${name} = ${value === '' ? EMPTY : value}\n`;
  }
  return text;
}

function bootFile(device: RenderDevice, overwrite: string | undefined): string {
  const mode = overwrite === undefined ? '' : `${OVERWRITE} = ${overwrite}\n`;
  if (overwrite !== undefined && !/^[01]$/.test(overwrite)) throw refusal(OVERWRITE, 'is neither 0 nor 1');
  return `${HEADER}\ninclude:config "${configName(device)}"\n${mode}`;
}

function file(name: string, text: string): RenderedFile {
  return { name, contentType: CONTENT_TYPE, body: utf8(text) };
}

/**
 * Names as the generation spells them. Where both spellings of one parameter are set, the one of the higher layer
 * counts, in the place of the first.
 */
function merge(generation: Generation, effective: Effective): Effective {
  if (generation === 'boot') return effective;
  const merged = new Map<string, Effective extends ReadonlyMap<string, infer V> ? V : never>();
  for (const [name, parameter] of effective) {
    const plain = name.startsWith('static.') ? name.slice('static.'.length) : name;
    const other = merged.get(plain);
    if (other === undefined || LAYERS.indexOf(parameter.layer) >= LAYERS.indexOf(other.layer))
      merged.set(plain, parameter);
  }
  return merged;
}
