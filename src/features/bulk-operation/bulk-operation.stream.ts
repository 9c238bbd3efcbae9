import type { Context } from '../../context/context'
import { createStream, type Stream } from '../../graphql/stream'
import { BadUserInput } from '../../shared/errors'
import { type BulkOperation, BulkStatus } from './bulk-operation.entity'
import { bulkOperationById } from './bulk-operation.loaders'

/**
 * An operation as it is now, and whenever it has moved on, until it is done. Whoever takes it slowly gets the latest state only. Who may see
 * it is looked at once: neither its partner nor its caller ever becomes another.
 * @throws BadUserInput naming `id` when there is no such operation that the caller may see
 */
export async function streamOfOperation(ctx: Context, id: string): Promise<Stream<BulkOperation>> {
  const notThere = () => new BadUserInput('id', 'There is no bulk operation with this `id`.')
  if (!(await ctx.load(bulkOperationById, id))) throw notThere()
  let latest: BulkOperation | null = null
  let isOver = false

  function take(): BulkOperation | null {
    const operation = latest
    latest = null
    if (isOver) void stream.return()
    isOver = operation?.status === BulkStatus.DONE
    return operation
  }

  const stream = createStream(take, () => end())
  const end = ctx.bulkOperationFeed.watch(id, operation => {
    if (!operation) return stream.fail(notThere())
    latest = operation
    if (operation.status === BulkStatus.DONE) end()
    stream.wake()
  })
  return stream
}
