import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Indexes of the sweep: attempts that run, users that are busy, and, on SQLite, the jobs of an attempt. pg-boss has its own (pg-boss-job-store.ts). */
export class AttemptSweep1796083200000 implements MigrationInterface {
  readonly name = 'AttemptSweep1796083200000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX "activation_attempt_running" ON "activation_attempt" ("started_at", "id") WHERE outcome = 'RUNNING'`)
    await runner.query(
      `CREATE INDEX "provisioned_user_busy" ON "provisioned_user" ("last_status_change", "id") WHERE deleted_at IS NULL AND status IN ('PROVISIONING', 'UPDATING')`,
    )
    if (runner.dataSource.options.type === 'postgres') return
    await runner.query(`CREATE INDEX "job_attempt" ON "job" (json_extract("payload", '$.attemptId'))`)
  }

  async down(runner: QueryRunner): Promise<void> {
    if (runner.dataSource.options.type !== 'postgres') await runner.query('DROP INDEX "job_attempt"')
    await runner.query('DROP INDEX "provisioned_user_busy"')
    await runner.query('DROP INDEX "activation_attempt_running"')
  }
}
