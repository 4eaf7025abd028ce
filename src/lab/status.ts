/** A phone as the lab's owner sees it. */
import { LabError } from './errors.ts';
import { plain } from './http-client.ts';
import type { LabPhone } from './phone.ts';
import type { LabPhoneStatus } from './types.ts';

export function statusOf(phone: LabPhone): LabPhoneStatus {
  const { mac, vendor, model, address, state, firmware, bootCount, provisionedAt, lastError } = phone;
  return {
    mac,
    vendor,
    model,
    address,
    state,
    firmware,
    bootCount,
    lines: phone.lines.map((line) => ({ ...line })),
    provisionedAt,
    lastError,
    parameters: phone.parameters.size,
    server: serverText(phone),
  };
}

/** The provisioning URL in use, without its credential; '' where the configuration made it unreadable. */
function serverText(phone: LabPhone): string {
  try {
    return plain(phone.target().url);
  } catch (error) {
    if (error instanceof LabError) return '';
    throw error;
  }
}
