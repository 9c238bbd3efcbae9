import type { MigrationInterface, QueryRunner } from 'typeorm'
import {
  boolean,
  createTable,
  enumeration,
  id,
  integer,
  json,
  longText,
  oneOf,
  optional,
  primaryText,
  reference,
  text,
  timestamp,
} from './table-builders'

const LIVING = 'deleted_at IS NULL'
const UNFINISHED = 'unfinished = true'
const PACKAGE_TYPES = ['SOFTPHONE', 'BASIC', 'STANDARD', 'PREMIUM']

export class Initial1795305600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, {
      name: 'partner',
      columns: [id(), text('name', 200), text('encrypted_webex_token', 2000), timestamp('created_at'), timestamp('updated_at')],
    })
    await createTable(runner, {
      name: 'api_token',
      columns: [
        id(),
        reference('partner_id'),
        text('name', 100),
        enumeration('role'),
        text('token_hash', 64),
        optional(json('customer_ids')),
        optional(timestamp('expires_at')),
        optional(timestamp('last_used_at')),
        optional(timestamp('revoked_at')),
        timestamp('created_at'),
      ],
      checks: { api_token_role: oneOf('role', ['VIEWER', 'OPERATOR', 'ADMIN']) },
      foreignKeys: [{ name: 'api_token_partner_fk', column: 'partner_id', table: 'partner' }],
      indexes: [
        { name: 'api_token_hash', columns: ['token_hash'], unique: true },
        { name: 'api_token_partner', columns: ['partner_id', 'created_at', 'id'] },
      ],
    })
    await createTable(runner, {
      name: 'onboarding_template',
      columns: [
        id(),
        reference('partner_id'),
        text('name', 200),
        text('provisioning_id', 200),
        boolean('imported'),
        optional(text('country_code', 2)),
        optional(text('language', 35)),
        optional(text('service_provider_admin_email', 254)),
        optional(text('partner_admin_name', 200)),
        enumeration('default_package_type'),
        boolean('flow_through'),
        boolean('enterprise_mode'),
        optional(text('xsi_actions_url', 500)),
        boolean('untrusted_emails'),
        enumeration('share_link'),
        text('activation_key', 64),
        boolean('provision_admin_first'),
        boolean('allow_self_activation'),
        timestamp('created_at'),
        timestamp('updated_at'),
      ],
      checks: {
        onboarding_template_default_package_type: oneOf('default_package_type', PACKAGE_TYPES),
        onboarding_template_share_link: oneOf('share_link', ['NONE', 'ACTIVATION']),
      },
      foreignKeys: [{ name: 'onboarding_template_partner_fk', column: 'partner_id', table: 'partner' }],
      indexes: [
        { name: 'onboarding_template_created_at', columns: ['partner_id', 'created_at', 'id'] },
        { name: 'onboarding_template_provisioning_id', columns: ['partner_id', 'provisioning_id'], unique: true },
        { name: 'onboarding_template_activation_key', columns: ['activation_key'], unique: true },
      ],
    })
    await createTable(runner, {
      name: 'customer',
      columns: [
        id(),
        reference('partner_id'),
        reference('onboarding_template_id'),
        text('sp_enterprise_id', 200),
        text('name', 200),
        text('name_key', 400),
        longText('search_text'),
        optional(text('webex_org_id', 200)),
        timestamp('created_at'),
        timestamp('updated_at'),
      ],
      foreignKeys: [
        { name: 'customer_partner_fk', column: 'partner_id', table: 'partner' },
        { name: 'customer_onboarding_template_fk', column: 'onboarding_template_id', table: 'onboarding_template' },
      ],
      indexes: [
        { name: 'customer_created_at', columns: ['partner_id', 'created_at', 'id'] },
        { name: 'customer_name', columns: ['partner_id', 'name_key', 'id'] },
        { name: 'customer_template_created_at', columns: ['onboarding_template_id', 'created_at', 'id'] },
        { name: 'customer_sp_enterprise_id', columns: ['partner_id', 'sp_enterprise_id'], unique: true },
      ],
    })
    await createTable(runner, {
      name: 'hand_over',
      columns: [
        primaryText('partner_id', 40),
        primaryText('broadworks_id_key', 400),
        text('broadworks_id', 161),
        reference('onboarding_template_id'),
        text('sp_enterprise_id', 200),
        optional(text('customer_name', 200)),
        text('first_name', 128),
        text('last_name', 128),
        optional(text('primary_phone_number', 32)),
        optional(text('mobile_phone_number', 32)),
        optional(text('extension', 20)),
        optional(text('email', 254)),
        enumeration('package_type'),
        optional(text('passcode_hash', 200)),
        timestamp('created_at'),
        timestamp('updated_at'),
      ],
      foreignKeys: [
        { name: 'hand_over_onboarding_template_fk', column: 'onboarding_template_id', table: 'onboarding_template', onDelete: 'CASCADE' },
      ],
      indexes: [{ name: 'hand_over_template', columns: ['onboarding_template_id'] }],
    })
    await createTable(runner, {
      name: 'provisioned_user',
      columns: [
        id(),
        reference('partner_id'),
        reference('customer_id'),
        reference('onboarding_template_id'),
        text('broadworks_id', 161),
        text('broadworks_id_key', 400),
        optional(text('webex_subscriber_id', 200)),
        optional(text('webex_person_id', 200)),
        boolean('creation_unconfirmed'),
        optional(timestamp('consent_mailed_at')),
        text('first_name', 128),
        text('last_name', 128),
        text('last_name_key', 400),
        optional(text('email', 254)),
        optional(enumeration('email_origin')),
        optional(text('trusted_email_key', 400)),
        optional(text('primary_phone_number', 32)),
        optional(text('mobile_phone_number', 32)),
        optional(text('extension', 20)),
        enumeration('package_type'),
        optional(enumeration('requested_package_type')),
        optional(json('requested_profile')),
        enumeration('status'),
        boolean('unfinished'),
        timestamp('last_status_change'),
        json('upstream_errors'),
        optional(integer('error_code')),
        optional(integer('error_http_status')),
        boolean('unanswered'),
        boolean('self_activated'),
        optional(timestamp('deleted_at')),
        optional(timestamp('deletion_ended_at')),
        longText('search_text'),
        integer('revision'),
        timestamp('created_at'),
        timestamp('updated_at'),
      ],
      checks: {
        provisioned_user_status: oneOf('status', [
          'PENDING_EMAIL_INPUT',
          'PENDING_EMAIL_VALIDATION',
          'PENDING_USER_MIGRATION',
          'PROVISIONING',
          'PROVISIONED',
          'UPDATING',
          'ERROR',
        ]),
        provisioned_user_package_type: oneOf('package_type', PACKAGE_TYPES),
        provisioned_user_requested_package_type: oneOf('requested_package_type', PACKAGE_TYPES),
        provisioned_user_email_origin: oneOf('email_origin', ['SUGGESTED', 'SUBMITTED', 'CONFIRMED', 'VOUCHED', 'SYNCED']),
      },
      foreignKeys: [
        { name: 'provisioned_user_partner_fk', column: 'partner_id', table: 'partner' },
        { name: 'provisioned_user_customer_fk', column: 'customer_id', table: 'customer' },
        { name: 'provisioned_user_onboarding_template_fk', column: 'onboarding_template_id', table: 'onboarding_template' },
      ],
      indexes: [
        { name: 'provisioned_user_broadworks_id', columns: ['partner_id', 'broadworks_id_key'], unique: true, where: LIVING },
        {
          name: 'provisioned_user_trusted_email',
          columns: ['partner_id', 'trusted_email_key'],
          unique: true,
          where: `${LIVING} AND trusted_email_key IS NOT NULL`,
        },
        { name: 'provisioned_user_created_at', columns: ['partner_id', 'created_at', 'id'], where: LIVING },
        { name: 'provisioned_user_last_status_change', columns: ['partner_id', 'last_status_change', 'id'], where: LIVING },
        { name: 'provisioned_user_last_name', columns: ['partner_id', 'last_name_key', 'id'], where: LIVING },
        { name: 'provisioned_user_template_created_at', columns: ['onboarding_template_id', 'created_at', 'id'], where: LIVING },
        {
          name: 'provisioned_user_template_last_status_change',
          columns: ['onboarding_template_id', 'last_status_change', 'id'],
          where: LIVING,
        },
        { name: 'provisioned_user_template_broadworks_id', columns: ['onboarding_template_id', 'broadworks_id_key', 'id'], where: LIVING },
        { name: 'provisioned_user_template_last_name', columns: ['onboarding_template_id', 'last_name_key', 'id'], where: LIVING },
        { name: 'provisioned_user_customer_created_at', columns: ['customer_id', 'created_at', 'id'], where: LIVING },
        {
          name: 'provisioned_user_unfinished_created_at',
          columns: ['partner_id', 'unfinished', 'created_at', 'id', 'status'],
          where: UNFINISHED,
        },
        {
          name: 'provisioned_user_unfinished_last_status_change',
          columns: ['partner_id', 'unfinished', 'last_status_change', 'id', 'status'],
          where: UNFINISHED,
        },
        {
          name: 'provisioned_user_unfinished_broadworks_id',
          columns: ['partner_id', 'unfinished', 'broadworks_id_key', 'id', 'status'],
          where: UNFINISHED,
        },
        {
          name: 'provisioned_user_unfinished_last_name',
          columns: ['partner_id', 'unfinished', 'last_name_key', 'id', 'status'],
          where: UNFINISHED,
        },
        {
          name: 'provisioned_user_template_unfinished_created_at',
          columns: ['onboarding_template_id', 'unfinished', 'created_at', 'id', 'status'],
          where: UNFINISHED,
        },
        {
          name: 'provisioned_user_template_unfinished_last_status_change',
          columns: ['onboarding_template_id', 'unfinished', 'last_status_change', 'id', 'status'],
          where: UNFINISHED,
        },
        {
          name: 'provisioned_user_template_unfinished_broadworks_id',
          columns: ['onboarding_template_id', 'unfinished', 'broadworks_id_key', 'id', 'status'],
          where: UNFINISHED,
        },
        {
          name: 'provisioned_user_template_unfinished_last_name',
          columns: ['onboarding_template_id', 'unfinished', 'last_name_key', 'id', 'status'],
          where: UNFINISHED,
        },
        { name: 'provisioned_user_customer_unfinished', columns: ['customer_id', 'unfinished', 'status'], where: UNFINISHED },
        {
          name: 'provisioned_user_error_code',
          columns: ['partner_id', 'error_code', 'created_at', 'id'],
          where: `${LIVING} AND error_code IS NOT NULL`,
        },
        { name: 'provisioned_user_tombstone', columns: ['partner_id', 'broadworks_id_key', 'deleted_at'], where: 'deleted_at IS NOT NULL' },
      ],
    })
    await createTable(runner, {
      name: 'activation_attempt',
      columns: [
        id(),
        reference('partner_id'),
        reference('provisioned_user_id'),
        enumeration('trigger'),
        text('actor', 200),
        optional(text('email', 254)),
        enumeration('outcome'),
        enumeration('phase'),
        timestamp('started_at'),
        optional(timestamp('ended_at')),
        json('upstream_errors'),
        json('steps'),
      ],
      checks: {
        activation_attempt_trigger: oneOf('trigger', ['PORTAL', 'ADMIN', 'BULK', 'AUTOMATIC', 'IMPORT', 'API']),
        activation_attempt_outcome: oneOf('outcome', ['RUNNING', 'PROVISIONED', 'PENDING_USER_MIGRATION', 'FAILED', 'CANCELLED']),
        activation_attempt_phase: oneOf('phase', ['DELETE', 'CREATE', 'CREATE_SENT', 'UPDATE', 'UPDATE_SENT', 'FOLLOW']),
      },
      foreignKeys: [{ name: 'activation_attempt_user_fk', column: 'provisioned_user_id', table: 'provisioned_user' }],
      indexes: [{ name: 'activation_attempt_user', columns: ['provisioned_user_id', 'started_at', 'id'] }],
    })
    await createTable(runner, {
      name: 'audit_event',
      columns: [
        id(),
        reference('partner_id'),
        timestamp('at'),
        text('actor', 200),
        text('action', 64),
        reference('target_id'),
        text('target_label', 254),
        optional(reference('customer_id')),
        json('changes'),
        optional(text('request_id', 64)),
      ],
      foreignKeys: [{ name: 'audit_event_partner_fk', column: 'partner_id', table: 'partner' }],
      indexes: [
        { name: 'audit_event_at', columns: ['partner_id', 'at', 'id'] },
        { name: 'audit_event_target', columns: ['target_id', 'at', 'id'] },
        { name: 'audit_event_actor', columns: ['partner_id', 'actor', 'at', 'id'] },
        { name: 'audit_event_customer', columns: ['customer_id', 'at', 'id'] },
      ],
    })
    await createTable(runner, {
      name: 'idempotency_key',
      columns: [
        primaryText('partner_id', 40),
        primaryText('caller', 100),
        primaryText('mutation', 64),
        primaryText('key', 255),
        text('input_hash', 64),
        longText('object_id'),
        timestamp('created_at'),
      ],
      indexes: [{ name: 'idempotency_key_created_at', columns: ['created_at'] }],
    })
    await createTable(runner, {
      name: 'job',
      columns: [
        id(),
        text('name', 64),
        json('payload'),
        timestamp('run_at'),
        optional(timestamp('locked_until')),
        integer('failures'),
        optional(text('last_failure', 1000)),
        optional(timestamp('dead_at')),
        timestamp('created_at'),
      ],
      indexes: [{ name: 'job_due', columns: ['run_at', 'id'], where: 'dead_at IS NULL' }],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = ['job', 'idempotency_key', 'audit_event', 'activation_attempt', 'provisioned_user', 'hand_over', 'customer']
    for (const table of [...tables, 'onboarding_template', 'api_token', 'partner']) await runner.dropTable(table)
  }
}
