import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Who asked for a download, where no API token can be looked up that says it. */
export class DownloadViewer1795651200000 implements MigrationInterface {
  readonly name = 'DownloadViewer1795651200000'

  async up(runner: QueryRunner): Promise<void> {
    const byCodePoint = runner.dataSource.options.type === 'postgres' ? ' COLLATE "C"' : ''
    await runner.query(`ALTER TABLE "download" ADD COLUMN "viewer" text${byCodePoint}`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "download" DROP COLUMN "viewer"')
  }
}
