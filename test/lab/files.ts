/** Configuration files for phones under test, each with one line and an open control interface. */
import type { FakeServer } from './support.ts';

/** A line `1001` and REST with an administrator's password. */
export function servePoly(server: FakeServer, mac: string, user: string, attributes = ''): void {
  server.files.set(
    '/000000000000.cfg',
    '<APPLICATION CONFIG_FILES="[PHONE_MAC_ADDRESS].xml" OVERRIDES_DIRECTORY="o"/>',
  );
  server.files.set(
    `/${mac}.xml`,
    `<c reg.1.address="${user}" reg.1.auth.password="pw" reg.1.server.1.address="pbx" apps.restapi.enabled="1" device.set="1"
      device.auth.localAdminPassword.set="1" device.auth.localAdminPassword="s3cret" ${attributes}/>`,
  );
}

export function yealinkFile(...lines: string[]): string {
  return `${['#!version:1.0.0.1', ...lines].join('\n')}\n`;
}

export function serveYealink(server: FakeServer, mac: string, user: string, ...lines: string[]): void {
  server.files.set(
    `/${mac}.cfg`,
    yealinkFile(
      'account.1.enable = 1',
      `account.1.user_name = ${user}`,
      'account.1.password = pw',
      'account.1.sip_server.1.address = pbx',
      'features.action_uri_limit_ip = 127.0.0.*',
      'static.security.user_password = admin:s3cret',
      ...lines,
    ),
  );
}

export function profile(values: Record<string, string>): string {
  const elements = Object.entries(values).map(([name, value]) => `<${name} ua="na">${value}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<flat-profile>${elements.join('\n')}</flat-profile>`;
}

export function serveCisco(server: FakeServer, user: string, values: Record<string, string> = {}): void {
  const line = { User_ID_1_: user, Password_1_: 'pw', Proxy_1_: 'pbx', Admin_Password: 's3cret' };
  server.files.set('/8841-3PCC.xml', profile({ ...line, ...values }));
}
