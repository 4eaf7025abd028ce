/** Letting an unannounced phone in: by `device approve`, or at its first contact where its site adds phones by itself. */
import type { DatabaseSync } from 'node:sqlite';
import { SiteResolver, type SubnetRule } from '../domain/site.ts';
import { PhonectlError } from '../sdk/errors.ts';
import type { Admission } from '../sdk/ports/enrolments.ts';
import { ENTERPRISE } from './connection.ts';

/** The sites' network plan as it is now. */
export function siteResolver(database: DatabaseSync): SiteResolver {
  const rules = database.prepare(
    `SELECT site_id AS "siteId", public_cidr AS "publicCidr", private_cidr AS "privateCidr"
     FROM site_subnet JOIN site ON site.id = site_id WHERE enterprise_id = ?`,
  );
  const special = database.prepare('SELECT id FROM site WHERE enterprise_id = ? AND kind = ?');
  const idOf = (kind: string): number => {
    const row = special.get(ENTERPRISE, kind);
    if (row === undefined) throw new PhonectlError('damaged', `The site of kind '${kind}' is missing.`);
    return Number(row['id']);
  };
  return new SiteResolver(rules.all(ENTERPRISE) as unknown as SubnetRule[], {
    internet: idOf('internet'),
    unlocated: idOf('company'),
  });
}

/** Adds the phone with a site by its address (SITE-10) and the default groups (GRP-06); returns the device's id. */
export function admitDevice(
  database: DatabaseSync,
  admission: Admission,
  resolver: SiteResolver = siteResolver(database),
): number {
  const { mac, vendor, model, firmware, address, at } = admission;
  const known = database.prepare('SELECT id FROM device WHERE enterprise_id = ? AND mac = ?').get(ENTERPRISE, mac);
  if (known === undefined) checkApproved(database, admission, resolver);
  const id = known === undefined ? insert(database, admission, resolver) : Number(known['id']);
  database
    .prepare(
      `INSERT INTO device_fact (device_id, seen_at, first_seen_at, online, public_ip, address_at, vendor, model, firmware,
         identity_at) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?) ON CONFLICT (device_id) DO NOTHING`,
    )
    .run(id, at, at, address, at, vendor, model, firmware, at);
  database.prepare('DELETE FROM quarantine WHERE enterprise_id = ? AND mac = ?').run(ENTERPRISE, mac);
  return id;
}

function insert(
  database: DatabaseSync,
  { mac, vendor, model, address, at }: Admission,
  resolver: SiteResolver,
): number {
  const { siteId } = resolver.resolve({ publicIp: address });
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO device (enterprise_id, mac, vendor, model, site_id, origin, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, 'auto', ?, ?)`,
    )
    .run(ENTERPRISE, mac, vendor, model, siteId, at, at);
  database
    .prepare(
      `INSERT INTO device_group_member (device_id, group_id, position)
       SELECT ?, id, row_number() OVER (ORDER BY default_rank) FROM device_group
       WHERE enterprise_id = ? AND default_rank IS NOT NULL`,
    )
    .run(lastInsertRowid, ENTERPRISE);
  return Number(lastInsertRowid);
}

/** MODEL-18: once models are approved, only those are let in. */
function checkApproved(database: DatabaseSync, { mac, vendor, model, address }: Admission, sites: SiteResolver): void {
  const { siteId } = sites.resolve({ publicIp: address });
  const rules = database.prepare('SELECT count(*) AS n FROM approved_model WHERE enterprise_id = ?').get(ENTERPRISE);
  if (Number(rules?.['n']) === 0) return;
  const approved = database
    .prepare(
      `SELECT 1 FROM approved_model WHERE enterprise_id = ? AND vendor = ? AND lower(model) = lower(?)
       AND (site_id IS NULL OR site_id = ?)`,
    )
    .get(ENTERPRISE, vendor, model, siteId);
  if (approved !== undefined) return;
  throw new PhonectlError('conflict', `${mac} is a ${model ?? 'phone of unknown model'}, which is not approved here.`, {
    hints: ['Approve the model with `phonectl model approve MODEL`, then the device.'],
    details: { mac, model },
  });
}
