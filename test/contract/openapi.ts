import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import Ajv, { type ValidateFunction } from 'ajv'

export interface Contract {
  /** What is wrong with a request, an empty list when nothing is. `target` is a path or a URL, with its query, with or without the `/v1`. */
  readonly checkRequest: (method: string, target: string, body?: unknown) => string[]
  /** What is wrong with the answer to such a request. */
  readonly checkResponse: (method: string, target: string, status: number, body?: unknown) => string[]
}

/** Beside the checkout, where it is to be had; it belongs to Cisco and is never copied into the repository. */
const DOCUMENT_PATH = path.resolve(__dirname, '../../../shared/contracts/webex-broadworks.json')

/** The published OpenAPI document as a judge, or undefined where it does not lie beside the checkout. */
export function loadContract(): Contract | undefined {
  if (!existsSync(DOCUMENT_PATH)) return undefined
  const document = JSON.parse(readFileSync(DOCUMENT_PATH, 'utf8')) as OpenApiDocument
  for (const deviation of TOLERATED_DEVIATIONS) deviation.mend(document)
  forbidUnknownProperties(document)
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false })
  ajv.addSchema(document, 'contract')

  return {
    checkRequest(method, target, body) {
      const operation = findOperation(document, method, target)
      if (!operation) return [`${method} ${target} is not an operation of the contract`]
      const problems = checkQuery(ajv, operation.definition, target)
      const hasSchema = operation.definition.requestBody !== undefined
      if (!hasSchema) return body === undefined ? problems : [...problems, 'The operation takes no body']
      return [...problems, ...check(ajv.getSchema(`${operation.pointer}/requestBody/${JSON_SCHEMA}`), body)]
    },
    checkResponse(method, target, status, body) {
      const operation = findOperation(document, method, target)
      if (!operation) return [`${method} ${target} is not an operation of the contract`]
      if (!operation.definition.responses[status]) return [`Status ${status} is not documented for ${method} ${target}`]
      if (status === 204) return body === undefined ? [] : ['A 204 has no body']
      if (status >= 400) return check(ajv.compile(ERROR_BODY), body)
      return check(ajv.getSchema(`${operation.pointer}/responses/${status}/${JSON_SCHEMA}`), body)
    },
  }
}

/** Where the document contradicts itself. What it shows by example or says in words is accepted beside what its schema says; nothing else is. */
const TOLERATED_DEVIATIONS: { reason: string; mend(document: OpenApiDocument): void }[] = [
  {
    reason: 'Subscriber.selfActivated is a boolean in the schema and a string in every example',
    mend: document => void (properties(document, 'Subscriber').selfActivated = { enum: [true, false, 'true', 'false'] }),
  },
  {
    reason: 'The info of a precheck is an object in the schema, an array in the example, and described as a list',
    mend(document) {
      const precheck = properties(document, 'SubscriberProvisioningPrecheckResponse')
      precheck.info = { anyOf: [precheck.info, { type: 'array', items: precheck.info }] }
    },
  },
  {
    reason: 'EnterpriseListResponse has the properties of one enterprise, the example has items',
    mend(document) {
      const enterprise = document.components.schemas.EnterpriseListResponse
      const items = { type: 'array', items: enterprise }
      document.components.schemas.EnterpriseListResponse = { type: 'object', required: ['items'], properties: { items } }
    },
  },
  {
    reason: 'The status filter is a single value in the schema and described as several, separated by commas',
    mend(document) {
      const status = listParameters(document, 'subscribers').find(parameter => parameter.name === 'status')
      const values = status?.schema.enum?.join('|')
      if (status) status.schema = { type: 'string', pattern: `^(${values})(,(${values}))*$` }
    },
  },
  {
    reason: 'A next page is reached by an opaque link, whose parameters are documented nowhere',
    mend(document) {
      for (const list of ['subscribers', 'enterprises']) listParameters(document, list).push({ name: 'cursor', in: 'query', schema: {} })
    },
  },
]

