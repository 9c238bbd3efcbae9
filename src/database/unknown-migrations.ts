import type { DataSource } from 'typeorm'

/** The database was migrated by a newer version. Nothing may be written to it: this version does not know what its columns mean. */
class UnknownMigration extends Error {
  override readonly name = 'UnknownMigration'

  constructor(names: readonly string[]) {
    super(
      [
        `The database has migrations that this version of Flowthrough does not know: ${names.join(', ')}.`,
        'A newer version has migrated it. This version neither serves nor changes it; nothing was changed.',
        'Run the newer version, or restore a backup from before the upgrade.',
      ].join(' '),
    )
  }
}

/**
 * Belongs into the lock or transaction of the migration, before its first change.
 * @throws UnknownMigration
 */
export async function refuseUnknownMigrations(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner()
  try {
    const table = dataSource.options.migrationsTableName as string
    if (!(await runner.hasTable(table))) return
    const applied = (await runner.query(`SELECT "name" FROM "${table}" ORDER BY "id"`)) as { name: string }[]
    // As TypeORM names them.
    const known = new Set(dataSource.migrations.map(migration => migration.name ?? migration.constructor.name))
    const unknown = applied.map(({ name }) => name).filter(name => !known.has(name))
    if (unknown.length > 0) throw new UnknownMigration(unknown)
  } finally {
    await runner.release()
  }
}
