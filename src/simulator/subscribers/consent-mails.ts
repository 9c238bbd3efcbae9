import { randomBytes } from 'node:crypto'
import type { Database } from '../database'
import { updateSubscriber, type StoredSubscriber } from './subscriber-table'

/** `open`: the newest mail of a subscriber who still waits. `void`: a newer mail replaced it, or the subscriber was deleted. */
export interface ConsentMail {
  token: string
  address: string
  name: string
  created: number
  state: 'open' | 'accepted' | 'void'
}

/** Puts a mail in the outbox; its token takes the place of the last one. */
export function sendConsentMail(database: Database, subscriber: StoredSubscriber, now: number): void {
  const token = randomBytes(24).toString('base64url')
  updateSubscriber(database, subscriber.sequence, { consentToken: token })
  const statement = database.prepare('INSERT INTO consentMails (token, address, name, created) VALUES (?, ?, ?, ?)')
  statement.run(token, subscriber.email, `${subscriber.firstName} ${subscriber.lastName}`, now)
}

export function newestConsentMails(database: Database, limit: number): ConsentMail[] {
  return database.prepare<[number], ConsentMail>(`${SELECT_MAILS} ORDER BY consentMails.sequence DESC LIMIT ?`).all(limit)
}

export function findConsentMail(database: Database, token: string): ConsentMail | undefined {
  return database.prepare<[string], ConsentMail>(`${SELECT_MAILS} WHERE token = ?`).get(token)
}

/** The subscriber goes on to be provisioned; false where the token does not open anything. */
export function acceptConsent(database: Database, token: string, now: number, dueAt: (email: string | null) => number): boolean {
  const accept = database.transaction(() => {
    const subscriber = database.prepare<[string], StoredSubscriber>('SELECT * FROM subscribers WHERE consentToken = ?').get(token)
    if (!subscriber) return false
    const outcome = JSON.stringify({ status: 'provisioned' })
    const work = { status: 'provisioning', lastStatusChange: now, dueAt: dueAt(subscriber.email), outcome, consentToken: null } as const
    updateSubscriber(database, subscriber.sequence, work)
    database.prepare('UPDATE consentMails SET acceptedAt = ? WHERE token = ?').run(now, token)
    return true
  })
  return accept.immediate()
}

const SELECT_MAILS = `
  SELECT token, address, name, consentMails.created,
    CASE WHEN acceptedAt IS NOT NULL THEN 'accepted' WHEN subscribers.sequence IS NOT NULL THEN 'open' ELSE 'void' END AS state
  FROM consentMails LEFT JOIN subscribers ON subscribers.consentToken = consentMails.token`
