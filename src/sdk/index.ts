/**
 * The public face of phonectl: `createPhonectl()` for people and programs in this process.
 *
 * ```ts
 * await using phonectl = createPhonectl();
 * for await (const device of phonectl.devices.list({ sites: ['Berlin'] })) console.log(device.name);
 * ```
 */
import { type Connection, localConnection, namespace } from './client.ts';
import type { Actor } from './context.ts';
import type { DemoEvent, DemoOptions } from './demo/demo.ts';
import type { Caller, Installation } from './door.ts';
import { PhonectlError } from './errors.ts';
import { openInstallation } from './home.ts';
import type { CreatedHome, CreateHomeOptions } from './home-admin/create.ts';
import type { RestoredHome, RestoreOptions } from './home-admin/restore.ts';
import type { PlayEvent, PlayOptions } from './lab/play.ts';
import type { LabReport } from './lab/remote.ts';
import type { AnyOperation, Client, OperationTable } from './operation.ts';
import type { RemoteConnection, RemoteOptions } from './remote/connection.ts';

export { ERROR_CODES, type ErrorCode, EXIT, isPhonectlError, PhonectlError } from './errors.ts';
export type { RemoteOptions } from './remote/connection.ts';

/**
 * Every namespace and the module with its operations. A new capability is a new line here or a new operation in one of
 * these modules; the command line, the API and its documents follow from them.
 */
const NAMESPACES = {
  sites: { noun: 'site', load: async () => (await import('./operations/sites.ts')).sites },
  accounts: { noun: 'account', load: async () => (await import('./operations/accounts.ts')).accounts },
  devices: { noun: 'device', load: async () => (await import('./operations/devices.ts')).devices },
  commands: { noun: 'device', load: async () => (await import('./operations/commands.ts')).commands },
  calls: { noun: 'call', load: async () => (await import('./operations/calls.ts')).calls },
  parameters: { noun: 'param', load: async () => (await import('./operations/parameters.ts')).parameters },
  captures: { noun: 'capture', load: async () => (await import('./operations/captures.ts')).captures },
  diagnoses: { noun: 'diag', load: async () => (await import('./operations/diagnoses.ts')).diagnoses },
  diagnostics: { noun: 'diag', load: async () => (await import('./operations/diagnostics.ts')).diagnostics },
  control: { noun: 'device', load: async () => (await import('./operations/control.ts')).control },
  deploy: { noun: 'deploy', load: async () => (await import('./operations/deploy.ts')).deploy },
  doctor: { noun: 'doctor', load: async () => (await import('./operations/doctor.ts')).doctor },
  fleets: { noun: 'fleet', load: async () => (await import('./operations/fleets.ts')).fleets },
  groups: { noun: 'group', load: async () => (await import('./operations/groups.ts')).groups },
  homes: { noun: 'home', load: async () => (await import('./operations/homes.ts')).homes },
  lab: { noun: 'lab', load: async () => (await import('./operations/lab.ts')).lab },
  catalogs: { noun: 'catalog', load: async () => (await import('./operations/catalogs.ts')).catalogs },
  profiles: { noun: 'profile', load: async () => (await import('./operations/profiles.ts')).profiles },
  models: { noun: 'model', load: async () => (await import('./operations/models.ts')).models },
  roles: { noun: 'role', load: async () => (await import('./operations/roles.ts')).roles },
  keys: { noun: 'key', load: async () => (await import('./operations/keys.ts')).keys },
  users: { noun: 'user', load: async () => (await import('./operations/users.ts')).users },
  delegations: { noun: 'delegation', load: async () => (await import('./operations/delegations.ts')).delegations },
  logs: { noun: 'log', load: async () => (await import('./operations/logs.ts')).logs },
  api: { noun: 'api', load: async () => (await import('./operations/api.ts')).api },
  auth: { noun: 'auth', load: async () => (await import('./operations/auth.ts')).auth },
  changes: { noun: 'change', load: async () => (await import('./operations/changes.ts')).changes },
  deviceFiles: { noun: 'device', load: async () => (await import('./operations/device-files.ts')).deviceFiles },
  firmware: { noun: 'firmware', load: async () => (await import('./operations/firmware.ts')).firmware },
  resources: { noun: 'resource', load: async () => (await import('./operations/resources.ts')).resources },
  macFiles: { noun: 'config', load: async () => (await import('./operations/mac-files.ts')).macFiles },
  settings: { noun: 'setting', load: async () => (await import('./operations/settings.ts')).settings },
  pushes: { noun: 'config', load: async () => (await import('./operations/pushes.ts')).pushes },
  configs: { noun: 'config', load: async () => (await import('./operations/configs.ts')).configs },
  enrolments: { noun: 'enrolment', load: async () => (await import('./operations/enrolments.ts')).enrolments },
  certificates: { noun: 'certificate', load: async () => (await import('./operations/certificates.ts')).certificates },
  servers: { noun: 'server', load: async () => (await import('./operations/servers.ts')).servers },
  tasks: { noun: 'task', load: async () => (await import('./operations/tasks.ts')).tasks },
  timers: { noun: 'timer', load: async () => (await import('./operations/timers.ts')).timers },
} as const;

type Namespaces = typeof NAMESPACES;

