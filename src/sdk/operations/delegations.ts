/** Delegations: somebody outside acts in the name of the enterprise (ENT-11). */
import { array, boolean, check, minLength, optional, pipe, strictObject, string } from 'valibot';
import { parseMoment } from '../../domain/moment.ts';
import { emailInput, nameInput, textInput } from '../access/inputs.ts';
import { grantDelegation, listDelegations, revokeDelegation } from '../delegations/delegations.ts';
import { parseDuration } from '../enrolment/duration.ts';
import { operation, streamOperation } from '../operation.ts';
import { SUPER_ROLE } from '../ports/roles.ts';

const dryRun = optional(boolean(), false);

export const delegations = {
  list: streamOperation({
    summary: 'Lists who acts in the name of the enterprise from outside.',
    permission: 'delegation:read',
    effect: 'read',
    input: strictObject({}),
    run: (context) => listDelegations(context),
  }),
  grant: operation({
    summary: 'Lets somebody outside act in the name of the enterprise, at once.',
    permission: 'delegation:edit',
    effect: 'write',
    input: strictObject({
      email: emailInput(),
      name: optional(textInput()),
      roles: optional(pipe(array(nameInput()), minLength(1)), [SUPER_ROLE]),
      /** A time, or a length of time from now: `2027-01-31`, `30d`. */
      until: optional(
        pipe(
          string(),
          check(
            (text) => parseDuration(text) !== undefined || parseMoment(text) !== undefined,
            'is neither a time such as 2027-01-31 nor a length of time such as 30d',
          ),
        ),
      ),
      dryRun,
    }),
    run: grantDelegation,
  }),
  revoke: operation({
    summary: 'Takes a delegation back; what runs in its name ends within a second.',
    permission: 'delegation:edit',
    effect: 'destructive',
    input: strictObject({ email: nameInput(), dryRun }),
    run: (context, input) => revokeDelegation(context, input.email, input.dryRun),
  }),
};
