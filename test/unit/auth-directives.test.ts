import { composeServices } from '@apollo/composition'
import { composeServices as composeOpenly } from '@theguild/federation-composition'
import { type FieldDefinitionNode, Kind, parse, print, visit } from 'graphql'
import { withAuthDirectives } from '../../src/graphql/engine/auth-directives'
import { partnerSchemas } from '../support/schema/partner-schema'

const { subgraphSdl } = partnerSchemas
const protectedSdl = withAuthDirectives(subgraphSdl)

const isAuthenticated = ({ directives }: FieldDefinitionNode) => directives?.some(({ name }) => name.value === 'authenticated') ?? false

/** The fields that say so, and those that do not, by type. */
function fieldsOf(type: string): { open: string[]; closed: string[] } {
  for (const definition of parse(protectedSdl).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || definition.name.value !== type) continue
    const names = (fields: readonly FieldDefinitionNode[]) => fields.map(({ name }) => name.value)
    const fields = definition.fields ?? []
    return { open: names(fields.filter(field => !isAuthenticated(field))), closed: names(fields.filter(isAuthenticated)) }
  }
  throw new Error(`There is no type ${type}.`)
}

describe('The SDL with auth directives', () => {
  it('has every field at the root, and of the entities all but their keys', () => {
    for (const root of ['Query', 'Mutation', 'Subscription']) expect(fieldsOf(root).open).toEqual([])
    expect(fieldsOf('Mutation').closed).toContain('deleteUser')
    expect(fieldsOf('Customer').open).toEqual(['id', 'spEnterpriseId'])
    expect(fieldsOf('OnboardingTemplate').open).toEqual(['id', 'provisioningId'])
    expect(fieldsOf('ProvisionedUser').open).toEqual(['broadworksId', 'id'])
    expect(fieldsOf('ProvisionedUser').closed).toContain('email')
  })

  it('is what every router is told, but for that', () => {
    const without = visit(parse(protectedSdl), {
      Directive: directive => (directive.name.value === 'authenticated' ? null : undefined),
      StringValue: ({ value }, _key, parent) => (Array.isArray(parent) && value === '@authenticated' ? null : undefined),
    })
    expect(`${print(without)}\n`).toBe(subgraphSdl)
  })

  it('composes with a subgraph that has something for everybody, which stays so', () => {
    const shop = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      type Query { offers: [Offer!]! }
      type Offer { customer: Customer! text: String! }
      type Customer @key(fields: "id", resolvable: false) { id: ID! }
    `
    const services = Object.entries({ flowthrough: protectedSdl, shop }).map(([name, sdl]) => ({
      name,
      url: `https://${name}.example.com/graphql`,
      typeDefs: parse(sdl),
    }))
    for (const { errors, supergraphSdl } of [composeServices(services), composeOpenly(services)]) {
      expect(errors).toBeUndefined()
      expect(supergraphSdl).toMatch(/\n {2}offers: \[Offer!\]! @join__field\(graph: SHOP\)\n/)
      expect(supergraphSdl).toMatch(/\n {2}viewer: Viewer! .*@authenticated/)
    }
  })
})
