/** Yealink's action URLs: a GET per event, with the phone's facts put into the URL (yealink.md B4). */
import type { CallEvent, Happening, Report } from '../behaviour.ts';
import type { YealinkPhone } from './phone.ts';

const LONGEST_URL = 511;

export function yealinkReports(phone: YealinkPhone, happening: Happening): Report[] {
  const line = happening.what === 'registered' || happening.what === 'unregistered' ? happening.line : undefined;
  return eventsOf(happening).flatMap((event) => {
    const template = phone.parameters.text(`action_url.${event}`);
    if (template === '' || template.length > LONGEST_URL) return [];
    const url = expand(template, {
      mac: phone.mac,
      ip: phone.address,
      model: phone.details.agent.replace(/^Yealink /, ''),
      firmware: phone.firmware,
      active_user: line?.user ?? '',
      active_host: line?.server ?? '',
      active_url: line === undefined ? '' : `${line.user}@${line.server}`,
    });
    return URL.canParse(url) ? [{ method: 'GET', url }] : [];
  });
}

const CALL_EVENTS: Readonly<Record<CallEvent, string>> = {
  ringing: 'incoming_call',
  dialled: 'outgoing_call',
  busy: 'idle_to_busy',
  established: 'call_established',
  held: 'hold',
  resumed: 'unhold',
  transferred: 'blind_transfer_call',
  ended: 'call_terminated',
  idle: 'busy_to_idle',
};

function eventsOf(happening: Happening): string[] {
  switch (happening.what) {
    case 'booted':
      return ['setup_completed'];
    case 'provisioned':
      return ['setup_autop_finish'];
    case 'dnd':
      return [happening.on ? 'dnd_on' : 'dnd_off'];
    case 'call':
      return [CALL_EVENTS[happening.event]];
    case 'registered':
    case 'unregistered':
      return [happening.what];
    default:
      return [];
  }
}

/** Unknown variables, such as those of a call that is not there, become empty. */
function expand(template: string, values: Record<string, string>): string {
  return template.replace(/\$([A-Za-z_]+)/g, (_whole, name: string) => encodeURIComponent(values[name] ?? ''));
}
