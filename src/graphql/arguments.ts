import { Arg, Field, InputType } from 'type-graphql'
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { SEARCH_MAX_LENGTH, SEARCH_MIN_LENGTH } from '../database/search'
import { BadUserInput } from '../shared/errors'
import { DateTime } from './scalars'

@InputType({ description: 'A span of time; the fields that are given hold together.' })
export class DateTimeRange {
  @Field(() => DateTime, { nullable: true, description: 'At this time or later.' })
  gte?: string | null

  @Field(() => DateTime, { nullable: true, description: 'Before this time.' })
  lt?: string | null
}

/** The one argument of every mutation. */
export function InputArg(type: () => new () => object): ReturnType<typeof Arg> {
  return Arg('input', type, { description: 'What to do and to whom; the names in `userErrors` are names in here.' })
}

let subscriptionArgs = 0

/**
 * An argument of a subscription. It is of use when the subscription begins, while the method makes an answer of each event and has no
 * parameter for it.
 */
export function SubscriptionArg(
  name: string,
  type: Parameters<typeof Arg>[1] & (() => unknown),
  options: { description: string; nullable?: boolean },
): MethodDecorator {
  subscriptionArgs += 1
  const place = subscriptionArgs
  return (target, method) => Arg(name, type as () => typeof String, { nullable: true, ...options })(target, method, place)
}

/** A filter that names more objects than this is a mistake or an attack; a thousand is also what a bulk operation takes. */
const LIST_MAX_LENGTH = 1000

/** Several times as long as any ID, name or key. */
const VALUE_MAX_LENGTH = 1000

/** Narrows a query (alias `row`) to some values of a property. A list that is not given is no condition; an empty one matches nothing. */
export function whereIn(
  query: SelectQueryBuilder<ObjectLiteral>,
  property: string,
  values: readonly (string | number)[] | null | undefined,
  argument: string,
): void {
  if (values == null) return
  if (values.length > LIST_MAX_LENGTH) {
    throw new BadUserInput(argument, `\`${argument}\` may name ${LIST_MAX_LENGTH} values at most; it names ${values.length}.`)
  }
  // A NUL is in no value of ours, and PostgreSQL refuses it in a parameter.
  const possible = values.filter(value => isPossible(String(value)))
  if (possible.length === 0) query.andWhere('1 = 0')
  else if (possible.length === 1) query.andWhere(`row.${property} = :${property}Value`, { [`${property}Value`]: possible[0] })
  else query.andWhere(`row.${property} IN (:...${property}Values)`, { [`${property}Values`]: possible })
}

function isPossible(text: string): boolean {
  return text.length <= VALUE_MAX_LENGTH && !text.includes('\0')
}

export function whereWithin(query: SelectQueryBuilder<ObjectLiteral>, property: string, range: DateTimeRange | null | undefined): void {
  if (range?.gte != null) query.andWhere(`row.${property} >= :${property}From`, { [`${property}From`]: range.gte })
  if (range?.lt != null) query.andWhere(`row.${property} < :${property}Until`, { [`${property}Until`]: range.lt })
}

/** @throws BadUserInput naming the argument when the term is too short for the index, or longer than anybody types. */
export function checkSearch(argument: string, term: string): void {
  // Composed, as the search compares: a letter written as two characters counts once.
  const length = [...term.trim().normalize('NFC')].length
  if (length < SEARCH_MIN_LENGTH || length > SEARCH_MAX_LENGTH || term.includes('\0')) {
    throw new BadUserInput(argument, `\`${argument}\` must have ${SEARCH_MIN_LENGTH} to ${SEARCH_MAX_LENGTH} characters.`)
  }
}

/** The one of several look-up arguments that is given. @throws BadUserInput when none or more than one is. */
export function exactlyOne<Name extends string>(given: Record<Name, string | null | undefined>): [name: Name, value: string] {
  const names = Object.keys(given) as Name[]
  const present = names.filter(name => given[name] != null)
  const [name] = present
  if (present.length !== 1 || name === undefined) {
    throw new BadUserInput(names[0] as string, `Give exactly one of ${names.map(each => `\`${each}\``).join(' and ')}.`)
  }
  return [name, given[name] as string]
}
