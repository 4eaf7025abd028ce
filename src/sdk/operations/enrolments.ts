/** How phones come in, and the secrets that they get. */
import { array, boolean, exactOptional, minLength, optional, picklist, pipe, strictObject, string } from 'valibot';
import { parseMac } from '../../domain/mac.ts';
import { selectorSchema } from '../devices/fields.ts';
import { rotateCredentials, showCredentials } from '../enrolment/credentials.ts';
import { durationField } from '../enrolment/duration.ts';
import { approve, openEnrolment } from '../enrolment/windows.ts';
import { PhonectlError } from '../errors.ts';
import { dryRunField, referenceField, referencesField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';
import { CREDENTIAL_PURPOSES } from '../ports/credentials.ts';
import type { QuarantinedDevice } from '../ports/enrolments.ts';

export interface Quarantined extends Omit<QuarantinedDevice, 'firstSeenAt' | 'lastSeenAt'> {
  /** ISO 8601. */
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

export const enrolments = {
  open: operation({
    summary: 'Opens enrolment windows, in which phones fetch their own login with the shared account.',
    permission: 'device:enrol',
    effect: 'write',
    input: strictObject({
      selector: selectorSchema,
      /** `72h`, `7d`. */
      window: optional(durationField, '72h'),
      /** Networks that the phones come from; default the subnets of their sites. */
      from: exactOptional(pipe(array(string()), minLength(1, 'names no network'))),
      ...dryRunField,
    }),
    run: openEnrolment,
  }),
  quarantine: streamOperation({
    summary: 'Lists the phones that came without being announced.',
    permission: 'device:read',
    effect: 'read',
    input: strictObject({}),
    async *run(context): AsyncGenerator<Quarantined> {
      // A phone that nobody announced has no site yet: only those who see all sites see it.
      if (context.scope !== 'all') return;
      for await (const { firstSeenAt, lastSeenAt, ...rest } of context.read.enrolments.quarantined()) {
        yield {
          ...rest,
          firstSeenAt: new Date(firstSeenAt).toISOString(),
          lastSeenAt: new Date(lastSeenAt).toISOString(),
        };
      }
    },
  }),
  approve: operation({
    summary: 'Lets phones in from the quarantine and opens their enrolment windows.',
    permission: 'device:approve',
    effect: 'write',
    input: strictObject({ macs: referencesField, window: optional(durationField, '72h'), ...dryRunField }),
    run: approve,
  }),
  discard: operation({
    summary: 'Takes a phone off the quarantine list; it stands there again when it comes again.',
    permission: 'device:approve',
    effect: 'write',
    input: strictObject({ mac: referenceField }),
    async run(context, input): Promise<{ readonly mac: string }> {
      const mac = parseMac(input.mac);
      if (mac === undefined) throw new PhonectlError('invalid_input', `'${input.mac}' is not a MAC address.`);
      return await context.write(async ({ enrolments: repository }) => {
        if (await repository.discard(mac)) return [{ mac }, { object: `quarantine:${mac}`, result: 'done' }];
        throw new PhonectlError('not_found', `${mac} is not in the quarantine.`);
      });
    },
  }),
  showCredentials: operation({
    summary: 'Shows the secrets of a device.',
    permission: 'device:read',
    effect: 'read',
    reveals: ({ reveal }) => reveal === true,
    input: strictObject({ device: referenceField, reveal: optional(boolean()) }),
    run: showCredentials,
  }),
  rotateCredentials: operation({
    summary: 'Replaces secrets of devices; the old ones stay good for a while.',
    permission: 'device:enrol',
    effect: 'write',
    input: strictObject({
      selector: selectorSchema,
      purposes: optional(pipe(array(picklist(CREDENTIAL_PURPOSES)), minLength(1)), [...CREDENTIAL_PURPOSES]),
      grace: optional(durationField, '48h'),
      ...dryRunField,
    }),
    run: rotateCredentials,
  }),
};
