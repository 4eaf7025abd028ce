/** A Yealink phone: its boot sequence, what it takes from its files, when it looks again (yealink.md A). */
import { createHash } from 'node:crypto';
import type { CallEvent, Durations, Happening, LineSettings, NextPoll, Notify, Report, Target } from '../behaviour.ts';
import type { Call } from '../calls.ts';
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import { LabError } from '../errors.ts';
import { folderOf, getFile } from '../files.ts';
import { yealinkVersion } from '../firmware.ts';
import { credentialOf, type HttpSession } from '../http-client.ts';
import { LogBook } from '../log-book.ts';
import { Parameters } from '../parameters.ts';
import { Periodic } from '../periodic.ts';
import { LabPhone } from '../phone.ts';
import { nextTimeOfDay } from '../polling.ts';
import type { LabServices } from '../services.ts';
import type { SipOutcome } from '../sip-hub.ts';
import type { LabPhoneSpec } from '../types.ts';
import { type BootFile, parseBootFile, parseCfg, renderLocal } from './config.ts';
import { answerYealink } from './control.ts';
import { YEALINK_DEFAULTS, YEALINK_LAYERS } from './defaults.ts';
import { BACKUP, BOOT_LOG_WAIT, uploadLog, uploadPeriod, yealinkLog } from './log.ts';
import { type YealinkModel, yealinkModel } from './model.ts';
import { yealinkNotify } from './notify.ts';
import { recordingName, recordingOf } from './recording.ts';
import { yealinkReports } from './reports.ts';

/** Parameters whose files it fetches when they change (yealink.md A13). */
const FILES = ['wallpaper_upload.url', 'ringtone.url', 'gui_lang.url'] as const;

export class YealinkPhone extends LabPhone {
  readonly vendor = 'yealink';
  readonly details: YealinkModel;
  protected readonly durations: Durations = { reboot: 60, restart: 60, flash: 150, retries: [30, 60, 300, 600] };
  protected readonly restartsToMove = false;
  protected readonly restartsWhenRefusing = false;
  readonly log = new LogBook(yealinkLog(this), this.services.syslog);
  readonly #uploads = new Periodic(this, () => this.#uploadLog('sys'));
  /** The start whose log has been uploaded, or will be. */
  #bootLogOf: AbortSignal | undefined;
  /** MD5 of the files applied last: a phone skips what has not changed (yealink.md A1). */
  #applied = '';

  constructor(spec: LabPhoneSpec, services: LabServices) {
    super(spec, services, new Parameters(YEALINK_LAYERS, YEALINK_DEFAULTS));
    this.details = yealinkModel(spec);
  }

  get model(): string {
    return this.details.name;
  }

  get firmware(): string {
    return this.installed ?? this.details.firmware;
  }

  get sipUserAgent(): string {
    return `${this.details.agent} ${this.firmware}`;
  }

  /** The value under its name with `static.`, or without as firmware before V81 spells it. */
  setting(name: string): string {
    const { parameters } = this;
    const plain = parameters.get(name.replace(/^static\./, ''));
    // What leaves the factory is known by the newer name only.
    return ((parameters.source(name) === 'default' ? plain : undefined) || parameters.get(name) || plain) ?? '';
  }

  isOn(name: string): boolean {
    return this.setting(name) === '1';
  }

  get isBeforeV80(): boolean {
    return this.#generation < 80;
  }

  get isBeforeV81(): boolean {
    return this.#generation < 81;
  }

