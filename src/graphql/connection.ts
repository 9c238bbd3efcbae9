import { ArgsType, type ClassType, Directive, Field, Int, ObjectType } from 'type-graphql'

/** Reads that not every caller selects are functions: GraphQL calls them only for the fields that the operation names. */
export interface Connection<Row> {
  edges: Edge<Row>[]
  nodes: Row[]
  pageInfo: PageInfo
  totalCount: () => Promise<number | null>
}

export interface Edge<Row> {
  node: Row
  cursor: string
}

@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: 'How many from the start: 0 to 100; 20 when neither `first` nor `last` is given.' })
  first?: number | null

  @Field(() => String, {
    nullable: true,
    description: 'Only what comes after this cursor; a cursor is valid under the order that made it.',
  })
  after?: string | null

  @Field(() => Int, { nullable: true, description: 'How many from the end: 0 to 100; not together with `first`.' })
  last?: number | null

  @Field(() => String, {
    nullable: true,
    description: 'Only what comes before this cursor; a cursor is valid under the order that made it.',
  })
  before?: string | null
}

@Directive('@shareable')
@ObjectType({ description: 'Where a page lies in its list, as in the Relay cursor specification.', simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there is anything after the last edge.' })
  hasNextPage: boolean | (() => Promise<boolean>)

  @Field(() => Boolean, { description: 'Whether there is anything before the first edge.' })
  hasPreviousPage: boolean | (() => Promise<boolean>)

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge; null on an empty page.' })
  startCursor: string | null

  @Field(() => String, { nullable: true, description: 'Cursor of the last edge; null on an empty page.' })
  endCursor: string | null
}

/** Makes the connection and edge types of a node, `XConnection` and `XEdge`. Answers the connection's class, for `@Query` and the like. */
export function connectionOf<Row extends object>(name: string, node: () => ClassType<Row>): ClassType<Connection<Row>> {
  @ObjectType(`${name}Edge`, { description: `One ${name} in a list, with its cursor.`, simpleResolvers: true })
  class ConnectionEdge {
    @Field(node, { description: 'The object itself.' })
    node: Row

    @Field(() => String, { description: 'Opaque position in this list and order.' })
    cursor: string
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name} objects.`, simpleResolvers: true })
  class NodeConnection implements Connection<Row> {
    @Field(() => [ConnectionEdge], { description: 'The objects of this page with their cursors.' })
    edges: Edge<Row>[]

    @Field(() => [node()], { description: 'The objects of this page, without cursors.' })
    nodes: Row[]

    @Field(() => PageInfo, { description: 'Where this page lies.' })
    pageInfo: PageInfo

    @Field(() => Int, {
      nullable: true,
      description: 'How many there are in all pages; counted only when selected. With a search: exact up to 10,000, null beyond.',
    })
    totalCount: () => Promise<number | null>
  }
  return NodeConnection
}
