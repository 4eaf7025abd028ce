/** Factory values that matter in the lab (yealink.md A5, A9, A10, B). */
import type { ParameterMap } from '../parameters.ts';

/** What a user changed lies over what was downloaded (yealink.md A4). */
export const YEALINK_LAYERS = ['local', 'config'] as const;

export const YEALINK_DEFAULTS: ParameterMap = new Map([
  ['features.action_uri.enable', '1'],
  ['features.action_uri_limit_ip', ''],
  ['features.dnd.allow', '1'],
  ['features.show_action_uri_option', '1'],
  ['push_xml.server', ''],
  ['push_xml.sip_notify', '0'],
  ['sip.notify_reboot_enable', '1'],
  ['sip.trust_ctrl', '0'],
  ['static.auto_provision.custom.protect', '0'],
  ['static.auto_provision.custom.sync', '0'],
  ['static.auto_provision.custom.upload_method', '0'],
  ['static.auto_provision.dhcp_option.enable', '1'],
  ['static.auto_provision.power_on', '1'],
  ['static.auto_provision.repeat.enable', '0'],
  ['static.auto_provision.repeat.minutes', '1440'],
  ['static.auto_provision.server.url', ''],
]);
