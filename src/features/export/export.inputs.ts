import { Field, InputType, registerEnumType } from 'type-graphql'
import { Locale } from '../../graphql/scalars'
import { ProvisionedUserFilter, ProvisionedUserOrder } from '../provisioned-user/provisioned-user.filter'

export enum ExportFormat {
  CSV = 'CSV',
  JSONL = 'JSONL',
}

registerEnumType(ExportFormat, {
  name: 'ExportFormat',
  description: 'Form of an exported file, in UTF-8.',
  valuesConfig: {
    CSV: {
      description:
        'For spreadsheets: RFC 4180 with a header and a byte order mark. An apostrophe stands before each cell that a spreadsheet would take for a formula, phone numbers too.',
    },
    JSONL: { description: 'For programs: a JSON object a line, with the names that this API has for the fields.' },
  },
})

@InputType({ description: 'Input of `exportUsers`.' })
export class ExportUsersInput {
  @Field(() => ProvisionedUserFilter, { nullable: true, description: 'Which users; all when left out.' })
  filter?: ProvisionedUserFilter | null

  @Field(() => ProvisionedUserOrder, { nullable: true, description: 'Their order; newest hand-over first when left out.' })
  orderBy?: ProvisionedUserOrder | null

  @Field(() => ExportFormat, { description: 'Form of the file.' })
  format: ExportFormat

  @Field(() => Locale, {
    nullable: true,
    description: 'Language of the header and of explanations, `en` or `it`; English when left out, whatever `Accept-Language` says.',
  })
  locale?: string | null
}
