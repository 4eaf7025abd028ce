/**
 * Parts of a device's details that cost a question to the phone, or a walk through its stack (DEV-34..37): each fact
 * with the time at which it was true, and where it comes from.
 */
import { NETWORK_FACTS } from '../../domain/commands.ts';
import type { PhoneCall } from '../../vendors/commands.ts';
import { readingSource } from '../configuration/source.ts';
import type { OperationContext } from '../context.ts';
import { type DeviceFile, listDeviceFiles } from '../device-files/device-files.ts';
import { iso } from '../devices/device.ts';
import { resolveDevice } from '../devices/references.ts';
import { profilesAs } from '../explain/explain.ts';
import { servedDevice } from '../explain/stack.ts';
import { shownFor } from '../explain/view.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import { surroundings, toPosition } from '../profiles/positions.ts';
import { askOne, reading } from './ask.ts';
import { askStatus } from './status.ts';
import { phoneTransport } from './transport.ts';

export const INSPECTION_PARTS = ['extended', 'network', 'call', 'provision', 'profiles', 'files'] as const;
export type InspectionPart = (typeof INSPECTION_PARTS)[number];

/** `phone`: it was asked. `server`: seen by what it asked for or reported. `inventory`: what people decided. */
export interface Learnt {
  readonly value: string | number | boolean | null;
  readonly source: 'phone' | 'server' | 'inventory';
  /** ISO 8601; null where nothing is known, and for what people decided. */
  readonly at: string | null;
}

export type Facts = Readonly<Record<string, Learnt>>;

/** A profile that reaches the device (DEV-37). */
export interface ReachingProfile {
  readonly layer: string;
  readonly profile: string;
  readonly parameters: number;
  /** How many of them the device gets; the others are beaten by higher layers. */
  readonly effective: number;
}

/** What was asked for; a part that is missing stands in `notTold` with the reason. */
export interface Inspection {
  readonly extended?: Facts;
  readonly network?: Facts;
  readonly inCall?: Learnt;
  /** DEV-36; empty when there is none, absent when the phone does not tell. */
  readonly calls?: readonly PhoneCall[];
  readonly provision?: Facts;
  /** Low to high. */
  readonly profiles?: readonly ReachingProfile[];
  readonly files?: readonly DeviceFile[];
  readonly notTold: readonly { readonly part: InspectionPart; readonly reason: string }[];
}

interface InspectInput {
  readonly device: string;
  readonly parts: readonly InspectionPart[];
  readonly plainBasic?: boolean;
}

type Piece = Partial<Omit<Inspection, 'notTold'>> & { readonly reason?: string | null };

export async function inspectDevice(context: OperationContext, input: InspectInput): Promise<Inspection> {
  const record = await resolveDevice(context, input.device);
  const makers: Readonly<Record<InspectionPart, () => Promise<Piece>>> = {
    extended: () => extended(context, input, record),
    network: () => network(context, input, record),
    call: () => call(context, input, record),
    provision: async () => ({ provision: provision(record) }),
    profiles: () => profiles(context, record),
    files: async () => ({ files: await Array.fromAsync(listDeviceFiles(context, { device: String(record.id) })) }),
  };
  const found: Omit<Inspection, 'notTold'>[] = [];
  const notTold: { part: InspectionPart; reason: string }[] = [];
  // One after the other: a phone handles one request at a time.
  for (const part of new Set(input.parts)) {
    const { reason, ...piece } = await makers[part]();
    found.push(piece);
    if (typeof reason === 'string') notTold.push({ part, reason });
  }
  return Object.assign({ notTold }, ...found) as Inspection;
}

