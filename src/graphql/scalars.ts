import { GraphQLError, GraphQLScalarType } from 'graphql'
import { GraphQLDateTime, GraphQLEmailAddress, GraphQLLocale, GraphQLURL } from 'graphql-scalars'
import { timestamp, type Timestamp } from '../shared/clock'

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
  parseValue: value => asTimestamp(GraphQLDateTime.parseValue(value)),
  parseLiteral: (node, variables) => asTimestamp(GraphQLDateTime.parseLiteral(node, variables)),
})

/** The offset of a time can carry it out of the years 0000 to 9999, and out of the form whose text order is time order. */
function asTimestamp(date: Date): Timestamp {
  const text = timestamp(date)
  if (!/^\d/.test(text)) throw new GraphQLError('DateTime must be in the years 0000 to 9999 in UTC.')
  return text
}

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
