/** Which models may be used (MODEL-18), and how many devices there are of each. The models themselves are files. */
import type { DataScope } from '../context.ts';

/** `siteId` null: at every site. No approval at all means that every model may be used everywhere. */
export interface Approval {
  readonly vendor: string;
  readonly model: string;
  readonly siteId: number | null;
  /** Name of the site. */
  readonly site: string | null;
}

export interface ModelRepository {
  approvals(): Promise<readonly Approval[]>;
  /** False when it was approved already. */
  approve(vendor: string, model: string, siteId: number | null): Promise<boolean>;
  /** False when it was not approved there. Without a site every approval of the model ends. */
  revoke(vendor: string, model: string, siteId: number | null): Promise<boolean>;
  /** Devices in scope by `vendor model`; replaced ones do not count. */
  deviceCounts(scope: DataScope): Promise<ReadonlyMap<string, number>>;
}
