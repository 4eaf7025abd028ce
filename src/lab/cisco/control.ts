/** Cisco's control interface: direct action URLs and XML service push (cisco.md 6, 7). */
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import { LabError } from '../errors.ts';
import { toBmp } from '../images.ts';
import { challengeUnless, fields, screenOf, text, xml } from '../replies.ts';
import type { LabServices } from '../services.ts';
import { parseXml } from '../xml.ts';
import { renderProfile } from './config.ts';
import type { CiscoPhone } from './phone.ts';
import { logArchive } from './problem-report.ts';
import { ciscoStatus } from './reports.ts';

const REALM = 'cisco';
const SCHEMES = ['digest-md5', 'basic'] as const;
const MOST_EXECUTE_ITEMS = 3;

export async function answerCisco(
  phone: CiscoPhone,
  services: LabServices,
  request: ControlRequest,
): Promise<ControlReply> {
  if (request.path === '/CGI/Execute') return execute(phone, services, request);
  if (!request.path.startsWith('/admin/')) return text(404, 'Not Found');
  if (!phone.isYes('Enable_Web_Admin_Access') || !phone.isYes('Enable_Direct_Action_Url'))
    return text(403, 'Forbidden');
  return (
    challengeOf(phone, services, request, 'admin', 'Admin_Password') ??
    action(phone, request.path.slice('/admin/'.length), request.query)
  );
}

/** A phone without a password asks for none. The parameter is also spelt Admin_Passwd (cisco.md 4.1). */
function challengeOf(
  phone: CiscoPhone,
  services: LabServices,
  request: ControlRequest,
  username: string,
  parameter: string,
): ControlReply | null {
  const password = phone.parameters.text(parameter) || phone.parameters.text(parameter.replace('Password', 'Passwd'));
  return password === ''
    ? null
    : challengeUnless(services.authenticator, request, [{ username, password }], REALM, SCHEMES);
}

function action(phone: CiscoPhone, name: string, query: string): ControlReply {
  const argument = decodeURIComponent(query);
  switch (name) {
    case 'reboot':
      phone.afterAnswer(() => phone.reboot('action URL'));
      return text(200, 'Phone will reboot when it is not in use.', 'text/html');
    case 'resync':
      phone.afterAnswer(() => (argument === '' ? phone.provision('request') : phone.resyncWith(argument)));
      return text(200, 'Phone will resync when it is not in use.', 'text/html');
    case 'updateca':
      phone.afterAnswer(() => phone.updateCa(argument));
      return text(200, 'Phone will update its CA.', 'text/html');
    case 'cfg.xml':
      return xml(renderProfile(phone.parameters.entries()));
    case 'status.xml':
      return xml(ciscoStatus(phone));
    case 'screendump.bmp':
      return { status: 200, headers: { 'Content-Type': 'image/bmp' }, body: toBmp(screenOf(phone)) };
    case 'log.tar':
      return { status: 200, headers: { 'Content-Type': 'application/x-tar' }, body: logArchive(phone) };
    default:
      return text(404, 'Not Found');
  }
}

/** XML service push: CISCO_XML_EXE_Enable, and who may by CISCO_XML_EXE_Auth_Mode. */
function execute(phone: CiscoPhone, services: LabServices, request: ControlRequest): ControlReply {
  if (!phone.isYes('CISCO_XML_EXE_Enable')) return text(403, 'Forbidden');
  if (phone.parameters.text('CISCO_XML_EXE_Auth_Mode') !== 'Trusted') {
    const refusal = challengeOf(phone, services, request, 'user', 'User_Password');
    if (refusal !== null) return refusal;
  }
  const source = request.method === 'POST' ? fields(request.body.toString('utf8')).get('XML') : undefined;
  if (source === undefined) return failure(1);
  try {
    const root = parseXml(source);
    const items = root.children
      .filter(({ name }) => name === 'ExecuteItem')
      .map(({ attributes }) => attributes.get('URL') ?? '');
    if (root.name !== 'CiscoIPPhoneExecute' || items.length === 0 || items.length > MOST_EXECUTE_ITEMS)
      return failure(2);
    for (const url of items) phone.afterAnswer(() => phone.executeItem(url));
    const answers = items.map(
      (url) => `<ResponseItem Status="0" Data="Success" URL="${url.replace(/[&<>"]/g, ' ')}"/>`,
    );
    return xml(`<CiscoIPPhoneResponse>${answers.join('')}</CiscoIPPhoneResponse>`);
  } catch (error) {
    if (error instanceof LabError && error.code === 'unparsable') return failure(1);
    throw error;
  }
}

/** Error numbers: 1 parse, 2 frame, 3 file, 4 authentication (cisco.md 7). */
function failure(number: number): ControlReply {
  return xml(`<CiscoIPPhoneError Number="${number}"/>`);
}
