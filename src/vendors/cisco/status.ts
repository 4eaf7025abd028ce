/** What a Cisco phone says of itself: status.xml (cisco.md 6). */
import type { NetworkFact } from '../../domain/commands.ts';
import { parseMac } from '../../domain/mac.ts';
import { xmlLeaves } from '../answers.ts';
import type { NetworkFacts, PhoneCall } from '../commands.ts';
import type { DeviceStatus } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';

const CALL_STATE = /^(?:Line_\d{1,2}_)?Call_\d{1,2}_(?:Call_)?State(?:_\d{1,2}_)?$|^Call_State(?:_\d{1,2}){0,2}_?$/i;

function isUp(state: string): boolean {
  return state !== '' && !/^(?:idle|ended|n\/a)$/i.test(state);
}

/**
 * Takes what can be recognised from status.xml; its elements are named after the labels of the web page, which differ
 * between releases. `undefined` when nothing is recognised.
 */
export async function readStatus(knowledge: Knowledge, body: Uint8Array): Promise<DeviceStatus | undefined> {
  const elements = await xmlLeaves(body);
  const status: { -readonly [K in keyof DeviceStatus]: DeviceStatus[K] } = {};
  const lines: { line: number; user: string; state: 'registered' | 'unregistered' | 'unknown' }[] = [];
  let calls: number | undefined;
  for (const { name, text } of elements) {
    const value = text;
    const registration =
      /^Registration_Stat(?:e|us)_(\d{1,2})_$/i.exec(name) ??
      /^(?:Ext|Line)_(\d{1,2})_Registration_Stat(?:e|us)$/i.exec(name);
    if (/^Product_Name$|^Model(?:_Number)?$/i.test(name))
      status.model = knowledge.models.find(value, 'cisco')?.name ?? value;
    else if (/^Software_Version$/i.test(name) && value !== '') status.firmware = value;
    else if (/^MAC_Address$/i.test(name)) {
      const mac = parseMac(value);
      if (mac !== undefined) status.mac = mac;
    } else if (/^(?:Elapsed_Time|Uptime|Up_Time)$/i.test(name)) {
      const seconds = elapsed(value);
      if (seconds !== undefined) status.uptimeSeconds = seconds;
    } else if (registration !== null) {
      const state = /^(?:not|un|fail)/i.test(value)
        ? 'unregistered'
        : /^reg|^online/i.test(value)
          ? 'registered'
          : 'unknown';
      lines.push({ line: Number(registration[1]), user: '', state });
    } else if (CALL_STATE.test(name)) calls = (calls ?? 0) + (isUp(value) ? 1 : 0);
  }
  if (calls !== undefined) status.inCall = calls > 0;
  if (lines.length > 0) status.lines = lines;
  return Object.keys(status).length === 0 ? undefined : status;
}

/** `3 days and 04:12:55`, `04:12:55`. */
function elapsed(text: string): number | undefined {
  const match = /^(?:(\d{1,5}) days?(?: and)? )?(\d{1,4}):(\d{2}):(\d{2})$/i.exec(text);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
}

/**
 * Calls by their states; the names of their other elements differ between releases. `undefined` when it names no call
 * state at all: then it does not tell, which is not the same as none.
 */
export async function readCalls(body: Uint8Array): Promise<readonly PhoneCall[] | undefined> {
  const leaves = await xmlLeaves(body);
  if (!leaves.some(({ name }) => CALL_STATE.test(name))) return undefined;
  return leaves.flatMap(({ name, text }): PhoneCall[] => {
    if (!CALL_STATE.test(name) || !isUp(text)) return [];
    const line = /^Line_(\d{1,2})_/i.exec(name)?.[1];
    return [
      {
        line: line === undefined ? null : Number(line),
        state: text,
        direction: null,
        remoteName: null,
        remoteNumber: null,
        seconds: null,
      },
    ];
  });
}

/** Labels of the web page's network part, as far as releases agree on them. */
const NETWORK: readonly (readonly [NetworkFact, RegExp])[] = [
  ['address', /^(?:Current_)?IP(?:v4)?(?:_Address)?$/i],
  ['subnetMask', /^(?:Current_)?Net_?[Mm]ask$|^Subnet_Mask$/i],
  ['gateway', /^(?:Current_)?(?:Default_)?Gateway$/i],
  ['dns', /^(?:Primary_)?DNS(?:_Server)?(?:_1)?$/i],
  ['dns2', /^Secondary_DNS(?:_Server)?$|^DNS(?:_Server)?_2$/i],
  ['domain', /^Domain$/i],
  ['dhcp', /^(?:Connection|Addressing)_Type$/i],
  ['vlan', /^(?:Operational_)?VLAN_ID$/i],
  ['lanPort', /^SW_Port_(?:Link|Status)$/i],
  ['lanSpeed', /^SW_Port_Config$/i],
  ['ntp', /^Primary_NTP_Server$/i],
];

/** What can be recognised; the first of several elements of one meaning counts. */
export async function readNetwork(body: Uint8Array): Promise<NetworkFacts> {
  const facts: Partial<Record<NetworkFact, string>> = {};
  for (const { name, text } of await xmlLeaves(body)) {
    const fact = NETWORK.find(([, label]) => label.test(name))?.[0];
    if (fact !== undefined && text !== '') facts[fact] ??= text;
  }
  return facts;
}
