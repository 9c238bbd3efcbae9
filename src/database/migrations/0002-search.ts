import type { MigrationInterface, QueryRunner } from 'typeorm'

const SEARCHED = ['provisioned_user', 'customer']

/**
 * An index for "contains" on `search_text`: trigrams on both databases. SQLite's full-text table refers to its rows by number, and a
 * table with a text key keeps no number that survives VACUUM, so a small table gives every row a lasting one.
 */
export class Search1795305600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    if (runner.dataSource.options.type === 'postgres') {
      await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm')
      for (const table of SEARCHED) {
        await runner.query(`CREATE INDEX "${table}_search" ON "${table}" USING gin ("search_text" gin_trgm_ops)`)
      }
      return
    }
    for (const table of SEARCHED) {
      const search = `${table}_search`
      const index = `${table}_search_index`
      await runner.query(`CREATE TABLE "${search}" (
        "number" integer PRIMARY KEY,
        "id" varchar NOT NULL UNIQUE REFERENCES "${table}" ("id") ON DELETE CASCADE,
        "search_text" text NOT NULL
      )`)
      await runner.query(
        `CREATE VIRTUAL TABLE "${index}" USING fts5("search_text", content="${search}", content_rowid="number", tokenize="trigram case_sensitive 1")`,
      )
      await runner.query(`CREATE TRIGGER "${search}_added" AFTER INSERT ON "${table}" BEGIN
        INSERT INTO "${search}" ("id", "search_text") VALUES (new."id", new."search_text");
      END`)
      await runner.query(`CREATE TRIGGER "${search}_changed" AFTER UPDATE OF "search_text" ON "${table}"
        WHEN old."search_text" <> new."search_text" BEGIN
        UPDATE "${search}" SET "search_text" = new."search_text" WHERE "id" = new."id";
      END`)
      await runner.query(`CREATE TRIGGER "${index}_added" AFTER INSERT ON "${search}" BEGIN
        INSERT INTO "${index}" ("rowid", "search_text") VALUES (new."number", new."search_text");
      END`)
      await runner.query(`CREATE TRIGGER "${index}_changed" AFTER UPDATE ON "${search}" BEGIN
        INSERT INTO "${index}" ("${index}", "rowid", "search_text") VALUES ('delete', old."number", old."search_text");
        INSERT INTO "${index}" ("rowid", "search_text") VALUES (new."number", new."search_text");
      END`)
      await runner.query(`CREATE TRIGGER "${index}_removed" AFTER DELETE ON "${search}" BEGIN
        INSERT INTO "${index}" ("${index}", "rowid", "search_text") VALUES ('delete', old."number", old."search_text");
      END`)
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of SEARCHED) {
      if (runner.dataSource.options.type === 'postgres') {
        await runner.query(`DROP INDEX "${table}_search"`)
        continue
      }
      await runner.query(`DROP TABLE "${table}_search_index"`)
      await runner.query(`DROP TRIGGER "${table}_search_added"`)
      await runner.query(`DROP TRIGGER "${table}_search_changed"`)
      await runner.query(`DROP TABLE "${table}_search"`)
    }
  }
}
