/** Cisco's file: one flat profile under all the names that the phone may ask for (cisco.md 4). */
import type { Effective } from '../../domain/effective.ts';
import type { RenderDevice, RenderedFile } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { checkValue, nameRefusal, refusal, utf8, valuesOf } from '../support.ts';
import { escapeText } from '../xml.ts';
import { configNames } from './files.ts';

const CONTENT_TYPE = 'text/xml; charset=utf-8';
const NAME = /^[A-Za-z_][\w.-]{0,255}$/;

/**
 * Who may see or change a parameter at the phone is an attribute of its element. Here it is a parameter of its own,
 * `<name>@ua`, so that layers can set it and files round-trip.
 */
export const ACCESS_SUFFIX = '@ua';

export function render(knowledge: Knowledge, device: RenderDevice, effective: Effective): readonly RenderedFile[] {
  return renderFiles(knowledge, device, valuesOf(effective));
}

export function renderFiles(
  knowledge: Knowledge,
  device: RenderDevice,
  values: ReadonlyMap<string, string>,
): readonly RenderedFile[] {
  const body = utf8(profile(values));
  return configNames(knowledge, device).map((name) => ({ name, contentType: CONTENT_TYPE, body }));
}

/** The flat profile. An empty pair blanks a parameter; a lone tag with `ua` changes only who may see it. */
export function profile(values: ReadonlyMap<string, string>): string {
  let text = '<?xml version="1.0" encoding="UTF-8"?>\n<flat-profile>\n';
  for (const [name, value] of values) {
    const isAccess = name.endsWith(ACCESS_SUFFIX);
    const element = isAccess ? name.slice(0, -ACCESS_SUFFIX.length) : name;
    if (!NAME.test(element))
      throw nameRefusal(element, "Cisco's names are letters, digits, underscores, dots and hyphens");
    if (isAccess) {
      if (!values.has(element)) text += `  <${element}${access(element, value)}/>\n`;
      continue;
    }
    checkValue(name, value);
    text += `  <${element}${access(element, values.get(`${element}${ACCESS_SUFFIX}`))}>${escapeText(value)}</${element}>\n`;
  }
  return `${text}</flat-profile>\n`;
}

function access(element: string, value: string | undefined): string {
  if (value === undefined) return '';
  if (!/^(?:na|ro|rw)$/.test(value)) throw refusal(`${element}${ACCESS_SUFFIX}`, 'is none of na, ro, rw');
  return ` ua="${value}"`;
}
