import { Entity, ForeignKey, Index } from 'typeorm'
import type { Viewer } from '../../auth/viewer'
import { IdColumn, JsonColumn, ReferenceColumn, TextColumn, TimestampColumn } from '../../database/columns'
import type { Timestamp } from '../../shared/clock'
import { Partner } from '../partner/partner.entity'

/** What a download URL is for; the URL names it by its ID, and nobody can ask for it otherwise. */
@Entity()
@Index('download_expires_at', ['expiresAt'])
export class Download {
  @IdColumn()
  readonly id: string

  @ForeignKey(() => Partner, { name: 'download_partner_fk' })
  @ReferenceColumn()
  readonly partnerId: string

  /** Who asked: of an API token, its ID. What it may see is what is downloaded, and nothing is once it is revoked. */
  @ReferenceColumn()
  readonly tokenId: string

  /** What whoever asked was and might see then, where that is not kept with a token of ours; else null. */
  @JsonColumn({ nullable: true })
  readonly viewer: Viewer | null

  /** Name of a `DownloadKind`. */
  @TextColumn({ length: 32 })
  readonly kind: string

  @TextColumn({ length: 100 })
  readonly fileName: string

  /** What was asked for, in the kind's own form. */
  @JsonColumn()
  readonly request: object

  @TimestampColumn()
  readonly createdAt: Timestamp

  /** From then on no download begins. */
  @TimestampColumn()
  readonly expiresAt: Timestamp
}
