/** The statements behind each kind of fact. Runs in the writer's thread, inside its transactions. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EvidenceKind } from '../../sdk/ports/evidence.ts';
import {
  type Attention,
  CAME_BACK,
  type Fact,
  type LoginUsed,
  type Reported,
  type Seen,
  type Served,
  type Stranger,
  UNCONFIGURABLE,
} from '../../sdk/ports/facts.ts';
import { siteResolver } from '../admission.ts';
import { ENTERPRISE } from '../connection.ts';
import { type LineState, sipState, withReport } from './lines.ts';

/** So many strangers are remembered; a scanner that makes up addresses fills no disk. */
const MOST_STRANGERS = 10_000;

/** Two addresses within this time (milliseconds) are two places, not a phone that moved (security.md P-05). */
const TWO_PLACES = 60_000;

export class FactStatements {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #kept = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** `kept`: it happened a while ago and could not be written then. */
  apply(fact: Fact, kept = false): void {
    this.#kept = kept;
    switch (fact.type) {
      case 'seen':
        this.#seen(fact);
        break;
      case 'served':
        this.#served(fact);
        break;
      case 'login-used':
        this.#loginUsed(fact);
        break;
      case 'reported':
        this.#reported(fact);
        break;
      case 'evidence':
        this.#evidence(fact.evidence);
        break;
      case 'attention':
        this.#attention(fact);
        break;
      case 'stranger':
        this.#stranger(fact);
        break;
    }
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#database.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  /** False for a device that was deleted meanwhile: facts about it have no place to go. */
  #exists(deviceId: number): boolean {
    return this.#sql('SELECT 1 FROM device WHERE id = ?').get(deviceId) !== undefined;
  }

