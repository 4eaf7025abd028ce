/** A Cisco MPP phone: profile rules, resync, reports (cisco.md). */

import type { Durations, Happening, LineSettings, NextPoll, Notify, Report, Target } from '../behaviour.ts';
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import { LabError } from '../errors.ts';
import { getFile } from '../files.ts';
import { ciscoLoad } from '../firmware.ts';
import { credentialOf, type HttpSession } from '../http-client.ts';
import { LogBook } from '../log-book.ts';
import { type ParameterMap, Parameters } from '../parameters.ts';
import { LabPhone } from '../phone.ts';
import { nextTimeOfDay } from '../polling.ts';
import type { LabServices } from '../services.ts';
import type { SipOutcome } from '../sip-hub.ts';
import type { LabPhoneSpec, Occasion } from '../types.ts';
import { parseXml, walk } from '../xml.ts';
import { parseProfile } from './config.ts';
import { answerCisco } from './control.ts';
import { CISCO_DEFAULTS, CISCO_LAYERS, FACTORY_RULE } from './defaults.ts';
import { ciscoLog } from './log.ts';
import { type CiscoModel, ciscoModel } from './model.ts';
import { ciscoNotify } from './notify.ts';
import { problemReport } from './problem-report.ts';
import { expandMacros, type Macros, resolveRule } from './profile-rule.ts';
import { ciscoReports } from './reports.ts';

const RULES = ['Profile_Rule', 'Profile_Rule_B', 'Profile_Rule_C', 'Profile_Rule_D'] as const;
/** $PRVST, cisco.md 3. */
const PROVISION_STATE: Record<Occasion, string> = { request: '-1', boot: '0', poll: '1', retry: '2' };

export class CiscoPhone extends LabPhone {
  readonly vendor = 'cisco';
  readonly details: CiscoModel;
  readonly log = new LogBook(ciscoLog(this), this.services.syslog);
  protected readonly restartsToMove = false;
  protected readonly restartsWhenRefusing = false;
  readonly #serial: string;
  #hasCrashed = false;

  constructor(spec: LabPhoneSpec, services: LabServices) {
    super(spec, services, new Parameters(CISCO_LAYERS, CISCO_DEFAULTS));
    this.details = ciscoModel(spec);
    this.#serial = spec.serial ?? `FCH${spec.mac.slice(4).toUpperCase()}`;
  }

  protected get durations(): Durations {
    const waits = this.parameters
      .text('Resync_Error_Retry_Delay')
      .split(',')
      .map(Number)
      .filter((wait) => wait > 0);
    return { reboot: 70, restart: 25, flash: 200, retries: waits.length > 0 ? waits : [3600] };
  }

  get model(): string {
    return this.details.name;
  }

  get firmware(): string {
    return this.installed ?? this.details.firmware;
  }

  get sipUserAgent(): string {
    return `Cisco-${this.details.product}/${this.firmware}_${this.mac}_${this.#serial}`;
  }

  get serial(): string {
    return this.#serial;
  }

  isYes(name: string): boolean {
    return this.parameters.text(name).toLowerCase() === 'yes';
  }

