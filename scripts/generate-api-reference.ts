import {
  astFromValue,
  buildSchema,
  getNamedType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  print,
  printType,
} from 'graphql'
import { curlCommand } from '../schema/curl-command'
import { type ExampleOperation, readExamples } from './example-operations'
import { table } from './generate-error-reference'

/** Where `npm start` serves the partner API. */
const URL_OF_API = 'http://127.0.0.1:4000/graphql'

interface Described {
  description?: string | null
  deprecationReason?: string | null
}

/** The fields of one root type. */
interface Chapter {
  title: string
  /** Before the name in a heading, as in "query customer": by its name alone it would be told from `Customer` by its case only. */
  prefix: string
  root: GraphQLObjectType
  examples: ExampleOperation[]
  /** Whether curl can send the operation. */
  withCurl: boolean
}

interface Kind {
  title: string
  types: GraphQLNamedType[]
}

/** The whole of docs/reference/api.md, from the two SDLs and the examples in schema/examples. A test fails when the file differs. */
export function renderApiReference(partnerSdl: string, activationSdl: string): string {
  const partner = buildSchema(partnerSdl)
  const activation = buildSchema(activationSdl)
  const chapters = chaptersOf(partner, activation)
  const kinds = kindsOf(partner)
  const ofPortal = {
    title: 'Types of the activation API',
    types: typesOf(activation).filter(type => !isSame(type, partner.getType(type.name))),
  }
  const sections = [
    introduction(),
    contents(chapters, [...kinds, ofPortal]),
    ...chapters.map(renderChapter),
    ...kinds.map(kind => renderKind(kind, partner)),
    renderKind(ofPortal, activation),
  ]
  return sections.join('\n\n') + '\n'
}

function introduction(): string {
  return `# The API, field by field

<!-- Generated from schema/*.graphql and schema/examples by scripts/generate-api-reference.ts. Do not edit. -->

Everything that can be asked for, with an example each. Administrators, operators and programs use the partner API at \`/graphql\`, with a
token: [who may do what](permissions.md), [what the errors of users mean](errors.md), [how subscriptions are sent](../guides/live-updates.md).
The page on which users activate uses the activation API at \`/activation/graphql\`, with a session.

The examples are the tabs and the pane "Examples" of the playground. A text such as \`usr_…\` in their variables stands for an ID, which begins
with these letters: \`usr_\` of a user, \`cus_\` of a customer, \`tpl_\` of an onboarding template, \`blk_\` of a bulk operation, \`tok_\` of a
token; \`key_…\` stands for the \`key\` of a cause. The commands take the token from the shell:

\`\`\`sh
TOKEN=flt_…
\`\`\``
}

function chaptersOf(partner: GraphQLSchema, activation: GraphQLSchema): Chapter[] {
  const ofPartner = { examples: readExamples('schema/examples'), withCurl: true }
  // Its session is a cookie, which a browser looks after.
  const ofPortal = { examples: readExamples('schema/examples/activation'), withCurl: false }
  return [
    { title: 'Queries', prefix: 'query', root: given(partner.getQueryType()), ...ofPartner },
    { title: 'Mutations', prefix: 'mutation', root: given(partner.getMutationType()), ...ofPartner },
    // Told over a WebSocket.
    { title: 'Subscriptions', prefix: 'subscription', root: given(partner.getSubscriptionType()), ...ofPartner, withCurl: false },
    { title: 'Queries of the activation API', prefix: 'portal query', root: given(activation.getQueryType()), ...ofPortal },
    { title: 'Mutations of the activation API', prefix: 'portal mutation', root: given(activation.getMutationType()), ...ofPortal },
  ]
}

