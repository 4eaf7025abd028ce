/** Cisco's configuration reports (cisco.md 9). */
import type { Happening, Report } from '../behaviour.ts';
import { renderProfile } from './config.ts';
import type { CiscoPhone } from './phone.ts';
import { expandMacros } from './profile-rule.ts';

/**
 * Report_Rule holds one or two addresses with options in front: `[--delta]https://h/cfg [--status]https://h/status`.
 * Report_To_Server says when. Every setting includes a restart and a request (`changed` without names) [recalled].
 */
export function ciscoReports(phone: CiscoPhone, happening: Happening): Report[] {
  if (happening.what !== 'booted' && happening.what !== 'changed') return [];
  const isByItself = happening.what === 'changed' && happening.names.length > 0;
  if (isByItself && phone.parameters.text('Report_To_Server') !== 'On Local Change') return [];
  const method = phone.parameters.text('HTTP_Report_Method').toUpperCase() === 'PUT' ? 'PUT' : 'POST';
  return targets(phone).map(({ options, url }) => ({
    method,
    url,
    headers: { 'Content-Type': 'application/xml' },
    body: options.includes('--status')
      ? ciscoStatus(phone)
      : renderProfile(reported(phone, happening, options.includes('--delta'))),
  }));
}

function reported(phone: CiscoPhone, happening: Happening, isDelta: boolean): [string, string][] {
  const entries = phone.parameters.entries();
  if (!isDelta || happening.what !== 'changed') return entries;
  return entries.filter(([name]) => happening.names.includes(name));
}

function targets(phone: CiscoPhone): { options: string; url: string }[] {
  const rule = phone.parameters.text('Report_Rule');
  return [...rule.matchAll(/\s*(?:\[([^\]]*)\])?\s*(\S+)/g)]
    .map(([, options = '', address = '']) => ({ options, url: expandMacros(address, phone.macros()) }))
    .filter(({ url }) => URL.canParse(url));
}

/** `/admin/status.xml`, and the status part of a report. Names follow the web page's labels (cisco.md 6). */
export function ciscoStatus(phone: CiscoPhone): string {
  const uptime = Math.floor(phone.uptime / 1000);
  // Firmware 11 has other labels [inferred].
  const old = phone.firmware.startsWith('11.');
  const fields: [string, string][] = [
    [old ? 'Model_Number' : 'Product_Name', phone.details.product],
    ['Serial_Number', phone.serial],
    ['MAC_Address', phone.mac.toUpperCase()],
    ['Software_Version', phone.firmware],
    ['Current_IP', phone.address],
    [
      old ? 'Uptime' : 'Elapsed_Time',
      `${Math.floor(uptime / 86_400)} days and ${new Date((uptime % 86_400) * 1000).toISOString().slice(11, 19)}`,
    ],
    ['PRVST', phone.macros().get('PRVST') ?? ''],
    ...phone.lines.map(({ line, registered }): [string, string] => [
      old ? `Ext_${line}_Registration_State` : `Registration_State_${line}_`,
      registered ? 'Registered' : 'Not Registered',
    ]),
    ...callStates(phone),
    ['PRT_Generation_Status', ''],
    ['PRT_Upload_Status', ''],
  ];
  const lines = fields.map(([name, value]) => `  <${name}>${value}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<device-status>\n${lines.join('\n')}\n</device-status>\n`;
}

/** Two calls for each line, idle or up; the labels stand under `Line n Status` of the web page [inferred]. */
function callStates(phone: CiscoPhone): [string, string][] {
  return phone.lines.flatMap(({ line }) => {
    const calls = phone.calls.active.filter((call) => call.line === line);
    return [1, 2].map((number): [string, string] => [
      `Line_${line}_Call_${number}_State`,
      calls[number - 1]?.state ?? 'Idle',
    ]);
  });
}
