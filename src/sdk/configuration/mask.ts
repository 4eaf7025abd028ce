/** Configuration as it may be shown without a permission to reveal: every secret is a row of stars. */
import type { Effective, EffectiveParameter } from '../../domain/effective.ts';

export const MASK = '********';

/**
 * Masks secret parameters, and our own secrets wherever they stand inside another value, such as the callback secret
 * in a URL or the password in a Cisco profile rule.
 */
export function maskEffective(
  effective: Effective,
  isSecret: (name: string) => boolean,
  ownSecrets: readonly string[],
): Effective {
  function masked(value: string, secret: boolean): string {
    if (secret) return value === '' ? '' : MASK;
    return ownSecrets.reduce((text, own) => text.replaceAll(own, MASK), value);
  }
  return new Map(
    Array.from(effective, ([name, parameter]): [string, EffectiveParameter] => {
      const secret = parameter.secret === true || isSecret(name);
      const beaten = parameter.beaten.map((origin) => ({ ...origin, value: masked(origin.value, secret) }));
      return [name, { ...parameter, value: masked(parameter.value, secret), beaten }];
    }),
  );
}
