import type { MigrationInterface, QueryRunner } from 'typeorm'
import { createTable, id, json, reference, text, timestamp } from './table-builders'

/** What the download URLs that were given out are for. */
export class Download1795564800001 implements MigrationInterface {
  readonly name = 'Download1795564800001'

  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, {
      name: 'download',
      columns: [
        id(),
        reference('partner_id'),
        reference('token_id'),
        text('kind', 32),
        text('file_name', 100),
        json('request'),
        timestamp('created_at'),
        timestamp('expires_at'),
      ],
      foreignKeys: [{ name: 'download_partner_fk', column: 'partner_id', table: 'partner' }],
      indexes: [{ name: 'download_expires_at', columns: ['expires_at'] }],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('download')
  }
}
