/** What the lab knows of Yealink models: common file numbers, firmware prefixes, User-Agent names (yealink.md A6–A8). */
import { LabError } from '../errors.ts';
import type { LabPhoneSpec } from '../types.ts';

export interface YealinkModel {
  /** Short name as in `[MODEL]` lines of boot files: `T54W`. */
  name: string;
  /** As in the User-Agent: `Yealink SIP-T54W`. */
  agent: string;
  /** `y` and twelve digits: the common file. */
  commonFile: string;
  firmware: string;
  /** Boot files exist from firmware V81 up (yealink.md A1). */
  readsBootFiles: boolean;
  /** SIP accounts. */
  lines: number;
}

/** Model → [common file number, firmware prefix, lines]. yealink.md A6, A7, A13. */
const MODELS: Record<string, readonly [number, number, number]> = {
  T19P_E2: [53, 53, 1],
  T20P: [7, 9, 2],
  T21P_E2: [52, 52, 2],
  T22P: [5, 7, 3],
  T23G: [44, 44, 3],
  T23P: [44, 44, 3],
  T26P: [4, 6, 3],
  T27G: [69, 69, 6],
  T27P: [45, 45, 6],
  T28P: [0, 2, 6],
  T29G: [46, 46, 16],
  T30P: [127, 124, 2],
  T31G: [123, 124, 2],
  T31P: [123, 124, 2],
  T31W: [172, 124, 2],
  T33G: [124, 124, 4],
  T33P: [124, 124, 4],
  T34W: [171, 124, 4],
  T38G: [38, 38, 6],
  T40G: [76, 76, 3],
  T40P: [54, 54, 3],
  T41P: [36, 36, 6],
  T41S: [68, 66, 6],
  T42G: [29, 29, 12],
  T42S: [67, 66, 12],
  T42U: [116, 108, 12],
  T43U: [107, 108, 12],
  T44W: [174, 108, 12],
  T46G: [28, 28, 16],
  T46S: [66, 66, 16],
  T46U: [108, 108, 16],
  T48G: [35, 35, 16],
  T48S: [65, 66, 16],
  T48U: [109, 108, 16],
  T52S: [74, 70, 12],
  T53: [95, 96, 12],
  T53W: [95, 96, 12],
  T54S: [70, 70, 16],
  T54W: [96, 96, 16],
  T56A: [56, 58, 16],
  T57W: [97, 96, 16],
  T58A: [58, 58, 16],
  T58W: [150, 150, 16],
  T73U: [186, 185, 12],
  T73W: [183, 185, 12],
  T74U: [187, 185, 12],
  T74W: [184, 185, 12],
  T77U: [188, 185, 16],
  T85W: [196, 185, 16],
  T87W: [197, 185, 16],
  T88W: [192, 192, 16],
  VP59: [91, 91, 16],
  CP860: [37, 37, 1],
  CP920: [78, 78, 1],
  CP925: [148, 148, 1],
  CP960: [73, 73, 1],
  CP965: [143, 143, 1],
  W52P: [25, 25, 5],
  W60B: [77, 77, 8],
  W70B: [146, 146, 10],
  W75DM: [175, 175, 16],
  AX83H: [180, 180, 2],
  AX86R: [182, 180, 2],
};

/** Series whose last release is older than V86 (yealink.md A7, WAZO's rows). */
function lastRelease(name: string): string {
  if (/^T(?:20P|22P|26P|28P|38G)$/.test(name)) return '73.0.50';
  if (/^T(?:19P_E2|2[137]P|21P_E2|23G|4[0-8][GP]|29G)$/.test(name)) return '84.0.15';
  return '86.0.75';
}

/** Finds the model in any common spelling. Throws `LabError('bad_spec')` for an unknown one. */
export function yealinkModel(spec: LabPhoneSpec): YealinkModel {
  const spelling = spec.model
    .trim()
    .toUpperCase()
    .replace(/^YEALINK[ _-]+/, '')
    .replace(/^SIP[ _-]*/, '')
    .replace(/[ -]/g, '_');
  const name = Object.hasOwn(MODELS, spelling)
    ? spelling
    : Object.keys(MODELS).find((known) => known.replace(/[A-Z]$/, '') === spelling);
  const row = name === undefined ? undefined : MODELS[name];
  if (name === undefined || row === undefined)
    throw new LabError('bad_spec', `${spec.mac}: the lab knows no Yealink model "${spec.model}"`);
  const [common, prefix, lines] = row;
  const firmware = spec.firmware ?? `${prefix}.${lastRelease(name)}`;
  return {
    name,
    agent: /^T/.test(name) ? `Yealink SIP-${name}` : `Yealink ${name}`,
    commonFile: `y${String(common).padStart(12, '0')}.cfg`,
    firmware,
    readsBootFiles: Number(firmware.split('.')[1]) >= 81,
    lines,
  };
}
