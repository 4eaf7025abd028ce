/** Status codes and results of Poly's REST API (poly.md A.2). */

export const CODES = {
  ok: '2000',
  invalid: '4000',
  lineNotRegistered: '4002',
  notAllowed: '4003',
  notSupported: '4004',
  noLine: '4005',
  noCall: '4007',
  tooMany: '4009',
  defaultPassword: '4010',
  failed: '5000',
} as const;

/** `data` of the answer, or the status code alone. */
export type RestResult = { data: unknown } | { code: string };
