import { DataSource, type DataSourceOptions, type QueryRunner, type ReplicationMode } from 'typeorm'
import { DatabaseBusy } from './database'
import { currentDeadline } from '../shared/deadline'

/** What TypeORM makes of connections, with an eye on the time of the request that a statement is for. */
export class TimedDataSource extends DataSource {
  private readonly timed = new WeakSet<QueryRunner>()
  private readonly endConnection: (connection: unknown) => void

  /** @param endConnection ends a connection while a statement runs on it, which fails then; not needed where statements run to their end */
  constructor(options: DataSourceOptions, endConnection: (connection: unknown) => void = () => undefined) {
    super(options)
    this.endConnection = endConnection
  }

  override createQueryRunner(mode?: ReplicationMode): QueryRunner {
    const runner = super.createQueryRunner(mode)
    // SQLite has one for all.
    if (!this.timed.has(runner)) this.watchTime(runner)
    return runner
  }

  private watchTime(runner: QueryRunner): void {
    this.timed.add(runner)
    const query = runner.query.bind(runner) as (sql: string, ...rest: unknown[]) => Promise<unknown>
    runner.query = (async (sql: string, ...rest: unknown[]) => {
      const deadline = currentDeadline()
      if (!deadline || sql.startsWith('ROLLBACK')) return query(sql, ...rest)
      let connecting: Promise<unknown> | undefined
      const connection = await deadline
        .wait(() => (connecting = runner.connect() as Promise<unknown>))
        .catch((error: unknown) => {
          connecting?.then(
            () => releaseLate(runner),
            () => undefined,
          )
          throw isWithoutConnection(error) ? new DatabaseBusy(error) : error
        })
      // Nobody would know whether it was carried out; it does not wait for others, and is soon done.
      if (sql === 'COMMIT') return query(sql, ...rest)
      return deadline.endable(
        () => query(sql, ...rest),
        () => this.endConnection(connection),
      )
    }) as QueryRunner['query']
  }
}

/** The pool has waited for a connection as long as it waits; it says so in words alone. */
function isWithoutConnection(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect'
}

/** A connection that comes when nobody waits for it any more goes back; TypeORM thinks that it has released it already. */
function releaseLate(runner: QueryRunner): Promise<void> {
  Object.assign(runner, { isReleased: false })
  return runner.release()
}