  /** The macros of profile rules, report rules and action URLs. */
  macros(): Macros {
    const { mac, details } = this;
    const server = this.#server();
    const pairs: [string, string][] = [
      ['MA', mac],
      ['MAU', mac.toUpperCase()],
      ['MAC', mac.replace(/..(?!$)/g, '$&:')],
      ['PN', details.product],
      ['PSN', details.short],
      ['SN', this.#serial],
      ['IP', this.address],
      ['EXTIP', this.address],
      ['SWVER', this.firmware],
      ['HWVER', '1.0.0'],
      ['VERSION', `Cisco-${details.product}/${this.firmware}`],
      ['CCERT', this.services.clientCertificates ? 'Installed' : 'Not Installed'],
      ['PRVST', PROVISION_STATE[this.occasion]],
      ['SCHEME', server.protocol.slice(0, -1)],
      ['SERV', server.hostname],
      ['SERVIP', server.hostname],
      ['PORT', server.port || (server.protocol === 'https:' ? '443' : '80')],
      ['PATH', server.pathname],
      ...[...'ABCDEFGHIJKLMNOP'].map((letter): [string, string] => [letter, this.parameters.text(`GPP_${letter}`)]),
      ...[...'ABCD'].map((letter): [string, string] => [`S${letter}`, this.parameters.text(`GPP_S${letter}`)]),
    ];
    return new Map(pairs);
  }

  protected get userAgent(): string {
    return expandMacros(this.parameters.text('HTTP_User_Agent_Name'), this.macros());
  }

  /** The first rule that names a file; the phone moved where this changes. */
  target(): Target {
    const rule = resolveRule(this.#firstRule(), this.macros());
    if (rule === null) return { url: this.#server(), credential: this.stored };
    return { url: this.#resolve(rule.address), credential: rule.credential ?? this.stored };
  }

  protected async fetchConfiguration(session: HttpSession, target: Target, occasion: Occasion): Promise<string[]> {
    if (!this.isYes('Provision_Enable') && occasion !== 'request') return [];
    const changed = new Set<string>();
    let found = 0;
    for (const name of RULES) {
      const rule = name === 'Profile_Rule' ? target : this.#ruleTarget(name);
      if (rule === null) continue;
      const body = await getFile(session, rule.url, rule.credential);
      if (body === null) {
        if (name === 'Profile_Rule' || this.isYes('Resync_Fails_On_FNF')) {
          throw new LabError('http', `${name}: there is no ${rule.url.pathname}`, { status: 404 });
        }
        continue;
      }
      found++;
      for (const parameter of this.#apply(parseProfile(body))) changed.add(parameter);
      await this.#trustCa(session);
      // A first file that names another Profile_Rule ends this round: the phone resyncs with the new one at once.
      if (name === 'Profile_Rule' && changed.has('Profile_Rule')) break;
    }
    if (found === 0) throw new LabError('http', 'no profile rule led to a file', { status: 404 });
    await this.#loadFirmware(session);
    return [...changed];
  }

  protected lineSettings(): LineSettings[] {
    const { parameters } = this;
    const lines: LineSettings[] = [];
    for (let line = 1; line <= this.details.lines; line++) {
      const user = parameters.text(`User_ID_${line}_`);
      if (
        user === '' ||
        parameters.text(`Line_Enable_${line}_`) === 'No' ||
        parameters.text(`Register_${line}_`) === 'No'
      )
        continue;
      lines.push({
        line,
        user,
        password: parameters.text(`Password_${line}_`),
        server: parameters.text(`Proxy_${line}_`),
        label: parameters.text(`Display_Name_${line}_`) || user,
      });
    }
    return lines;
  }

  protected impactOf(changed: readonly string[]): 'none' | 'restart' | 'reboot' {
    const network =
      /^(?:Connection_Type|Static_IP|NetMask|Gateway|Enable_VLAN|VLAN_ID|Web_Server_Port|Enable_Protocol|Enable_802)/;
    return changed.some((name) => network.test(name)) ? 'reboot' : 'none';
  }

  protected reports(happening: Happening): Report[] {
    return ciscoReports(this, happening);
  }

  protected webServerIsOn(): boolean {
    return this.isYes('Enable_Web_Server');
  }

  /** Resync_At__HHmm_ at a time of day, else Resync_Periodic: seconds, a list of them, or a range `2400+30` (cisco.md 4.1). */
  protected nextPoll(): NextPoll {
    const { parameters } = this;
    const at = parameters.text('Resync_At__HHmm_');
    if (/^\d{4}$/.test(at)) {
      const spread = Number(parameters.text('Resync_At_Random_Delay')) || 600;
      const start = nextTimeOfDay(`${at.slice(0, 2)}:${at.slice(2)}`, '', 0);
      return { at: new Date(start.getTime() + spread * 1000 * this.fraction('poll')) };
    }
    const range = /^\s*(\d+)(?:\s*\+\s*(\d+))?/.exec(parameters.text('Resync_Periodic'));
    const seconds = Number(range?.[1] ?? 0) + Number(range?.[2] ?? 0) * this.fraction('poll');
    return seconds > 0 ? { seconds } : null;
  }

  protected certificateChecks(): { verify: boolean; name: boolean | undefined } {
    return { verify: true, name: undefined };
  }

  protected answer(request: ControlRequest): Promise<ControlReply> {
    return answerCisco(this, this.services, request);
  }

  protected notified(notify: Notify): SipOutcome {
    return ciscoNotify(this, this.services, notify);
  }

  protected override crashed(): void {
    this.#hasCrashed = true;
  }

  /** After a crash it reports by itself, where it is told to (PRT_Upload_at_Crash). */
  protected settled(): void {
    if (!this.#hasCrashed) return;
    this.#hasCrashed = false;
    if (this.isYes('PRT_Upload_at_Crash')) this.afterAnswer(() => this.uploadProblemReport());
  }

  protected forget(): void {
    this.stored = undefined;
  }

  /** Sends a report now, as after a NOTIFY `report`. */
  async reportNow(): Promise<void> {
    await this.report([{ what: 'changed', names: [] }], this.life.signal);
  }

  /** Resyncs once with a rule that was handed over; the stored rules stay (cisco.md 6). */
  async resyncWith(rule: string): Promise<void> {
    const resolved = resolveRule(rule, this.macros());
    if (resolved === null) return this.provision('request');
    const url = this.#resolve(resolved.address);
    await this.withSession(this.life.signal, async (session) => {
      const body = await getFile(session, url, credentialOf(url) ?? resolved.credential ?? this.stored);
      if (body !== null) await this.setLocal('config', parseProfile(body));
    });
  }

  /** Generates and uploads a problem report, where PRT_Upload_Rule names a place. */
  async uploadProblemReport(): Promise<void> {
    const report = problemReport(this);
    if (report !== null) await this.send([report], this.life.signal);
  }

  /** Loads a CA from this address and trusts it from now on. */
  async updateCa(rule: string): Promise<void> {
    await this.withSession(this.life.signal, (session) => this.#trustFrom(session, rule));
  }

  /** One URL of an XML execute request: an internal address, or a page whose text is shown (cisco.md 7). */
  async executeItem(url: string): Promise<void> {
    const resync = /^Resync:\[?(.*?)\]?$/i.exec(url)?.[1];
    if (resync !== undefined) return this.resyncWith(resync);
    if (!/^https?:/i.test(url)) {
      this.press(url);
      return;
    }
    await this.withSession(this.life.signal, async (session) => {
      const body = await getFile(session, new URL(url), undefined);
      if (body === null) return;
      const texts = [...walk(parseXml(body.toString('utf8')))].map(({ text }) => text.trim());
      this.show(texts.filter((text) => text !== '').join('\n'));
    });
  }

  #firstRule(): string {
    const rule = this.parameters.text('Profile_Rule');
    if (rule !== FACTORY_RULE) return rule;
    // In its factory state the phone takes the whole address from DHCP: a file's, or a folder's that holds its $PSN.xml.
    const { server } = this.spec;
    return /\/[^/]*[^/.]+\.[^/]+$/.test(new URL(server).pathname)
      ? server
      : `${server.replace(/\/$/, '')}${FACTORY_RULE}`;
  }

  /** Upgrade_Rule, with the grammar of a profile rule (cisco.md 3, 4.1). */
  async #loadFirmware(session: HttpSession): Promise<void> {
    const target = this.isYes('Upgrade_Enable') ? this.#ruleTarget('Upgrade_Rule') : null;
    const load = target === null ? undefined : ciscoLoad(target.url.pathname);
    if (target === null || load === undefined) return;
    const { version, series } = load;
    await this.load(session, { ...target, version, fits: this.details.name.startsWith(series) });
  }

  #ruleTarget(name: string): Target | null {
    const rule = resolveRule(this.parameters.text(name), this.macros());
    if (rule === null) return null;
    return { url: this.#resolve(rule.address), credential: rule.credential ?? this.stored };
  }

  #server(): URL {
    return new URL(expandDhcp(this.spec.server, this.mac));
  }

  #resolve(address: string): URL {
    if (!URL.canParse(address, this.#server().href))
      throw new LabError('unreachable', `profile rule: "${address}" is no address`);
    return new URL(address, this.#server());
  }

  #apply(values: ParameterMap): string[] {
    const local = this.parameters.layer('local');
    const kept = new Map([...local].filter(([name]) => !values.has(name)));
    return [
      ...this.parameters.set('config', values),
      ...(kept.size === local.size ? [] : this.parameters.replace('local', kept)),
    ];
  }

  /** Custom_CA_Rule, cisco.md 5. */
  #trustCa(session: HttpSession): Promise<void> {
    return this.#trustFrom(session, this.parameters.text('Custom_CA_Rule'));
  }

  async #trustFrom(session: HttpSession, text: string): Promise<void> {
    const rule = resolveRule(text, this.macros());
    if (rule === null) return;
    const body = await getFile(session, this.#resolve(rule.address), rule.credential);
    if (body?.includes('-----BEGIN CERTIFICATE-----')) this.trusted.add(body.toString('latin1'));
  }
}

/** DHCP hands the URL over with its macros in it. */
function expandDhcp(server: string, mac: string): string {
  return server.replaceAll('$MAU', mac.toUpperCase()).replaceAll('$MA', mac);
}
