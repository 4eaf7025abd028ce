/** The problem report that a Cisco phone uploads: multipart, with a compressed archive inside (cisco.md 10). */
import { gzipSync } from 'node:zlib';
import type { Report } from '../behaviour.ts';
import { tar } from '../tar.ts';
import type { CiscoPhone } from './phone.ts';
import { expandMacros } from './profile-rule.ts';
import { ciscoStatus } from './reports.ts';

/** Null where PRT_Upload_Rule names no address. */
export function problemReport(phone: CiscoPhone): Report | null {
  const { parameters, mac } = phone;
  const url = expandMacros(parameters.text('PRT_Upload_Rule'), phone.macros());
  if (!URL.canParse(url)) return null;
  const boundary = `----lab${mac}`;
  const name = `probrep-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}.tar.gz`;
  const archive = gzipSync(tar('status.xml', Buffer.from(ciscoStatus(phone))));
  const fields = [
    ['devicename', `SEP${mac.toUpperCase()}`],
    ['serialno', phone.serial],
    ['username', phone.lines[0]?.user ?? ''],
  ];
  const parts = fields.map(
    ([field, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  );
  const file = `--${boundary}\r\nContent-Disposition: form-data; name="prt_file"; filename="${name}"\r\nContent-Type: application/gzip\r\n\r\n`;
  const headers: Record<string, string> = { 'Content-Type': `multipart/form-data; boundary=${boundary}` };
  const extra = parameters.text('PRT_HTTP_Header');
  if (extra !== '') headers[extra] = parameters.text('PRT_HTTP_Header_Value');
  return {
    method: parameters.text('PRT_Upload_Method').toUpperCase() === 'PUT' ? 'PUT' : 'POST',
    url,
    headers,
    body: Buffer.concat([Buffer.from(parts.join('') + file), archive, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

/** What /admin/log.tar hands out: what the phone did, in lines of syslog, and its status (cisco.md 6). */
export function logArchive(phone: CiscoPhone): Buffer {
  // Two archives in a row but for the end of the first, which is two empty blocks.
  const status = tar('status.xml', Buffer.from(ciscoStatus(phone)));
  return Buffer.concat([status.subarray(0, -1024), tar('messages', Buffer.from(phone.log.text()))]);
}
