import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Every request writes to the counters; what a crash loses of them is a minute of counting. */
export class UnloggedCounters1795651200001 implements MigrationInterface {
  readonly name = 'UnloggedCounters1795651200001'

  async up(runner: QueryRunner): Promise<void> {
    if (runner.dataSource.options.type === 'postgres') await runner.query('ALTER TABLE "rate_limit" SET UNLOGGED')
  }

  async down(runner: QueryRunner): Promise<void> {
    if (runner.dataSource.options.type === 'postgres') await runner.query('ALTER TABLE "rate_limit" SET LOGGED')
  }
}
