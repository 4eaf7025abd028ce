/** What the lab knows of Cisco MPP models (cisco.md 1). */
import { LabError } from '../errors.ts';
import type { LabPhoneSpec } from '../types.ts';

export interface CiscoModel {
  /** `8841`. */
  name: string;
  /** `$PN`, and the product in the User-Agent: `CP-8841-3PCC`. */
  product: string;
  /** `$PSN`: `8841-3PCC`. */
  short: string;
  firmware: string;
  lines: number;
}

const LINES: Record<string, number> = {
  '6821': 2,
  '6841': 4,
  '6851': 4,
  '6861': 4,
  '6871': 6,
  '7811': 1,
  '7821': 2,
  '7832': 1,
  '7841': 4,
  '7861': 16,
  '8811': 10,
  '8832': 1,
  '8841': 10,
  '8845': 10,
  '8851': 10,
  '8861': 10,
  '8865': 10,
  '9841': 4,
  '9851': 8,
  '9861': 16,
  '9871': 16,
};

/** Finds the model in any common spelling. Throws `LabError('bad_spec')` for an unknown one. */
export function ciscoModel(spec: LabPhoneSpec): CiscoModel {
  const name = /^(?:cisco[ _-]*)?(?:ip phone[ _-]*)?(?:cp|dp)?[ _-]*(\d{4})(?:[ _-]*(?:3pcc|mpp))?$/i.exec(
    spec.model.trim(),
  )?.[1];
  const lines = name === undefined ? undefined : LINES[name];
  if (name === undefined || lines === undefined)
    throw new LabError('bad_spec', `${spec.mac}: the lab knows no Cisco MPP model "${spec.model}"`);
  const product = `${name.startsWith('98') ? 'DP' : 'CP'}-${name}-3PCC`;
  return {
    name,
    product,
    short: `${name}-3PCC`,
    firmware: spec.firmware ?? (name.startsWith('98') ? '3.2.1' : '12.0.5'),
    lines,
  };
}
