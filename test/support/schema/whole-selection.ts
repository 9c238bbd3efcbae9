import {
  getNamedType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isObjectType,
} from 'graphql'
import { partnerSchemas, type RootField } from './partner-schema'

const { served } = partnerSchemas

/** How often a path may come by a type: twice where the second time may show what the first must not. */
const VISITS_MAX: Record<string, number> = { ProvisionedUser: 2, Customer: 2 }
/** What names users in passing: it shows who they are, and what leads on from a user is selected elsewhere. */
const EXAMPLES = ['StuckCause', 'BulkResult', 'UserChange']
/** Newest first: what others of the partner made last is what must not come. Larger pages would cost more than one request may. */
const PAGE_SIZE = 2

/**
 * A selection of everything that a field's answer leads to, through every field of every type, with the fragments that it needs.
 * @param coordinates gathers what was selected, as `Type.field`
 */
export function wholeSelection(field: RootField, coordinates: Set<string>): { selection: string; fragments: string } {
  const fragments = new Map<string, string>()

  function select(type: GraphQLNamedType, visits: Record<string, number>): string {
    if (isLeafType(type)) return ''
    if (isAbstractType(type)) {
      const parts = served.getPossibleTypes(type).map(possible => `... on ${possible.name} ${select(possible, visits)}`)
      return `{ __typename ${parts.join(' ')} }`
    }
    if (!isObjectType(type)) throw new Error(`${type.name} cannot be selected.`)
    const visited = { ...visits, [type.name]: (visits[type.name] ?? 0) + 1 }
    // The second time shows who is there; what leads on from there was selected the first time.
    const isKnown = visited[type.name] === VISITS_MAX[type.name] || EXAMPLES.some(parent => parent in visits)
    if (type.name === 'ProvisionedUser' && isKnown) return `{ ${leaves(type)} }`
    const objects = Object.values(type.getFields()).filter(each => !isLeafType(getNamedType(each.type)))
    const parts = objects.flatMap(each => {
      const target = getNamedType(each.type)
      if ((visited[target.name] ?? 0) >= (isNode(target) ? (VISITS_MAX[target.name] ?? 1) : 3)) return []
      coordinates.add(`${type.name}.${each.name}`)
      const page = each.args.some(({ name }) => name === 'first') ? `(first: ${PAGE_SIZE})` : ''
      // The same objects as in `nodes`.
      const below =
        each.name === 'node' && type.name.endsWith('Edge') ? `{ ${isNode(target) ? 'id' : '__typename'} }` : select(target, visited)
      return below === '{ }' ? [] : [`${each.name}${page} ${below}`]
    })
    return `{ ${[leaves(type), ...parts].join(' ')} }`
  }

  /** What a type says of itself is the same wherever it is met: one fragment keeps the document small. */
  function leaves(type: GraphQLObjectType): string {
    const names = Object.values(type.getFields())
      .filter(each => isLeafType(getNamedType(each.type)))
      .map(each => each.name)
    for (const name of names) coordinates.add(`${type.name}.${name}`)
    if (names.length === 0) return '__typename'
    fragments.set(type.name, `fragment ${type.name}Leaves on ${type.name} { ${names.map(name => aliased(type, name)).join(' ')} }`)
    return `...${type.name}Leaves`
  }

  return { selection: select(getNamedType(field.type), {}), fragments: [...fragments.values()].join('\n') }
}

/** Side by side in `node`, two types may not say different things under one name. */
function aliased(type: GraphQLObjectType, name: string): string {
  const typeIn = (of: GraphQLObjectType) => of.getFields()[name]?.type
  const others = Object.values(served.getTypeMap())
    .filter(isNode)
    .map(other => typeIn(other as GraphQLObjectType))
  const isClear = others.every(other => !other || String(other) === String(typeIn(type)))
  return isNode(type) && !isClear ? `${name}Of${type.name}: ${name}` : name
}

function isNode(type: GraphQLNamedType): boolean {
  return isObjectType(type) && type.getInterfaces().some(each => isInterfaceType(each) && each.name === 'Node')
}

/** Every field of every object type, as `Type.field`. */
export function everyCoordinate(): string[] {
  return Object.values(served.getTypeMap())
    .filter(type => isObjectType(type) && !type.name.startsWith('__') && !['Query', 'Mutation', 'Subscription'].includes(type.name))
    .flatMap(type => Object.keys((type as GraphQLObjectType).getFields()).map(name => `${type.name}.${name}`))
}