/** DEV-34: who it registers as, and since when it runs. */
async function extended(
  context: OperationContext,
  input: InspectInput,
  { id, facts, lines }: DeviceRecord,
): Promise<Piece> {
  const asked = await askStatus(context, id, await phoneTransport(context, input), context.signal);
  const now = context.clock.now();
  const status = 'status' in asked ? asked.status : {};
  /** What the phone says, else what is known of it otherwise. */
  const told = (value: Learnt['value'] | undefined, otherwise: Learnt): Learnt =>
    value === undefined || value === '' ? otherwise : { value, source: 'phone', at: iso(now) };
  const [line] = lines;
  const up = status.uptimeSeconds;
  const user = status.lines?.find((each) => each.line === (line?.line ?? 1))?.user;
  return {
    extended: {
      model: told(status.model, seen(facts.model, facts.identityAt)),
      firmware: told(status.firmware, seen(facts.firmware, facts.identityAt)),
      sipUri: decided(line === undefined || line.server === '' ? null : `sip:${line.username}@${line.server}`),
      sipUser: told(user, decided(line?.username ?? null)),
      uptimeSeconds: told(up, seen(null, null)),
      lastRestart: told(
        up === undefined ? undefined : new Date(now - up * 1000).toISOString(),
        seen(iso(facts.bootedAt), facts.bootedAt),
      ),
    },
    reason: 'reason' in asked ? asked.reason : null,
  };
}

async function network(
  context: OperationContext,
  input: InspectInput,
  { id, facts, privateIp }: DeviceRecord,
): Promise<Piece> {
  const transport = await phoneTransport(context, input);
  const asked = await askOne(context, id, transport, context.signal, reading('network', {}));
  const at = iso(context.clock.now());
  const told = asked.answer ?? {};
  const own = Object.fromEntries(
    NETWORK_FACTS.flatMap((name) => {
      const value = told[name];
      return value === undefined ? [] : [[name, { value, source: 'phone', at } as const]];
    }),
  );
  const reported = facts.reportedIp === null ? decided(privateIp) : seen(facts.reportedIp, facts.addressAt);
  return {
    network: {
      ...own,
      ...(own['address'] === undefined && { address: reported }),
      // What a phone does not know itself: where its requests come from.
      remoteAddress: seen(facts.publicIp, facts.addressAt),
    },
    reason: asked.reason,
  };
}

/** DEV-36. */
async function call(context: OperationContext, input: InspectInput, { id, facts }: DeviceRecord): Promise<Piece> {
  const transport = await phoneTransport(context, input);
  const { answer, reason } = await askOne(context, id, transport, context.signal, reading('calls', {}));
  if (answer === undefined) {
    return { inCall: seen(facts.callAt === null ? null : facts.call === 'in-call', facts.callAt), reason };
  }
  return { inCall: { value: answer.length > 0, source: 'phone', at: iso(context.clock.now()) }, calls: answer };
}

/** DEV-35. */
function provision({ facts }: DeviceRecord): Facts {
  return {
    result: seen(facts.provisionResult, facts.provisionedAt),
    served: seen(facts.servedDigest, facts.servedAt),
    servedTo: seen(facts.servedTo, facts.servedAt),
    running: seen(facts.runningDigest, facts.runningAt),
  };
}

async function profiles(context: OperationContext, { id }: DeviceRecord): Promise<Piece> {
  const repository = context.read.profiles;
  const [record] = [...repository.positions(context.scope, [id])];
  const position = record && toPosition(record, await surroundings(repository, { deviceIds: [id] }));
  if (position === undefined) return { profiles: [], reason: 'its vendor is not known yet: no profile reaches it' };
  const [known, assignments] = await Promise.all([repository.profiles(), repository.assignments()]);
  const names = ({ parameters }: { parameters: readonly (readonly [string, unknown])[] }) =>
    parameters.map(([name]) => ({ name, value: '' }));
  const source = await readingSource(context);
  const { shown } = await shownFor(context, source, await servedDevice(context, source, String(id)));
  const winners = [...shown.values()];
  return {
    profiles: profilesAs(known, assignments, position, names).map(({ layer, source: profile, parameters }) => ({
      layer,
      profile,
      parameters: parameters.length,
      effective: winners.filter((each) => each.layer === layer && each.source === profile).length,
    })),
  };
}

function seen(value: Learnt['value'], at: number | null): Learnt {
  return { value, source: 'server', at: iso(at) };
}

function decided(value: Learnt['value']): Learnt {
  return { value, source: 'inventory', at: null };
}
