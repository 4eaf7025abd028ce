/** What a reference that fits nothing, or too much, is answered with. */
import { excerpt, nearest } from '../domain/text.ts';
import { PhonectlError } from './errors.ts';

/** Kinds that have a list of their own. */
const LISTED = new Set(['account', 'change', 'group', 'model', 'profile', 'resource', 'site']);

/** `not_found` with the nearest of the names there are. `kind` is a word for people, such as `site`. */
export function notFound(kind: string, reference: string, names: Iterable<string>): PhonectlError {
  const near = nearest(reference, new Set(names));
  return new PhonectlError('not_found', `There is no ${kind} "${excerpt(reference)}".`, {
    hints:
      near.length > 0
        ? [`Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`]
        : LISTED.has(kind)
          ? [`List them with \`phonectl ${kind} list\`.`]
          : [],
    details: { kind, reference: excerpt(reference), ...(near.length > 0 && { candidates: near }) },
  });
}
