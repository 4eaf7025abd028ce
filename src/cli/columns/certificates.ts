/** How certificates are shown. */
import type { CertificateStatus, ShownTrust } from '../../sdk/certificates/manage.ts';
import { listView } from '../view.ts';

export const CERTIFICATES = listView<CertificateStatus>([
  { name: 'kind' },
  { name: 'source' },
  { name: 'state', kind: 'state' },
  { name: 'names', kind: 'list' },
  { name: 'notAfter', header: 'EXPIRES', kind: 'time' },
  { name: 'daysLeft', header: 'DAYS', kind: 'number', priority: 4 },
  { name: 'missing', header: 'NOT NAMED', kind: 'list', priority: 3 },
  { name: 'subject', extra: true },
  { name: 'issuer', extra: true },
  { name: 'notBefore', header: 'VALID FROM', kind: 'time', extra: true },
  { name: 'fingerprint', extra: true },
]);

export const TRUSTED = listView<ShownTrust>(
  [
    { name: 'fingerprint', text: ({ fingerprint }) => fingerprint.slice(0, 16) },
    { name: 'vendor' },
    { name: 'subject' },
    { name: 'notAfter', header: 'EXPIRES', kind: 'time' },
    { name: 'allowExpired', header: 'EXPIRED PHONES', kind: 'flag', priority: 4 },
  ],
  { empty: 'None: client certificates are not asked for. Trust one with phonectl cert trust add FILE --vendor VENDOR' },
);
