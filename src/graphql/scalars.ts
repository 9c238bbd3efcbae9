import { GraphQLScalarType } from 'graphql'
import { GraphQLDateTime, GraphQLEmailAddress, GraphQLLocale, GraphQLURL } from 'graphql-scalars'
import { timestamp } from '../shared/clock'

/**
 * The library checks what comes in; what goes out is already checked and already text, and a page of a hundred users has hundreds
 * of these, so serializing hands it through.
 */
const asStored = (value: unknown): unknown => value

export const DateTime = new GraphQLScalarType<string, unknown>({
  ...(GraphQLDateTime.toConfig() as object),
  name: 'DateTime',
  description: 'A point in time as RFC 3339 in UTC with milliseconds, for example `2026-11-22T09:30:00.000Z`.',
  serialize: asStored,
  parseValue: value => timestamp(GraphQLDateTime.parseValue(value)),
  parseLiteral: (node, variables) => timestamp(GraphQLDateTime.parseLiteral(node, variables)),
})

export const EmailAddress = new GraphQLScalarType({
  ...GraphQLEmailAddress.toConfig(),
  name: 'EmailAddress',
  description: 'An e-mail address, for example `ann@example.com`.',
  serialize: asStored,
})

export const Url = new GraphQLScalarType({
  ...GraphQLURL.toConfig(),
  name: 'URL',
  description: 'An absolute `http` or `https` URL.',
  serialize: asStored,
})

export const Locale = new GraphQLScalarType({
  ...GraphQLLocale.toConfig(),
  name: 'Locale',
  description: 'A language tag as in BCP 47, for example `en` or `it-IT`.',
  serialize: asStored,
})
