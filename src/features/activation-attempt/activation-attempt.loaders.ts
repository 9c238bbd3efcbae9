import { partnerBeside, readRows, selectRows } from '../../database/rows'
import { defineLoader } from '../../context/loaders'
import { userById } from '../provisioned-user/provisioned-user.loaders'
import { ActivationAttempt } from './activation-attempt.entity'

/** An attempt is as visible as its user. */
export const attemptById = defineLoader<string, ActivationAttempt | null>(async (ctx, ids) => {
  const attempts = await readRows(
    selectRows(ctx.database.reader, ActivationAttempt, 'row').where(`row.id IN (:...ids) AND ${partnerBeside(ctx.database)} = :partnerId`, {
      ids,
      partnerId: ctx.viewer.partnerId,
    }),
  )
  const users = await Promise.all(attempts.map(attempt => ctx.load(userById, attempt.provisionedUserId)))
  const visible = new Map(attempts.filter((_, index) => users[index] !== null).map(attempt => [attempt.id, attempt]))
  return ids.map(id => visible.get(id) ?? null)
})
