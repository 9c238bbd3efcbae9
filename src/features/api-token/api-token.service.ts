import { createHash, randomBytes } from 'node:crypto'
import { type EntityManager, In, type SelectQueryBuilder } from 'typeorm'
import type { Role, Viewer } from '../../auth/viewer'
import { runWithDeadline } from '../../shared/deadline'
import { readById, readRow, readRows, selectRows } from '../../database/rows'
import type { Transaction } from '../../database/database'
import type { Acting, Context, Platform } from '../../context/context'
import { once } from '../../context/idempotency'
import { timestamp } from '../../shared/clock'
import { Checks } from '../../shared/checks'
import { refuse, UserErrorCode } from '../../shared/errors'
import { newId } from '../../shared/ids'
import { differences, recordAudit } from '../audit-event/audit-event.service'
import { Customer } from '../customer/customer.entity'
import { ApiToken } from './api-token.entity'
import type { CreateApiTokenInput, RevokeApiTokenInput } from './api-token.inputs'

/** Every token begins with it, so that scanners find one that leaked into a repository. */
const TOKEN_PREFIX = 'flt_'
/** `lastUsedAt` is kept to the minute: a write for every request would cost more than the request. */
const LAST_USED_STEP_MS = 60_000
/** A token for each person of a large provider's help desk; whoever needs more has a provider of identities. */
const TOKENS_MAX = 500
/** Of those that were revoked or have expired; who made and revoked them is on record. */
const OLD_TOKENS_LISTED = 500
/** As `isValid`. */
const IS_VALID = 'row.revokedAt IS NULL AND (row.expiresAt IS NULL OR row.expiresAt > :now)'

export interface NewToken {
  name: string
  role: Role
  expiresAt?: string | null
  customerIds?: string[] | null
}

/** Whether it is one by its looks; whether there is such a token, `viewerOf` tells. */
export function isApiToken(secret: string): boolean {
  return secret.startsWith(TOKEN_PREFIX)
}

/** Makes a token. Answers it and its secret, which is kept nowhere. */
export async function insertToken(
  ctx: Acting,
  tx: Transaction,
  { name, role, expiresAt, customerIds }: NewToken,
): Promise<{ id: string; secret: string }> {
  const secret = TOKEN_PREFIX + randomBytes(32).toString('base64url')
  const id = newId('ApiToken')
  await tx.manager.insert(ApiToken, {
    id,
    partnerId: ctx.actor.partnerId,
    name,
    role,
    tokenHash: hashToken(secret),
    customerIds: customerIds ?? null,
    expiresAt: expiresAt ?? null,
    lastUsedAt: null,
    revokedAt: null,
    createdAt: timestamp(ctx.clock.now()),
  })
  await recordAudit(ctx, tx, {
    action: 'createApiToken',
    targetId: id,
    targetLabel: name,
    changes: differences(['role', 'expiresAt', 'customerIds'], {}, { role, expiresAt, customerIds }),
  })
  return { id, secret }
}

/** Who holds this token, or null when it is unknown, revoked or expired. */
export async function viewerOf(platform: Platform, secret: string): Promise<Viewer | null> {
  const token = await readRow(
    selectRows(platform.database.reader, ApiToken, 'row').where('row.tokenHash = :tokenHash', { tokenHash: hashToken(secret) }),
  )
  const now = platform.clock.now()
  if (!token || !isValid(token, now)) return null
  await keepLastUse(platform, token, now)
  return viewerBy(token)
}

/** What the holder of a token may see and do, for what was asked for with it earlier; null once it is revoked or expired. */
export async function viewerOfToken({ database, clock }: Pick<Platform, 'database' | 'clock'>, id: string): Promise<Viewer | null> {
  const token = await readById(database.reader, ApiToken, id)
  return token && isValid(token, clock.now()) ? viewerBy(token) : null
}

function isValid({ revokedAt, expiresAt }: ApiToken, now: Date): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > timestamp(now))
}

function viewerBy({ id, partnerId, name, role, customerIds }: ApiToken): Viewer {
  return { partnerId, name, role, callerId: id, customerIds }
}

/** A caller whose requests only read does not wait for somebody who holds up changes. */
const KEEP_LAST_USE_MS = 500

/** A caller is not refused because this could not be kept. */
async function keepLastUse({ database, logger }: Platform, { id, lastUsedAt }: ApiToken, now: Date): Promise<void> {
  if (lastUsedAt !== null && now.getTime() - Date.parse(lastUsedAt) < LAST_USED_STEP_MS) return
  const keep = () => database.transaction(({ manager }) => manager.update(ApiToken, { id }, { lastUsedAt: timestamp(now) }))
  await runWithDeadline(KEEP_LAST_USE_MS, keep).catch((error: unknown) =>
    logger.warn({ err: error, tokenId: id }, 'The last use of a token could not be kept.'),
  )
}

