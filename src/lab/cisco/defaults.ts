/** Factory values that matter in the lab (cisco.md 4.1). */
import type { ParameterMap } from '../parameters.ts';

/** A profile overwrites what the user set; there is one layer of values (cisco.md 4: absent means unchanged). */
export const CISCO_LAYERS = ['local', 'config'] as const;

/** What a phone without a rule of its own asks for (cisco.md 2). */
export const FACTORY_RULE = '/$PSN.xml';

export const CISCO_DEFAULTS: ParameterMap = new Map([
  ['Admin_Password', ''],
  ['CISCO_XML_EXE_Auth_Mode', 'Local Credential'],
  ['CISCO_XML_EXE_Enable', 'No'],
  ['Enable_Direct_Action_Url', 'Yes'],
  ['Enable_Web_Admin_Access', 'Yes'],
  ['Enable_Web_Server', 'Yes'],
  ['HTTP_Report_Method', 'POST'],
  ['HTTP_User_Agent_Name', '$VERSION ($MA)'],
  ['Periodic_Upload_To_Server', '3600'],
  ['Profile_Rule', FACTORY_RULE],
  ['Provision_Enable', 'Yes'],
  ['Report_To_Server', 'On Request'],
  ['Resync_From_SIP', 'Yes'],
  ['Resync_On_Reset', 'Yes'],
  ['Resync_Periodic', '3600'],
  ['Resync_Error_Retry_Delay', '60,120,300,600,3600'],
  ['Upgrade_Enable', 'Yes'],
  ['User_Password', ''],
]);
