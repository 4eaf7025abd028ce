/** Made-up phones for a lab that has no inventory to play. */

export interface MadeUpFleet {
  /** CSV for `device import`; the accounts of `accounts` sit on line 1. */
  readonly devices: string;
  /** CSV for `account import`. */
  readonly accounts: string;
}

const KINDS = {
  poly: { prefix: '64167f', models: ['VVX 450', 'VVX 350', 'VVX 250', 'CCX 600'] },
  yealink: { prefix: '805ec0', models: ['SIP-T54W', 'SIP-T46U', 'SIP-T43U', 'SIP-T31P'] },
  cisco: { prefix: '00562b', models: ['8841', '8851', '7841', '6851'] },
} as const;

export type Mix = Readonly<Record<keyof typeof KINDS, number>>;

/** The mix of the documentation: two in five Poly, two in five Yealink, one in five Cisco. */
export const DEFAULT_MIX: Mix = { poly: 40, yealink: 40, cisco: 20 };

/**
 * The same call gives the same phones, so that running it twice adds nothing. The vendors are spread evenly: a fleet of
 * three has already one of each.
 */
export function madeUpFleet(count: number, mix: Mix, password: () => string): MadeUpFleet {
  const devices = ['mac,vendor,model,name,line1.account'];
  const accounts = ['type,name,username,password,display_name,server'];
  const given = { poly: 0, yealink: 0, cisco: 0 };
  for (let index = 0; index < count; index += 1) {
    const vendor = mostWanted(given, mix, index + 1);
    const { prefix, models } = KINDS[vendor];
    const number = given[vendor];
    given[vendor] += 1;
    const mac = `${prefix}${number.toString(16).padStart(6, '0')}`;
    const name = `lab-${vendor}-${String(number + 1).padStart(5, '0')}`;
    devices.push([mac, vendor, models[number % models.length], name, name].join(','));
    accounts.push(['sip', name, name, password(), `Lab ${number + 1}`, 'sip.lab.example'].join(','));
  }
  return { devices: `${devices.join('\n')}\n`, accounts: `${accounts.join('\n')}\n` };
}

/** The vendor that lags furthest behind its share. */
function mostWanted(given: Readonly<Record<keyof Mix, number>>, mix: Mix, total: number): keyof Mix {
  const sum = mix.poly + mix.yealink + mix.cisco;
  const vendors = (Object.keys(KINDS) as (keyof Mix)[]).filter((vendor) => mix[vendor] > 0);
  const lag = (vendor: keyof Mix): number => (mix[vendor] / sum) * total - given[vendor];
  return vendors.reduce((best, vendor) => (lag(vendor) > lag(best) ? vendor : best));
}
