import { Field, ID, InterfaceType } from 'type-graphql'
import { typeOfId } from '../shared/ids'

@InterfaceType({
  description: 'An object with a global ID, which `Query.node` finds again.',
  resolveType: (value: Node) => typeOfId(value.id) ?? undefined,
})
export abstract class Node {
  @Field(() => ID, { description: 'Global ID: opaque, stable, the same in the API, exports, logs and as federation key.' })
  readonly id: string
}
