/** A Poly phone: its boot sequence, what it takes from its files, when it looks again (poly.md C). */

import type { CallEvent, Durations, Happening, LineSettings, NextPoll, Notify, Report, Target } from '../behaviour.ts';
import type { Call } from '../calls.ts';
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import { LabError } from '../errors.ts';
import { folderOf } from '../files.ts';
import { polyVersion } from '../firmware.ts';
import type { HttpSession } from '../http-client.ts';
import { LogBook } from '../log-book.ts';
import { Parameters } from '../parameters.ts';
import type { Packet } from '../pcap.ts';
import { Periodic } from '../periodic.ts';
import { LabPhone } from '../phone.ts';
import { nextTimeOfDay } from '../polling.ts';
import type { LabServices } from '../services.ts';
import type { SipOutcome } from '../sip-hub.ts';
import type { LabPhoneSpec, Occasion } from '../types.ts';
import { BackgroundCapture } from './background-capture.ts';
import {
  isTrue,
  type Master,
  mergeFirstWins,
  parseMaster,
  parseParameters,
  renderOverrides,
  splitDevice,
} from './config.ts';
import { answerPoly } from './control.ts';
import { coreName, coreOf } from './core-file.ts';
import { POLY_DEFAULTS, POLY_LAYERS, polyImpact } from './defaults.ts';
import { bootLog, polyLog } from './log.ts';
import { type PolyModel, polyModel } from './model.ts';
import { polyNotify } from './notify.ts';
import { polyReports } from './reports.ts';
import { join, Transfer } from './transfer.ts';

/** The phone compares versions in the image's head and drops the rest (poly.md C.3). */
const IMAGE_HEAD = 1024;
const SERVER_SCHEMES = ['ftp', 'tftp', 'http', 'https', 'ftps'];
const MOST_LINES = 34;

export class PolyPhone extends LabPhone {
  readonly vendor = 'poly';
  readonly details: PolyModel;
  protected readonly durations: Durations = { reboot: 90, restart: 30, flash: 180, retries: [60, 120, 300, 600] };
  protected readonly restartsToMove = true;
  protected readonly restartsWhenRefusing = true;
  /** A REST request is being answered; meanwhile others are refused (poly.md A.3). */
  isAnsweringRest = false;
  readonly log = new LogBook(polyLog(this), this.services.syslog);
  readonly capture = new BackgroundCapture(this);
  readonly #uploads = new Periodic(this, () => this.#uploadLog());
  #master: Master | undefined;
  /** The program that crashed, until its core is uploaded. */
  #crashed: string | undefined;

  constructor(spec: LabPhoneSpec, services: LabServices) {
    super(spec, services, new Parameters(POLY_LAYERS, POLY_DEFAULTS));
    this.details = polyModel(spec);
    // poly.md C.10: what leaves the factory.
    this.stored ??= { username: 'PlcmSpIp', password: 'PlcmSpIp' };
  }

  get model(): string {
    return this.details.name;
  }

  get firmware(): string {
    return this.installed ?? this.details.firmware;
  }

  get sipUserAgent(): string {
    return `${this.details.agent}-UA/${this.firmware}${isTrue(this.parameters.get('sec.tagSerialNo')) ? `_${this.mac}` : ''}`;
  }

  /** Whether its UC Software is that old or younger. */
  isAtLeast(major: number, minor: number): boolean {
    const [ownMajor = 0, ownMinor = 0] = this.firmware.split('.').map(Number);
    return ownMajor > major || (ownMajor === major && ownMinor >= minor);
  }

  /** 5.7 named some fields of REST answers otherwise; 5.8 took it back (poly.md A.4, H). */
  get renames(): boolean {
    return this.isAtLeast(5, 7) && !this.isAtLeast(5, 8);
  }

  protected get userAgent(): string {
    return this.#userAgent('Application');
  }

