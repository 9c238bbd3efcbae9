import type { Platform } from '../../../context/context'
import { timestamp, type Clock, type Timestamp } from '../../../shared/clock'
import { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { ActivationAttempt } from '../activation-attempt.entity'

/** Younger attempts and users are left alone. The lease of a job ends within a minute. */
const GRACE_MS = 5 * 60_000
export const BATCH_SIZE = 500

/** A row's place in the order of its index: its time, then its ID. */
export interface Place {
  at: Timestamp
  id: string
}

export const START: Place = { at: '', id: '' }

/** The rows of one look, and those among them that nothing works on. */
export interface Look<Row extends Place> {
  rows: Row[]
  lost: Row[]
}

export type RunningAttempt = Place & Pick<ActivationAttempt, 'turn'>

/** Running attempts, in the order of their start; those without a job are lost. */
export async function lookAtAttempts({ database, queue, clock }: Platform, after: Place): Promise<Look<RunningAttempt>> {
  const rows = await database.reader
    .createQueryBuilder(ActivationAttempt, 'row')
    .select('row.id', 'id')
    .addSelect('row.startedAt', 'at')
    .addSelect('row.turn', 'turn')
    // Literals, because only they match the condition of the index.
    .where(`row.outcome = 'RUNNING' AND row.startedAt < :before AND (row.startedAt, row.id) > (:at, :id)`)
    .setParameters({ before: graceBegan(clock), ...after })
    .orderBy('row.startedAt')
    .addOrderBy('row.id')
    .limit(BATCH_SIZE)
    .getRawMany<RunningAttempt>()
  const withJob = await queue.attemptsWithJob(rows.map(({ id }) => id))
  return { rows, lost: rows.filter(({ id }) => !withJob.has(id)) }
}

/** Users who are PROVISIONING or UPDATING, in the order of the change; those without a running attempt are lost. */
export async function lookAtUsers({ database, clock }: Platform, after: Place): Promise<Look<Place>> {
  const rows = await database.reader
    .createQueryBuilder(ProvisionedUser, 'row')
    .select('row.id', 'id')
    .addSelect('row.lastStatusChange', 'at')
    .where(`row.deletedAt IS NULL AND row.status IN ('PROVISIONING', 'UPDATING')`)
    .andWhere('row.lastStatusChange < :before AND (row.lastStatusChange, row.id) > (:at, :id)')
    .setParameters({ before: graceBegan(clock), ...after })
    .orderBy('row.lastStatusChange')
    .addOrderBy('row.id')
    .limit(BATCH_SIZE)
    .getRawMany<Place>()
  const attempts = await database.reader
    .createQueryBuilder(ActivationAttempt, 'row')
    .select('row.provisionedUserId', 'userId')
    .where(`row.provisionedUserId IN (:...ids) AND row.outcome = 'RUNNING'`, { ids: ['', ...rows.map(({ id }) => id)] })
    .getRawMany<{ userId: string }>()
  const withAttempt = new Set(attempts.map(({ userId }) => userId))
  return { rows, lost: rows.filter(({ id }) => !withAttempt.has(id)) }
}

function graceBegan(clock: Clock): Timestamp {
  return timestamp(new Date(clock.now().getTime() - GRACE_MS))
}
