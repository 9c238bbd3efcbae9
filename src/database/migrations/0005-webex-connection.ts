import type { MigrationInterface, QueryRunner } from 'typeorm'
import { createTable, longText, optional, primaryText, text, timestamp } from './table-builders'

/** The connection of each partner to its Webex, with its secrets encrypted. */
export class WebexConnection1795392000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, {
      name: 'webex_connection',
      columns: [
        primaryText('partner_id', 40),
        text('base_url', 500),
        optional(text('client_id', 200)),
        optional(longText('encrypted_client_secret')),
        optional(longText('encrypted_refresh_token')),
        longText('encrypted_access_token'),
        optional(timestamp('renew_at')),
        optional(timestamp('access_token_expires_at')),
        optional(longText('scope')),
        optional(text('setting_hash', 64)),
        timestamp('updated_at'),
      ],
      foreignKeys: [{ name: 'webex_connection_partner_fk', column: 'partner_id', table: 'partner' }],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('webex_connection')
  }
}
