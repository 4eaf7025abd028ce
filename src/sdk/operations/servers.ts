/** Running the server that phones talk to. */
import { array, boolean, exactOptional, minLength, optional, pipe, strictObject, string } from 'valibot';
import type { Api } from '../../server/api/index.ts';
import type { AccessEntry, RunningServer, ServerOptions } from '../../server/server.ts';
import type { SyslogReceiver } from '../../server/syslog/receiver.ts';
import { networkInput } from '../access/inputs.ts';
import { keepEndingCaptures } from '../captures/limits.ts';
import { PROVISIONING_URL } from '../configuration/base.ts';
import type { OperationContext } from '../context.ts';
import { runOrphanedTasks } from '../control/background.ts';
import { keepRemovingOldUploads } from '../device-files/retention.ts';
import { keepSampling } from '../diagnostics/performance.ts';
import { durationField } from '../enrolment/duration.ts';
import { keepCallingBack } from '../keys/callbacks.ts';
import { keepPruningLog } from '../logs/retention.ts';
import { keepSendingMail } from '../mail/sending.ts';
import { streamOperation } from '../operation.ts';
import { EventQueue } from '../queue.ts';
import { type AccessLog, openAccessLog } from '../servers/access-log.ts';
import { checkProvisioningAccount, noteControlAddresses } from '../servers/start-checks.ts';
import { noteSyslogReceiver } from '../settings/syslog.ts';
import { keepRemovingOldResults } from '../tasks/retention.ts';

export type ServerEvent =
  | { readonly type: 'listening'; readonly listening: readonly Listening[] }
  | { readonly type: 'access'; readonly entry: AccessEntry }
  | { readonly type: 'trouble'; readonly message: string }
  | { readonly type: 'stopping' };

export interface Listening {
  readonly kind: RunningServer['addresses'][number]['kind'] | 'api' | 'syslog' | 'syslog-tls';
  readonly address: string;
  readonly port: number;
}

const networks = pipe(array(string()), minLength(1, 'names no network'));

const runInput = strictObject({
  /** Ports, or addresses with ports: `8443`, `10.20.0.5:443`, `[::1]:8443`. Default: the provisioning URL's port. */
  listen: exactOptional(pipe(array(string()), minLength(1, 'names no address'))),
  bootstrap: exactOptional(strictObject({ listen: string(), networks })),
  legacy: exactOptional(strictObject({ listen: string(), networks })),
  metrics: exactOptional(string()),
  /** The management API: an address as in `listen`. */
  api: exactOptional(string()),
  /** Syslog of phones over UDP and TCP, and over TLS: addresses as in `listen`. */
  syslog: exactOptional(string()),
  syslogTls: exactOptional(string()),
  /** Phones that can tell are asked for CPU and memory so often. */
  sampleLoad: exactOptional(durationField),
  tree: exactOptional(string()),
  /** Networks that callbacks of access keys may go to, although they are this machine's or link-local. */
  callbackTo: optional(array(networkInput()), []),
  /** PEM of an authority that their receivers may show, beside the public ones. */
  callbackCa: exactOptional(string()),
  proxies: optional(array(string()), []),
  reusePort: optional(boolean(), false),
  /** A file, or `-` for access events in the sequence. */
  accessLog: exactOptional(string()),
  withoutAccount: optional(boolean(), false),
  insecureDefaultAccount: optional(boolean(), false),
});

/** Events that wait for a reader; an access log on stdout that nobody reads loses lines beyond these. */
const MOST_WAITING = 10_000;

export const servers = {
  run: streamOperation({
    summary: 'Serves phones until the signal aborts.',
    permission: 'server:run',
    effect: 'write',
    local: true,
    input: runInput,
    async *run(context, input): AsyncGenerator<ServerEvent> {
      await checkProvisioningAccount(context, input);
      await noteControlAddresses(context);
      const events = new EventQueue<ServerEvent>(MOST_WAITING);
      const trouble = (message: string): void => events.push({ type: 'trouble', message });
      const toStream = input.accessLog === '-';
      const log = input.accessLog === undefined || toStream ? undefined : await openAccessLog(input.accessLog, trouble);
      const all = { ...input, onAccess: onAccess(events, toStream, log), onTrouble: trouble };
      let api: Api | undefined;
      const server = await start(context, { ...all, onReload: () => api?.reload() });
      const stop = new AbortController();
      let tasks: Promise<void> | undefined;
      let syslog: SyslogReceiver | undefined;
      try {
        api = await startManagement(context, all);
        syslog = await startSyslog(context, input, (fact) => server.note(fact), trouble);
        const listening = [
          ...server.addresses,
          ...(api ? [{ kind: 'api' as const, address: api.address, port: api.port }] : []),
          ...(syslog?.addresses ?? []),
        ];
        await noteSyslogReceiver(context, syslog?.addresses ?? []);
        await context.write(async () => [
          undefined,
          {
            object: 'server',
            result: 'done',
            details: { listening: listening.map(({ kind, address }) => ({ kind, address })) },
          },
        ]);
        const keeping = [keepRemovingOldUploads, keepRemovingOldResults, keepEndingCaptures, keepPruningLog].map(
          (keep) => keep(context, stop.signal, trouble),
        );
        const sampling =
          input.sampleLoad === undefined ? undefined : keepSampling(context, input.sampleLoad, stop.signal, trouble);
        const calling = keepCallingBack(context, stop.signal, {
          open: input.callbackTo,
          ca: input.callbackCa,
          onTrouble: trouble,
        });
        const mailing = keepSendingMail(context, stop.signal, trouble);
        const work = [runOrphanedTasks(context, stop.signal, trouble), ...keeping, sampling, calling, mailing];
        tasks = Promise.all(work).then(() => undefined);
        yield { type: 'listening', listening };
        context.signal.addEventListener('abort', () => events.end(), { once: true });
        if (context.signal.aborted) events.end();
        yield* events;
        yield { type: 'stopping' };
      } finally {
        stop.abort();
        await Promise.all([server.close(), api?.close(), syslog?.[Symbol.asyncDispose](), tasks]);
        await log?.close();
      }
    },
  }),
};

