import { Field, ID, InputType, Int } from 'type-graphql'
import { Locale } from '../../graphql/scalars'
import { PackageType } from '../../provisioning/package-type'
import { ProvisionedUserFilter } from '../provisioned-user/provisioned-user.filter'

@InputType({ description: 'A user of a bulk retry, with the address to activate with.' })
export class BulkRetryItem {
  @Field(() => ID, { description: 'ID of the user.' })
  userId: string

  @Field(() => String, { description: 'Address to activate with. By giving it you vouch for it: no validation mail is sent.' })
  email: string
}

/** Whom a bulk operation is about, and on what terms. */
@InputType({ description: 'What all bulk operations take.' })
export abstract class BulkInput {
  @Field(() => ProvisionedUserFilter, {
    nullable: true,
    description: 'All users whom a list with this filter shows when the operation starts. Exactly one way of selecting users may be given.',
  })
  filter?: ProvisionedUserFilter | null

  @Field(() => [ID], {
    nullable: true,
    description: 'These users, 1,000 at most; one who is not there is refused as NOT_FOUND in the results.',
  })
  userIds?: string[] | null

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Change nothing: the operation is DONE at once and tells what would happen.',
  })
  dryRun: boolean

  @Field(() => Int, {
    nullable: true,
    description:
      'Number of users that you expect to be selected, for example `total` of a dry run; with another number nothing is started.',
  })
  expectedCount?: number | null

  @Field(() => String, {
    nullable: true,
    description:
      'Up to 255 characters of your choice. The same key with the same input within 24 hours starts nothing again and answers the same operation.',
  })
  idempotencyKey?: string | null
}

@InputType({ description: 'Input of `bulkRetryActivation`: exactly one of `filter`, `userIds` and `items`.' })
export class BulkRetryActivationInput extends BulkInput {
  @Field(() => [BulkRetryItem], { nullable: true, description: 'These users with an address each, 1,000 at most.' })
  items?: BulkRetryItem[] | null
}

@InputType({
  description:
    'Input of `bulkDeleteUsers`: exactly one of `filter`, which has to name some condition, and `userIds`. From a configurable number of users on (BULK_DELETION_CONFIRM_FROM) `expectedCount` is required.',
})
export class BulkDeleteUsersInput extends BulkInput {}

@InputType({ description: 'Input of `bulkChangePackageType`: exactly one of `filter` and `userIds`.' })
export class BulkChangePackageTypeInput extends BulkInput {
  @Field(() => PackageType, { description: 'Package that the users are to have.' })
  packageType: PackageType
}

@InputType({ description: 'Input of `exportBulkResults`.' })
export class ExportBulkResultsInput {
  @Field(() => ID, { description: 'ID of the operation.' })
  id: string

  @Field(() => Boolean, { defaultValue: false, description: 'Only users who were refused.' })
  failedOnly: boolean

  @Field(() => Locale, { nullable: true, description: 'Language of the header, `en` or `it`; English when left out.' })
  locale?: string | null
}

@InputType({ description: 'Input of `cancelBulkOperation`.' })
export class CancelBulkOperationInput {
  @Field(() => ID, { description: 'ID of the operation.' })
  id: string
}

@InputType({ description: 'Input of `resumeBulkOperation`.' })
export class ResumeBulkOperationInput {
  @Field(() => ID, { description: 'ID of the operation.' })
  id: string
}
