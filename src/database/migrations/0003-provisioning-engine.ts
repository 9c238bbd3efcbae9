import { type MigrationInterface, type QueryRunner, TableCheck } from 'typeorm'
import { oneOf } from './table-builders'

const PHASES = ['PRECHECK', 'REREAD', 'DELETE', 'CREATE', 'CREATE_SENT', 'FIND', 'UPDATE', 'UPDATE_SENT', 'FOLLOW']
const PHASES_BEFORE = ['DELETE', 'CREATE', 'CREATE_SENT', 'UPDATE', 'UPDATE_SENT', 'FOLLOW']

/** What automatic retries, the pause of a template and "provision admin first" keep on record. */
export class ProvisioningEngine1795392000000 implements MigrationInterface {
  readonly name = 'ProvisioningEngine1795392000000'

  async up(runner: QueryRunner): Promise<void> {
    const text = (type: string) => (runner.dataSource.options.type === 'postgres' ? `${type} COLLATE "C"` : type)
    // Plain statements: TypeORM would rebuild the table on SQLite, and the search triggers of 0002 with it.
    for (const column of [
      `"email_confirmed_at" ${text('varchar(24)')}`,
      `"consent_check_at" ${text('varchar(24)')}`,
      `"next_attempt_at" ${text('varchar(24)')}`,
      `"automatic_attempts" integer NOT NULL DEFAULT 0`,
      `"parked_attempt_id" ${text('varchar(40)')}`,
    ]) {
      await runner.query(`ALTER TABLE "provisioned_user" ADD COLUMN ${column}`)
    }
    await runner.query(
      'CREATE INDEX "provisioned_user_parked" ON "provisioned_user" ("onboarding_template_id", "id") WHERE parked_attempt_id IS NOT NULL',
    )
    await runner.query(
      `CREATE INDEX "provisioned_user_live" ON "provisioned_user" ("customer_id") WHERE deleted_at IS NULL AND webex_person_id IS NOT NULL`,
    )
    for (const column of [
      `"failure_count" integer NOT NULL DEFAULT 0`,
      `"paused_at" ${text('varchar(24)')}`,
      `"pause_cause" ${text('text')}`,
    ]) {
      await runner.query(`ALTER TABLE "onboarding_template" ADD COLUMN ${column}`)
    }
    await runner.query(`ALTER TABLE "activation_attempt" ADD COLUMN "setback" ${text('text')}`)
    await runner.query(`ALTER TABLE "activation_attempt" ADD COLUMN "turn" integer NOT NULL DEFAULT 0`)
    await allowPhases(runner, PHASES)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE "activation_attempt" SET "phase" = 'CREATE_SENT' WHERE "phase" = 'FIND'`)
    await runner.query(`UPDATE "activation_attempt" SET "phase" = 'DELETE' WHERE "phase" IN ('PRECHECK', 'REREAD')`)
    await allowPhases(runner, PHASES_BEFORE)
    await runner.query('ALTER TABLE "activation_attempt" DROP COLUMN "turn"')
    await runner.query('ALTER TABLE "activation_attempt" DROP COLUMN "setback"')
    for (const column of ['pause_cause', 'paused_at', 'failure_count']) {
      await runner.query(`ALTER TABLE "onboarding_template" DROP COLUMN "${column}"`)
    }
    await runner.query('DROP INDEX "provisioned_user_live"')
    await runner.query('DROP INDEX "provisioned_user_parked"')
    for (const column of ['parked_attempt_id', 'automatic_attempts', 'next_attempt_at', 'consent_check_at', 'email_confirmed_at']) {
      await runner.query(`ALTER TABLE "provisioned_user" DROP COLUMN "${column}"`)
    }
  }
}

async function allowPhases(runner: QueryRunner, phases: string[]): Promise<void> {
  const name = 'activation_attempt_phase'
  await runner.dropCheckConstraint('activation_attempt', name)
  await runner.createCheckConstraint('activation_attempt', new TableCheck({ name, expression: oneOf('phase', phases) }))
}
