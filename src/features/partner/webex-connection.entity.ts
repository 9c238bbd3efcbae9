import { Entity, ForeignKey } from 'typeorm'
import { IdColumn, LongTextColumn, TextColumn, TimestampColumn } from '../../database/columns'
import type { Timestamp } from '../../shared/clock'
import { Partner } from './partner.entity'

/**
 * A partner's connection to Webex: an integration, whose tokens are renewed, or an access token alone. Secrets are encrypted. Of an
 * integration that the settings name, only what was renewed is here.
 */
@Entity()
export class WebexConnection {
  @IdColumn()
  @ForeignKey(() => Partner, { name: 'webex_connection_partner_fk' })
  readonly partnerId: string

  @TextColumn({ length: 500 })
  readonly baseUrl: string

  @TextColumn({ length: 200, nullable: true })
  readonly clientId: string | null

  @LongTextColumn({ nullable: true })
  readonly encryptedClientSecret: string | null

  @LongTextColumn({ nullable: true })
  readonly encryptedRefreshToken: string | null

  @LongTextColumn()
  readonly encryptedAccessToken: string

  /** From when on the access token is renewed, ahead of its end; null when Webex did not say when that is. */
  @TimestampColumn({ nullable: true })
  readonly renewAt: Timestamp | null

  @TimestampColumn({ nullable: true })
  readonly accessTokenExpiresAt: Timestamp | null

  /** Separated by spaces; null when Webex did not say. */
  @LongTextColumn({ nullable: true })
  readonly scope: string | null

  /** Hash of the refresh token of the settings that these tokens come from; null for a connection of the partner's own. */
  @TextColumn({ length: 64, nullable: true })
  readonly settingHash: string | null

  @TimestampColumn()
  readonly updatedAt: Timestamp
}
