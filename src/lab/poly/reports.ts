/** Poly's telephony notifications: one XML document per event, POSTed to every configured URL (poly.md B.3). */
import type { Happening, Report } from '../behaviour.ts';
import type { PhoneBase } from '../phone-base.ts';
import { escapeXml } from '../xml.ts';
import { isTrue } from './config.ts';

export function polyReports(phone: PhoneBase, happening: Happening): Report[] {
  const told = eventOf(happening);
  if (told === undefined || !isTrue(phone.parameters.get(`apps.telNotification.${told.parameter}`))) return [];
  const body = notification(told.event, phone, told.fields ?? []);
  return notificationUrls(phone).map((url) => ({
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/xml' },
    body,
  }));
}

interface Told {
  event: string;
  /** Which parameter switches it on. */
  parameter: string;
  fields?: readonly (readonly [string, string])[];
}

function eventOf(happening: Happening): Told | undefined {
  if (happening.what === 'registered' || happening.what === 'unregistered') {
    const event = happening.what === 'registered' ? 'LineRegistrationEvent' : 'LineUnregistrationEvent';
    return { event, parameter: 'lineRegistrationEvent', fields: [['LineNumber', happening.line.user]] };
  }
  if (happening.what !== 'call') return undefined;
  if (happening.event === 'busy') return { event: 'OffHookEvent', parameter: 'offhookEvent' };
  return happening.event === 'idle' ? { event: 'OnHookEvent', parameter: 'onhookEvent' } : undefined;
}

/** `apps.telNotification.URL` and `.1.URL` … `.9.URL`. */
function notificationUrls(phone: PhoneBase): string[] {
  const names = [
    'apps.telNotification.URL',
    ...Array.from({ length: 9 }, (_, index) => `apps.telNotification.${index + 1}.URL`),
  ];
  return names.map((name) => phone.parameters.text(name)).filter((url) => URL.canParse(url));
}

function notification(event: string, phone: PhoneBase, fields: readonly (readonly [string, string])[]): string {
  const all = [
    ['PhoneIP', phone.address],
    ['MACAddress', phone.mac],
    ...fields,
    ['TimeStamp', timestamp(new Date())],
  ] as const;
  const children = all.map(([name, value]) => `  <${name}>${escapeXml(value)}</${name}>`).join('\n');
  return `<PolycomIPPhone>\n <${event}>\n${children}\n </${event}>\n</PolycomIPPhone>\n`;
}

/** Local time with its offset, as `2024-05-02T09:10:11-05:00`. */
export function timestamp(at: Date): string {
  const offset = -at.getTimezoneOffset();
  const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const pad = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${pad(offset / 60)}:${pad(offset % 60)}`;
}
