import path from 'node:path'
import { AbstractLogger, type DataSourceOptions, type LogLevel, type LogMessage } from 'typeorm'
import type { DatabaseConfig } from '../config/config'
import type { EntityClass, StatementObserver } from './database'
import { MIGRATIONS } from './migrations/migrations'
import { SnakeCaseNaming } from './naming'

/** How TypeORM is set up on either database. The schema is changed by migrations alone. */
export function dataSourceOptions(config: DatabaseConfig, entities: EntityClass[], observer?: StatementObserver): DataSourceOptions {
  const common = {
    entities,
    migrations: MIGRATIONS,
    migrationsTableName: 'migration',
    namingStrategy: new SnakeCaseNaming(),
    synchronize: false,
    ...(observer ? { logger: new ObservedStatements(observer), logging: ['query' as const] } : { logging: false }),
  }
  return config.kind === 'sqlite'
    ? { ...common, type: 'better-sqlite3', database: path.resolve(config.path), enableWAL: true }
    : { ...common, type: 'postgres', url: config.url, extra: { max: 10, connectionTimeoutMillis: 10_000 }, installExtensions: false }
}

class ObservedStatements extends AbstractLogger {
  private readonly observer: StatementObserver

  constructor(observer: StatementObserver) {
    super(true)
    this.observer = observer
  }

  protected writeLog(level: LogLevel, message: LogMessage | string | number | (LogMessage | string | number)[]): void {
    if (level !== 'query') return
    const [first] = Array.isArray(message) ? message : [message]
    this.observer(String(typeof first === 'object' ? first.message : first))
  }
}
