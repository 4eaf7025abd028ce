/** From a row of cells to a staged device, or to what is wrong with it. Runs for every row: no promise, no query. */
import { DEVICE_KINDS, type DeviceVendor, type Kind, parseSerial, parseTags } from '../../../domain/device.ts';
import { parseMac } from '../../../domain/mac.ts';
import type { ModelCatalogue } from '../../../domain/models.ts';
import { checkName, checkText } from '../../../domain/text.ts';
import { type RowError, shown } from '../../csv/report.ts';
import type { Row } from '../../csv/table.ts';
import type { BulkDevices, StagedAccount, StagedDevice } from '../../ports/bulk.ts';
import { isControlUrl } from '../fields.ts';
import { type Approvals, isProblem, notApproved, type What, type WhatProblem, whatIs } from '../model.ts';
import type { DeviceColumn, DeviceColumns } from './columns.ts';
import { type Found, findGroups, findNamed, type Named, remembered } from './lookup.ts';
import { type Complaint, ProfileWriter } from './profile.ts';
import { SeenMacs } from './seen.ts';

/** What rows may refer to, looked up beforehand. */
export interface Surroundings {
  readonly sites: Named;
  readonly groups: Named;
  /** The site that this address says (SITE-10). */
  readonly locate: (privateIp: string | null) => number;
  readonly models: ModelCatalogue;
  readonly approvals: Approvals;
  /** Model and site of a device that is there already; asked for only where its model is not approved. */
  readonly standing: (device: string) => { readonly model: string | null; readonly siteId: number } | undefined;
  /** True when sites outside the caller's scope must be refused. */
  readonly scoped: boolean;
}

type SaidWords = { readonly vendor: string; readonly model: string; readonly type: string };

/** Warnings of one sort that are spelt out. */
const SPELT_OUT = 20;

export class RowCompiler {
  readonly warnings: string[] = [];
  readonly profiles: ProfileWriter;
  readonly #columns: DeviceColumns;
  readonly #around: Surroundings;
  readonly #bulk: BulkDevices;
  readonly #keepCells: boolean;
  readonly #indexes: Readonly<Record<DeviceColumn, number | undefined>>;
  readonly #net = process.getBuiltinModule('node:net');
  readonly #macs = new SeenMacs();
  readonly #serials = new Map<string, number>();
  readonly #whats = new Map<string, What | WhatProblem>();
  #lastSaid: SaidWords = { vendor: '', model: '', type: '' };
  #lastWhat: What | WhatProblem;
  readonly #kinds = new Map<What | undefined, Map<string, number>>();
  readonly #sites = new Map<string, Found<number>>();
  readonly #groups = new Map<string, Found<readonly number[]>>();
  #warned = 0;
  #errors: RowError[] = [];
  #row: Row = { line: 0, cells: [] };

  constructor(columns: DeviceColumns, around: Surroundings, bulk: BulkDevices, keepCells: boolean) {
    this.#columns = columns;
    this.#around = around;
    this.#bulk = bulk;
    this.#keepCells = keepCells;
    this.profiles = new ProfileWriter(columns.parameters);
    this.#lastWhat = whatIs(around.models, this.#lastSaid);
    this.#indexes = Object.fromEntries([...columns.fields].map(([name, { index }]) => [name, index])) as Record<
      DeviceColumn,
      number | undefined
    >;
  }

  /** The staged device, or the errors of the row. */
  compile(row: Row, n: number): StagedDevice | readonly RowError[] {
    this.#errors = [];
    this.#row = row;
    const secretsBefore = this.profiles.pending;
    if (row.problem !== undefined) {
      return [{ line: row.line, column: '', value: '', ...row.problem }];
    }
    const mac = this.#mac();
    const serial = this.#serial();
    if (mac === null && serial === null && this.#errors.length === 0) {
      this.#wrong('mac', 'The row names no device.', 'Give its MAC address or its serial number.');
    }
    const what = this.#what();
    const vendor = this.#vendorOf(what, mac);
    const name = this.#checked('name', checkName)?.trim() ?? null;
    const description = this.#checked('description', checkText);
    const privateIp = this.#address();
    const site = this.#site(privateIp);
    this.#checkIdentity(what, mac, serial, site.siteId);
    const controlUrl = this.#checked('control_url', (text) =>
      isControlUrl(text) ? undefined : 'is not an http:// or https:// URL without path and password',
    );
    const tags = this.#tags();
    const groups = this.#groupIds();
    const document = this.profiles.write(row.cells, { vendor, mac, serial }, this.#complain);
    const accounts = this.#accounts(what);
    const kind = this.#kind();
    const machineId = this.#checked('machine_id', checkText);
    const port = this.#checked('port', checkText);
    if (this.#errors.length > 0) {
      this.profiles.forget(secretsBefore);
      return this.#errors;
    }
    return {
      n,
      line: row.line,
      mac,
      serial,
      kind: this.#kindNumber(vendor, what, kind),
      machineId,
      name,
      description,
      ...site,
      privateIp,
      controlUrl,
      port,
      tags,
      groups,
      document,
      accounts,
      cells: this.#keepCells ? row.cells : null,
    };
  }

