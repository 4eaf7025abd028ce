/** XML objects that are pushed to a Yealink phone (yealink.md B5). */
import { LabError } from '../errors.ts';
import { parseXml, walk, type XmlElement } from '../xml.ts';
import { pressKeys } from './keys.ts';
import type { YealinkPhone } from './phone.ts';

/** Does what an object says. Throws `LabError('unparsable')` for what is no object. */
export function showXml(phone: YealinkPhone, source: string): void {
  const root = parseXml(source);
  if (root.name === 'YealinkIPPhoneExecute') execute(phone, root);
  else if (root.name === 'YealinkIPPhoneConfiguration') configure(phone, root);
  else if (/^YealinkIPPhone\w+$/.test(root.name)) phone.show(textOf(root));
  else throw new LabError('unparsable', `<${root.name}> is no object of a Yealink phone`);
}

/** All character data of the object, one line per element. */
function textOf(root: XmlElement): string {
  return [...walk(root)]
    .map(({ text }) => text.trim())
    .filter((text) => text !== '')
    .join('\n');
}

function execute(phone: YealinkPhone, root: XmlElement): void {
  for (const { name, attributes } of root.children) {
    const uri = name === 'ExecuteItem' ? (attributes.get('URI') ?? '') : '';
    const [kind = '', argument = ''] = uri.split(/:(.*)/s);
    if (kind === 'Command') pressKeys(phone, argument);
    else if (kind === 'Dial') pressKeys(phone, `number=${argument}`);
    else if (kind === 'Key') pressKeys(phone, argument);
  }
}

/** `<Item>name=value</Item>` lines change settings. */
function configure(phone: YealinkPhone, root: XmlElement): void {
  const items = root.children
    .filter(({ name }) => name === 'Item')
    .map(({ text }) => /^\s*([\w.]+)\s*=\s*(.*?)\s*$/s.exec(text));
  const values = items.flatMap((item): [string, string][] => (item === null ? [] : [[item[1]!, item[2]!]]));
  phone.background(() => phone.setLocal('local', values));
}
