/** What is set up: passwords that everybody knows, sites left as they came, one phone in particular. */
import { UNSET_SUBNET } from '../../domain/site.ts';
import type { OperationContext } from '../context.ts';
import { dialAddress } from '../control/address.ts';
import { loadPhone } from '../control/phone.ts';
import { phoneTransport } from '../control/transport.ts';
import { resolveDevice } from '../devices/references.ts';
import { isPhonectlError } from '../errors.ts';
import { firmwareProblem } from '../operations/deploy.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import { rotationOf } from '../settings/rotation.ts';
import { readSharedAccount, SHARED_ACCOUNT, type StoredSharedAccount } from '../settings/shared-account.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** Factory logins that are in every manual, and in every scanner's list (security.md S-08). */
const KNOWN_PASSWORDS: ReadonlySet<string> = new Set(['plcmspip', '456', '789', '123', 'admin', 'password', 'cisco']);

/** PROV-05: phones enrol with it, so it must exist and must not be one that everybody knows. */
export async function checkAccount({ read, secrets }: OperationContext): Promise<Check> {
  const account = await readSharedAccount(read.settings, secrets);
  if (account === undefined) {
    return fail(
      'account',
      'There is no provisioning account, so no phone can enrol.',
      'phonectl home account --rotate',
    );
  }
  if (KNOWN_PASSWORDS.has(account.password.toLowerCase()) || account.password.length < 12) {
    return fail(
      'account',
      `The password of the provisioning account ${account.username} is a default or too short.`,
      'phonectl home account --rotate',
    );
  }
  return ok('account', `The provisioning account ${account.username} has a password of its own.`);
}

/** PROV-07: who is locked out when the time of grace is over. */
export async function checkRotation(context: OperationContext): Promise<readonly Check[]> {
  const rotation = await rotationOf(context, await context.read.settings.get<StoredSharedAccount>(SHARED_ACCOUNT));
  if (rotation === null || rotation.old + rotation.unseen === 0) return [];
  const { old, unseen, until } = rotation;
  return [
    warn(
      'account.rotation',
      `The old provisioning password is still shown by ${old} phone${old === 1 ? '' : 's'}, and ${unseen} have not come since; it works until ${until}.`,
      'Give them the new one: phonectl device list --attention',
    ),
  ];
}

/** SITE-06. */
export async function checkIntranet({ read, scope }: OperationContext): Promise<readonly Check[]> {
  for await (const site of read.sites.list({ scope })) {
    if (site.kind !== 'intranet' || !site.subnets.some((subnet) => subnet.public === UNSET_SUBNET)) continue;
    return [
      warn(
        'site.intranet',
        `The site ${site.name} still has the subnet 0.0.0.0: no phone is ever found there.`,
        `Give it the company's public network, or delete it: phonectl site subnet add "${site.name}" CIDR`,
      ),
    ];
  }
  return [];
}

/** DEPLOY-12..14: why this phone is not here, or cannot be controlled. */
export async function checkDevice(context: OperationContext, reference: string): Promise<readonly Check[]> {
  const device = await resolveDevice(context, reference);
  return [
    checkSeen(device, context.clock.now()),
    await checkEnrolment(context, device),
    ...(await checkFirmware(context, device)),
    await checkReach(context, device),
  ];
}

function checkSeen({ facts }: DeviceRecord, now: number): Check {
  if (facts.seenAt === null) {
    return fail(
      'device.seen',
      'It has never come to this server.',
      'phonectl deploy plan --mac MAC lists the ways to bring it here.',
    );
  }
  const hours = Math.floor((now - facts.seenAt) / 3_600_000);
  const found = `It was last seen ${hours === 0 ? 'within the hour' : `${hours} h ago`}, from ${facts.publicIp ?? 'nowhere'}.`;
  if (hours < 48) return ok('device.seen', found);
  return fail('device.seen', found, 'It has no network, no power, or was reset to factory: look at it, or restart it.');
}

async function checkEnrolment({ store, read, clock }: OperationContext, device: DeviceRecord): Promise<Check> {
  const credentials = await read.credentials.list(device.id);
  if (credentials.some(({ purpose, firstUsedAt }) => purpose === 'provisioning' && firstUsedAt !== null)) {
    return ok('device.enrolment', 'It has its own credential and uses it.');
  }
  const enrolment = await (await store.serving()).enrolment(device.id);
  if (enrolment !== undefined && enrolment.completedAt === null && enrolment.closesAt > clock.now()) {
    const bound = enrolment.boundAddress === null ? '' : ` It was begun from ${enrolment.boundAddress}.`;
    return ok('device.enrolment', `Its window is open until ${new Date(enrolment.closesAt).toISOString()}.${bound}`);
  }
  return warn(
    'device.enrolment',
    'It has no credential of its own in use, and its enrolment window is closed.',
    'phonectl device enrol DEVICE --window 72h',
  );
}

async function checkFirmware(context: OperationContext, device: DeviceRecord): Promise<readonly Check[]> {
  const { loadModels } = await import('../../vendors/registry.ts');
  if (device.facts.firmware === null) return [];
  const problem = firmwareProblem(await loadModels(context.home), device);
  return [
    problem === null
      ? ok('device.firmware', `Nothing speaks against its firmware ${device.facts.firmware}.`)
      : warn('device.firmware', problem, 'Bring it up to a supported version.'),
  ];
}

async function checkReach(context: OperationContext, device: DeviceRecord): Promise<Check> {
  const dial = dialAddress(device);
  if ('reason' in dial)
    return warn('device.reach', `It cannot be dialled: ${dial.reason}.`, 'phonectl device edit DEVICE --private-ip IP');
  const phone = await loadPhone(context, device.id);
  if ('reason' in phone)
    return warn('device.reach', `It takes no commands: ${phone.reason}.`, 'phonectl device show DEVICE');
  const { status } = phone.driver.actions;
  const reason = status.notApplicable(phone.target);
  if (reason !== undefined)
    return warn('device.reach', `It cannot be asked: ${reason}.`, 'phonectl device check-sync DEVICE');
  try {
    const { firmware } = await status.read(phone.target, await phoneTransport(context), context.signal);
    return ok('device.reach', `It answers at ${dial.url}${firmware === undefined ? '' : ` (firmware ${firmware})`}.`);
  } catch (error) {
    if (!isPhonectlError(error)) throw error;
    return fail(
      'device.reach',
      `At ${dial.url}: ${error.message}`,
      error.hints[0] ?? 'Look at its address, its web server and the way there.',
    );
  }
}
