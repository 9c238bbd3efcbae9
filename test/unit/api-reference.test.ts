import { readFileSync } from 'node:fs'
import path from 'node:path'
import { buildSchema, type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import { renderApiReference } from '../../scripts/generate-api-reference'

const read = (file: string) => readFileSync(path.resolve(__dirname, '../..', file), 'utf8')
const sdls = [read('schema/schema.graphql'), read('schema/activation.graphql')] as const
const reference = renderApiReference(...sdls)
/** By its heading, whatever is said there. */
const sections = new Map(reference.split(/^#{2,3} /m).map(section => [section.split('\n')[0], section]))

describe('the reference of the API', () => {
  it('is what the schemas and the examples say', () => {
    expect(read('docs/reference/api.md')).toBe(reference)
  })

  it('has no two headings that GitHub could not tell from one another', () => {
    const headings = [...reference.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase())
    // Comments of operations and commands look like headings, too.
    const ofSections = headings.filter(heading => [...sections.keys()].some(known => known?.toLowerCase() === heading))
    expect(new Set(ofSections).size).toBe(ofSections.length)
  })

  it.each(['partner', 'activation'])('tells every type of the %s API, and each of its fields and values', which => {
    const schema = buildSchema(sdls[which === 'partner' ? 0 : 1])
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
    for (const type of Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))) {
      if (['String', 'Int', 'Float', 'Boolean', 'ID'].includes(type.name) || roots.some(root => root === type)) continue
      expect(sections.get(type.name)).toContain(type.description?.split(/\s+/).join(' '))
      const parts = isEnumType(type) ? type.getValues() : hasFields(type) ? Object.values(type.getFields()) : []
      for (const { name, description } of parts) {
        expect(rowOf(sections.get(type.name), name)).toContain(description?.split(/\s+/).join(' ').replaceAll('|', '\\|'))
      }
    }
  })

  it('shows defaults, deprecations, arguments of fields, unions, and pipes in tables', () => {
    const changed = sdls[0]
      .replace('  viewer: Viewer!', '  viewer(\n    """Either | or."""\n    roles: [Role!]! = [ADMIN]\n  ): Viewer!')
      .replace('  pendingRequirement: String\n', '  pendingRequirement: String @deprecated(reason: "Read `diagnosis`.")\n')
      .concat('\n"""Whoever."""\nunion Whoever = Partner | Customer\n')
    const rendered = renderApiReference(changed, sdls[1])
    expect(rendered).toMatch(/^\| `roles` +\| \[`\[Role!\]!`\]\(#role\) +\| `\[ADMIN\]` +\| Either \\\| or\. +\|$/m)
    expect(rendered).toMatch(/^\| `pendingRequirement` .*\*\*Deprecated:\*\* Read `diagnosis`\. +\|$/m)
    expect(rendered).toContain('One of [`Partner`](#partner), [`Customer`](#customer).')
  })

  it('refuses a field without an example', () => {
    const changed = sdls[0].replace('  """Who asks."""\n', '  """New."""\n  newcomer: String\n\n  """Who asks."""\n')
    expect(() => renderApiReference(changed, sdls[1])).toThrow('There is no example for Query.newcomer')
  })
})

function hasFields(type: ReturnType<GraphQLSchema['getType']>) {
  return isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
}

function rowOf(section: string | undefined, name: string): string | undefined {
  return section?.split('\n').find(line => line.startsWith(`| \`${name}\` `))
}
