import { Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { EnumColumn, ID_LENGTH, ReferenceColumn, TextColumn, TimestampColumn } from '../../database/columns'
import type { Timestamp } from '../../shared/clock'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import type { PackageType } from '../../provisioning/package-type'

/**
 * What BroadWorks said when it handed a user over. It outlives the user: whoever was deleted can sign in to the portal and start
 * again. Invisible in the API.
 */
@Entity()
@Index('hand_over_template', ['onboardingTemplateId'])
export class HandOver {
  @PrimaryColumn({ type: 'varchar', length: ID_LENGTH, collation: 'C' })
  readonly partnerId: string

  @PrimaryColumn({ type: 'varchar', length: '400', collation: 'C' })
  readonly broadworksIdKey: string

  @TextColumn({ length: 161 })
  readonly broadworksId: string

  @ForeignKey(() => OnboardingTemplate, { name: 'hand_over_onboarding_template_fk', onDelete: 'CASCADE' })
  @ReferenceColumn()
  readonly onboardingTemplateId: string

  @TextColumn({ length: 200 })
  readonly spEnterpriseId: string

  @TextColumn({ length: 200, nullable: true })
  readonly customerName: string | null

  @TextColumn({ length: 128 })
  readonly firstName: string

  @TextColumn({ length: 128 })
  readonly lastName: string

  @TextColumn({ length: 32, nullable: true })
  readonly primaryPhoneNumber: string | null

  @TextColumn({ length: 32, nullable: true })
  readonly mobilePhoneNumber: string | null

  @TextColumn({ length: 20, nullable: true })
  readonly extension: string | null

  @TextColumn({ length: 254, nullable: true })
  readonly email: string | null

  @EnumColumn()
  readonly packageType: PackageType

  /** scrypt hash of the activation passcode; null when none was handed over. */
  @TextColumn({ length: 200, nullable: true })
  readonly passcodeHash: string | null

  @TimestampColumn()
  readonly createdAt: Timestamp

  @TimestampColumn()
  readonly updatedAt: Timestamp
}
