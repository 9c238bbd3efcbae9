import type { MigrationInterface, QueryRunner } from 'typeorm'
import { boolean, createTable, enumeration, integer, json, longText, oneOf, optional, primaryText, timestamp } from './table-builders'

/** Where the sync of each partner stands, what a full run has seen, and how users are found by their ID at Webex. */
export class Sync1795392000003 implements MigrationInterface {
  readonly name = 'Sync1795392000003'

  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, {
      name: 'sync',
      columns: [
        primaryText('partner_id', 40),
        enumeration('state'),
        optional(enumeration('phase')),
        boolean('full'),
        boolean('full_requested'),
        boolean('allow_deletions'),
        optional(longText('next_page')),
        json('doubts'),
        json('unseen'),
        ...['enterprises', 'subscribers', 'created', 'updated', 'deleted', 'skipped', 'tries', 'restarts', 'revision'].map(integer),
        optional(timestamp('started_at')),
        optional(timestamp('ended_at')),
        optional(longText('error')),
        optional(timestamp('changed_after')),
        optional(timestamp('newest_change')),
        optional(timestamp('synced_until')),
        optional(timestamp('last_full_sync_at')),
        optional(integer('last_full_subscribers')),
        optional(timestamp('due_at')),
        timestamp('updated_at'),
      ],
      checks: {
        sync_state: oneOf('state', ['IDLE', 'RUNNING', 'FAILED']),
        sync_phase: oneOf('phase', ['ENTERPRISES', 'SUBSCRIBERS', 'CONFIRM', 'CLEAN_UP']),
      },
      foreignKeys: [{ name: 'sync_partner_fk', column: 'partner_id', table: 'partner' }],
    })
    await createTable(runner, { name: 'sync_sighting', columns: [primaryText('partner_id', 40), primaryText('webex_subscriber_id', 200)] })
    // A plain statement: TypeORM would rebuild the table on SQLite, and the search triggers of 0002 with it.
    const text = runner.dataSource.options.type === 'postgres' ? 'varchar(64) COLLATE "C"' : 'varchar(64)'
    await runner.query(`ALTER TABLE "provisioned_user" ADD COLUMN "broadworks_id_suffix" ${text}`)
    await runner.query(
      'CREATE INDEX "provisioned_user_webex_subscriber" ON "provisioned_user" ("partner_id", "webex_subscriber_id") WHERE webex_subscriber_id IS NOT NULL',
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX "provisioned_user_webex_subscriber"')
    await runner.query('ALTER TABLE "provisioned_user" DROP COLUMN "broadworks_id_suffix"')
    await runner.dropTable('sync_sighting')
    await runner.dropTable('sync')
  }
}
