/** Factory values that matter in the lab, and what a change costs (poly.md A.1, B.1, C.7, D.3, D.4). */
import type { ParameterMap } from '../parameters.ts';

/** Strongest first (poly.md C.5). `device` is the flash that `device.*` parameters live in. */
export const POLY_LAYERS = ['local', 'web', 'config', 'device'] as const;

export const POLY_DEFAULTS: ParameterMap = new Map([
  ['apps.push.messageType', '0'],
  ['apps.push.password', ''],
  ['apps.push.serverRootURL', ''],
  ['apps.push.username', ''],
  ['apps.restapi.enabled', '0'],
  ['apps.restapi.sipNotify.enabled', '0'],
  ['apps.statePolling.URL', ''],
  ['apps.statePolling.password', ''],
  ['apps.statePolling.responseMode', '1'],
  ['apps.statePolling.username', ''],
  ['apps.telNotification.URL', ''],
  ['apps.telNotification.lineRegistrationEvent', '0'],
  ['device.auth.localAdminPassword', '456'],
  ['device.auth.localUserPassword', '123'],
  ['device.dhcp.bootSrvOpt', '160'],
  ['device.dhcp.bootSrvUseOpt', '3'],
  ['device.prov.serverName', ''],
  ['device.prov.serverType', '0'],
  ['device.prov.tagSerialNo', '0'],
  ['device.syslog.serverName', ''],
  ['diags.pcap.background.enabled', '0'],
  ['diags.pcap.enabled', '0'],
  ['httpd.cfg.enabled', '1'],
  ['httpd.enabled', '1'],
  ['log.render.file.upload.period', '86400'],
  ['log.render.level', '1'],
  ['prov.polling.enabled', '0'],
  ['prov.polling.mode', 'abs'],
  ['prov.polling.period', '86400'],
  ['prov.polling.time', '03:00'],
  ['prov.polling.timeRandomEnd', ''],
  ['prov.startupCheck.enabled', '1'],
  ['tcpIpApp.sntp.address', ''],
  ['up.screenCapture.enabled', '0'],
  ['up.screenCapture.value', '0'],
  ['voIpProt.SIP.specialEvent.checkSync.alwaysReboot', '0'],
]);

/** Roots of the schema's parameter tree: a name outside of them is no parameter (poly.md D.2). */
const ROOTS = new Set(
  (
    'acd apps attendant bg call callLists cam cloud dialplan device diags dir divert dns efk exchange exp ext feature homeScreen httpd ' +
    'hs key keypadLock lcl license lineKey log mb mpage msg mr nat np oai peer phoneLock pnet powerSaving pres prov pstn ptt qos quickSetup ' +
    'reg request ringType roaming sampled saf scep se sec softkey sip tcpIpApp tone tr069 up upgrade usb user video voice voIpProt ' +
    'webutility wifi xmpp'
  ).split(' '),
);

export function isPolyParameter(name: string): boolean {
  return /^[\w-]+(?:\.[\w-]+)+$/.test(name) && ROOTS.has(name.slice(0, name.indexOf('.')));
}

const RESTARTS =
  /^(?:reg\.|voIpProt\.|call\.server|tcpIpApp\.port\.|sec\.TLS\.profileSelection\.|httpd\.|apps\.push\.|apps\.statePolling\.|feature\.|diags\.pcap\.enabled$)/;

/** D.3, a rule of thumb: network and provisioning reboot, SIP and web server restart, looks cost nothing. */
export function polyImpact(changed: readonly string[]): 'none' | 'restart' | 'reboot' {
  if (changed.some((name) => /^device\.(?!auth\.)/.test(name))) return 'reboot';
  return changed.some((name) => RESTARTS.test(name)) ? 'restart' : 'none';
}
