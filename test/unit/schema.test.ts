import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  buildSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'
import { ENTITY_REFERENCES } from '../../src/features/node/entity-references'
import { buildPartnerSchemas } from '../../src/graphql/engine/schema'
import { RESOLVERS } from '../../src/resolvers'

const { sdl, subgraphSdl } = buildPartnerSchemas(RESOLVERS, ENTITY_REFERENCES)

function committed(file: string): string {
  return readFileSync(path.resolve(__dirname, '../../schema', file), 'utf8')
}

describe('the committed schema', () => {
  it('is what the resolvers and entities emit; `npm run generate` writes it', () => {
    expect(committed('schema.graphql')).toBe(sdl)
  })

  it('is what federation routers are told', () => {
    expect(committed('subgraph.graphql')).toBe(subgraphSdl)
  })
})

describe('the descriptions', () => {
  it('say what every type, field, argument, input field and enum value is', () => {
    const types = Object.values(buildSchema(sdl).getTypeMap()).filter(type => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    expect(types.length).toBeGreaterThan(50)
    expect(types.flatMap(withoutDescription)).toEqual([])
  })
})

interface Described {
  name: string
  description?: string | null
}

/** The coordinates of the parts of a type, and of itself, that nobody described. */
function withoutDescription(type: GraphQLNamedType): string[] {
  const missing = (prefix: string, parts: readonly Described[]) =>
    parts.filter(({ description }) => !description?.trim()).map(({ name }) => `${prefix}${name}`)
  const found = missing('', [type])
  if (isEnumType(type)) found.push(...missing(`${type.name}.`, type.getValues()))
  if (isInputObjectType(type)) found.push(...missing(`${type.name}.`, Object.values(type.getFields())))
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      found.push(...missing(`${type.name}.`, [field]), ...missing(`${type.name}.${field.name}:`, field.args))
    }
  }
  return found
}
