/** Cisco's profile XML as the phone reads and writes it (cisco.md 4). */
import { gunzipSync } from 'node:zlib';
import { LabError } from '../errors.ts';
import { detached, internName, type ParameterMap, ParsedFiles } from '../parameters.ts';
import { escapeXml, parseXml } from '../xml.ts';

const LARGEST_PROFILE = 5_000_000;
const files = new ParsedFiles<ParameterMap>();

/** The values in a profile: absent elements leave a value alone, an empty pair blanks it, `<X ua="rw"/>` keeps it. */
export function parseProfile(body: Buffer): ParameterMap {
  const plain = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body, { maxOutputLength: LARGEST_PROFILE }) : body;
  return files.get(plain, collect);
}

function collect(body: Buffer): ParameterMap {
  const source = body.toString('utf8');
  const root = parseXml(source);
  const profile = root.name === 'device' ? root.children.find(({ name }) => name === 'flat-profile') : root;
  if (profile?.name !== 'flat-profile')
    throw new LabError('unparsable', `a profile begins with <flat-profile>, this one with <${root.name}>`);
  const found = new Map<string, string>();
  for (const { name, text, attributes } of profile.children) {
    if (text === '' && attributes.has('ua') && isSelfClosing(source, name)) continue;
    found.set(internName(name), detached(text.trim()));
  }
  return found;
}

/** Only the source tells `<X/>` from `<X></X>`. */
function isSelfClosing(source: string, name: string): boolean {
  return new RegExp(`<${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?:\\s[^<>]*)?/>`).test(source);
}

/** The configuration as the phone shows and reports it; passwords are left blank (cisco.md 4, 9). */
export function renderProfile(values: Iterable<readonly [string, string]>): string {
  const lines = [...values].map(
    ([name, value]) => `  <${name} ua="na">${isSecret(name) ? '' : escapeXml(value)}</${name}>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<flat-profile>\n${lines.join('\n')}\n</flat-profile>\n`;
}

function isSecret(name: string): boolean {
  return /passw|^GPP_S[A-D]$|_Pwd/i.test(name) || /^Profile_Rule/.test(name);
}
