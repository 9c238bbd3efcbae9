import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Check, Entity, ForeignKey, Index } from 'typeorm'
import { Role } from '../../auth/viewer'
import { EnumColumn, IdColumn, JsonColumn, oneOf, ReferenceColumn, TextColumn, TimestampColumn } from '../../database/columns'
import { DateTime } from '../../graphql/scalars'
import type { Timestamp } from '../../shared/clock'
import { Partner } from '../partner/partner.entity'

registerEnumType(Role, {
  name: 'Role',
  description: 'What the holder of a token may do; each role contains the one before.',
  valuesConfig: {
    VIEWER: { description: 'Reads.' },
    OPERATOR: { description: 'Acts on users: retry, change package, delete, hand over; exports them.' },
    ADMIN: { description: 'Everything, onboarding templates and tokens included.' },
  },
})

@Entity()
@Index('api_token_hash', ['tokenHash'], { unique: true })
@Index('api_token_partner', ['partnerId', 'createdAt', 'id'])
@Check('api_token_role', oneOf('role', Role))
@ObjectType({
  description: 'A bearer token of the partner API. The token itself is shown once, when it is made; only its hash is kept.',
  simpleResolvers: true,
})
export class ApiToken {
  @Field(() => ID, { description: 'ID of the token; not the secret.' })
  @IdColumn()
  readonly id: string

  @ForeignKey(() => Partner, { name: 'api_token_partner_fk' })
  @ReferenceColumn()
  readonly partnerId: string

  @Field(() => String, { description: 'What the token is for; the audit log shows it as the actor.' })
  @TextColumn({ length: 100 })
  readonly name: string

  @Field(() => Role, { description: 'What its holder may do.' })
  @EnumColumn()
  readonly role: Role

  /** SHA-256 in hexadecimal. The token is 256 random bits, so a slow hash would add nothing. */
  @TextColumn({ length: 64 })
  readonly tokenHash: string

  @Field(() => [ID], { nullable: true, description: 'The only customers whose users its holder sees; null for all.' })
  @JsonColumn({ nullable: true })
  readonly customerIds: string[] | null

  @Field(() => DateTime, { nullable: true, description: 'From then on the token is refused; null for never.' })
  @TimestampColumn({ nullable: true })
  readonly expiresAt: Timestamp | null

  @Field(() => DateTime, { nullable: true, description: 'Last use, to the minute; null when never used.' })
  @TimestampColumn({ nullable: true })
  readonly lastUsedAt: Timestamp | null

  @Field(() => DateTime, { nullable: true, description: 'When the token was revoked; null while it is valid.' })
  @TimestampColumn({ nullable: true })
  readonly revokedAt: Timestamp | null

  @Field(() => DateTime, { description: 'When the token was made.' })
  @TimestampColumn()
  readonly createdAt: Timestamp
}