  /** What REST and the web page write: the web layer, and `device.*` with its `.set` the flash (poly.md A.5). */
  async setByWeb(entries: readonly (readonly [string, string])[]): Promise<void> {
    const { config, device } = splitDevice(new Map(entries));
    const before = new Map(entries.map(([name]) => [name, this.parameters.get(name)]));
    if (device.length > 0) await this.setLocal('device', device);
    if (config.size > 0) await this.setLocal('web', config);
    this.#restartFor([...before].filter(([name, value]) => this.parameters.get(name) !== value).map(([name]) => name));
  }

  /** Empties layers and restarts, as configReset does. */
  async resetLayers(layers: readonly string[]): Promise<void> {
    for (const layer of layers) this.parameters.clear(layer);
    await this.uploadOverrides(layers);
    this.restart('configuration reset');
  }

  packet(packet: Packet): void {
    this.capture.take(packet);
  }

  override tellOfCall(event: CallEvent, call: Call): void {
    super.tellOfCall(event, call);
    if (event === 'ended') this.capture.remember(call);
  }

  /** POSTs a document somewhere, as state polling does. */
  async post(url: string, body: string): Promise<void> {
    await this.send([{ method: 'POST', url, headers: { 'Content-Type': 'application/xml' }, body }], this.life.signal);
  }

  /** PUTs a file somewhere. */
  async put(url: string, body: Buffer): Promise<void> {
    await this.send([{ method: 'PUT', url, headers: { 'Content-Type': 'application/gzip' }, body }], this.life.signal);
  }

