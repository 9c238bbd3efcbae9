import Database from 'better-sqlite3'

const TABLES = `
  CREATE TABLE IF NOT EXISTS package_use (
    user_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    package_type TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT
  );
  CREATE UNIQUE INDEX IF NOT EXISTS package_use_now ON package_use (user_id) WHERE until IS NULL;
  CREATE INDEX IF NOT EXISTS package_use_of_user ON package_use (user_id, since);
  CREATE INDEX IF NOT EXISTS package_use_of_customer ON package_use (customer_id, since);
  CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), cursor TEXT NOT NULL);
`

/** States in which a user may have a package at Webex. */
export const MAY_BE_IN_USE = ['PROVISIONED', 'UPDATING', 'ERROR']

/** Who is in ERROR has a package when a change failed, and none when they were never live. */
const isInUse = ({ status, webexPersonId }) => MAY_BE_IN_USE.includes(status) && (status !== 'ERROR' || webexPersonId !== null)

/**
 * Which package each user had from when to when, as Flowthrough told it. Times are RFC 3339 in UTC with milliseconds, so they sort as texts.
 * What is learned and how far it reaches are written in one transaction: after a crash it goes on where it was.
 * @param {string} file path of the SQLite file, made when it is missing
 */
export function openLedger(file) {
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.exec(TABLES)
  const select = column =>
    database.prepare(`
      SELECT ${column} AS id, user_id AS userId, package_type AS packageType, since, until FROM package_use
      WHERE ${column} IN (SELECT value FROM json_each(:ids)) AND since < :end AND (until IS NULL OR until > :start)
      ORDER BY since, user_id`)
  const [selectOfUsers, selectOfCustomers] = [select('user_id'), select('customer_id')]
  const selectOpen = database.prepare('SELECT package_type AS packageType, since FROM package_use WHERE user_id = ? AND until IS NULL')
  const selectOpenUsers = database.prepare('SELECT user_id FROM package_use WHERE until IS NULL').pluck()
  const open = database.prepare('INSERT INTO package_use (user_id, customer_id, package_type, since) VALUES (?, ?, ?, ?)')
  const close = database.prepare('UPDATE package_use SET until = ? WHERE user_id = ? AND until IS NULL')
  const selectPlace = database.prepare('SELECT cursor FROM place').pluck()
  const setPlace = database.prepare('INSERT INTO place VALUES (1, ?) ON CONFLICT DO UPDATE SET cursor = excluded.cursor')

  /** Told twice, it changes nothing the second time. */
  function record(userId, user) {
    const used = selectOpen.get(userId)
    const now = new Date().toISOString()
    const inUse = user !== null && isInUse(user)
    // A change that failed leaves a user with what they had.
    if (used && (inUse || user?.status === 'ERROR') && used.packageType === user.packageType) return
    // Who is deleted has no status any more, and a package can change without one: then it was now, give or take a poll.
    if (used) close.run(user && user.lastStatusChange > used.since ? user.lastStatusChange : now, userId)
    if (inUse)
      open.run(userId, user.customer.id, user.packageType, used && user.lastStatusChange <= used.since ? now : user.lastStatusChange)
  }

  return {
    /** Where to go on, as Flowthrough's cursor; undefined for a ledger that is new. */
    cursor: () => selectPlace.get(),
    /** Takes over a page of changes: `{ userId, provisionedUser }`. */
    follow: database.transaction((changes, cursor) => {
      for (const { userId, provisionedUser } of changes) record(userId, provisionedUser)
      setPlace.run(cursor)
    }),
    /** Takes over all users who may have a package in use; whoever is not among them has none any more. */
    startAfresh: database.transaction((users, cursor) => {
      const present = new Set(users.map(({ id }) => id))
      for (const userId of selectOpenUsers.all()) if (!present.has(userId)) record(userId, null)
      for (const user of users) record(user.id, user)
      setPlace.run(cursor)
    }),
    /** One statement for however many users, or customers. `id` of a row is the one it was asked for by. */
    ofUsers: (ids, { start, end }) => selectOfUsers.all({ ids: JSON.stringify(ids), start, end }),
    ofCustomers: (ids, { start, end }) => selectOfCustomers.all({ ids: JSON.stringify(ids), start, end }),
    close: () => database.close(),
  }
}
