import { Directive, Field, ObjectType } from 'type-graphql'
import { Entity, ForeignKey, Index } from 'typeorm'
import { IdColumn, LongTextColumn, ReferenceColumn, TextColumn, TimestampColumn } from '../../database/columns'
import { Node } from '../../graphql/node'
import { DateTime } from '../../graphql/scalars'
import type { Timestamp } from '../../shared/clock'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { Partner } from '../partner/partner.entity'

@Entity()
@Index('customer_created_at', ['partnerId', 'createdAt', 'id'])
@Index('customer_name', ['partnerId', 'nameKey', 'id'])
@Index('customer_template_created_at', ['onboardingTemplateId', 'createdAt', 'id'])
@Index('customer_sp_enterprise_id', ['partnerId', 'spEnterpriseId'], { unique: true })
@Index('customer_search', { synchronize: false })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "spEnterpriseId")')
@ObjectType({
  implements: Node,
  description: 'A customer of the partner: one BroadWorks enterprise or group. It comes to be when its first user is onboarded.',
  simpleResolvers: true,
})
export class Customer {
  @IdColumn()
  readonly id: string

  @ForeignKey(() => Partner, { name: 'customer_partner_fk' })
  @ReferenceColumn()
  readonly partnerId: string

  @ForeignKey(() => OnboardingTemplate, { name: 'customer_onboarding_template_fk' })
  @ReferenceColumn()
  readonly onboardingTemplateId: string

  @Field(() => String, {
    description: 'Enterprise ID: `<service provider>+<enterprise or group>`, for example `SP1+acme`. Unique within a partner.',
  })
  @TextColumn({ length: 200 })
  readonly spEnterpriseId: string

  @Field(() => String, { description: 'Name of the customer, as BroadWorks told it; else the part of the enterprise ID after `+`.' })
  @TextColumn({ length: 200 })
  readonly name: string

  @TextColumn({ length: 400 })
  readonly nameKey: string

  @LongTextColumn()
  readonly searchText: string

  @Field(() => String, { nullable: true, description: "ID of the customer's Webex organisation, Base64; null until Webex told it." })
  @TextColumn({ length: 200, nullable: true })
  readonly webexOrgId: string | null

  @Field(() => DateTime, { description: 'When the first user of the customer was handed over.' })
  @TimestampColumn()
  readonly createdAt: Timestamp

  @Field(() => DateTime, { description: 'Last change of the customer itself, not of its users.' })
  @TimestampColumn()
  readonly updatedAt: Timestamp
}