  #restartFor(changed: readonly string[]): void {
    const impact = this.impactOf(changed);
    if (impact === 'none') return;
    this.afterAnswer(() => (impact === 'reboot' ? this.reboot('configuration') : this.restart('configuration')));
  }

  /** DHCP decides unless the phone was told to use its own address (poly.md C.1, device.dhcp.bootSrvUseOpt). */
  target(): Target {
    const { parameters } = this;
    const user = parameters.get('device.prov.user');
    const password = parameters.get('device.prov.password');
    const credential = {
      username: user ?? this.stored?.username ?? '',
      password: password ?? this.stored?.password ?? '',
    };
    const name = parameters.text('device.prov.serverName');
    if (parameters.get('device.dhcp.bootSrvUseOpt') !== '2' || name === '')
      return { url: new URL(this.spec.server), credential };
    const scheme = SERVER_SCHEMES[Number(parameters.text('device.prov.serverType'))] ?? 'ftp';
    return { url: readUrl(/^[a-z]+:\/\//i.test(name) ? name : `${scheme}://${name}`), credential };
  }

  protected async fetchConfiguration(session: HttpSession, target: Target, occasion: Occasion): Promise<string[]> {
    const isBoot = occasion === 'boot';
    const base = folderOf(target.url);
    const fetch = new Transfer(session, target, base);
    const { hasBootRom, part } = this.details;
    const updater = this.#userAgent('Updater');
    if (isBoot && hasBootRom) {
      // As recorded of a SoundPoint: the BootROM reads master and image itself before the application does.
      if ((await fetch.get(`${part}.bootrom.ld`, updater, IMAGE_HEAD)) === null)
        await fetch.get('bootrom.ld', updater, IMAGE_HEAD);
      const first = await this.#readMaster(fetch, updater);
      await this.#lookAtImage(session, fetch, first, updater);
    }
    if (isBoot) await fetch.put(this.#master?.logs ?? '', `${this.mac}-boot.log`, bootLog(this), updater);
    const master = await this.#readMaster(fetch);
    this.#master = master;
    if (!hasBootRom || !isBoot) await this.#lookAtImage(session, fetch, master);
    const parsed = [];
    for (const name of master.configFiles) parsed.push(parseParameters(await fetch.need(name)));
    const { config, device } = splitDevice(mergeFirstWins(parsed));
    const local = await fetch.get(join(master.overrides, `${this.mac}-phone.cfg`));
    const web = await fetch.get(join(master.overrides, `${this.mac}-web.cfg`));
    const changed = [
      ...this.parameters.replace('config', config),
      ...this.parameters.set('device', device),
      ...(isEmpty(local) ? [] : this.parameters.replace('local', parseParameters(local!))),
      ...(isEmpty(web) ? [] : this.parameters.replace('web', parseParameters(web!))),
    ];
    this.#trustCertificates();
    if (isBoot) await this.#readTheRest(fetch, master);
    return changed;
  }

  protected lineSettings(): LineSettings[] {
    const { parameters } = this;
    const lines: LineSettings[] = [];
    for (let line = 1; line <= MOST_LINES; line++) {
      const address = parameters.text(`reg.${line}.address`);
      if (address === '') continue;
      lines.push({
        line,
        user: address,
        password: parameters.text(`reg.${line}.auth.password`),
        server: parameters.text(`reg.${line}.server.1.address`) || parameters.text('voIpProt.server.1.address'),
        label: parameters.text(`reg.${line}.label`) || address,
      });
    }
    return lines;
  }

  protected impactOf(changed: readonly string[]): 'none' | 'restart' | 'reboot' {
    return polyImpact(changed);
  }

  protected reports(happening: Happening): Report[] {
    return polyReports(this, happening);
  }

  protected webServerIsOn(): boolean {
    return isTrue(this.parameters.get('httpd.enabled')) && isTrue(this.parameters.get('httpd.cfg.enabled'));
  }

  /** prov.polling.*, poly.md C.7. */
  protected nextPoll(): NextPoll {
    const { parameters } = this;
    if (!isTrue(parameters.get('prov.polling.enabled'))) return null;
    const period = Math.max(3600, Number(parameters.text('prov.polling.period')) || 86_400);
    const mode = parameters.text('prov.polling.mode');
    if (mode === 'rel') return { seconds: period };
    if (mode === 'random' && period <= 86_400) return { seconds: period * this.fraction('poll') };
    const days = mode === 'random' ? 1 + Math.floor(this.fraction('poll day') * (period / 86_400)) : 1;
    const at = nextTimeOfDay(
      parameters.text('prov.polling.time'),
      parameters.text('prov.polling.timeRandomEnd'),
      this.fraction('poll'),
    );
    return { at: new Date(at.getTime() + (days - 1) * 86_400_000) };
  }

  protected certificateChecks(): { verify: boolean; name: boolean | undefined } {
    const strict = this.parameters.get('device.sec.TLS.prov.strictCertCommonNameValidation');
    return { verify: true, name: strict === undefined || strict === '' ? undefined : isTrue(strict) };
  }

  protected answer(request: ControlRequest): Promise<ControlReply> {
    return answerPoly(this, this.services, request);
  }

  protected notified(notify: Notify): SipOutcome {
    return polyNotify(this, notify);
  }

  protected override crashed(program: string): void {
    this.#crashed = program;
  }

  protected settled(): void {
    this.capture.settle();
    this.#uploads.every(Number(this.parameters.text('log.render.file.upload.period')) || undefined);
  }

  /** What has come since it was uploaded last goes behind it (poly.md F.2). */
  async #uploadLog(): Promise<void> {
    const target = this.target();
    await this.deliver('log', this.life.signal, async (session) => {
      const fetch = new Transfer(session, target, folderOf(target.url));
      await fetch.append(this.#master?.logs ?? '', `${this.mac}-app.log`, this.log.takeFresh());
    });
  }

  protected forget(): void {
    this.stored = { username: 'PlcmSpIp', password: 'PlcmSpIp' };
    this.#master = undefined;
  }

  protected override changedLocally(layer: string): Promise<void> {
    return this.uploadOverrides([layer]);
  }

  /** Overrides are put back to the server at once (poly.md C.4). */
  async uploadOverrides(layers: readonly string[]): Promise<void> {
    const names = { web: `${this.mac}-web.cfg`, local: `${this.mac}-phone.cfg` };
    const target = this.target();
    await this.withSession(this.life.signal, async (session) => {
      const fetch = new Transfer(session, target, folderOf(target.url));
      for (const layer of layers) {
        if (layer !== 'web' && layer !== 'local') continue;
        await fetch.put(this.#master?.overrides ?? '', names[layer], renderOverrides(this.parameters.layer(layer)));
      }
    });
  }

  #userAgent(type: 'Application' | 'Updater'): string {
    const { agent, updater } = this.details;
    const version = type === 'Updater' ? updater : this.firmware;
    const serial = isTrue(this.parameters.get('device.prov.tagSerialNo')) ? ` (SN:${this.mac})` : '';
    // BootROM 4.x and SIP 3.x did not say which part of them was asking (poly.md C.6).
    const isOld = this.details.hasBootRom && Number(updater.split('.')[0]) < 5;
    return `FileTransport ${agent}-UA/${version}${serial}${isOld ? '' : ` Type/${type}`}`;
  }

  async #readMaster(fetch: Transfer, userAgent?: string): Promise<Master> {
    const named = /\/([^/]+\.cfg)$/i.exec(fetch.target.url.pathname)?.[1];
    for (const name of [...(named === undefined ? [] : [named]), `${this.mac}.cfg`, '000000000000.cfg']) {
      const body = await fetch.get(name, userAgent);
      if (body !== null) return parseMaster(body, this.details, this.mac);
    }
    throw new LabError('http', `no master file: neither ${this.mac}.cfg nor 000000000000.cfg`, { status: 404 });
  }

  /** `<part>.` goes in front of the image's name; where that is not there, the name itself is asked for (poly.md C.3). */
  async #lookAtImage(
    session: HttpSession,
    fetch: Transfer,
    { appFilePath }: Master,
    userAgent?: string,
  ): Promise<void> {
    if (appFilePath === '') return;
    const own = appFilePath.replace(/[^/]+$/, `${this.details.part}.$&`);
    for (const path of [own, appFilePath]) {
      const head = await fetch.get(path, userAgent, IMAGE_HEAD);
      if (head === null) continue;
      const version = polyVersion(head, path);
      if (version === undefined) return;
      const { credential } = fetch.target;
      const offer = { url: fetch.url(path), version, fits: true, credential };
      await this.load(session, offer, userAgent === undefined ? {} : { userAgent });
      return;
    }
  }

  /** Licences, call lists, contacts and the log, in the order that was recorded of a VVX 500. */
  async #readTheRest(fetch: Transfer, master: Master): Promise<void> {
    await fetch.get(join(master.licenses, '000000000000-license.cfg'));
    await fetch.get(join(master.licenses, `${this.mac}-license.cfg`));
    await fetch.get(join(master.calls, `${this.mac}-calls.xml`));
    // The common directory is only read while the phone has none of its own (poly.md C.4).
    const own = await fetch.get(join(master.contacts, `${this.mac}-directory.xml`));
    if (own === null) await fetch.get(join(master.contacts, '000000000000-directory.xml'));
    await fetch.append(master.logs, `${this.mac}-app.log`, this.log.takeFresh());
    if (this.#crashed === undefined) return;
    await fetch.put(master.cores, coreName(this.mac, this.#crashed), coreOf(this.#crashed));
    this.#crashed = undefined;
  }

  /** Custom CAs travel inside the parameters (poly.md C.9). */
  #trustCertificates(): void {
    for (const name of [
      'device.sec.TLS.customCaCert1',
      'device.sec.TLS.customCaCert2',
      'sec.TLS.customCaCert.1',
      'sec.TLS.customCaCert.2',
    ]) {
      const value = this.parameters.text(name);
      if (value !== '') this.trusted.add(readCertificate(value));
    }
  }
}

/** The PEM of a certificate whose line breaks an XML attribute turned into spaces. */
function readCertificate(value: string): string {
  const base64 = value.replace(/-----(?:BEGIN|END) CERTIFICATE-----/g, '').replace(/\s+/g, '');
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

function readUrl(text: string): URL {
  if (!URL.canParse(text)) throw new LabError('unreachable', `the provisioning server "${text}" is no address`);
  return new URL(text);
}

function isEmpty(body: Buffer | null): boolean {
  return body === null || body.toString('utf8').trim() === '';
}
