/** How phones come in: enrolment windows of announced devices, and the quarantine of those that nobody announced. */

export interface Enrolment {
  readonly deviceId: number;
  readonly openedAt: number;
  readonly closesAt: number;
  /** Networks (CIDR) that the phone may come from. */
  readonly networks: readonly string[];
  /** The first address that used the window; nobody else may. */
  readonly boundAddress: string | null;
  readonly servedAt: number | null;
  /** When the phone first showed its own credential: the window is done. */
  readonly completedAt: number | null;
}

export interface NewWindow {
  readonly deviceId: number;
  readonly openedAt: number;
  readonly closesAt: number;
  readonly networks: readonly string[];
}

export interface QuarantinedDevice {
  readonly mac: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly requests: number;
  readonly address: string;
  readonly userAgent: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
}

/** An unannounced phone that is let in (DEV-04, PROV-11): it gets a site by its address and the default groups. */
export interface Admission {
  readonly mac: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  /** Address that it was seen from. */
  readonly address: string;
  readonly at: number;
}

export interface EnrolmentRepository {
  find(deviceId: number): Promise<Enrolment | undefined>;
  /** Opens or reopens windows, unbound; also clears what `device list --attention` says of these devices. */
  open(windows: readonly NewWindow[]): Promise<void>;
  close(deviceIds: readonly number[]): Promise<void>;
  /** Public subnets of each device's site: where its window is good by default. */
  siteNetworks(deviceIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>>;

  quarantined(query?: { readonly mac?: string }): AsyncIterable<QuarantinedDevice>;
  /**
   * Adds the phone as a device and takes it out of the quarantine; returns its id, of the existing device when there is
   * one. Throws `conflict` when its model is not approved (MODEL-18).
   */
  admit(admission: Admission): Promise<number>;
  discard(mac: string): Promise<boolean>;
}
