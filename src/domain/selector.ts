/** Which devices a verb is about. The same shape everywhere: flags, API, schedules, group filters. */

/**
 * All given fields must hold; the values within one field are alternatives. An empty selector selects nothing: "every
 * device" is only ever `all: true`.
 */
export interface DeviceSelector {
  /** MAC in any spelling, serial number, name, extension, IP address or id. Each must name exactly one device. */
  readonly refs?: readonly string[];
  /** Exactly these, for programs; ids that do not exist or are out of scope are left out. */
  readonly ids?: readonly number[];
  readonly sites?: readonly string[];
  readonly groups?: readonly string[];
  readonly models?: readonly string[];
  readonly vendors?: readonly string[];
  readonly statuses?: readonly string[];
  /** A version with an optional comparison in front: `6.4.8`, `<6.4`, `>=96.86.0.20`. */
  readonly firmware?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Case-insensitive text anywhere in the device or what belongs to it (PLAT-05, PLAT-06). */
  readonly search?: string;
  readonly all?: boolean;
}

/** True when nothing at all was selected. */
export function isEmptySelector(selector: DeviceSelector): boolean {
  return Object.values(selector).every(
    (value) =>
      value === undefined ||
      value === false ||
      (typeof value === 'object' && value !== null && Object.keys(value).length === 0),
  );
}
