/** Yealink's base layer (yealink.md A5, A9..A11, B1, B4, B9). */
import type { LayerSource, Parameter } from '../../domain/effective.ts';
import type { BaseContext, BootstrapContext, RenderDevice } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { CA_FILE, clockTime, parameter, pollMinute, refusal } from '../support.ts';
import { type Generation, generationOf, staticName } from './generation.ts';

/** The administrator's login; renaming it is possible (`static.security.user_name.admin`) and not done here. */
export const ADMIN_USER = 'admin';

/** A phone takes callback URLs of 511 characters (B4). */
const LONGEST_URL = 511;

/**
 * Events that phones report: their state, never a number or a name of a caller. The query's names are ours, the values
 * the phone's variables.
 */
const EVENTS: Readonly<Record<string, string>> = {
  setup_completed: '',
  registered: '&user=$active_user',
  unregistered: '&user=$active_user',
  register_failed: '&user=$active_user',
  idle_to_busy: '',
  busy_to_idle: '',
  outgoing_call: '',
  call_established: '',
  call_terminated: '',
  hold: '',
  unhold: '',
  blind_transfer_call: '',
  dnd_on: '',
  dnd_off: '',
  ip_change: '',
};

const VARIABLES = 'mac=$mac&ip=$ip&model=$model&fw=$firmware';

export function base(knowledge: Knowledge, device: RenderDevice, context: BaseContext): LayerSource {
  const generation = generationOf(knowledge, device);
  return {
    layer: 'base',
    source: 'phonectl',
    parameters: [
      ...server(generation, context),
      ...credential(generation, context),
      ...authority(generation, context, context.serverUrl),
      ...clock(context),
      ...administration(generation, context),
      ...polling(generation, device, context),
      ...reports(context),
      // Before V81 what is not in the file stays in the phone: firmware that was taken back must go from it, too.
      ...(generation === 'plain' ? [{ name: 'firmware.url', value: '' }] : []),
    ],
  };
}

export function enrolmentParameters(
  knowledge: Knowledge,
  device: RenderDevice,
  context: BaseContext,
): readonly Parameter[] {
  const generation = generationOf(knowledge, device);
  return [
    ...server(generation, context),
    ...credential(generation, context),
    ...authority(generation, context, context.serverUrl),
    ...clock(context),
  ];
}

/** The same file is for phones of both generations: each ignores the names that it does not know. */
export function bootstrapParameters(context: BootstrapContext): readonly Parameter[] {
  const from = context.bootstrapUrl ?? context.serverUrl;
  return [
    ...(['boot', 'plain'] as const).flatMap((generation) => [
      ...server(generation, context),
      ...authority(generation, context, from),
    ]),
    ...clock(context),
  ];
}

function server(generation: Generation, { serverUrl }: Pick<BaseContext, 'serverUrl'>): Parameter[] {
  return [
    { name: staticName(generation, 'auto_provision.server.url'), value: serverUrl },
    // Else DHCP or a neighbour's PnP answer beats what is stored in the phone (A9).
    { name: staticName(generation, 'auto_provision.dhcp_option.enable'), value: '0' },
    { name: staticName(generation, 'auto_provision.pnp_enable'), value: '0' },
    { name: staticName(generation, 'auto_provision.power_on'), value: '1' },
  ];
}

function credential(generation: Generation, { credential: own }: BaseContext): Parameter[] {
  return [
    ...parameter(staticName(generation, 'auto_provision.server.username'), own?.username),
    ...parameter(staticName(generation, 'auto_provision.server.password'), own?.password, true),
  ];
}

function authority(
  generation: Generation,
  { caCertificate }: Pick<BaseContext, 'caCertificate'>,
  from: string,
): Parameter[] {
  if (caCertificate === undefined) return [];
  return [
    { name: staticName(generation, 'trusted_certificates.url'), value: `${from}${CA_FILE}` },
    { name: staticName(generation, 'security.trust_certificates'), value: '1' },
    // Built-in and uploaded authorities (A11).
    { name: staticName(generation, 'security.ca_cert'), value: '2' },
    { name: staticName(generation, 'security.cn_validation'), value: '1' },
  ];
}

function clock({ timeServer }: Pick<BaseContext, 'timeServer'>): Parameter[] {
  return parameter('local_time.ntp_server1', timeServer);
}

function administration(generation: Generation, context: BaseContext): Parameter[] {
  const { adminPassword, controlAddresses } = context;
  const callers = controlAddresses.join(',');
  return [
    ...(adminPassword === undefined
      ? []
      : parameter(staticName(generation, 'security.user_password'), `${ADMIN_USER}:${adminPassword}`, true)),
    { name: 'features.action_uri.enable', value: '1' },
    // Without an address the phone refuses everybody, which is right when nobody is to control it (B1).
    ...parameter('features.action_uri_limit_ip', callers),
    ...parameter('push_xml.server', callers),
    // check-sync reboots only with reboot=true; before V81 the parameter knew only on and off (B6).
    { name: 'sip.notify_reboot_enable', value: generation === 'boot' ? '0' : '1' },
  ];
}

function polling(generation: Generation, device: RenderDevice, context: BaseContext): Parameter[] {
  const minute = Math.min(pollMinute(device, context.pollWindow), 1438);
  const weekly = [
    { name: staticName(generation, 'auto_provision.repeat.enable'), value: '0' },
    { name: staticName(generation, 'auto_provision.weekly.enable'), value: '1' },
    {
      name: generation === 'boot' ? 'static.auto_provision.weekly.dayofweek' : 'auto_provision.weekly.mask',
      value: '0123456',
    },
    { name: staticName(generation, 'auto_provision.weekly.begin_time'), value: clockTime(minute) },
    { name: staticName(generation, 'auto_provision.weekly.end_time'), value: clockTime(minute + 1) },
  ];
  if (generation === 'plain') return weekly;
  return [
    ...weekly,
    // What users change at the phone stays theirs, and comes back to us as MAC-local.cfg (A4, A5).
    { name: 'static.auto_provision.custom.protect', value: '1' },
    { name: 'static.auto_provision.custom.sync', value: '1' },
    { name: 'static.auto_provision.custom.upload_method', value: '0' },
    { name: 'static.auto_provision.local_log.backup.enable', value: '1' },
    { name: 'static.auto_provision.local_log.backup.path', value: context.serverUrl },
    // Once a day; see security.md section f for what shorter periods cost.
    { name: 'static.auto_provision.local_log.backup.upload_period', value: '86400' },
  ];
}

function reports({ eventUrl }: BaseContext): Parameter[] {
  const joint = eventUrl.includes('?') ? '&' : '?';
  return Object.entries(EVENTS).map(([event, more]) => {
    const name = `action_url.${event}`;
    const value = `${eventUrl}${joint}e=${event}&${VARIABLES}${more}`;
    if (value.length > LONGEST_URL)
      throw refusal(name, `is ${value.length} characters long; phones take ${LONGEST_URL}`);
    // The URL holds the phone's event secret.
    return { name, value, secret: true };
  });
}
