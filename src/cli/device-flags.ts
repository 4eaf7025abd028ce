/** Flags that say what a device is, shared by add and edit, and the input that they make. */
import { string } from '@oclif/core/flags';
import { choice, keyValues } from './flags.ts';

export const describeFlags = {
  vendor: string({ summary: 'Vendor: poly, yealink or cisco.', helpValue: 'VENDOR' }),
  model: string({ summary: 'Model, such as "VVX 450".', helpValue: 'MODEL' }),
  type: string({ summary: 'Endpoint type where the model is not known, such as VVX.', helpValue: 'TYPE' }),
  kind: choice(['sip', 'usb', 'room', 'dect', 'codec'], { summary: 'Kind of device.' }),
  description: string({ summary: 'Description.', helpValue: 'TEXT' }),
  'private-ip': string({ summary: 'Its address in its network; empty clears it.', helpValue: 'IP' }),
  'control-url': string({ summary: 'Where it is controlled, if not at its address.', helpValue: 'URL' }),
  port: string({ summary: 'Where it is plugged in.', helpValue: 'PORT' }),
  'machine-id': string({ summary: 'Machine id.', helpValue: 'ID' }),
  tag: string({ summary: 'Tag to set. Repeatable.', helpValue: 'KEY=VALUE', multiple: true }),
};

export interface DescribeFlagValues {
  vendor?: string | undefined;
  model?: string | undefined;
  type?: string | undefined;
  kind?: 'sip' | 'usb' | 'room' | 'dect' | 'codec' | undefined;
  description?: string | undefined;
  'private-ip'?: string | undefined;
  'control-url'?: string | undefined;
  port?: string | undefined;
  'machine-id'?: string | undefined;
  tag?: string[] | undefined;
}

/** The fields of the operation; what was not given is not in it. */
export function described(flags: DescribeFlagValues) {
  const tags = keyValues(flags.tag, 'tag');
  return {
    ...(flags.vendor !== undefined && { vendor: flags.vendor }),
    ...(flags.model !== undefined && { model: flags.model }),
    ...(flags.type !== undefined && { type: flags.type }),
    ...(flags.kind !== undefined && { kind: flags.kind }),
    ...(flags.description !== undefined && { description: flags.description }),
    ...(flags['private-ip'] !== undefined && { privateIp: flags['private-ip'] }),
    ...(flags['control-url'] !== undefined && { controlUrl: flags['control-url'] }),
    ...(flags.port !== undefined && { port: flags.port }),
    ...(flags['machine-id'] !== undefined && { machineId: flags['machine-id'] }),
    ...(tags && { tags }),
  };
}