/** One lazy namespace per topic. Lists are `AsyncIterable`, everything else a `Promise`. */
export type Phonectl = {
  readonly [K in keyof Namespaces]: Client<Awaited<ReturnType<Namespaces[K]['load']>>>;
} & AsyncDisposable & {
    /** Makes the home; see {@link CreateHomeOptions}. Needs none to exist, so it is no operation. */
    init(options: Omit<CreateHomeOptions, keyof PhonectlOptions>): Promise<CreatedHome>;
    /** Puts a home back from a backup; see {@link RestoreOptions}. Needs none to exist, so it is no operation. */
    restore(options: Omit<RestoreOptions, keyof PhonectlOptions>): Promise<RestoredHome>;
    /** A throw-away fleet, shown from its first row to five reboots; has a home of its own. */
    demo(options: DemoOptions): AsyncIterable<DemoEvent>;
    /** Simulated phones in this process and on this machine; what they do to the fleet goes through `lab` and the rest. */
    readonly simulator: {
      play(options: PlayOptions): AsyncIterable<PlayEvent>;
      status(): Promise<LabReport>;
      stop(): Promise<{ stopped: boolean }>;
      /** Where a lab in the background writes what it has to say. */
      logFile(): Promise<string>;
    };
    /** Closes the store. Calls after it open it again. */
    close(): Promise<void>;
  };

export interface PhonectlOptions {
  /** Folder of the home; default `PHONECTL_HOME`, else XDG data. */
  readonly home?: string;
  /** Name for the operation log; default the operating-system user. */
  readonly actor?: string;
}

/** Opens nothing yet: the home is opened by the first call. */
export function createPhonectl(options: PhonectlOptions = {}): Phonectl {
  let opened: Promise<Installation> | undefined;
  function open(): Promise<Installation> {
    opened ??= openInstallation(options).then((installation) => ({ ...installation, operations: loadOperations }));
    return opened;
  }
  async function close(): Promise<void> {
    const installation = opened;
    opened = undefined;
    // What could not be opened has nothing to close; the call that opened it has thrown the reason.
    await installation?.then(
      ({ store }) => store.close(),
      () => undefined,
    );
  }
  const face = assemble(localConnection(open, owner(options.actor)), close);
  return Object.assign(face, {
    init: async (wish: Omit<CreateHomeOptions, keyof PhonectlOptions>) =>
      await (await import('./home-admin/create.ts')).createHome({ ...options, ...wish }),
    async *demo(wish: DemoOptions) {
      yield* (await import('./demo/demo.ts')).runDemo(createPhonectl, wish);
    },
    simulator: {
      async *play(wish: PlayOptions) {
        yield* (await import('./lab/play.ts')).playFleet(face as Phonectl, (await open()).home, wish);
      },
      status: async () => await (await import('./lab/play.ts')).labStatus((await open()).home),
      stop: async () => await (await import('./lab/play.ts')).stopLab((await open()).home),
      logFile: async () => (await open()).home.file('run', 'lab.log'),
    },
    restore: async (wish: Omit<RestoreOptions, keyof PhonectlOptions>) =>
      await (await import('./home-admin/restore.ts')).restoreHome({ ...options, ...wish }),
  });
}

/** Every operation there is, by name. Loads all tables: for the API and its documents, not for a single call. */
export async function loadOperations(): Promise<OperationTable> {
  const tables = await Promise.all(
    Object.values(NAMESPACES).map(async ({ noun, load }) => [noun, await load()] as const),
  );
  return new Map(
    tables.flatMap(([noun, table]) =>
      Object.entries(table).map(([verb, operation]) => [`${noun}.${verb}`, operation as AnyOperation] as const),
    ),
  );
}

/**
 * The same face over HTTPS, for a server elsewhere (`phonectl serve --api`). Nothing is sent before the first call.
 *
 * ```ts
 * await using phonectl = connectPhonectl({ server: 'https://phones.example.net:8445', key: 'pk_….ps_…' });
 * for await (const device of phonectl.devices.list()) console.log(device.name);
 * ```
 *
 * Errors are the same as locally, and further `unreachable`, `timeout`, `certificate`, `busy`, `unauthenticated`,
 * `session_expired`, `local_only`.
 */
export function connectPhonectl(options: RemoteOptions): Phonectl {
  let connected: Promise<RemoteConnection> | undefined;
  async function connect(): Promise<RemoteConnection> {
    const { remoteConnection } = await import('./remote/connection.ts');
    return remoteConnection(options);
  }
  const connection: Connection = {
    async value(...call) {
      connected ??= connect();
      return await (await connected).value(...call);
    },
    async *stream(...call) {
      connected ??= connect();
      yield* (await connected).stream(...call);
    },
  };
  async function close(): Promise<void> {
    const current = connected;
    connected = undefined;
    // Without a connection there is nothing to close; the call that wanted one has thrown the reason.
    await current?.then(
      (open) => open.close(),
      () => undefined,
    );
  }
  return Object.assign(assemble(connection, close), {
    init: async () => localOnly('init'),
    restore: async () => localOnly('restore'),
    demo: () => localOnly('demo'),
    simulator: {
      play: () => localOnly('simulator.play'),
      status: async () => localOnly('simulator.status'),
      stop: async () => localOnly('simulator.stop'),
      logFile: async () => localOnly('simulator.logFile'),
    },
  });
}

function localOnly(what: string): never {
  throw new PhonectlError('local_only', `${what} is about this machine; it does not work on a server elsewhere.`, {
    hints: ['Use --context local for the home of this machine.'],
  });
}

function assemble(connection: Connection, close: () => Promise<void>): Phonectl {
  const face: Record<string, unknown> = { close, [Symbol.asyncDispose]: close };
  for (const [key, { noun, load }] of Object.entries(NAMESPACES)) {
    face[key] = namespace(noun, load as () => Promise<Record<string, unknown>>, connection);
  }
  return face as unknown as Phonectl;
}

/** The local user of a home is its owner: no login locally. */
function owner(name = process.getBuiltinModule('node:os').userInfo().username): Caller {
  const actor: Actor = { kind: 'local', name, source: 'local' };
  return { actor, scope: 'all', permissions: ['*'] };
}