  #evidence(evidence: {
    deviceId: number;
    at: number;
    kind: EvidenceKind;
    address: string | null;
    detail: Readonly<Record<string, unknown>>;
  }): void {
    if (!this.#exists(evidence.deviceId)) return;
    this.#sql('INSERT INTO evidence (device_id, at, kind, address, detail) VALUES (?, ?, ?, ?, ?)').run(
      evidence.deviceId,
      evidence.at,
      evidence.kind,
      evidence.address,
      JSON.stringify(this.#kept ? { ...evidence.detail, kept: true } : evidence.detail),
    );
  }

  #seen({ deviceId, at, address, vendor, model, firmware }: Seen): void {
    if (!this.#exists(deviceId)) return;
    const before = this.#sql('SELECT public_ip, seen_at FROM device_fact WHERE device_id = ?').get(deviceId);
    this.#sql(
      `INSERT INTO device_fact (device_id, seen_at, first_seen_at, online, public_ip, address_at) VALUES (?1, ?2, ?2, 1, ?3, ?2)
       ON CONFLICT (device_id) DO UPDATE SET seen_at = max(coalesce(seen_at, 0), ?2), online = 1,
         first_seen_at = coalesce(first_seen_at, ?2),
         address_at = CASE WHEN public_ip IS ?3 THEN address_at ELSE ?2 END, public_ip = ?3`,
    ).run(deviceId, at, address);
    this.#identity(deviceId, at, { vendor, model, firmware });
    if (before?.['public_ip'] === address) return;
    this.#evidence({ deviceId, at, kind: 'address', address, detail: { before: before?.['public_ip'] ?? null } });
    this.#resolveSite(deviceId, at, address);
    if (typeof before?.['public_ip'] === 'string' && at - Number(before['seen_at']) < TWO_PLACES) {
      this.#attention({
        type: 'attention',
        deviceId,
        text: `seen from ${before['public_ip']} and ${address} within a minute: a copied credential, or a moved phone`,
      });
    }
  }

  #identity(
    deviceId: number,
    at: number,
    known: { vendor: string | undefined; model: string | undefined; firmware: string | undefined },
  ): void {
    const { vendor = null, model = null, firmware = null } = known;
    if (vendor === null && model === null && firmware === null) return;
    this.#sql(
      `UPDATE device_fact SET vendor = coalesce(?2, vendor), model = coalesce(?3, model),
         firmware = coalesce(?4, firmware), identity_at = ?5 WHERE device_id = ?1`,
    ).run(deviceId, vendor, model, firmware, at);
  }

  /** SITE-10: a device whose site follows its addresses moves as soon as they say so. */
  #resolveSite(deviceId: number, at: number, address: string): void {
    const device = this.#sql('SELECT site_id, site_mode, private_ip FROM device WHERE id = ?').get(deviceId);
    if (device?.['site_mode'] !== 'auto') return;
    const privateIp = device['private_ip'] === null ? null : String(device['private_ip']);
    const { siteId } = siteResolver(this.#database).resolve({ publicIp: address, privateIp });
    if (siteId === device['site_id']) return;
    this.#sql('UPDATE device SET site_id = ?, version = version + 1, updated_at = ? WHERE id = ?').run(
      siteId,
      at,
      deviceId,
    );
  }

  #served({ deviceId, at, address, name, digest, status, firmware, again }: Served): void {
    if (!this.#exists(deviceId)) return;
    this.#sql(
      `INSERT INTO device_fact (device_id, served_digest, served_at, served_to, provisioned_at, provision_result)
       VALUES (?1, ?2, ?3, ?4, ?3, 'success') ON CONFLICT (device_id) DO UPDATE SET served_digest = ?2, served_at = ?3,
         served_to = ?4, provisioned_at = ?3, provision_result = 'success',
         attention = CASE WHEN attention LIKE '${UNCONFIGURABLE}%' THEN NULL ELSE attention END`,
    ).run(deviceId, digest, at, address);
    if (!again) this.#evidence({ deviceId, at, kind: 'fetch', address, detail: { name, digest, status, firmware } });
  }

  #loginUsed({ deviceId, at, address }: LoginUsed): void {
    const first = this.#sql(
      `UPDATE device_credential SET first_used_at = ?2 WHERE device_id = ?1 AND purpose = 'provisioning'
       AND first_used_at IS NULL`,
    ).run(deviceId, at);
    this.#sql(`UPDATE device_credential SET last_used_at = ?2 WHERE device_id = ?1 AND purpose = 'provisioning'`).run(
      deviceId,
      at,
    );
    this.#sql(`UPDATE device_fact SET attention = NULL WHERE device_id = ? AND attention LIKE '${CAME_BACK}%'`).run(
      deviceId,
    );
    // A window that was opened again is done when the phone that was served in it shows its login.
    const done = this.#sql(
      `UPDATE enrolment SET completed_at = ?2 WHERE device_id = ?1 AND completed_at IS NULL
       AND (served_at IS NOT NULL OR ?3 = 1)`,
    ).run(deviceId, at, Number(first.changes) > 0 ? 1 : 0);
    if (Number(first.changes) + Number(done.changes) === 0) return;
    this.#evidence({ deviceId, at, kind: 'enrolled', address, detail: {} });
  }

  #reported(report: Reported): void {
    const { deviceId, at, address, kind } = report;
    if (!this.#exists(deviceId)) return;
    this.#seen({ type: 'seen', deviceId, at, address });
    this.#identity(deviceId, at, { vendor: report.vendor, model: report.model, firmware: report.firmware });
    if (report.reportedIp !== undefined) {
      this.#sql('UPDATE device_fact SET reported_ip = ? WHERE device_id = ?').run(report.reportedIp, deviceId);
    }
    if (kind === 'boot') this.#sql('UPDATE device_fact SET booted_at = ? WHERE device_id = ?').run(at, deviceId);
    if (kind === 'provisioned') {
      this.#sql(`UPDATE device_fact SET provisioned_at = ?, provision_result = 'success' WHERE device_id = ?`).run(
        at,
        deviceId,
      );
    }
    if (kind === 'call' || kind === 'idle') {
      this.#sql('UPDATE device_fact SET call = ?, call_at = ? WHERE device_id = ?').run(
        kind === 'call' ? 'in-call' : 'idle',
        at,
        deviceId,
      );
    }
    if (kind === 'registered' || kind === 'unregistered') this.#line(report, kind);
    const { line, user, detail } = report;
    this.#evidence({
      deviceId,
      at,
      kind: kind === 'provisioned' ? 'report' : kind,
      address,
      detail: { ...detail, ...(line !== undefined && { line }), ...(user !== undefined && { user }) },
    });
  }

  /** DEV-27: the SIP status is over all lines. */
  #line({ deviceId, at, line, user }: Reported, state: LineState['state']): void {
    const accounts = this.#sql(
      `SELECT l.line, a.username FROM device_line l JOIN account a ON a.id = l.account_id WHERE l.device_id = ?`,
    ).all(deviceId) as unknown as { line: number; username: string }[];
    const row = this.#sql('SELECT lines FROM device_fact WHERE device_id = ?').get(deviceId);
    const lines = withReport(JSON.parse(String(row?.['lines'] ?? '[]')), accounts, { line, user, state, at });
    this.#sql('UPDATE device_fact SET lines = ?, sip = ?, sip_at = ? WHERE device_id = ?').run(
      JSON.stringify(lines),
      sipState(lines, accounts),
      at,
      deviceId,
    );
  }

  #attention({ deviceId, text }: Attention): void {
    if (!this.#exists(deviceId)) return;
    this.#sql(
      `INSERT INTO device_fact (device_id, attention) VALUES (?1, ?2)
       ON CONFLICT (device_id) DO UPDATE SET attention = ?2`,
    ).run(deviceId, text);
  }

  #stranger({ mac, at, address, userAgent, vendor, model, firmware }: Stranger): void {
    if (this.#sql('SELECT 1 FROM device WHERE enterprise_id = ? AND mac = ?').get(ENTERPRISE, mac) !== undefined)
      return;
    const known = this.#sql(
      `UPDATE quarantine SET last_seen_at = ?3, requests = requests + 1, address = ?4, user_agent = ?5,
         vendor = coalesce(?6, vendor), model = coalesce(?7, model), firmware = coalesce(?8, firmware)
       WHERE enterprise_id = ?1 AND mac = ?2`,
    ).run(ENTERPRISE, mac, at, address, userAgent, vendor, model, firmware);
    if (Number(known.changes) > 0) return;
    const count = this.#sql('SELECT count(*) AS n FROM quarantine WHERE enterprise_id = ?').get(ENTERPRISE);
    if (Number(count?.['n']) >= MOST_STRANGERS) return;
    this.#sql(
      `INSERT INTO quarantine (enterprise_id, mac, first_seen_at, last_seen_at, requests, address, user_agent, vendor,
         model, firmware) VALUES (?1, ?2, ?3, ?3, 1, ?4, ?5, ?6, ?7, ?8)`,
    ).run(ENTERPRISE, mac, at, address, userAgent, vendor, model, firmware);
  }
}
