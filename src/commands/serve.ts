import { boolean, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../cli/base.ts';
import { readAuthority } from '../cli/contexts.ts';
import { reloadsOnHangup, runsUntilStopped } from '../cli/session.ts';
import { PhonectlError } from '../sdk/errors.ts';
import type { ServerEvent } from '../sdk/operations/servers.ts';

/** The port of the enterprise face (NET-05). */
const API_PORT = '8445';

export default class Serve extends PhonectlCommand<void> {
  static override local = true;
  static override summary = 'Serves phones their files over HTTPS, until Ctrl-C or SIGTERM.';
  static override description =
    'Every phone gets its own files and no other’s: with a client certificate of a trusted vendor CA, with its own ' +
    'login, or once inside its enrolment window. Certificates are read again when they change and on SIGHUP; changes ' +
    'by other phonectl commands count within a second. With --json the first line on stdout says where it listens.';
  static override examples = [
    'phonectl serve',
    'phonectl serve --api --api-listen 10.20.0.5:8445',
    'phonectl serve --listen 10.20.0.5:443 --access-log /var/log/phonectl/access.log --metrics 127.0.0.1:9100',
    'phonectl serve --bootstrap-http 10.20.0.5:80 --from 10.20.0.0/16',
    'phonectl serve --legacy-listen 10.20.0.5:9443 --legacy-from 10.20.9.0/24 --tree /srv/phones',
  ];
  static override flags = {
    listen: string({
      summary: 'Address and port, or a port alone; default is the port of the provisioning URL.',
      helpValue: 'HOST:PORT',
      multiple: true,
    }),
    'bootstrap-http': string({
      summary: 'Plain HTTP for factory phones: gives out only the file that installs our CA.',
      helpValue: 'HOST:PORT',
      dependsOn: ['from'],
    }),
    from: string({ summary: 'Networks that --bootstrap-http answers.', helpValue: 'CIDR', multiple: true }),
    'legacy-listen': string({
      summary: 'A listener for phones without TLS 1.2.',
      helpValue: 'HOST:PORT',
      dependsOn: ['legacy-from'],
    }),
    'legacy-from': string({ summary: 'Networks that --legacy-listen answers.', helpValue: 'CIDR', multiple: true }),
    tree: string({
      summary: 'A folder of plain files (languages, ring tones, firmware) under ours.',
      helpValue: 'DIR',
    }),
    'trust-proxy': string({
      summary: 'Proxies whose X-Forwarded-For and X-SSL-Client-Cert are believed.',
      helpValue: 'CIDR',
      multiple: true,
    }),
    api: boolean({ summary: 'Serve the management API too, on port 8445.' }),
    'api-listen': string({
      summary: 'Address and port of the management API, or a port alone.',
      helpValue: 'HOST:PORT',
    }),
    'callback-to': string({
      summary: 'Networks that callbacks of access keys may go to although they are this machine’s. Repeatable.',
      helpValue: 'CIDR',
      multiple: true,
    }),
    'callback-ca': string({
      summary: 'An authority of your own that receivers of callbacks may show.',
      helpValue: 'FILE',
    }),
    metrics: string({ summary: 'Prometheus metrics over plain HTTP.', helpValue: 'HOST:PORT' }),
    syslog: string({ summary: 'Receive the syslog of phones over UDP and TCP.', helpValue: 'HOST:PORT' }),
    'syslog-tls': string({ summary: 'Receive the syslog of phones over TLS.', helpValue: 'HOST:PORT' }),
    'sample-load': string({
      summary: 'Ask phones for CPU and memory so often, and keep it for `diag perf`; the manuals say 15m.',
      helpValue: 'DURATION',
    }),
    'access-log': string({ summary: 'One JSON line per request; - is stdout.', helpValue: 'FILE' }),
    'reuse-port': boolean({ summary: 'Lets several serve processes share the same port.' }),
    'without-account': boolean({ summary: 'Start although there is no provisioning account.' }),
    'insecure-default-account': boolean({ summary: 'Accept a provisioning account with a factory password.' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Serve);
    const { from, 'bootstrap-http': bootstrap, 'legacy-listen': legacy, 'legacy-from': legacyFrom } = flags;
    if (from !== undefined && bootstrap === undefined) {
      throw new PhonectlError('usage', '--from says whom --bootstrap-http answers, which is not given.');
    }
    runsUntilStopped();
    reloadsOnHangup();
    const events = this.phonectl.servers.run(
      {
        ...(flags.listen !== undefined && { listen: flags.listen }),
        ...(flags.syslog !== undefined && { syslog: flags.syslog }),
        ...(flags['syslog-tls'] !== undefined && { syslogTls: flags['syslog-tls'] }),
        ...(flags['sample-load'] !== undefined && { sampleLoad: flags['sample-load'] }),
        ...(bootstrap !== undefined && { bootstrap: { listen: bootstrap, networks: from ?? [] } }),
        ...(legacy !== undefined && { legacy: { listen: legacy, networks: legacyFrom ?? [] } }),
        ...((flags.api || flags['api-listen'] !== undefined) && { api: flags['api-listen'] ?? API_PORT }),
        ...(flags.metrics !== undefined && { metrics: flags.metrics }),
        ...(flags.tree !== undefined && { tree: flags.tree }),
        ...(flags['access-log'] !== undefined && { accessLog: flags['access-log'] }),
        proxies: flags['trust-proxy'] ?? [],
        ...(flags['callback-ca'] !== undefined && { callbackCa: readAuthority(flags['callback-ca']) }),
        callbackTo: flags['callback-to'] ?? [],
        reusePort: flags['reuse-port'],
        withoutAccount: flags['without-account'],
        insecureDefaultAccount: flags['insecure-default-account'],
      },
      { signal: this.signal },
    );
    for await (const event of events) await this.#tell(event);
  }

  async #tell(event: ServerEvent): Promise<void> {
    switch (event.type) {
      case 'listening':
        if (this.format === 'json') this.out.line(JSON.stringify({ listening: event.listening }));
        this.note(`Serving on ${event.listening.map(({ kind, address }) => describe(kind, address)).join(', ')}.`);
        break;
      case 'access':
        this.out.line(JSON.stringify(event.entry));
        break;
      case 'trouble':
        this.warning(event.message);
        break;
      case 'stopping':
        this.note('Stopping: requests in progress end first.');
        break;
    }
    await this.out.flush();
  }
}

function describe(kind: string, address: string): string {
  return kind === 'https' ? address : `${address} (${kind})`;
}
