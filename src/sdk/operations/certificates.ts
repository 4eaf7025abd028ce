/** The server's certificates, and the authorities whose phones are believed. */
import { array, boolean, exactOptional, minLength, optional, picklist, pipe, strictObject, string } from 'valibot';
import {
  certificateStatus,
  distrust,
  importCertificate,
  ownAuthority,
  removeImported,
  renewCertificates,
  type ShownTrust,
  shownTrust,
  trustAuthorities,
} from '../certificates/manage.ts';
import { dryRunField, referenceField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';

const pem = pipe(string(), minLength(1, 'is empty'));

export const certificates = {
  status: operation({
    summary: 'Shows the server certificates in use.',
    permission: 'certificate:read',
    effect: 'read',
    input: strictObject({}),
    run: certificateStatus,
  }),
  renew: operation({
    summary: 'Signs new server certificates with our own authority.',
    permission: 'certificate:edit',
    effect: 'write',
    input: strictObject({ also: optional(array(string())), ...dryRunField }),
    run: renewCertificates,
  }),
  import: operation({
    summary: 'Installs a server certificate of another authority.',
    permission: 'certificate:edit',
    effect: 'write',
    input: strictObject({ certificate: pem, key: optional(pem), passphrase: optional(string()), ...dryRunField }),
    run: importCertificate,
  }),
  removeImported: operation({
    summary: 'Goes back to the certificates of our own authority.',
    permission: 'certificate:edit',
    effect: 'write',
    input: strictObject(dryRunField),
    run: removeImported,
  }),
  authority: operation({
    summary: 'Shows our own authority, for phones and administrators to install.',
    permission: 'certificate:read',
    effect: 'read',
    input: strictObject({}),
    run: ownAuthority,
  }),
  trust: operation({
    summary: 'Trusts authorities of a vendor: what they signed proves which phone it is.',
    permission: 'certificate:trust',
    effect: 'write',
    input: strictObject({
      vendor: picklist(['poly', 'yealink', 'cisco']),
      certificates: pem,
      allowExpired: exactOptional(boolean()),
      ...dryRunField,
    }),
    run: trustAuthorities,
  }),
  trusted: streamOperation({
    summary: 'Lists the trusted authorities.',
    permission: 'certificate:read',
    effect: 'read',
    input: strictObject({}),
    async *run(context): AsyncGenerator<ShownTrust> {
      for (const authority of await context.read.trust.list()) yield shownTrust(authority);
    },
  }),
  distrust: operation({
    summary: 'Stops trusting an authority.',
    permission: 'certificate:trust',
    effect: 'write',
    input: strictObject({ fingerprint: referenceField, ...dryRunField }),
    run: distrust,
  }),
};
