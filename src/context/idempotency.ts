import { createHmac } from 'node:crypto'
import type { Transaction } from '../database/database'
import { IdempotencyKey } from './idempotency-key.entity'
import { timestamp } from '../shared/clock'
import { refuse, UserErrorCode } from '../shared/errors'
import type { Context, Platform } from './context'

/** How long a key is remembered, as the API's conventions say. */
const REMEMBERED_MS = 24 * 3_600_000
const KEY_MAX_LENGTH = 255

/** Short transactions, because on SQLite every other change waits for them. */
const SWEEP_BATCH_SIZE = 500

export interface Idempotent {
  idempotencyKey?: string | null
}

/**
 * Does the work once for each key of a caller. Under a key that was used, nothing is done and the ID of the object of the first
 * time is answered; a twin that comes meanwhile waits for the first. What is refused is not remembered.
 * @param work answers the ID of its object (or several, joined by spaces)
 * @throws Refusal IDEMPOTENCY_KEY_REUSED when the key came with another input.
 */
export async function once<Input extends Idempotent>(
  ctx: Context,
  tx: Transaction,
  mutation: string,
  input: Input,
  work: () => Promise<string>,
): Promise<{ objectId: string }> {
  const { idempotencyKey: key, ...rest } = input
  if (key == null) return { objectId: await work() }
  if (key.length > KEY_MAX_LENGTH) {
    throw refuse(UserErrorCode.TOO_LONG, ['idempotencyKey'], `\`idempotencyKey\` may have ${KEY_MAX_LENGTH} characters at most.`)
  }
  // Neither database keeps half a surrogate pair as it was, nor PostgreSQL a NUL.
  if (key === '' || /\0|\p{Cs}/u.test(key)) {
    throw refuse(UserErrorCode.INVALID, ['idempotencyKey'], `\`idempotencyKey\` must have 1 to ${KEY_MAX_LENGTH} ordinary characters.`)
  }
  const scope = { partnerId: ctx.viewer.partnerId, caller: ctx.viewer.callerId, mutation, key }
  const forgotten = rememberedSince(ctx)
  // With a key, because an input may hold a passcode, and four digits are soon found again from a bare hash.
  const hashWith = (encryptionKey: Buffer): string => createHmac('sha256', encryptionKey).update(JSON.stringify(rest)).digest('hex')
  const [current, ...older] = ctx.config.encryptionKeys
  const inputHash = hashWith(current)
  const { manager } = tx
  await manager
    .createQueryBuilder()
    .delete()
    .from(IdempotencyKey)
    .where('partner_id = :partnerId AND caller = :caller AND mutation = :mutation AND key = :key', scope)
    .andWhere('created_at < :forgotten', { forgotten })
    .execute()
  // Where a twin is under way, PostgreSQL waits here for its end; on SQLite writers stand in a queue anyway.
  await manager
    .createQueryBuilder()
    .insert()
    .into(IdempotencyKey)
    .values({ ...scope, inputHash, objectId: '', createdAt: timestamp(ctx.clock.now()) })
    .orIgnore()
    .execute()
  const kept = await manager.findOneByOrFail(IdempotencyKey, scope)
  if (kept.inputHash !== inputHash && !older.some(key => hashWith(key) === kept.inputHash)) {
    throw refuse(
      UserErrorCode.IDEMPOTENCY_KEY_REUSED,
      ['idempotencyKey'],
      'This key was used with another input in the last 24 hours; take a new one.',
    )
  }
  if (kept.objectId !== '') return { objectId: kept.objectId }
  const objectId = await work()
  await manager.update(IdempotencyKey, scope, { objectId })
  return { objectId }
}

/** Deletes the keys that are no longer remembered. */
export async function purgeExpiredIdempotencyKeys({ database, clock }: Pick<Platform, 'database' | 'clock'>): Promise<void> {
  const forgotten = rememberedSince({ clock })
  let deleted: number
  do {
    deleted = await database.transaction(async ({ manager }) => {
      const { affected } = await manager
        .createQueryBuilder()
        .delete()
        .from(IdempotencyKey)
        .where(`(${IDENTITY}) IN (SELECT ${IDENTITY} FROM idempotency_key WHERE created_at < :forgotten ORDER BY created_at LIMIT :size)`)
        // Said again for a key that was taken anew meanwhile.
        .andWhere('created_at < :forgotten', { forgotten, size: SWEEP_BATCH_SIZE })
        .execute()
      return affected ?? 0
    })
  } while (deleted === SWEEP_BATCH_SIZE)
}

const IDENTITY = 'partner_id, caller, mutation, key'

function rememberedSince({ clock }: Pick<Platform, 'clock'>): string {
  return timestamp(new Date(clock.now().getTime() - REMEMBERED_MS))
}