/** Answers the token's ID and, the first time only, its secret. */
export async function createApiToken(ctx: Context, input: CreateApiTokenInput): Promise<{ tokenId: string; secret: string | null }> {
  const checks = new Checks()
  const name = checks.text(['name'], input.name, 100)
  if (input.expiresAt != null && input.expiresAt <= timestamp(ctx.clock.now())) {
    checks.complain(UserErrorCode.INVALID, ['expiresAt'], '`expiresAt` must be in the future.')
  }
  if (input.customerIds?.length === 0) {
    checks.complain(UserErrorCode.REQUIRED, ['customerIds'], 'Name at least one customer, or leave `customerIds` out for all.')
  }
  if (input.customerIds && input.customerIds.length > 100) {
    checks.complain(UserErrorCode.LIMIT_EXCEEDED, ['customerIds'], 'A token may be restricted to 100 customers at most.')
  }
  checks.throwIfAny()
  let secret: string | null = null
  const { objectId } = await ctx.database.transaction(tx => {
    // The transaction may be undone and run again, and find then that a twin was quicker: its secret is not ours to tell.
    secret = null
    return once(ctx, tx, 'createApiToken', input, async () => {
      await refuseTooMany(ctx, tx)
      await refuseUnknownCustomers(ctx, tx, input.customerIds)
      const token = await insertToken(ctx, tx, { ...input, name })
      secret = token.secret
      return token.id
    })
  })
  return { tokenId: objectId, secret }
}

/** The token is refused from the next request on. Revoking again changes nothing. */
export async function revokeApiToken(ctx: Context, { id }: RevokeApiTokenInput): Promise<string> {
  await ctx.database.transaction(async tx => {
    const token = await readRow(ownTokens(ctx, tx.manager).andWhere('row.id = :id', { id }))
    if (!token) throw refuse(UserErrorCode.NOT_FOUND, ['id'], 'There is no token with this `id`.')
    if (token.revokedAt !== null) return
    await tx.manager.update(ApiToken, { id }, { revokedAt: timestamp(ctx.clock.now()) })
    await recordAudit(ctx, tx, { action: 'revokeApiToken', targetId: id, targetLabel: token.name })
  })
  return id
}

/** The tokens of the partner, newest first: all that are valid, and the last of those that are not any more. */
export async function listTokens(ctx: Context): Promise<ApiToken[]> {
  const newestFirst = (query: SelectQueryBuilder<ApiToken>) => readRows(query.orderBy('row.createdAt', 'DESC').addOrderBy('row.id', 'DESC'))
  const tokens = () => ownTokens(ctx, ctx.database.reader)
  const now = { now: timestamp(ctx.clock.now()) }
  const valid = await newestFirst(tokens().andWhere(IS_VALID, now))
  const others = await newestFirst(tokens().andWhere(`NOT (${IS_VALID})`, now).limit(OLD_TOKENS_LISTED))
  return [...valid, ...others].sort((one, other) => (one.createdAt + one.id < other.createdAt + other.id ? 1 : -1))
}

export function findToken(ctx: Context, id: string): Promise<ApiToken | null> {
  return readRow(ownTokens(ctx, ctx.database.reader).andWhere('row.id = :id', { id }))
}

function ownTokens(ctx: Context, manager: EntityManager): SelectQueryBuilder<ApiToken> {
  return selectRows(manager, ApiToken, 'row').where('row.partnerId = :partnerId', { partnerId: ctx.viewer.partnerId })
}

async function refuseTooMany(ctx: Context, { manager }: Transaction): Promise<void> {
  const count = await ownTokens(ctx, manager)
    .andWhere(IS_VALID, { now: timestamp(ctx.clock.now()) })
    .getCount()
  if (count < TOKENS_MAX) return
  throw refuse(UserErrorCode.LIMIT_EXCEEDED, [], `A partner may have ${TOKENS_MAX} valid tokens; revoke those that nobody needs.`)
}

async function refuseUnknownCustomers(ctx: Context, { manager }: Transaction, customerIds: string[] | null | undefined): Promise<void> {
  if (!customerIds) return
  const known = await manager.countBy(Customer, { partnerId: ctx.viewer.partnerId, id: In(customerIds) })
  if (known !== new Set(customerIds).size) {
    throw refuse(UserErrorCode.NOT_FOUND, ['customerIds'], 'There is no customer with one of these `customerIds`.')
  }
}

function hashToken(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
