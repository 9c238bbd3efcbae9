import { Column, PrimaryColumn, type ValueTransformer } from 'typeorm'

/**
 * Column types that mean the same on SQLite and on PostgreSQL. Text compares by code point on both ("C" on PostgreSQL, SQLite's
 * own order), so keyset cursors and sorted keys agree; points in time are RFC 3339 text of 24 characters (docs/adr/0003).
 */
const BY_CODE_POINT = { collation: 'C' } as const

const json: ValueTransformer = {
  to: (value: unknown) => (value == null ? null : JSON.stringify(value)),
  from: (value: string | null) => (value == null ? null : (JSON.parse(value) as unknown)),
}

interface Nullable {
  nullable?: boolean
}

export const ID_LENGTH = '40'
const TIMESTAMP_LENGTH = '24'
const ENUM_LENGTH = '32'

export function IdColumn(): PropertyDecorator {
  return PrimaryColumn({ type: 'varchar', length: ID_LENGTH, ...BY_CODE_POINT })
}

export function ReferenceColumn({ nullable = false }: Nullable = {}): PropertyDecorator {
  return Column({ type: 'varchar', length: ID_LENGTH, nullable, ...BY_CODE_POINT })
}

export function TextColumn({ length, nullable = false }: Nullable & { length: number }): PropertyDecorator {
  return Column({ type: 'varchar', length: String(length), nullable, ...BY_CODE_POINT })
}

/** Text of any length, for search and for what the upstream sent. */
export function LongTextColumn({ nullable = false }: Nullable = {}): PropertyDecorator {
  return Column({ type: 'text', nullable, ...BY_CODE_POINT })
}

export function EnumColumn({ nullable = false }: Nullable = {}): PropertyDecorator {
  return Column({ type: 'varchar', length: ENUM_LENGTH, nullable, ...BY_CODE_POINT })
}

export function TimestampColumn({ nullable = false }: Nullable = {}): PropertyDecorator {
  return Column({ type: 'varchar', length: TIMESTAMP_LENGTH, nullable, ...BY_CODE_POINT })
}

export function BooleanColumn(): PropertyDecorator {
  return Column({ type: 'boolean' })
}

/** @param initial what rows get that were there before the column */
export function IntegerColumn({ nullable = false, initial }: Nullable & { initial?: number } = {}): PropertyDecorator {
  return Column({ type: 'integer', nullable, ...(initial === undefined ? {} : { default: initial }) })
}

/** A value kept as JSON text; never searched in SQL. */
export function JsonColumn({ nullable = false }: Nullable = {}): PropertyDecorator {
  return Column({ type: 'text', nullable, transformer: json, ...BY_CODE_POINT })
}

/** The text of a CHECK that allows the values of an enum only. */
export function oneOf(column: string, values: object): string {
  const allowed = Object.values(values)
    .map(value => `'${String(value)}'`)
    .join(', ')
  return `"${column}" IN (${allowed})`
}
