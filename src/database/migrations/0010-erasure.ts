import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The key that hides a person in the audit trail, what it hides, and an index for events by what was done; a search index that forgets. */
export class Erasure1795564800002 implements MigrationInterface {
  readonly name = 'Erasure1795564800002'

  async up(runner: QueryRunner): Promise<void> {
    const byCodePoint = runner.dataSource.options.type === 'postgres' ? ' COLLATE "C"' : ''
    // Plain statements: TypeORM would rebuild the tables on SQLite, and the search triggers of 0002 with them.
    await runner.query(`ALTER TABLE "provisioned_user" ADD COLUMN "personal_key" varchar(200)${byCodePoint}`)
    await runner.query(`ALTER TABLE "audit_event" ADD COLUMN "sealed" text${byCodePoint}`)
    await runner.query('CREATE INDEX "audit_event_action" ON "audit_event" ("partner_id", "action", "at", "id")')
    if (runner.dataSource.options.type === 'postgres') return
    // Otherwise the index only marks what was deleted, and keeps it until it tidies up some day: every trigram with its place, which is the text.
    await setSecureDelete(runner, 1)
    await runner.query(`INSERT INTO "provisioned_user_search_index" ("provisioned_user_search_index") VALUES ('optimize')`)
  }

  async down(runner: QueryRunner): Promise<void> {
    if (runner.dataSource.options.type !== 'postgres') await setSecureDelete(runner, 0)
    await runner.query('DROP INDEX "audit_event_action"')
    await runner.query('ALTER TABLE "audit_event" DROP COLUMN "sealed"')
    await runner.query('ALTER TABLE "provisioned_user" DROP COLUMN "personal_key"')
  }
}

function setSecureDelete(runner: QueryRunner, value: 0 | 1): Promise<unknown> {
  return runner.query(
    `INSERT INTO "provisioned_user_search_index" ("provisioned_user_search_index", "rank") VALUES ('secure-delete', ${value})`,
  )
}
