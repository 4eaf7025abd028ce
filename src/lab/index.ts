/** Simulated Poly, Yealink and Cisco phones, thousands in one process (design.md section 10). */
export { LabError, type LabErrorCode } from './errors.ts';
export { Lab, startLab } from './lab.ts';
export type { LabPhone } from './phone.ts';
export type * from './types.ts';
