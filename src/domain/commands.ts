/** The words in which phones are told what to do, the same for every vendor and surface. */

/** DEV-49. `all` is web, local and device together; `factory` is everything that the phone ever learnt. */
export const RESET_SCOPES = ['web', 'local', 'device', 'all', 'factory'] as const;
export type ResetScope = (typeof RESET_SCOPES)[number];

/** CALL-02. */
export const DIAL_TYPES = ['tel', 'sip', 'h323'] as const;
export type DialType = (typeof DIAL_TYPES)[number];

/** REST-10: what a phone's configuration is made of. */
export const CONFIG_PARTS = ['all', 'files', 'local', 'web', 'device'] as const;
export type ConfigPart = (typeof CONFIG_PARTS)[number];

/** DIAG-13: what a phone's memory takes, and the longest time. */
export const CAPTURE_MEGABYTES = { least: 1, most: 10 } as const;
export const CAPTURE_MINUTES = { least: 1, most: 2880 } as const;

/** What phones tell of their network, where they do: addresses and names as the phone writes them. */
export const NETWORK_FACTS = [
  'address',
  'subnetMask',
  'gateway',
  'dns',
  'dns2',
  'domain',
  'dhcp',
  'dhcpServer',
  'vlan',
  'lanPort',
  'lanSpeed',
  'ntp',
  'provisioningServer',
  'provisioningUser',
  'receivedPackets',
  'sentPackets',
] as const;
export type NetworkFact = (typeof NETWORK_FACTS)[number];