function onAccess(
  events: EventQueue<ServerEvent>,
  toStream: boolean,
  log: AccessLog | undefined,
): ((entry: AccessEntry) => void) | undefined {
  if (toStream) return (entry) => events.push({ type: 'access', entry });
  return log && ((entry) => log.write(entry));
}

type RunInput = Omit<ServerOptions, 'listen' | 'bootstrap' | 'legacy' | 'metrics' | 'onAccess'> & {
  readonly api?: string;
  readonly listen?: readonly string[];
  readonly bootstrap?: { readonly listen: string; readonly networks: readonly string[] };
  readonly legacy?: { readonly listen: string; readonly networks: readonly string[] };
  readonly metrics?: string;
  readonly onAccess: ServerOptions['onAccess'] | undefined;
};

async function start(context: OperationContext, input: RunInput): Promise<RunningServer> {
  const [{ startServer }, { parseListen }] = await Promise.all([
    import('../../server/server.ts'),
    import('../../server/listen.ts'),
  ]);
  const { bootstrap, legacy, metrics, tree, proxies, reusePort, onAccess: access, onTrouble, onReload } = input;
  return startServer(context, {
    listen: (input.listen ?? [await defaultListen(context)]).map(parseListen),
    ...(bootstrap && { bootstrap: { ...bootstrap, listen: parseListen(bootstrap.listen) } }),
    ...(legacy && { legacy: { ...legacy, listen: parseListen(legacy.listen) } }),
    ...(metrics !== undefined && { metrics: parseListen(metrics) }),
    ...(tree !== undefined && { tree }),
    ...(access && { onAccess: access }),
    ...(onTrouble && { onTrouble }),
    ...(onReload && { onReload }),
    proxies,
    reusePort,
  });
}

async function startManagement(context: OperationContext, input: RunInput): Promise<Api | undefined> {
  if (input.api === undefined) return undefined;
  const [{ startApi }, { parseListen }] = await Promise.all([
    import('../../server/api/index.ts'),
    import('../../server/listen.ts'),
  ]);
  const { onAccess: access, onTrouble, proxies, reusePort } = input;
  return await startApi(context, {
    listen: parseListen(input.api),
    reusePort,
    trustedProxies: proxies,
    ...(access && { onAccess: access }),
    onError: (error) => onTrouble?.(`The API: ${error instanceof Error ? error.message : String(error)}`),
  });
}

/** Imported only where it is wanted. */
async function startSyslog(
  context: OperationContext,
  { syslog, syslogTls }: { readonly syslog?: string; readonly syslogTls?: string },
  note: RunningServer['note'],
  onTrouble: (message: string) => void,
): Promise<SyslogReceiver | undefined> {
  if (syslog === undefined && syslogTls === undefined) return undefined;
  const [{ startSyslogReceiver }, { parseListen }] = await Promise.all([
    import('../../server/syslog/start.ts'),
    import('../../server/listen.ts'),
  ]);
  return startSyslogReceiver(context, {
    ...(syslog !== undefined && { plain: parseListen(syslog) }),
    ...(syslogTls !== undefined && { secure: parseListen(syslogTls) }),
    note,
    onTrouble,
  });
}

/** Where the provisioning URL points; on every address, unless that is this machine only. */
async function defaultListen(context: OperationContext): Promise<string> {
  const url = new URL((await context.read.settings.get<string>(PROVISIONING_URL)) ?? 'https://localhost');
  const port = url.port === '' ? '443' : url.port;
  return /^127\.\d+\.\d+\.\d+$|^\[::1\]$/.test(url.hostname) ? `${url.hostname}:${port}` : port;
}
