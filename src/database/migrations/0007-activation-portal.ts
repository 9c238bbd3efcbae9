import type { MigrationInterface, QueryRunner } from 'typeorm'

const COLUMNS = { validation_id: 'varchar(40)', validation_expires_at: 'varchar(24)', validation_mail_refused_at: 'varchar(24)' }

/** The validation mail that counts, and, for replicas to share, who tried what how often. */
export class ActivationPortal1795478400000 implements MigrationInterface {
  readonly name = 'ActivationPortal1795478400000'

  async up(runner: QueryRunner): Promise<void> {
    const isPostgres = runner.dataSource.options.type === 'postgres'
    // Plain statements: TypeORM would rebuild the table on SQLite, and the search triggers of 0002 with it.
    for (const [column, type] of Object.entries(COLUMNS)) {
      await runner.query(`ALTER TABLE "provisioned_user" ADD COLUMN "${column}" ${isPostgres ? `${type} COLLATE "C"` : type}`)
    }
    // As the library of src/database/rate-limiter.ts wants it. One process on SQLite keeps its counters in memory.
    if (isPostgres) {
      await runner.query('CREATE TABLE "rate_limit" ("key" varchar(255) PRIMARY KEY, "points" integer NOT NULL DEFAULT 0, "expire" bigint)')
      await runner.query('CREATE INDEX "rate_limit_expire" ON "rate_limit" ("expire")')
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    if (runner.dataSource.options.type === 'postgres') await runner.query('DROP TABLE "rate_limit"')
    for (const column of Object.keys(COLUMNS)) await runner.query(`ALTER TABLE "provisioned_user" DROP COLUMN "${column}"`)
  }
}
