import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  type ParseOptions,
  specifiedRules,
  validate,
  type ValidationRule,
} from 'graphql'
import type { RequestLimits } from '../../config/config'
import { limitRecursiveSelections, RECURSIVE_SELECTIONS_MAX } from './limits/recursive-selections'
import { CONDITIONAL_FIELD, hasConditionalField, reportRefused } from './limits/subscription-rule'
import { refuseAskingForSchema } from './schema-rule'

/** Further errors would not help the caller, and each takes time to find. */
const VALIDATION_ERRORS_MAX = 5

/** How documents are parsed and validated; the names are those of Apollo's options. */
export interface DocumentOptions {
  parseOptions: ParseOptions
  validationOptions: { maxErrors: number }
  maxRecursiveSelections: number
  /** Checked after the rules of the specification, when those find no error. */
  validationRules: ValidationRule[]
}

export function documentOptions({ introspection, limits }: { introspection: boolean; limits: RequestLimits }): DocumentOptions {
  return {
    // Refuses a longer document while it is parsed.
    parseOptions: { maxTokens: limits.query.tokens },
    validationOptions: { maxErrors: VALIDATION_ERRORS_MAX },
    maxRecursiveSelections: RECURSIVE_SELECTIONS_MAX,
    validationRules: introspection ? [reportRefused] : [reportRefused, refuseAskingForSchema],
  }
}

/** Parses and validates as Apollo does with the same options. @returns the document, or the errors, each with a code */
export function readDocument(schema: GraphQLSchema, query: string, options: DocumentOptions): DocumentNode | GraphQLError[] {
  if (!query) return [asBadInput(new GraphQLError('GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension.'))]
  let document: DocumentNode
  try {
    document = parse(query, options.parseOptions)
  } catch (error) {
    return [asBadInput(error)]
  }
  if (hasConditionalField(document)) return [asBadInput(new GraphQLError(CONDITIONAL_FIELD))]
  const errors = validate(schema, document, [...specifiedRules, limitRecursiveSelections], options.validationOptions)
  const found = errors.length > 0 ? errors : validate(schema, document, options.validationRules)
  return found.length > 0 ? found.map(asBadInput) : document
}

/** The engine's errors about documents and variables have no code of their own. */
export function asBadInput(error: unknown): GraphQLError {
  const { nodes, source, positions } = error instanceof GraphQLError ? error : {}
  const { message } = error as Error
  return new GraphQLError(message, { nodes, source, positions, originalError: error as Error, extensions: { code: 'BAD_USER_INPUT' } })
}
