/**
 * The `subnets` column of site files (CSV-03): JSON with `public-subnet-list` of `ip-address`, `mask-length` and
 * `private-subnet-list`. Mask lengths may be strings or numbers (B-06).
 */
import { groupSubnets, rulesOf, type SiteSubnet } from './site.ts';
import { formatCidr, parseAddress, parseSubnet } from './subnet.ts';

export type ParsedSubnets =
  | { readonly ok: true; readonly subnets: readonly SiteSubnet[]; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** What `exportedSubnets` writes, in the form of the manual. */
export function formatSubnets(subnets: readonly SiteSubnet[]): string {
  const entry = (cidr: string): { 'ip-address': string; 'mask-length': string } => {
    const [address = '', length = ''] = cidr.split('/');
    return { 'ip-address': address, 'mask-length': length };
  };
  return JSON.stringify({
    'public-subnet-list': subnets.map((subnet) => ({
      ...entry(subnet.public),
      ...(subnet.private.length > 0 && { 'private-subnet-list': subnet.private.map(entry) }),
    })),
  });
}

/** Reads the column; base addresses that are no network's are normalised with a warning. */
export function parseSubnets(text: string): ParsedSubnets {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, subnets: [], warnings: [] };
  const warnings: string[] = [];
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch (error) {
    const repaired = repair(trimmed);
    if (repaired === undefined) return { ok: false, reason: `not JSON: ${(error as Error).message}` };
    warnings.push('The JSON was not well-formed; read as the manual means its example.');
    value = repaired;
  }
  try {
    return { ok: true, subnets: groupSubnets(rulesOf(readList(value, warnings))), warnings };
  } catch (error) {
    if (error instanceof ShapeError) return { ok: false, reason: error.message };
    throw error;
  }
}

class ShapeError extends Error {}

function readList(value: unknown, warnings: string[]): SiteSubnet[] {
  return list(field(value, 'public-subnet-list'), 'public-subnet-list')
    .filter((item) => !isBlank(item))
    .map((item) => ({
      public: readCidr(item, warnings),
      private: list(field(item, 'private-subnet-list') ?? [], 'private-subnet-list')
        .filter((inner) => !isBlank(inner))
        .map((inner) => readCidr(inner, warnings)),
    }));
}

/** An entry as in the manual's empty format: nothing was filled in. */
function isBlank(item: unknown): boolean {
  return field(item, 'ip-address') === '' && field(item, 'mask-length') === '';
}

function readCidr(item: unknown, warnings: string[]): string {
  const address = field(item, 'ip-address');
  const length = field(item, 'mask-length');
  if (typeof address !== 'string') throw new ShapeError('an entry has no "ip-address"');
  if (typeof length !== 'string' && typeof length !== 'number') {
    throw new ShapeError(`the subnet ${address} has no "mask-length"`);
  }
  if (parseAddress(address) === undefined) throw new ShapeError(`"${address}" is not an IP address`);
  const parsed = parseSubnet(address, String(length));
  if (parsed === undefined) throw new ShapeError(`"${length}" is not a mask length for ${address}`);
  const cidr = formatCidr(parsed.cidr);
  if (parsed.changed) warnings.push(`${address}/${length} is not a network address; taken as ${cidr}.`);
  return cidr;
}

/** Own properties only, so that no key of a file reaches a prototype. */
function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) throw new ShapeError(`there is no "${name}" where one belongs`);
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ShapeError(`"${name}" is missing or not a list`);
  return value;
}

/**
 * The manual's own example puts `private-subnet-list` behind the brace of its public subnet and leaves out the last
 * brace (B-06). Both are put right; `undefined` when the result is still no JSON.
 */
function repair(text: string): unknown {
  const inside = text.replace(
    /\}\s*,\s*"private-subnet-list"\s*:\s*\[([^[\]]*)\]/g,
    (_, entries: string) => `,"private-subnet-list":[${entries}]}`,
  );
  const open: string[] = [];
  for (const character of inside) {
    if (character === '{') open.push('}');
    else if (character === '[') open.push(']');
    else if ((character === '}' || character === ']') && open.pop() !== character) return undefined;
  }
  try {
    return JSON.parse(inside + open.reverse().join(''));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
