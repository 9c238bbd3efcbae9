import type { Context } from '../../graphql/context'
import { withFreshLoaders } from '../../graphql/loaders'
import { lookAgain, type Stream } from '../../graphql/stream'
import { BadUserInput } from '../../shared/errors'
import { type BulkOperation, BulkStatus } from './bulk-operation.entity'
import { bulkOperationById } from './bulk-operation.loaders'

/** A bar that moves five times a second looks smooth. */
const PAUSE_MS = 200

/** @throws BadUserInput naming `id` when there is no such operation that the caller may see */
export async function streamOfOperation(ctx: Context, id: string): Promise<Stream<BulkOperation>> {
  const look = async () => {
    const operation = await withFreshLoaders(ctx).load(bulkOperationById, id)
    if (!operation) throw new BadUserInput('id', 'There is no bulk operation with this `id`.')
    return operation
  }
  await look()
  return lookAgain({
    listen: again => ctx.database.wakeUp.listen(again),
    look,
    pauseMs: PAUSE_MS,
    isLast: ({ status }) => status === BulkStatus.DONE,
  })
}
