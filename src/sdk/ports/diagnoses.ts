/** Settings of devices that hold while somebody looks for a fault: a layer of their own, above all but the MAC file. */
import type { StoredParameter } from './profiles.ts';

export interface Diagnosis {
  readonly deviceId: number;
  /** A new one with every change. Names the rows of sealed values: `diagnosis:<uid>:<parameter>`. */
  readonly uid: string;
  readonly parameters: readonly StoredParameter[];
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
}

export interface DiagnosisRepository {
  find(deviceId: number): Diagnosis | undefined;
  /** Of the whole fleet: there are few at a time. */
  all(): readonly Diagnosis[];
  /** Replaces the one of the device. */
  put(diagnosis: Diagnosis): Promise<void>;
  delete(deviceId: number): Promise<void>;
}