  #cell(column: DeviceColumn): string {
    const index = this.#indexes[column];
    return index === undefined ? '' : (this.#row.cells[index] ?? '');
  }

  #wrong(column: DeviceColumn, reason: string, remedy: string): void {
    const header = this.#columns.fields.get(column)?.name ?? column;
    this.#errors.push({ line: this.#row.line, column: header, value: shown(this.#cell(column)), reason, remedy });
  }

  readonly #complain: Complaint = (column, cell, secret, problem) => {
    const { line } = this.#row;
    const remedy = 'Correct or empty the cell.';
    this.#errors.push({ line, column, value: shown(cell, secret), reason: `This ${problem}.`, remedy });
  };

  #warn(text: string): void {
    this.#warned += 1;
    if (this.#warned <= SPELT_OUT) this.warnings.push(`Line ${this.#row.line}: ${text}`);
    else if (this.#warned === SPELT_OUT + 1) this.warnings.push('Further warnings about rows are not listed.');
  }

  /** B-26 as design.md 12 has it: any usual spelling. */
  #mac(): string | null {
    const cell = this.#cell('mac');
    if (cell === '') return null;
    const mac = parseMac(cell);
    if (mac === undefined) {
      this.#wrong(
        'mac',
        'This is not a MAC address.',
        'Write 12 hexadecimal digits: 0004f2abcdef or 00:04:f2:ab:cd:ef.',
      );
      return null;
    }
    const before = this.#macs.add(mac, this.#row.line);
    if (before !== undefined) this.#wrong('mac', `This MAC is on line ${before} too.`, 'Keep one of the two rows.');
    return mac;
  }

  #serial(): string | null {
    const cell = this.#cell('serial');
    if (cell === '') return null;
    const serial = parseSerial(cell);
    if (serial === undefined) {
      this.#wrong('serial', 'This is not a serial number.', 'Write its 4 to 32 letters and digits without separators.');
      return null;
    }
    const before = this.#serials.get(serial);
    if (before === undefined) this.#serials.set(serial, this.#row.line);
    else this.#wrong('serial', `This serial number is on line ${before} too.`, 'Keep one of the two rows.');
    return serial;
  }

  #what(): What | undefined {
    const vendor = this.#cell('vendor');
    const model = this.#cell('model');
    const type = this.#cell('type');
    const last = this.#lastSaid;
    const same = vendor === last.vendor && model === last.model && type === last.type;
    const what = same ? this.#lastWhat : this.#whatIs({ vendor, model, type });
    if (!isProblem(what)) return what;
    this.#wrong(what.field, what.reason, what.remedy);
    return undefined;
  }

  /** The number under which the bulk writer knows this vendor, model and kind. */
  #kindNumber(vendor: DeviceVendor | null, what: What | undefined, kind: Kind | null): number {
    const said = what?.vendor === vendor;
    let kinds = this.#kinds.get(what);
    if (kinds === undefined) {
      kinds = new Map();
      this.#kinds.set(what, kinds);
    }
    return remembered(kinds, `${vendor}\t${kind}`, () =>
      this.#bulk.kind({
        vendor,
        vendorSaid: said,
        model: what?.model ?? null,
        family: what?.family ?? null,
        kind: kind ?? (what !== undefined && (what.model ?? what.family) !== null ? what.kind : null),
      }),
    );
  }

  /** Remembered by its words, and the last one at hand: most rows say the same. */
  #whatIs(said: SaidWords): What | WhatProblem {
    const key = `${said.vendor}\t${said.model}\t${said.type}`;
    this.#lastWhat = remembered(this.#whats, key, () => whatIs(this.#around.models, said));
    this.#lastSaid = said;
    return this.#lastWhat;
  }

  /** What was said, else whose parameters the row has, else the MAC's block; the manual's files are Polycom's. */
  #vendorOf(what: What | undefined, mac: string | null): DeviceVendor | null {
    const maker = mac === null ? undefined : this.#around.models.vendorOfMac(mac);
    if (what?.vendor) {
      if (maker !== undefined && maker !== what.vendor) {
        this.#warn(`${mac} is from a block of ${maker}, not of ${what.vendor}. Is it the right MAC?`);
      }
      return what.vendor;
    }
    for (const { header, known } of this.#columns.parameters) {
      const vendors = Object.keys(known);
      if (vendors.length === 1 && this.#row.cells[header.index] !== '') return vendors[0] as DeviceVendor;
    }
    if (maker !== undefined && maker !== 'other') return maker;
    return this.#columns.manual ? 'poly' : null;
  }

  #checkIdentity(what: What | undefined, mac: string | null, serial: string | null, siteId: number | null): void {
    if (what === undefined) return;
    if (what.idBy === 'serial' && serial === null) {
      this.#wrong('serial', `A ${what.model ?? what.family} is known by its serial number.`, 'Give its serial number.');
    }
    if (what.idBy === 'mac' && mac === null && serial !== null) {
      this.#wrong('mac', `A ${what.model ?? what.family} is known by its MAC address.`, 'Give its MAC address.');
    }
    const refusal = siteId === null ? undefined : notApproved(this.#around.approvals, what, siteId);
    if (refusal === undefined) return;
    // Approval is about adding: what stands there already, as it was approved then, is no mistake of the file.
    const standing = this.#around.standing(mac ?? serial ?? '');
    if (standing?.model !== what.model || standing.siteId !== siteId)
      this.#wrong('model', refusal, 'Approve it with phonectl model approve.');
  }

  /** The cell when it has text and `check` finds nothing wrong with it. */
  #checked(column: DeviceColumn, check: (text: string) => string | undefined): string | null {
    const cell = this.#cell(column);
    if (cell === '') return null;
    const problem = check(cell);
    if (problem === undefined) return cell;
    this.#wrong(column, `This ${problem}.`, 'Correct it.');
    return null;
  }

  #address(): string | null {
    const cell = this.#cell('private_ip');
    if (cell === '') return null;
    if (this.#net.isIP(cell) !== 0) return cell.toLowerCase();
    this.#wrong('private_ip', 'This is not an IP address.', 'Write an IPv4 or IPv6 address, or leave it empty.');
    return null;
  }

  /** A named site pins the device unless `site_mode` says auto; without one its address decides (B-01). */
  #site(privateIp: string | null): Pick<StagedDevice, 'siteId' | 'siteMode'> {
    const name = this.#cell('site');
    const mode = this.#cell('site_mode').toLowerCase();
    if (mode !== '' && mode !== 'auto' && mode !== 'pinned') {
      this.#wrong('site_mode', 'A site mode is auto or pinned.', 'Write one of them, or leave it empty.');
    }
    if (name === '') {
      if (mode === 'pinned') this.#wrong('site', 'A pinned device needs a site.', 'Name its site.');
      const siteId = this.#around.locate(privateIp);
      if (this.#around.scoped && ![...this.#around.sites.values()].some(({ id }) => id === siteId)) {
        this.#wrong(
          'site',
          'Its address puts this device at a site that you may not change.',
          'Name one of your sites.',
        );
      }
      return { siteId, siteMode: mode === 'auto' ? 'auto' : null };
    }
    const site = remembered(this.#sites, name, () => findNamed('site', name, this.#around.sites));
    if ('problem' in site) {
      this.#wrong('site', site.problem.reason, site.problem.remedy);
      return { siteId: null, siteMode: null };
    }
    return { siteId: site.value, siteMode: mode === 'auto' ? 'auto' : 'pinned' };
  }

  #groupIds(): readonly number[] | null {
    const cell = this.#cell('groups');
    if (cell === '') return null;
    const groups = remembered(this.#groups, cell, () => findGroups(cell, this.#around.groups));
    if ('value' in groups) return groups.value;
    this.#wrong('groups', groups.problem.reason, groups.problem.remedy);
    return null;
  }

  #tags(): string | null {
    const cell = this.#cell('tags');
    if (cell === '') return null;
    const parsed = parseTags(cell);
    if ('tags' in parsed) return JSON.stringify(parsed.tags);
    this.#wrong('tags', parsed.problem, 'Write tags as key=value, with blanks between them.');
    return null;
  }

  #kind(): Kind | null {
    const cell = this.#cell('kind').toLowerCase();
    if (cell === '') return null;
    if ((DEVICE_KINDS as readonly string[]).includes(cell)) return cell as Kind;
    this.#wrong('kind', 'This is not a kind of device.', `Write ${DEVICE_KINDS.join(', ')}.`);
    return null;
  }

  #accounts(what: What | undefined): readonly StagedAccount[] {
    const { accounts } = this.#columns;
    if (accounts.length === 0) return [];
    const found: StagedAccount[] = [];
    for (const { header, line } of accounts) {
      const reference = this.#row.cells[header.index] ?? '';
      if (reference === '') continue;
      if (what?.maxLines !== undefined && line > what.maxLines) {
        this.#warn(`a ${what.model} has ${what.maxLines} lines; the account of line ${line} is left out.`);
        continue;
      }
      found.push({ line, column: header.name, reference });
    }
    return found;
  }
}