/** Documented in words and by client code, not in the schema: {message, errors: [{errorCode?, description}], trackingId}. */
const ERROR_BODY = {
  type: 'object',
  required: ['message', 'errors', 'trackingId'],
  additionalProperties: false,
  properties: {
    message: { type: 'string', minLength: 1 },
    errors: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['description'],
        additionalProperties: false,
        properties: { errorCode: { type: 'number' }, description: { type: 'string', minLength: 1 } },
      },
    },
    trackingId: { type: 'string', minLength: 1 },
  },
}

interface Schema {
  type?: string
  enum?: unknown[]
  properties?: Record<string, Schema>
  [keyword: string]: unknown
}
interface Parameter {
  name: string
  in: string
  required?: boolean
  schema: Schema
}
interface Operation {
  parameters?: Parameter[]
  requestBody?: unknown
  responses: Record<string, unknown>
}
interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

const JSON_SCHEMA = 'content/application~1json/schema'

function findOperation(document: OpenApiDocument, method: string, target: string) {
  const pathname = locate(target).pathname.replace(/^\/v1(?=\/)/, '')
  const matches = Object.keys(document.paths).filter(template => matchesTemplate(template, pathname))
  // A literal path goes before one with a parameter in the same place.
  const template = matches.sort((one, other) => Number(one.includes('{')) - Number(other.includes('{')))[0]
  const definition = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()]
  if (template === undefined || !definition) return undefined
  const pointer = `contract#/paths/${encodeURIComponent(template.replaceAll('/', '~1'))}/${method.toLowerCase()}`
  return { definition, pointer }
}

function matchesTemplate(template: string, pathname: string): boolean {
  const [parts, given] = [template.split('/'), pathname.split('/')]
  return parts.length === given.length && parts.every((part, index) => (part.startsWith('{') ? given[index] !== '' : part === given[index]))
}

function checkQuery(ajv: Ajv, operation: Operation, target: string): string[] {
  const known = (operation.parameters ?? []).filter(parameter => parameter.in === 'query')
  const query = locate(target).searchParams
  const unknown = [...query.keys()].filter(name => !known.some(parameter => parameter.name === name))
  const problems = unknown.map(name => `The operation has no query parameter ${name}`)
  for (const { name, required, schema } of known) {
    const text = query.get(name)
    if (text === null && required) problems.push(`The query parameter ${name} is missing`)
    if (text === null) continue
    const isText = schema.type === undefined || schema.type === 'string'
    const value = isText ? text : text === 'true' ? true : text === 'false' ? false : Number(text)
    if (!ajv.validate(schema, value)) problems.push(`The query parameter ${name} ${ajv.errorsText(ajv.errors, { dataVar: '' })}`)
  }
  return problems
}

function check(validate: ValidateFunction | undefined, body: unknown): string[] {
  if (!validate) return ['The contract has no schema for this body']
  if (validate(body)) return []
  return (validate.errors ?? []).map(error => `${error.instancePath || 'body'} ${error.message} ${JSON.stringify(error.params)}`)
}

/** The schemas leave unknown properties open; a client that sends one, or an answer that carries one, is still wrong. */
function forbidUnknownProperties(node: unknown): void {
  if (typeof node !== 'object' || node === null) return
  const schema = node as Schema
  if (schema.type === 'object' && schema.properties && schema.additionalProperties === undefined) schema.additionalProperties = false
  Object.values(node).forEach(forbidUnknownProperties)
}

function properties(document: OpenApiDocument, schemaName: string): Record<string, Schema> {
  return document.components.schemas[schemaName]?.properties ?? {}
}

function listParameters(document: OpenApiDocument, list: string): Parameter[] {
  return document.paths[`/broadworks/${list}`]?.get?.parameters ?? []
}

function locate(target: string): URL {
  return new URL(target, 'http://upstream.invalid')
}
