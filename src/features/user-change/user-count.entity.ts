import { Entity, PrimaryColumn } from 'typeorm'
import { ID_LENGTH, IntegerColumn } from '../../database/columns'
import { BUCKET_LENGTH } from '../change-log/user-bucket'

/** How many users of a partner, and of a customer, are in a bucket; what is not folded yet (see UserChange) comes on top. */
@Entity()
export class UserCount {
  /** ID of the partner or of the customer. */
  @PrimaryColumn({ type: 'varchar', length: ID_LENGTH, collation: 'C' })
  readonly scopeId: string

  @PrimaryColumn({ type: 'varchar', length: String(BUCKET_LENGTH), collation: 'C' })
  readonly bucket: string

  @IntegerColumn()
  readonly users: number
}
