import type { MigrationInterface, QueryRunner } from 'typeorm'

/** A person who waits comes before a bulk run. */
export class JobPriority1795392000001 implements MigrationInterface {
  readonly name = 'JobPriority1795392000001'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "job" ADD COLUMN "priority" integer NOT NULL DEFAULT 10')
    await runner.query('DROP INDEX "job_due"')
    await runner.query('CREATE INDEX "job_due" ON "job" ("priority", "run_at", "id") WHERE dead_at IS NULL')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX "job_due"')
    await runner.query('CREATE INDEX "job_due" ON "job" ("run_at", "id") WHERE dead_at IS NULL')
    await runner.query('ALTER TABLE "job" DROP COLUMN "priority"')
  }
}
