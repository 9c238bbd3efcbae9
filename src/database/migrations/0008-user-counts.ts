import type { MigrationInterface, QueryRunner } from 'typeorm'
import { boolean, createTable, integer, optional, primaryText, reference, text, timestamp } from './table-builders'

/** `bucketOf` of src/features/user-change/user-bucket.ts, for the users who are there already. */
const BUCKET = `"onboarding_template_id" || ':' || "status" || ':' || "package_type" || ':' ||
  CASE
    WHEN "status" = 'PENDING_EMAIL_VALIDATION' AND "email_confirmed_at" IS NOT NULL THEN 'confirmed'
    WHEN "status" = 'ERROR' THEN
      CASE
        WHEN "error_code" IS NOT NULL THEN CAST("error_code" AS varchar)
        WHEN "error_http_status" IS NOT NULL THEN 'http' || CAST("error_http_status" AS varchar)
        WHEN "unanswered" = true THEN 'unanswered'
        ELSE 'text'
      END || CASE WHEN "next_attempt_at" IS NULL THEN '' ELSE '+planned' END
    ELSE ''
  END`
const STUCK = `"status" IN ('PENDING_EMAIL_INPUT', 'PENDING_EMAIL_VALIDATION', 'PENDING_USER_MIGRATION', 'ERROR')`

/** That users changed, how many are in each state, and why who is stuck is. */
export class UserCounts1795564800000 implements MigrationInterface {
  readonly name = 'UserCounts1795564800000'

  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, {
      name: 'user_change',
      columns: [
        {
          ...integer('number'),
          isPrimary: true,
          isGenerated: true,
          generationStrategy: 'increment',
          primaryKeyConstraintName: 'user_change_pk',
        },
        text('transaction_id', 20),
        reference('partner_id'),
        reference('customer_id'),
        reference('user_id'),
        timestamp('at'),
        optional(text('bucket_before', 120)),
        optional(text('bucket_after', 120)),
        boolean('folded'),
      ],
      indexes: [
        { name: 'user_change_partner', columns: ['partner_id', 'transaction_id', 'number'] },
        { name: 'user_change_unfolded', columns: ['partner_id', 'number'], where: 'folded = false' },
        { name: 'user_change_customer_unfolded', columns: ['customer_id', 'number'], where: 'folded = false' },
      ],
    })
    await createTable(runner, {
      name: 'user_count',
      columns: [primaryText('scope_id', 40), primaryText('bucket', 120), integer('users')],
    })
    const isPostgres = runner.dataSource.options.type === 'postgres'
    // Plain statements: TypeORM would rebuild the table on SQLite, and the search triggers of 0002 with it.
    await runner.query(`ALTER TABLE "provisioned_user" ADD COLUMN "cause_key" varchar(120)${isPostgres ? ' COLLATE "C"' : ''}`)
    await runner.query(`UPDATE "provisioned_user" SET "cause_key" = ${BUCKET} WHERE "deleted_at" IS NULL AND ${STUCK}`)
    for (const [name, column] of [
      ['provisioned_user_cause', 'partner_id'],
      ['provisioned_user_customer_cause', 'customer_id'],
    ]) {
      await runner.query(
        `CREATE INDEX "${name}" ON "provisioned_user" ("${column}", "cause_key", "last_status_change", "id") WHERE cause_key IS NOT NULL`,
      )
    }
    for (const scope of ['partner_id', 'customer_id']) {
      await runner.query(`INSERT INTO "user_count" ("scope_id", "bucket", "users")
        SELECT "${scope}", ${BUCKET}, COUNT(*) FROM "provisioned_user" WHERE "deleted_at" IS NULL GROUP BY 1, 2`)
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX "provisioned_user_cause"')
    await runner.query('DROP INDEX "provisioned_user_customer_cause"')
    await runner.query('ALTER TABLE "provisioned_user" DROP COLUMN "cause_key"')
    await runner.dropTable('user_count')
    await runner.dropTable('user_change')
  }
}
