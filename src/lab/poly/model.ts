/** What the lab knows of Poly models: part numbers, User-Agent names, plausible firmware (poly.md C.6, G). */
import { LabError } from '../errors.ts';
import type { LabPhoneSpec } from '../types.ts';

export interface PolyModel {
  /** As the phone writes it on its screen and in REST: `VVX 450`. */
  name: string;
  /** As in the User-Agent: `PolycomVVX-VVX_450`. */
  agent: string;
  /** Suffix of per-model attributes in the master file: `VVX450`. */
  token: string;
  part: string;
  firmware: string;
  updater: string;
  /** SoundPoint and SoundStation start with a BootROM that looks for its own image first. */
  hasBootRom: boolean;
  /** Edge E speaks Digest in REST where the others speak Basic (poly.md A.1). */
  isEdge: boolean;
}

const PARTS: Record<string, string> = {
  'VVX 101': '3111-40250-001',
  'VVX 150': '3111-48810-001',
  'VVX 201': '3111-40450-001',
  'VVX 250': '3111-48820-001',
  'VVX 300': '3111-46135-002',
  'VVX 301': '3111-48300-001',
  'VVX 310': '3111-46161-001',
  'VVX 311': '3111-48350-001',
  'VVX 350': '3111-48830-001',
  'VVX 400': '3111-46157-002',
  'VVX 401': '3111-48400-001',
  'VVX 410': '3111-46162-001',
  'VVX 411': '3111-48450-001',
  'VVX 450': '3111-48840-001',
  'VVX 500': '3111-44500-001',
  'VVX 501': '3111-48500-001',
  'VVX 600': '3111-44600-001',
  'VVX 601': '3111-48600-001',
  'VVX 1500': '2345-17960-001',
  'SoundPoint IP 320': '2345-12200-002',
  'SoundPoint IP 321': '2345-12360-001',
  'SoundPoint IP 330': '2345-12200-001',
  'SoundPoint IP 331': '2345-12365-001',
  'SoundPoint IP 335': '2345-12375-001',
  'SoundPoint IP 430': '2345-11402-001',
  'SoundPoint IP 450': '2345-12450-001',
  'SoundPoint IP 550': '2345-12500-001',
  'SoundPoint IP 560': '2345-12560-001',
  'SoundPoint IP 601': '2345-11605-001',
  'SoundPoint IP 650': '2345-12600-001',
  'SoundPoint IP 670': '2345-12670-001',
  'SoundStation IP 5000': '3111-30900-001',
  'SoundStation IP 6000': '3111-15600-001',
  'SoundStation IP 7000': '3111-40000-001',
  'Trio 8500': '3111-66700-001',
  'Trio 8800': '3111-65290-001',
  'Trio 8300': '3111-66800-001',
};

/** No part number is known for CCX and Edge (poly.md G); these stand in, and no real image carries them. */
const UNKNOWN_PART = '3111-00000-001';

interface Family {
  pattern: RegExp;
  prefix: string;
  agent: string;
  token: string;
  firmware: string;
  updater: string;
}

const FAMILIES: readonly Family[] = [
  {
    pattern: /^(?:sound ?point ?(?:ip)?|spip|ip)[ _-]*(\d{3})$/i,
    prefix: 'SoundPoint IP',
    agent: 'PolycomSoundPointIP-SPIP_',
    token: 'SPIP',
    firmware: '4.0.15.1047',
    updater: '5.0.15.1047',
  },
  {
    pattern: /^(?:sound ?station ?(?:ip)?|ssip)[ _-]*(\d{4})$/i,
    prefix: 'SoundStation IP',
    agent: 'PolycomSoundStationIP-SSIP_',
    token: 'SSIP',
    firmware: '4.0.15.1047',
    updater: '5.0.15.1047',
  },
  {
    pattern: /^(?:realpresence )?trio[ _-]*(\d{4})$/i,
    prefix: 'Trio',
    agent: 'PolycomRealPresenceTrio-Trio_',
    token: 'Trio',
    firmware: '7.2.8.1122',
    updater: '7.2.8.1122',
  },
  {
    pattern: /^ccx[ _-]*(\d{3})$/i,
    prefix: 'CCX',
    agent: 'PolyCCX-CCX_',
    token: 'CCX',
    firmware: '8.0.2.3267',
    updater: '8.0.2.3267',
  },
  {
    pattern: /^edge[ _-]*(e\d{3})$/i,
    prefix: 'Edge',
    agent: 'PolyEdge-Edge_',
    token: 'Edge',
    firmware: '8.6.0.1321',
    updater: '8.6.0.1321',
  },
  {
    pattern: /^(?:vvx)[ _-]*(\d{3,4})$/i,
    prefix: 'VVX',
    agent: 'PolycomVVX-VVX_',
    token: 'VVX',
    firmware: '6.4.6.2453',
    updater: '6.4.6.26508',
  },
];

/** Models whose last branch is 5.9 (poly.md G). */
const OLD_VVX = new Set(['300', '310', '400', '410', '500', '600', '1500']);

/** Finds the model in any common spelling. Throws `LabError('bad_spec')` for an unknown family. */
export function polyModel(spec: LabPhoneSpec): PolyModel {
  const spelling = spec.model.trim().replace(/^poly(?:com)?[ _-]+/i, '');
  for (const family of FAMILIES) {
    const number = family.pattern.exec(spelling)?.[1]?.toUpperCase();
    if (number === undefined) continue;
    const name = `${family.prefix} ${number}`;
    const isOldVvx = family.token === 'VVX' && OLD_VVX.has(number);
    return {
      name,
      agent: `${family.agent}${number}`,
      token: `${family.token}${number}`,
      part: PARTS[name] ?? UNKNOWN_PART,
      firmware: spec.firmware ?? (isOldVvx ? '5.9.8.5760' : family.firmware),
      updater: spec.updater ?? (isOldVvx ? '5.9.8.4127' : family.updater),
      hasBootRom: family.prefix.startsWith('Sound'),
      isEdge: family.prefix === 'Edge',
    };
  }
  throw new LabError('bad_spec', `${spec.mac}: the lab knows no Poly model "${spec.model}"`);
}
