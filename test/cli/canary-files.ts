import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Secrets that are no files. */
export const CANARY = {
  account: 'Canary-account-first',
  user: 'Canary user password 17',
  change: 'Canary-change',
  typed: 'Canary-typed-by-mistake',
} as const;

/** What the lines of canary-lines.ts read. */
const secret = (name: string): string => `Canary-${name}\n`;

export const FILES: Readonly<Record<string, string>> = {
  'account-add': secret('account-add'),
  'account-edit': secret('account-edit'),
  'ad-password': secret('ad-password'),
  'logs-backup': secret('logs-backup'),
  mail: secret('mail'),
  provisioning: secret('provisioning-9'),
  'user-add': 'Canary user add 1\n',
  user: `${CANARY.user}\n`,
  token: secret('token'),
  passphrase: 'Canary passphrase of the fleet\n',
  'context-secret': 'ps_canarycontextsecret234567canarycontext\n',
  deploy: secret('deploy-push'),
  'profile-add': secret('profile-add'),
  'profile-set': secret('profile-set'),
  'global-set': secret('global-set'),
  'group-set': secret('group-set'),
  'model-set': secret('model-set'),
  'site-set': secret('site-set'),
  'param-set': secret('param-set'),
  'cert.pem': 'none',
  'encrypted.key': secret('certificate-key'),
  'ca.pem': 'none',
  'accounts.csv': 'type,name,username,server,password\nsip,sip-2,u,pbx,Canary-account-import\n',
  'devices.csv': 'mac,name,site,model,reg.1.auth.password\n0004f2aaaa02,bar,HQ,VVX 450,Canary-device-import\n',
  'sites.csv': 'name\nMadrid\n',
  'groups.csv': 'name\nImported\n',
  'imported.cfg':
    '<?xml version="1.0"?>\n<PHONE_CONFIG><ALL reg.1.auth.password="Canary-profile-import"/></PHONE_CONFIG>\n',
  '0004f2aaaa01.cfg':
    '<?xml version="1.0"?>\n<PHONE_CONFIG><ALL reg.1.auth.password="Canary-mac-upload"/></PHONE_CONFIG>\n',
  'models.yaml': readFileSync(join(import.meta.dirname, '../../templates/models.example.yaml'), 'utf8'),
  'ring.wav': 'RIFF',
  'sip.ld': 'image',
  'license.txt': 'license',
  '0004f2aaaa01-directory.xml': '<directory/>',
  'bad-accounts.csv':
    'type,name,username,server,password\nsip,,u,pbx,Canary-bad-account\nsip,x,u,"pbx,Canary-bad-quote\n',
  'bad-devices.csv':
    'mac,name,site,model,reg.1.auth.password,reg.1.auth.pasword\nzz,foyer,HQ,VVX 450,Canary-bad-device,x\n',
  'bad.cfg': '<?xml version="1.0"?>\n<PHONE_CONFIG><ALL reg.1.auth.password="Canary-bad-import></PHONE_CONFIG>\n',
  'unknown.cfg': '<?xml version="1.0"?>\n<PHONE_CONFIG><ALL nosuch.password="Canary-unknown-import"/></PHONE_CONFIG>\n',
  'bad.yaml': 'models: [Canary-bad-yaml: "x',
  unprintable: 'Canary-un\tprintable\u0007\n',
  short: 'Can\n',
  long: `Canary-long-${'x'.repeat(500)}\n`,
  'polycomConfig.xsd': `<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">
    <xsd:simpleType name="StringPassword_0_32"><xsd:restriction base="xsd:string">
      <xsd:maxLength value="32"/></xsd:restriction></xsd:simpleType>
    <xsd:attribute name="zoo.gate" type="StringPassword_0_32"/>
  </xsd:schema>`,
};

/** Refused, for the sake of what is said then. */
export const BAD_LINES: readonly string[] = [
  'account import %bad-accounts.csv',
  'account add x --type sip --server pbx --password-file %unprintable',
  'account add x --type sip --server pbx --password-file %long',
  'account edit nosuch --password-file %account-edit',
  'account edit lobby-sip --password Canary-typed-by-mistake',
  'device import %bad-devices.csv',
  'device import %bad.cfg',
  'profile import %bad.cfg',
  'profile add x --vendor yealink reg.1.auth.password=@file:%profile-add',
  'profile set base reg.1.auth.pasword=Canary-typed-by-mistake',
  'profile set base reg.1.auth.password=Canary-typed-by-mistake',
  'profile set base reg.1.auth.password=@file:%unprintable',
  'profile set nosuch reg.1.auth.password=@file:%profile-set',
  'config global set reg.1.auth.pasword=Canary-typed-by-mistake --vendor poly',
  'config site set nosuch reg.1.auth.password=@file:%site-set',
  'config upload %bad.cfg --device lobby',
  'config upload %0004f2aaaa01.cfg --device nosuch',
  'param set lobby --set reg.1.auth.password=Canary-typed-by-mistake',
  'param set nosuch --set reg.1.auth.password=@file:%param-set --yes',
  'user add eve --role helper --password-file %user-add',
  'user add eve@example.net --role nosuch --password-file %user-add',
  'user add eve@example.net --role helper --password-file %short',
  'settings mail edit --host smtp.invalid --from a --password-file %mail',
  'context add x --server http://u:Canary-typed-by-mistake@phones.invalid',
  'context add x --server https://u:Canary-typed-by-mistake@phones.invalid',
  'key edit canary --callback https://u:Canary-typed-by-mistake@crm.invalid/',
  'settings provisioning edit --url https://u:Canary-typed-by-mistake@prov.invalid/',
  'deploy push --ip 127.0.0.1 --vendor cisco --bootstrap http://u:Canary-typed-by-mistake@x/ --password-file %deploy --yes',
  'diag logs backup lobby --on --url https://u:Canary-typed-by-mistake@logs.invalid/ --yes',
  'fleet apply %fleet --secrets %fleet.secrets --passphrase-file %mail --yes',
  'fleet apply %nosuch --secrets %fleet.secrets --passphrase-file %passphrase --yes',
  'cert import %cert.pem --key %encrypted.key --passphrase-file %passphrase',
  'model import %bad.yaml',
  'auth reset --token-file %token --password-file %short',
  'auth reset --token Canary-typed-by-mistake --password-file %user-add',
];