function contents(chapters: Chapter[], kinds: Kind[]): string {
  const parts = [
    ...chapters.map(({ title, prefix, root }) => ({
      title,
      links: Object.keys(root.getFields()).map(name => link(name, `${prefix} ${name}`)),
    })),
    ...kinds.map(({ title, types }) => ({ title, links: types.map(({ name }) => link(name, name)) })),
  ]
  return `## Contents\n\n${parts.map(({ title, links }) => `- [${title}](#${anchor(title)}): ${links.join(', ')}`).join('\n')}`
}

function renderChapter({ title, prefix, root, examples, withCurl }: Chapter): string {
  const fields = Object.values(root.getFields()).map(field => {
    const example = examples.find(({ rootField }) => rootField === field.name)
    if (!example) throw new Error(`There is no example for ${root.name}.${field.name} in schema/examples.`)
    return [
      `### ${prefix} ${field.name}`,
      textOf(field),
      `Answers ${typeLink(field.type)}.`,
      ...(field.args.length > 0 ? [valueTable('Argument', field.args)] : []),
      fenced('graphql', example.operation),
      ...(example.variables === null ? [] : [fenced('json', example.variables)]),
      ...(withCurl ? [curl(example)] : []),
    ].join('\n\n')
  })
  return [`## ${title}`, textOf(root), ...fields].join('\n\n')
}

function curl({ operation, variables }: ExampleOperation): string {
  const given = variables === null ? {} : { variables: JSON.parse(variables) as Record<string, unknown> }
  return fenced('sh', curlCommand({ url: URL_OF_API, operation, ...given }))
}

/** All types that a schema defines but for its roots, by name. */
function typesOf(schema: GraphQLSchema): GraphQLNamedType[] {
  const roots: unknown[] = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return Object.values(schema.getTypeMap())
    .filter(type => !type.name.startsWith('__') && !isSpecifiedScalarType(type) && !roots.includes(type))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

function isSame(type: GraphQLNamedType, other: GraphQLNamedType | undefined): boolean {
  if (!other) return false
  // There is one heading for a name, so two types of one name have to be one.
  if (printType(type) !== printType(other)) throw new Error(`${type.name} is not the same in both schemas.`)
  return true
}

function kindsOf(schema: GraphQLSchema): Kind[] {
  const types = typesOf(schema)
  return [
    { title: 'Objects', types: types.filter(isObjectType) },
    { title: 'Inputs', types: types.filter(isInputObjectType) },
    { title: 'Enums', types: types.filter(isEnumType) },
    { title: 'Interfaces and unions', types: types.filter(type => isInterfaceType(type) || isUnionType(type)) },
    { title: 'Scalars', types: types.filter(isScalarType) },
  ]
}

function renderKind({ title, types }: Kind, schema: GraphQLSchema): string {
  return [`## ${title}`, ...types.map(type => [`### ${type.name}`, textOf(type), ...body(type, schema)].join('\n\n'))].join('\n\n')
}

function body(type: GraphQLNamedType, schema: GraphQLSchema): string[] {
  if (isObjectType(type)) return [...relation('Is a', type.getInterfaces()), ...fieldTables(type)]
  if (isInterfaceType(type)) return [...fieldTables(type), ...relation('One of', schema.getPossibleTypes(type))]
  if (isUnionType(type)) return relation('One of', type.getTypes())
  if (isInputObjectType(type)) return [valueTable('Field', Object.values(type.getFields()))]
  if (isEnumType(type)) {
    return [
      table(
        ['Value', 'Meaning'],
        type.getValues().map(value => [`\`${value.name}\``, textOf(value)]),
      ),
    ]
  }
  return isScalarType(type) && type.specifiedByURL ? [`See <${type.specifiedByURL}>.`] : []
}

function relation(words: string, types: readonly GraphQLNamedType[]): string[] {
  return types.length === 0 ? [] : [`${words} ${types.map(typeLink).join(', ')}.`]
}

function fieldTables(type: GraphQLObjectType | GraphQLInterfaceType): string[] {
  const all = Object.values(type.getFields())
  const rows = all.map(field => [`\`${field.name}\``, typeLink(field.type), textOf(field)])
  return [
    table(['Field', 'Type', 'Meaning'], rows),
    ...all.filter(({ args }) => args.length > 0).map(field => `Arguments of \`${field.name}\`:\n\n${valueTable('Argument', field.args)}`),
  ]
}

/** What a caller gives. The column of the defaults is there when somebody has one. */
function valueTable(title: string, values: readonly (GraphQLArgument | GraphQLInputField)[]): string {
  const defaults = values.map(value => defaultOf(value))
  const withDefaults = defaults.some(text => text !== '')
  return table(
    [title, 'Type', ...(withDefaults ? ['Default'] : []), 'Meaning'],
    values.map((value, index) => [
      `\`${value.name}\``,
      typeLink(value.type),
      ...(withDefaults ? [defaults[index] ?? ''] : []),
      textOf(value),
    ]),
  )
}

function defaultOf({ defaultValue, type }: GraphQLArgument | GraphQLInputField): string {
  const value = defaultValue === undefined ? null : astFromValue(defaultValue, type)
  return value ? `\`${print(value)}\`` : ''
}

/** In one line, as cells of tables need it. */
function textOf({ description, deprecationReason }: Described): string {
  const text = (description ?? '').replaceAll(/\s+/g, ' ').trim()
  return deprecationReason ? `${text} **Deprecated:** ${deprecationReason}`.trim() : text
}

function typeLink(type: GraphQLType): string {
  const named = getNamedType(type)
  return isSpecifiedScalarType(named) ? `\`${String(type)}\`` : `[\`${String(type)}\`](#${anchor(named.name)})`
}

function link(text: string, heading: string): string {
  return `[\`${text}\`](#${anchor(heading)})`
}

/** As GitHub makes it of a heading of letters and blanks. */
function anchor(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-')
}

function given<Value>(value: Value | null | undefined): Value {
  if (value == null) throw new Error('The schema has no such root type.')
  return value
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
}
