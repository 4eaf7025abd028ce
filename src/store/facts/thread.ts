/**
 * The writer's thread: one connection, one transaction per batch. A fact that fails (its device is gone, its text is
 * not what the schema takes) is dropped alone; when the store itself refuses, nothing of the batch is written, and the
 * other side keeps it.
 */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { isPhonectlError } from '../../sdk/errors.ts';
import type { Admission } from '../../sdk/ports/enrolments.ts';
import { admitDevice, siteResolver } from '../admission.ts';
import { openDatabase, storeError } from '../sqlite.ts';
import { FactStatements } from './apply.ts';
import type { Batch, Command, Failure, Reply, ThreadData } from './messages.ts';

/** Evidence is kept so long (milliseconds); tasks and people look at the last days only. */
const EVIDENCE_KEPT = 30 * 86_400_000;
const PRUNE_EVERY = 3_600_000;
/** How long a phone that was added by itself may enrol (milliseconds); as after an import. */
const AUTO_WINDOW = 72 * 3_600_000;
/** Rows that one pruning deletes, so that it holds the store no longer than a batch does. */
const PRUNED_AT_ONCE = 5_000;

function start(port: NonNullable<typeof parentPort>, data: ThreadData): void {
  const database = openDatabase(data);
  const statements = new FactStatements(database);
  let pruned = 0;

  port.on('message', (batch: Batch) => {
    port.postMessage(run(database, statements, batch));
    if (batch.last === true) {
      database.close();
      port.close();
    } else if (Date.now() - pruned > PRUNE_EVERY) {
      pruned = Date.now();
      prune(database);
    }
  });
}

function run(database: DatabaseSync, statements: FactStatements, { facts, commands, kept }: Batch): Reply {
  const results: Reply['results'][number][] = [];
  let dropped = 0;
  if (facts.length + commands.length === 0) return { written: 0, dropped, results };
  try {
    database.exec('BEGIN IMMEDIATE');
    for (const fact of facts) {
      try {
        statements.apply(fact, kept);
      } catch (error) {
        if (isStoreTrouble(error)) throw error;
        dropped += 1;
      }
    }
    for (const { id, command } of commands) {
      try {
        results.push({ id, value: execute(database, command) });
      } catch (error) {
        if (isStoreTrouble(error)) throw error;
        results.push({ id, failure: toFailure(error) });
      }
    }
    database.exec('COMMIT');
    return { written: facts.length - dropped, dropped, results };
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    const failure = toFailure(storeError(error));
    return {
      written: 0,
      dropped: 0,
      trouble: failure,
      results: commands.map(({ id }) => ({ id, failure })),
    };
  }
}

/** Lock, disk, damage: not the fault of the one fact that met it. */
function isStoreTrouble(error: unknown): boolean {
  return isPhonectlError(storeError(error)) && !isPhonectlError(error);
}

function toFailure(error: unknown): Failure {
  if (isPhonectlError(error)) return { code: error.code, message: error.message };
  return { code: 'unexpected', message: error instanceof Error ? error.message : String(error) };
}

function execute(database: DatabaseSync, command: Command): unknown {
  switch (command.type) {
    case 'add-credentials': {
      const add = database.prepare(
        `INSERT INTO device_credential (device_id, purpose, username, secret, verifier, created_at)
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (device_id, purpose) DO NOTHING`,
      );
      for (const { deviceId, purpose, username, secret, verifier, at } of command.credentials) {
        add.run(deviceId, purpose, username, secret, verifier, at);
      }
      return undefined;
    }
    case 'bind-enrolment': {
      const { deviceId, address, at } = command;
      const bound = database
        .prepare(
          `UPDATE enrolment SET bound_address = ?2, served_at = coalesce(served_at, ?3)
           WHERE device_id = ?1 AND closes_at > ?3 AND completed_at IS NULL
             AND (bound_address IS NULL OR bound_address = ?2)`,
        )
        .run(deviceId, address, at);
      return Number(bound.changes) === 1;
    }
    case 'auto-add': {
      const resolver = siteResolver(database);
      const { siteId } = resolver.resolve({ publicIp: command.admission.address });
      const site = database.prepare('SELECT auto_add FROM site WHERE id = ?').get(siteId);
      if (site?.['auto_add'] !== 1) return undefined;
      const deviceId = admitDevice(database, command.admission, resolver);
      openWindow(database, deviceId, command.admission);
      return deviceId;
    }
    case 'record-upload': {
      const { deviceId, kind, name, size, sha256, path, receivedAt } = command.upload;
      database
        .prepare(
          `INSERT INTO upload (device_id, kind, name, size, sha256, path, received_at) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (device_id, name) DO UPDATE SET kind = excluded.kind, size = excluded.size,
             sha256 = excluded.sha256, path = excluded.path, received_at = excluded.received_at`,
        )
        .run(deviceId, kind, name, size, sha256, path, receivedAt);
      return undefined;
    }
  }
}

/** A phone that its site takes in by itself enrols from where it is. */
function openWindow(database: DatabaseSync, deviceId: number, { address, at }: Admission): void {
  const networks = JSON.stringify([`${address}/${address.includes(':') ? 128 : 32}`]);
  database
    .prepare(
      `INSERT INTO enrolment (device_id, opened_at, closes_at, networks) VALUES (?, ?, ?, ?)
       ON CONFLICT (device_id) DO NOTHING`,
    )
    .run(deviceId, at, at + AUTO_WINDOW, networks);
}

function prune(database: DatabaseSync): void {
  try {
    database
      .prepare('DELETE FROM evidence WHERE id IN (SELECT id FROM evidence WHERE at < ? ORDER BY id LIMIT ?)')
      .run(Date.now() - EVIDENCE_KEPT, PRUNED_AT_ONCE);
  } catch (error) {
    // A locked or full store keeps its old evidence for another hour; anything else is a defect and must show.
    if (!isStoreTrouble(error)) throw error;
  }
}

if (parentPort !== null) start(parentPort, workerData as ThreadData);
