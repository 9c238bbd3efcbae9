import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { systemClock, timestamp, type Timestamp } from '../shared/clock'
import type { Mail, MailTransport } from './mail'

export interface OutboxMail extends Mail {
  sentAt: Timestamp
}

/** A folder that mails are written into where there is no mail server, a JSON file each; the newest are kept. */
export function createOutbox(directory: string): MailTransport {
  return {
    kind: 'outbox',
    async send({ id, to, subject, text, html }) {
      if (!ID.test(id)) throw new Error('The ID of a mail has other characters than a file name may have.')
      const mail: OutboxMail = { id, to, subject, text, html, sentAt: timestamp(systemClock.now()) }
      await mkdir(directory, { recursive: true, mode: 0o700 })
      // Written aside and renamed: nobody reads half a mail.
      const draft = path.join(directory, `${id}.${randomBytes(8).toString('hex')}`)
      await writeFile(draft, JSON.stringify(mail, null, 2) + '\n', { mode: 0o600 })
      await rename(draft, fileOf(directory, id))
      const outdated = (await readOutbox(directory)).slice(MAILS_KEPT)
      await Promise.all(outdated.map(mail => rm(fileOf(directory, mail.id), { force: true })))
    },
    async forget(addresses) {
      const mails = (await readOutbox(directory)).filter(({ to }) => addresses.has(to))
      await Promise.all(mails.map(({ id }) => rm(fileOf(directory, id), { force: true })))
      return mails.length
    },
    async stop() {},
  }
}

/** The newest first. */
export async function readOutbox(directory: string): Promise<OutboxMail[]> {
  const ids = (await orNull(readdir(directory)))?.filter(file => file.endsWith('.json')).map(file => path.basename(file, '.json')) ?? []
  const mails = await Promise.all(ids.map(id => readOutboxMail(directory, id)))
  return mails.filter(mail => mail !== null).sort((one, other) => (sortKey(one) < sortKey(other) ? 1 : -1))
}

/** Null for an ID of no mail; it may be any text. */
export async function readOutboxMail(directory: string, id: string): Promise<OutboxMail | null> {
  const text = ID.test(id) ? await orNull(readFile(fileOf(directory, id), 'utf8')) : null
  return text === null ? null : (JSON.parse(text) as OutboxMail)
}

/** More than a demo sends, and few enough to be read all at once. */
const MAILS_KEPT = 200

/** As what mails are called, so that none of their names leads out of the folder. */
const ID = /^[\w-]{1,100}$/

function fileOf(directory: string, id: string): string {
  return path.join(directory, `${id}.json`)
}

/** IDs are made in the order of time, too. */
function sortKey({ sentAt, id }: OutboxMail): string {
  return `${sentAt} ${id}`
}

/** What is not there is null: nothing has been sent yet, or another process has just tidied up. */
async function orNull<Value>(read: Promise<Value>): Promise<Value | null> {
  try {
    return await read
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
