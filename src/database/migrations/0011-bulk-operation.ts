import type { MigrationInterface, QueryRunner } from 'typeorm'
import {
  boolean,
  createTable,
  enumeration,
  id,
  integer,
  json,
  oneOf,
  optional,
  primaryText,
  reference,
  text,
  timestamp,
} from './table-builders'

const PACKAGE_TYPES = ['SOFTPHONE', 'BASIC', 'STANDARD', 'PREMIUM']

/** One action on many users: the operation, whom it has still to handle, and what became of each. */
export class BulkOperation1795564800003 implements MigrationInterface {
  readonly name = 'BulkOperation1795564800003'

  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, {
      name: 'bulk_operation',
      columns: [
        id(),
        reference('partner_id'),
        enumeration('kind'),
        enumeration('status'),
        boolean('dry_run'),
        integer('total'),
        integer('done'),
        integer('succeeded'),
        integer('failed'),
        json('summary'),
        optional(enumeration('package_type')),
        text('actor', 200),
        text('caller_id', 64),
        optional(text('request_id', 64)),
        integer('next_chunk'),
        integer('run'),
        timestamp('created_at'),
        optional(timestamp('ended_at')),
      ],
      checks: {
        bulk_operation_kind: oneOf('kind', ['RETRY_ACTIVATION', 'DELETE_USERS', 'CHANGE_PACKAGE_TYPE']),
        bulk_operation_status: oneOf('status', ['RUNNING', 'DONE', 'CANCELLED']),
        bulk_operation_package_type: oneOf('package_type', PACKAGE_TYPES),
      },
      foreignKeys: [{ name: 'bulk_operation_partner_fk', column: 'partner_id', table: 'partner' }],
      indexes: [{ name: 'bulk_operation_created_at', columns: ['partner_id', 'created_at', 'id'] }],
    })
    await createTable(runner, {
      name: 'bulk_chunk',
      columns: [primaryText('bulk_operation_id', 40), { ...integer('number'), isPrimary: true }, json('items')],
      foreignKeys: [{ name: 'bulk_chunk_operation_fk', column: 'bulk_operation_id', table: 'bulk_operation', onDelete: 'CASCADE' }],
    })
    await createTable(runner, {
      name: 'bulk_result',
      columns: [
        id(),
        reference('bulk_operation_id'),
        integer('position'),
        reference('user_id'),
        enumeration('outcome'),
        json('user_errors'),
      ],
      checks: { bulk_result_outcome: oneOf('outcome', ['CHANGED', 'UNCHANGED', 'REFUSED']) },
      foreignKeys: [{ name: 'bulk_result_operation_fk', column: 'bulk_operation_id', table: 'bulk_operation', onDelete: 'CASCADE' }],
      indexes: [
        { name: 'bulk_result_position', columns: ['bulk_operation_id', 'position', 'id'] },
        { name: 'bulk_result_refused', columns: ['bulk_operation_id', 'position', 'id'], where: `outcome = 'REFUSED'` },
        { name: 'bulk_result_user', columns: ['user_id'] },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['bulk_result', 'bulk_chunk', 'bulk_operation']) await runner.dropTable(table)
  }
}