  get #generation(): number {
    return Number(this.firmware.split('.')[1]);
  }

  protected get userAgent(): string {
    const mac =
      this.setting('static.auto_provision.user_agent_mac.enable') === '0'
        ? ''
        : ` ${this.mac.replace(/..(?!$)/g, '$&:')}`;
    return `${this.sipUserAgent}${mac}`;
  }

  /** DHCP is asked before the address in flash, unless it is switched off (yealink.md A9). */
  target(): Target {
    const username = this.setting('static.auto_provision.server.username');
    const credential =
      username === '' ? this.stored : { username, password: this.setting('static.auto_provision.server.password') };
    const own = this.setting('static.auto_provision.server.url');
    const address = own !== '' && !this.isOn('static.auto_provision.dhcp_option.enable') ? own : this.spec.server;
    if (!URL.canParse(address)) throw new LabError('unreachable', `the provisioning server "${address}" is no URL`);
    return { url: new URL(address), credential };
  }

  protected async fetchConfiguration(session: HttpSession, { url, credential }: Target): Promise<string[]> {
    const base = folderOf(url);
    const get = (path: string): Promise<Buffer | null> => getFile(session, new URL(path, base), credential);
    const { bodies, overwrites } = await this.#download(get, base);
    const local = await this.#downloadLocal(session, base, credential);
    const digest = createHash('md5').update(String(overwrites));
    for (const body of bodies) digest.update(body);
    const fingerprint = digest.digest('hex');
    const changed: string[] = [];
    if (fingerprint !== this.#applied) {
      // The later file wins; a file without its header is ignored, and then nothing of this run counts.
      const values = new Map(overwrites ? [] : this.parameters.layer('config'));
      for (const body of bodies) for (const [name, value] of parseCfg(body)) values.set(name, value);
      changed.push(...this.parameters.replace('config', values));
      this.#applied = fingerprint;
    }
    if (!this.isOn('static.auto_provision.custom.protect')) changed.push(...this.#dropOverruled(bodies));
    else if (local !== null) changed.push(...this.parameters.replace('local', parseCfg(local)));
    await this.#trustCertificate(get);
    for (const name of FILES) if (changed.includes(name) && this.setting(name) !== '') await get(this.setting(name));
    await this.#loadFirmware(session, base, credential);
    return changed;
  }

  protected lineSettings(): LineSettings[] {
    const lines: LineSettings[] = [];
    for (let line = 1; line <= this.details.lines; line++) {
      const account = `account.${line}`;
      if (!this.isOn(`${account}.enable`)) continue;
      const template = this.setting(`${account}.sip_server.template`);
      lines.push({
        line,
        user: this.setting(`${account}.user_name`),
        password: this.setting(`${account}.password`),
        server:
          this.setting(`${account}.sip_server.1.address`) ||
          (template && this.setting(`template.${template}.sip_server.1.address`)),
        label: this.setting(`${account}.label`) || this.setting(`${account}.display_name`),
      });
    }
    return lines;
  }

  /** The phone reboots only where a changed parameter needs it (yealink.md A1): its network does. */
  protected impactOf(changed: readonly string[]): 'none' | 'restart' | 'reboot' {
    return changed.some((name) => /^(?:static\.)?network\./.test(name)) ? 'reboot' : 'none';
  }

  protected reports(happening: Happening): Report[] {
    return yealinkReports(this, happening);
  }

  protected webServerIsOn(): boolean {
    return true;
  }

  /** repeat, weekly and flexible, yealink.md A10; the soonest counts. */
  protected nextPoll(): NextPoll {
    const minutes = Number(this.setting('static.auto_provision.repeat.minutes')) || 1440;
    if (this.isOn('static.auto_provision.repeat.enable')) return { seconds: minutes * 60 };
    if (this.isOn('static.auto_provision.flexible.enable')) {
      const days = Number(this.setting('static.auto_provision.flexible.interval')) || 1;
      const at = this.#inWindow('flexible');
      return { at: new Date(at.getTime() + (Math.ceil(days * this.fraction('day')) - 1) * 86_400_000) };
    }
    if (!this.isOn('static.auto_provision.weekly.enable')) return null;
    const days = this.setting('static.auto_provision.weekly.dayofweek') || '0123456';
    const at = this.#inWindow('weekly');
    for (let day = 0; day < 7 && !days.includes(String(at.getDay())); day++) at.setDate(at.getDate() + 1);
    return { at };
  }

  protected certificateChecks(): { verify: boolean; name: boolean | undefined } {
    const name = this.setting('static.security.cn_validation');
    return {
      verify: this.setting('static.security.trust_certificates') !== '0',
      name: name === '' ? undefined : name === '1',
    };
  }

  protected answer(request: ControlRequest): Promise<ControlReply> {
    return answerYealink(this, this.services, request);
  }

  protected notified(notify: Notify): SipOutcome {
    return yealinkNotify(this, notify);
  }

  protected settled(): void {
    const period = uploadPeriod(this);
    this.#uploads.every(period);
    if (period === undefined || this.#bootLogOf === this.lifeSignal) return;
    this.#bootLogOf = this.lifeSignal;
    const wait = Number(this.setting(`${BACKUP}bootlog.upload_wait_time`)) || BOOT_LOG_WAIT;
    this.later(wait, () => this.#uploadLog('boot'));
  }

  #uploadLog(kind: 'boot' | 'sys'): Promise<void> {
    return this.deliver('log', this.lifeSignal, (session) => uploadLog(this, session, kind));
  }

  protected forget(): void {
    this.stored = undefined;
    this.#applied = '';
  }

  /** Every call counts as recorded; recordings go out when they end (features.recording_upload.*, names only are known). */
  override tellOfCall(event: CallEvent, call: Call): void {
    super.tellOfCall(event, call);
    const address = this.setting('features.recording_upload.server.address');
    if (event !== 'ended' || !this.isOn('features.recording_upload.enable') || !URL.canParse(address)) return;
    this.afterAnswer(() => {
      const [logged] = this.calls.log;
      if (logged === undefined || logged.kind === 'Missed') return undefined;
      const url = `${address.replace(/\/$/, '')}/${recordingName(logged.startedAt)}`;
      const headers = { 'Content-Type': 'audio/wav' };
      return this.send([{ method: 'PUT', url, headers, body: recordingOf(logged.seconds) }], this.life.signal);
    });
  }

  /** What the user changed goes to the server as `<mac>-local.cfg`, if protection and sync are on (yealink.md A5). */
  protected override async changedLocally(
    layer: string,
    _names: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    if (layer !== 'local' || !this.#syncsLocal) return;
    const { url, credential } = this.target();
    const method = this.setting('static.auto_provision.custom.upload_method') === '1' ? 'POST' : 'PUT';
    const body = renderLocal(this.parameters.layer('local'));
    await this.withSession(signal, (session) =>
      session.request(method, this.#localUrl(folderOf(url)), { credential, body }),
    );
  }

  get #syncsLocal(): boolean {
    return this.isOn('static.auto_provision.custom.protect') && this.isOn('static.auto_provision.custom.sync');
  }

  #localUrl(base: URL): URL {
    const path = this.setting('static.auto_provision.custom.sync.path');
    return new URL(`${this.mac}-local.cfg`, path === '' ? base : new URL(path.replace(/\/?$/, '/'), base));
  }

  /** `<mac>.boot`, else `y000000000000.boot`, else common and own CFG; yealink.md A1. */
  async #download(
    get: (path: string) => Promise<Buffer | null>,
    base: URL,
  ): Promise<{ bodies: Buffer[]; overwrites: boolean }> {
    const boot = this.details.readsBootFiles ? await this.#bootFile(get) : null;
    const names = boot?.includes ?? [this.details.commonFile, `${this.mac}.cfg`];
    const bodies: Buffer[] = [];
    for (const name of names) {
      const body = await get(name);
      if (body !== null) bodies.push(body);
    }
    if (bodies.length === 0)
      throw new LabError('http', `${base.host} has neither boot file nor configuration for ${this.mac}`, {
        status: 404,
      });
    return { bodies, overwrites: boot?.overwrites ?? false };
  }

  async #bootFile(get: (path: string) => Promise<Buffer | null>): Promise<BootFile | null> {
    for (const name of [`${this.mac}.boot`, 'y000000000000.boot']) {
      const body = await get(name);
      if (body !== null) return parseBootFile(body, this.model);
    }
    return null;
  }

  async #downloadLocal(session: HttpSession, base: URL, credential: Target['credential']): Promise<Buffer | null> {
    if (!this.#syncsLocal) return null;
    const url = this.#localUrl(base);
    return getFile(session, url, credentialOf(url) ?? credential);
  }

  /** Without protection a downloaded value overrides what the user set (yealink.md A4). */
  #dropOverruled(bodies: readonly Buffer[]): string[] {
    const local = this.parameters.layer('local');
    if (local.size === 0) return [];
    const downloaded = new Set(bodies.flatMap((body) => [...parseCfg(body).keys()]));
    const kept = new Map([...local].filter(([name]) => !downloaded.has(name)));
    return kept.size === local.size ? [] : this.parameters.replace('local', kept);
  }

  /** static.firmware.url, yealink.md A7: written only if its version differs, refused for hardware of another prefix. */
  async #loadFirmware(session: HttpSession, base: URL, credential: Target['credential']): Promise<void> {
    const address = this.setting('static.firmware.url').replaceAll('$PN', this.model);
    if (address === '' || !URL.canParse(address, base.href)) return;
    const url = new URL(address, base);
    const version = yealinkVersion(decodeURIComponent(url.pathname));
    if (version === undefined) return;
    const fits = version.split('.')[0] === this.firmware.split('.')[0];
    await this.load(session, { url, version, fits, credential: credentialOf(url) ?? credential });
  }

  /** static.trusted_certificates.url, yealink.md A11. */
  async #trustCertificate(get: (path: string) => Promise<Buffer | null>): Promise<void> {
    const url = this.setting('static.trusted_certificates.url');
    if (url === '') return;
    const body = await get(url);
    if (body?.includes('-----BEGIN CERTIFICATE-----')) this.trusted.add(body.toString('latin1'));
  }

  #inWindow(kind: 'weekly' | 'flexible'): Date {
    const setting = (name: string): string => this.setting(`static.auto_provision.${kind}.${name}`);
    return nextTimeOfDay(setting('begin_time') || '00:00', setting('end_time'), this.fraction('poll'));
  }
}
