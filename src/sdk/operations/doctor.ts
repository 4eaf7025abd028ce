/** An examination of the installation: what is wrong, and what to do. */
import { exactOptional, strictObject, string } from 'valibot';
import type { OperationContext } from '../context.ts';
import { checkAccess } from '../doctor/access.ts';
import type { Check } from '../doctor/check.ts';
import { checkAccount, checkDevice, checkIntranet, checkRotation } from '../doctor/fleet.ts';
import { checkClock, checkDisk, checkModes, checkStore } from '../doctor/machine.ts';
import { checkCertificates, checkServer } from '../doctor/server.ts';
import { streamOperation } from '../operation.ts';

export const doctor = {
  examine: streamOperation({
    summary: 'Examines the installation and says what is wrong and what to do.',
    permission: 'doctor:run',
    effect: 'read',
    local: true,
    input: strictObject({
      /** Instead of the fleet's own server. */
      host: exactOptional(string()),
      /** Also this device. */
      device: exactOptional(string()),
    }),
    async *run(context: OperationContext, { host, device }): AsyncGenerator<Check> {
      // The device first: an unknown one is an error, before anything is looked at.
      const ofDevice = device === undefined ? [] : await checkDevice(context, device);
      yield await checkDisk(context.home);
      yield await checkClock(context);
      yield* await checkModes(context.home);
      yield await checkStore(context.home);
      yield* await checkCertificates(context);
      yield* await checkServer(context, host);
      yield* await checkAccess(context);
      yield await checkAccount(context);
      yield* await checkRotation(context);
      yield* await checkIntranet(context);
      yield* ofDevice;
    },
  }),
};
