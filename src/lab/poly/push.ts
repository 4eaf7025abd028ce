/** Poly's push and state polling (poly.md B.2, B.4). */

import { secondsOf } from '../calls.ts';
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import { LabError } from '../errors.ts';
import { challengeUnless, text, xml } from '../replies.ts';
import type { LabServices } from '../services.ts';
import { escapeXml, parseXml } from '../xml.ts';
import type { PolyPhone } from './phone.ts';
import { timestamp } from './reports.ts';

const DIGEST = ['digest-md5'] as const;
/** Longer texts must come by URL (poly.md B.2). */
const LONGEST_DATA = 1024;
/** apps.push.messageType: the priority that is let through; 5 = all. */
const PRIORITIES = ['', 'normal', 'important', 'high', 'critical'];

export function push(phone: PolyPhone, services: LabServices, request: ControlRequest): ControlReply {
  const { parameters } = phone;
  const admits = Number(parameters.text('apps.push.messageType'));
  const credential = {
    username: parameters.text('apps.push.username'),
    password: parameters.text('apps.push.password'),
  };
  if (admits === 0 || credential.username === '') return text(404, 'Not Found');
  const refusal = challengeUnless(services.authenticator, request, [credential], 'PUSH Authentication', DIGEST);
  if (refusal !== null) return refusal;
  if (request.method !== 'POST') return text(405, 'Method Not Allowed');
  if (!/^(?:application\/(?:x-com-polycom-spipx|xml)|text\/xml)/i.test(request.headers['content-type'] ?? ''))
    return text(415, 'Unsupported Media Type');
  const pushed = readPush(request.body.toString('utf8'));
  if (pushed === null) return text(400, 'Bad Request');
  if (admits !== 5 && PRIORITIES[admits] !== pushed.priority.toLowerCase())
    return text(403, 'Push Message is not allowed');
  if (pushed.kind === 'Data' && pushed.value.length > LONGEST_DATA) return text(413, 'Push Message is too long');
  phone.afterAnswer(() => act(phone, pushed.value));
  return text(200, 'Push Message will be displayed successfully');
}

function readPush(body: string): { kind: string; priority: string; value: string } | null {
  try {
    const root = parseXml(body);
    const child =
      root.name === 'PolycomIPPhone' ? root.children.find(({ name }) => name === 'Data' || name === 'URL') : undefined;
    if (child === undefined) return null;
    return { kind: child.name, priority: child.attributes.get('priority') ?? 'Normal', value: child.text.trim() };
  } catch (error) {
    if (error instanceof LabError) return null;
    throw error;
  }
}

/** Internal URIs are done, everything else is shown. */
function act(phone: PolyPhone, data: string): void {
  const key = /^Key:(\w+)$/.exec(data)?.[1];
  const number = /^tel:\\\\?([^;\\]+)(?:;line(\d+))?$/i.exec(data);
  if (data === 'Action:UpdateConfig') phone.provisionSoon('request');
  else if (key === 'DoNotDisturb') phone.background(() => phone.setDnd(!phone.dnd));
  else if (key !== undefined) phone.press(key);
  else if (number !== null) phone.calls.dial(Number(number[2] ?? 1), number[1]!);
  else phone.show(shownHtml(data));
}

/** The browser of the phone shows the text of the page, not its tags (poly.md B.2). */
function shownHtml(html: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };
  return html
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(lt|gt|amp|quot);/g, (_whole, name: string) => named[name] ?? '');
}

/** 404 while it is off, 403 for a wrong credential (poly.md B.4). */
export function polling(phone: PolyPhone, services: LabServices, request: ControlRequest): ControlReply {
  const { parameters } = phone;
  const credential = {
    username: parameters.text('apps.statePolling.username'),
    password: parameters.text('apps.statePolling.password'),
  };
  const body = credential.username === '' ? undefined : DOCUMENTS[request.path]?.(phone);
  if (body === undefined) return text(404, 'Not Found');
  const refusal = challengeUnless(services.authenticator, request, [credential], 'Polling Authentication', DIGEST);
  if (refusal !== null) return request.headers.authorization === undefined ? refusal : text(403, 'Forbidden');
  const url = parameters.text('apps.statePolling.URL');
  if (parameters.text('apps.statePolling.responseMode') === '0') return xml(body);
  if (!URL.canParse(url)) return text(404, 'Not Found');
  phone.afterAnswer(() => phone.post(url, body));
  return text(200, '');
}

const DOCUMENTS: Record<string, (phone: PolyPhone) => string> = {
  '/polling/deviceHandler': (phone) =>
    document([
      ['MACAddress', phone.mac],
      ['PhoneDN', phone.lines.map(({ line, user }) => `Line${line}:${user}`).join(',')],
      ['AppLoadID', phone.firmware],
      ['UpdaterID', phone.details.updater],
      ['ModelNumber', phone.model],
      ['TimeStamp', timestamp(new Date())],
    ]),
  '/polling/networkHandler': (phone) =>
    document([
      ['DHCPServer', '127.0.0.1'],
      ['MACAddress', phone.mac],
      ['DNSSuffix', ''],
      ['IPAddress', phone.address],
      ['SubnetMask', '255.0.0.0'],
      ['ProvServer', phone.status().server],
      ['DefaultRouter', '127.0.0.1'],
      ['DNSServer1', '127.0.0.1'],
      ['DNSServer2', ''],
      ['VLANID', phone.parameters.text('device.net.vlanId')],
      ['DHCPEnabled', 'Yes'],
    ]),
  '/polling/callstateHandler': (phone) =>
    `<PolycomIPPhone>\n${phone.lines.map(({ line, user }) => callLine(phone, line, user)).join('')}</PolycomIPPhone>\n`,
};

function callLine(phone: PolyPhone, line: number, user: string): string {
  const calls = phone.calls.active.filter((call) => call.line === line);
  const infos = calls.map((call) => {
    const isOutgoing = call.direction === 'Outgoing';
    return `<CallInfo>\n${elements([
      ['CallReference', call.ref.toString(16)],
      ['CallState', call.state === 'Hold' || call.state === 'Held' ? `Call${call.state}` : call.state],
      ['CallType', call.direction],
      ['UIAppearanceIndex', `${call.sequence}*`],
      ['CalledPartyName', isOutgoing ? phone.shown(call.name) : user],
      ['CalledPartyDirNum', isOutgoing ? call.number : user],
      ['CallingPartyName', isOutgoing ? user : phone.shown(call.name)],
      ['CallingPartyDirNum', isOutgoing ? user : call.number],
      ['CallDuration', String(secondsOf(call))],
    ])}</CallInfo>\n`;
  });
  const state = calls.length > 0 ? 'Active' : 'Inactive';
  return `<CallLineInfo>\n${elements([
    ['LineKeyNum', String(line)],
    ['LineDirNum', user],
    ['LineState', state],
  ])}${infos.join('')}</CallLineInfo>\n`;
}

function document(fields: readonly (readonly [string, string])[]): string {
  return `<PolycomIPPhone>\n${elements(fields)}</PolycomIPPhone>\n`;
}

function elements(fields: readonly (readonly [string, string])[]): string {
  return fields.map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>\n`).join('');
}
