import { mkdirSync } from 'node:fs'
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'

export type Database = SqliteDatabase.Database

/** How long one process waits for the short transactions of the other (a seed beside a running simulator). */
const BUSY_TIMEOUT_MS = 5000

/**
 * Opens the simulator's own file. Each commit is in the write-ahead log before the answer leaves, so killing the process loses nothing that was
 * answered; only the loss of the machine itself could, which a simulator may accept (`synchronous = NORMAL`).
 */
export function openDatabase(databasePath: string): Database {
  mkdirSync(path.dirname(databasePath), { recursive: true })
  const database = new SqliteDatabase(databasePath, { timeout: BUSY_TIMEOUT_MS })
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  database.exec(SCHEMA)
  return database
}

/**
 * Columns carry the names of the API's fields, times are epoch milliseconds. `dueAt` and `outcome` are the work that is under way on a row,
 * `consentToken` the one consent mail that is still valid. The ledger, the rules for faults and the tokens outlive a kill like everything else:
 * a test kills the process that they are in. There is an index for every list filter, each ending in the order of the list.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS enterprises (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation TEXT NOT NULL,
    id TEXT NOT NULL,
    orgId TEXT NOT NULL,
    spEnterpriseId TEXT NOT NULL,
    provisioningId TEXT NOT NULL,
    UNIQUE (organisation, id),
    UNIQUE (organisation, spEnterpriseId)
  );
  CREATE TABLE IF NOT EXISTS subscribers (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation TEXT NOT NULL,
    id TEXT NOT NULL,
    personId TEXT,
    userId TEXT NOT NULL COLLATE NOCASE,
    spEnterpriseId TEXT NOT NULL,
    provisioningId TEXT NOT NULL,
    firstName TEXT NOT NULL,
    lastName TEXT NOT NULL,
    email TEXT COLLATE NOCASE,
    primaryPhoneNumber TEXT,
    mobilePhoneNumber TEXT,
    extension TEXT,
    package TEXT NOT NULL,
    status TEXT NOT NULL,
    errors TEXT,
    created INTEGER NOT NULL,
    lastStatusChange INTEGER NOT NULL,
    selfActivated INTEGER NOT NULL,
    dueAt INTEGER,
    outcome TEXT,
    consentToken TEXT UNIQUE,
    UNIQUE (organisation, id),
    UNIQUE (organisation, userId)
  );
  CREATE INDEX IF NOT EXISTS subscribersByCreated ON subscribers (organisation, created);
  CREATE INDEX IF NOT EXISTS subscribersByChange ON subscribers (organisation, lastStatusChange);
  CREATE INDEX IF NOT EXISTS subscribersByStatus ON subscribers (organisation, status, created);
  CREATE INDEX IF NOT EXISTS subscribersByStatusChange ON subscribers (organisation, status, lastStatusChange);
  CREATE INDEX IF NOT EXISTS subscribersByPerson ON subscribers (organisation, personId, created);
  CREATE INDEX IF NOT EXISTS subscribersByEmail ON subscribers (organisation, email, created);
  CREATE INDEX IF NOT EXISTS subscribersByTemplate ON subscribers (organisation, provisioningId, created);
  CREATE INDEX IF NOT EXISTS subscribersByEnterprise ON subscribers (organisation, spEnterpriseId, created);
  CREATE INDEX IF NOT EXISTS subscribersBySelfActivation ON subscribers (organisation, selfActivated, created);
  CREATE INDEX IF NOT EXISTS subscribersByDueTime ON subscribers (dueAt) WHERE dueAt IS NOT NULL;
  CREATE TABLE IF NOT EXISTS consentMails (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    acceptedAt INTEGER
  );
  CREATE TABLE IF NOT EXISTS ledger (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    organisation TEXT NOT NULL,
    kind TEXT NOT NULL,
    subscriberId TEXT,
    userId TEXT NOT NULL COLLATE NOCASE,
    trackingId TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS ledgerByOrganisation ON ledger (organisation, sequence);
  CREATE INDEX IF NOT EXISTS ledgerByUser ON ledger (organisation, userId, kind);
  CREATE TABLE IF NOT EXISTS faultRules (
    position INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    applied INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS accessTokens (
    hash TEXT PRIMARY KEY,
    organisation TEXT NOT NULL,
    scope TEXT NOT NULL,
    expiresAt INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS refreshTokens (
    hash TEXT PRIMARY KEY,
    organisation TEXT NOT NULL,
    isReadOnly INTEGER NOT NULL,
    spentAt INTEGER
  );
  CREATE TABLE IF NOT EXISTS oauthSettings (name TEXT PRIMARY KEY, value NOT NULL);
`
