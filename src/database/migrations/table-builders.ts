import { type QueryRunner, Table, type TableColumnOptions, TableCheck, TableForeignKey, TableIndex } from 'typeorm'

/**
 * Words for writing a table once for both databases. Migrations are history: what these words mean may not change once a release
 * has used them; a later need gets a word of its own.
 */
export interface TableDefinition {
  name: string
  columns: TableColumnOptions[]
  checks?: Record<string, string>
  foreignKeys?: { name: string; column: string; table: string; onDelete?: 'CASCADE' }[]
  indexes?: { name: string; columns: string[]; unique?: true; where?: string }[]
}

export async function createTable(runner: QueryRunner, { name, columns, checks, foreignKeys, indexes }: TableDefinition): Promise<void> {
  // Text compares by code point everywhere: SQLite does so by itself and has no collation of that name.
  const byCodePoint = runner.dataSource.options.type === 'postgres' ? { collation: 'C' } : {}
  await runner.createTable(
    new Table({
      name,
      columns: columns.map(column => (['varchar', 'text'].includes(column.type) ? { ...column, ...byCodePoint } : column)),
      checks: Object.entries(checks ?? {}).map(([checkName, expression]) => new TableCheck({ name: checkName, expression })),
      foreignKeys: (foreignKeys ?? []).map(
        ({ name: keyName, column, table, onDelete }) =>
          new TableForeignKey({
            name: keyName,
            columnNames: [column],
            referencedTableName: table,
            referencedColumnNames: ['id'],
            ...(onDelete ? { onDelete } : {}),
          }),
      ),
      indices: (indexes ?? []).map(
        ({ name: indexName, columns: columnNames, unique, where }) =>
          new TableIndex({ name: indexName, columnNames, isUnique: unique === true, ...(where ? { where } : {}) }),
      ),
    }),
  )
}

export const id = (): TableColumnOptions => ({ name: 'id', type: 'varchar', length: '40', isPrimary: true })
export const primaryText = (name: string, length: number): TableColumnOptions => ({
  name,
  type: 'varchar',
  length: String(length),
  isPrimary: true,
})
export const reference = (name: string): TableColumnOptions => ({ name, type: 'varchar', length: '40' })
export const text = (name: string, length: number): TableColumnOptions => ({ name, type: 'varchar', length: String(length) })
export const longText = (name: string): TableColumnOptions => ({ name, type: 'text' })
export const enumeration = (name: string): TableColumnOptions => ({ name, type: 'varchar', length: '32' })
export const timestamp = (name: string): TableColumnOptions => ({ name, type: 'varchar', length: '24' })
export const boolean = (name: string): TableColumnOptions => ({ name, type: 'boolean' })
export const integer = (name: string): TableColumnOptions => ({ name, type: 'integer' })
export const json = longText
export const optional = (column: TableColumnOptions): TableColumnOptions => ({ ...column, isNullable: true })

export function oneOf(column: string, values: string[]): string {
  return `"${column}" IN (${values.map(value => `'${value}'`).join(', ')})`
}
