/** Poly's base layer: where to come back to and with which credential, who may log in, when to poll, what to report. */
import type { LayerSource, Parameter } from '../../domain/effective.ts';
import type { BaseContext, BootstrapContext, RenderDevice } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannot, clockTime, parameter, pollMinute } from '../support.ts';

/** The web and REST user; fixed by the firmware (poly.md A.1). */
export const ADMIN_USER = 'Polycom';

export function base(knowledge: Knowledge, device: RenderDevice, context: BaseContext): LayerSource {
  return {
    layer: 'base',
    source: 'phonectl',
    parameters: [
      ...server(context),
      ...credential(context),
      ...authority(context),
      ...clock(context),
      ...administration(knowledge, device, context),
      ...polling(device, context),
      ...reports(context),
    ],
  };
}

/** What an enrolment window hands out: enough to come back as itself, nothing of any account. */
export function enrolmentParameters(context: BaseContext): readonly Parameter[] {
  return [...server(context), ...credential(context), ...authority(context), ...clock(context)];
}

/** What every phone may know. */
export function bootstrapParameters(context: BootstrapContext): readonly Parameter[] {
  return [...server(context), ...authority(context), ...clock(context)];
}

function server({ serverUrl }: Pick<BaseContext, 'serverUrl'>): Parameter[] {
  return [
    { name: 'device.prov.serverType', value: serverUrl.startsWith('https:') ? '3' : '2' },
    { name: 'device.prov.serverName', value: serverUrl.replace(/\/$/, '') },
    // Static: whoever controls DHCP must not be able to send the phone, and its credential, elsewhere.
    { name: 'device.dhcp.bootSrvUseOpt', value: '2' },
    { name: 'device.prov.ztpEnabled', value: '0' },
  ];
}

function credential({ credential: own }: BaseContext): Parameter[] {
  return [...parameter('device.prov.user', own?.username), ...parameter('device.prov.password', own?.password, true)];
}

function authority({ caCertificate }: Pick<BaseContext, 'caCertificate'>): Parameter[] {
  if (caCertificate === undefined) return [];
  return [
    // In an attribute, line breaks read as blanks anyway (XML 1.0, 3.3.3): written as blanks they survive unchanged.
    { name: 'device.sec.TLS.customCaCert1', value: caCertificate.trim().replace(/\s*\r?\n\s*/g, ' ') },
    { name: 'device.sec.TLS.profile.caCertList1', value: 'BuiltinAndPlatform1' },
    { name: 'device.sec.TLS.profileSelection.provisioning', value: 'PlatformProfile1' },
    { name: 'device.sec.TLS.prov.strictCertCommonNameValidation', value: '1' },
  ];
}

/** A phone without the time of day finds our certificate not yet valid (security.md P-11). */
function clock({ timeServer }: Pick<BaseContext, 'timeServer'>): Parameter[] {
  return [...parameter('device.sntp.serverName', timeServer), ...parameter('tcpIpApp.sntp.address', timeServer)];
}

function administration(knowledge: Knowledge, device: RenderDevice, { adminPassword }: BaseContext): Parameter[] {
  const password = parameter('device.auth.localAdminPassword', adminPassword, true);
  // Texts on the screen come by push, whatever else the phone knows (B.2).
  const push = [
    { name: 'apps.push.messageType', value: '5' },
    { name: 'apps.push.username', value: ADMIN_USER },
    ...parameter('apps.push.password', adminPassword, true),
  ];
  if (cannot(knowledge, device, 'rest') === undefined)
    return [
      ...password,
      { name: 'httpd.enabled', value: '1' },
      { name: 'httpd.cfg.enabled', value: '1' },
      { name: 'httpd.cfg.secureTunnelEnabled', value: '1' },
      // REST speaks Basic on VVX and Trio: never in the clear.
      { name: 'httpd.cfg.secureTunnelRequired', value: '1' },
      { name: 'apps.restapi.enabled', value: '1' },
      ...push,
    ];
  // Without REST, push is also the way to make the phone fetch its files, and polling the way to ask for its state (B).
  return [
    ...password,
    ...push,
    { name: 'apps.statePolling.responseMode', value: '0' },
    { name: 'apps.statePolling.username', value: ADMIN_USER },
    ...parameter('apps.statePolling.password', adminPassword, true),
  ];
}

function polling(device: RenderDevice, { pollWindow }: BaseContext): Parameter[] {
  return [
    { name: 'prov.polling.enabled', value: '1' },
    { name: 'prov.polling.mode', value: 'abs' },
    { name: 'prov.polling.period', value: '86400' },
    { name: 'prov.polling.time', value: clockTime(pollMinute(device, pollWindow)) },
    // Once a day: phones that upload each two minutes make 833 requests a second of 50,000 (security.md section f).
    { name: 'log.render.file.upload.period', value: '86400' },
    { name: 'log.render.file.size', value: '180' },
  ];
}

/** Coarse events only: no numbers, no names of callers. Parameters that old firmware does not know are ignored by it. */
function reports({ eventUrl }: BaseContext): Parameter[] {
  return [
    // It holds the phone's event secret.
    { name: 'apps.telNotification.URL', value: eventUrl, secret: true },
    { name: 'apps.telNotification.lineRegistrationEvent', value: '1' },
    { name: 'apps.telNotification.offhookEvent', value: '1' },
    { name: 'apps.telNotification.onhookEvent', value: '1' },
    { name: 'apps.telNotification.networkUpEvent', value: '1' },
    { name: 'apps.telNotification.appInitializationEvent', value: '1' },
  ];
}
