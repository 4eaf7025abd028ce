/** Cisco's base layer (cisco.md 3, 4.1, 6, 9). */
import type { LayerSource, Parameter } from '../../domain/effective.ts';
import type { BaseContext, BootstrapContext, RenderDevice } from '../driver.ts';
import { CA_FILE, clockTime, parameter, pollMinute, refusal } from '../support.ts';

export const ADMIN_USER = 'admin';

/** Minutes that the phone itself adds at random to Resync_At; its smallest value. */
const RANDOM_DELAY = 10;

/** What cannot be mistaken for the grammar of a profile rule: blanks, brackets, conditions, macros, alternatives. */
const RULE_SAFE_WORD = /^[A-Za-z0-9_.~@+=][A-Za-z0-9_.~@+=-]*$/;
const RULE_SAFE_URL = /^https?:\/\/[A-Za-z0-9_.~:/?#@&=%,+-]+$/;

export function base(device: RenderDevice, context: BaseContext): LayerSource {
  return {
    layer: 'base',
    source: 'phonectl',
    parameters: [
      ...server(context),
      ...authority(context, context.serverUrl),
      ...clock(context),
      ...administration(context),
      ...polling(device, context),
      ...reports(context),
      // What is not in a profile stays in the phone (cisco.md 4): firmware that was taken back must go from it, too.
      { name: 'Upgrade_Rule', value: '', secret: true },
    ],
  };
}

export function enrolmentParameters(context: BaseContext): readonly Parameter[] {
  return [...server(context), ...authority(context, context.serverUrl), ...clock(context)];
}

export function bootstrapParameters(context: BootstrapContext): readonly Parameter[] {
  const { serverUrl, bootstrapUrl = serverUrl } = context;
  // The URL alone: whoever passes a fuller context must not put a credential into a file for everybody.
  return [...server({ serverUrl }), ...authority(context, bootstrapUrl), ...clock(context)];
}

/**
 * The rule that brings the phone back: own file, own credential. `$PRVST` tells the server why the phone asks: 0 is a
 * power-up, the evidence of a reboot (design.md section 7).
 */
export function profileRule({ serverUrl, credential }: Pick<BaseContext, 'serverUrl' | 'credential'>): string {
  const url = `${ruleUrl('Profile_Rule', serverUrl)}$MA.xml?prvst=$PRVST`;
  return withLogin('Profile_Rule', url, credential);
}

/** An upgrade rule has the grammar of a profile rule, and nobody's login but its own (cisco.md 3). */
export function upgradeRule(url: string, { credential }: Pick<BaseContext, 'credential'>): Parameter {
  const value = withLogin('Upgrade_Rule', ruleUrl('Upgrade_Rule', url), credential);
  return { name: 'Upgrade_Rule', value, ...(credential !== undefined && { secret: true }) };
}

function withLogin(name: string, url: string, credential: BaseContext['credential']): string {
  if (credential === undefined) return url;
  for (const word of [credential.username, credential.password]) {
    if (!RULE_SAFE_WORD.test(word))
      throw refusal(name, 'cannot hold this provisioning user or password', [
        'Letters, digits and _ . ~ @ + = - can stand in a Cisco profile rule; rotate the credential of the device.',
      ]);
  }
  return `[--uid ${credential.username} --pwd ${credential.password}] ${url}`;
}

function ruleUrl(name: string, url: string): string {
  if (!RULE_SAFE_URL.test(url)) throw refusal(name, 'cannot hold this URL: Cisco would read parts of it as a rule');
  return url;
}

function server(context: Pick<BaseContext, 'serverUrl' | 'credential'>): Parameter[] {
  return [
    { name: 'Provision_Enable', value: 'Yes' },
    {
      name: 'Profile_Rule',
      value: profileRule(context),
      ...(context.credential === undefined ? {} : { secret: true }),
    },
    // Nothing else may be fetched, and nothing that DHCP says.
    { name: 'Profile_Rule_B', value: '', secret: true },
    { name: 'Profile_Rule_C', value: '', secret: true },
    { name: 'Profile_Rule_D', value: '', secret: true },
    { name: 'DHCP_Option_To_Use', value: '' },
  ];
}

function authority({ caCertificate }: Pick<BaseContext, 'caCertificate'>, from: string): Parameter[] {
  if (caCertificate === undefined) return [];
  return [{ name: 'Custom_CA_Rule', value: `${ruleUrl('Custom_CA_Rule', from)}${CA_FILE}` }];
}

function clock({ timeServer }: Pick<BaseContext, 'timeServer'>): Parameter[] {
  return parameter('Primary_NTP_Server', timeServer);
}

function administration({ adminPassword }: BaseContext): Parameter[] {
  return [
    ...parameter('Admin_Password', adminPassword, true),
    { name: 'Enable_Web_Server', value: 'Yes' },
    { name: 'Enable_Protocol', value: 'Https' },
    { name: 'Web_Server_Port', value: '443' },
    { name: 'Enable_Web_Admin_Access', value: 'Yes' },
    { name: 'Enable_Direct_Action_Url', value: 'Yes' },
    { name: 'Resync_From_SIP', value: 'Yes' },
    // Texts on the screen are orders to fetch a page, for which the phone wants its user's password (cisco.md 7).
    ...parameter('User_Password', adminPassword, true),
    { name: 'CISCO_XML_EXE_Enable', value: 'Yes' },
    { name: 'CISCO_XML_EXE_Auth_Mode', value: 'Local Credential' },
  ];
}

function polling(device: RenderDevice, { pollWindow }: BaseContext): Parameter[] {
  return [
    { name: 'Resync_On_Reset', value: 'Yes' },
    { name: 'Resync_At__HHmm_', value: clockTime(pollMinute(device, pollWindow, RANDOM_DELAY)).replace(':', '') },
    { name: 'Resync_At_Random_Delay', value: String(RANDOM_DELAY * 60) },
    { name: 'Resync_Error_Retry_Delay', value: '60,300,900,3600' },
    { name: 'Resync_Fails_On_FNF', value: 'Yes' },
  ];
}

/** The phone posts what somebody changed at it (cisco.md 9). */
function reports({ eventUrl }: BaseContext): Parameter[] {
  const joint = eventUrl.includes('?') ? '&' : '?';
  return [
    { name: 'Report_Rule', value: `[--delta] ${ruleUrl('Report_Rule', eventUrl)}${joint}e=report`, secret: true },
    { name: 'HTTP_Report_Method', value: 'POST' },
    { name: 'Report_To_Server', value: 'On Local Change' },
    // What it makes of a crash (cisco.md 10).
    { name: 'PRT_Upload_Rule', value: `${ruleUrl('PRT_Upload_Rule', eventUrl)}/prt`, secret: true },
    { name: 'PRT_Upload_Method', value: 'POST' },
    { name: 'PRT_Upload_at_Crash', value: 'Yes' },
  ];
}
