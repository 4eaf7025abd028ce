/** Every topic and what it is about: the one table behind `phonectl help`, the docs and the completion. */
export const TOPICS: Readonly<Record<string, string>> = {
  account: 'The accounts that phones register: SIP and others.',
  cert: 'The certificates of the server and the authorities that it trusts.',
  'cert:trust': 'The vendor authorities whose client certificates are accepted.',
  config: 'What the phones get: rendered files, and the tree of them.',
  deploy: 'How phones find the server: DHCP, redirection, by hand.',
  device: 'The phones and other devices of the fleet.',
  'device:credentials': 'What a device shows to the provisioning server.',
  group: 'Groups of devices.',
  home: 'The folder of the fleet: backup, restore, check.',
  lab: 'Simulated phones.',
  model: 'The models that phonectl knows.',
  site: 'The sites and their subnets.',
  'site:subnet': 'The subnets by which devices find their site.',
  task: 'What was done to many devices: progress, results, resuming.',
};
