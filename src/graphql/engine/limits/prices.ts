/** What the parts of an answer cost: so much is reckoned before an operation is carried out, and the rest is given back after it. */

/** Every object costs 1. Fifty plain values weigh as much: without a price, aliases would make an object as large as one likes. */
export const OBJECT_COST = 1
const VALUE_COST = 1 / 50
/** A count is a statement of its own, which walks through all that it counts, and with a filter looks at each. */
const COUNT_COST = 10
const FILTERED_LIST_COUNT_COST = 100
/**
 * What these fields cost, however few objects they answer. With a filter, users may have to be counted one by one, for two seconds at most:
 * forty such counts are as much as a request may hold. Else the counts are kept: some hundred rows to add up, all read by one statement.
 */
const FILTERED_COUNT_COST = 250
export const KEPT_COUNT_COST = 5
const COUNTING_FIELDS = ['causes', 'statusCounts']
/** With a filter, a page is looked for among all that there is, and may have to be sorted: a hundred times the work of one that an index has. */
const FILTERED_LIST_COST = 25
const LISTS = ['provisionedUsers', 'customers', 'auditEvents']
/** Of the last thousand, in one list without pages. */
const TOKENS_COST = 100
/** Hashing one takes some 40 ms of a processor, slow on purpose. */
const PASSCODE_COST = 50

/** Of a field without a selection. @param inFiltered whether it is one of a list with a filter */
export function priceOfValue(name: string, inFiltered: boolean): number {
  if (name !== 'totalCount') return VALUE_COST
  return inFiltered ? FILTERED_LIST_COUNT_COST : COUNT_COST
}

/** Of a field with a selection, before it has any objects. */
export function priceOfField(name: string, isFiltered: boolean): number {
  if (name === 'apiTokens') return TOKENS_COST
  if (COUNTING_FIELDS.includes(name)) return isFiltered ? FILTERED_COUNT_COST : KEPT_COUNT_COST
  return isFiltered && LISTS.includes(name) ? FILTERED_LIST_COST : 0
}

/** Of what a mutation is given, beside the objects that it answers. */
export function priceOfInput(input: unknown): number {
  if (typeof input !== 'object' || input === null) return 0
  const { user, users, filter } = input as { user?: unknown; users?: unknown; filter?: unknown }
  const hasPasscode = (item: unknown) => Boolean((item as { activationPasscode?: unknown } | null)?.activationPasscode)
  // Whom a filter means is looked for and counted; see also `USERS_FOR_A_POINT` in bulk-operation.service.ts.
  return [user, users].flat().filter(hasPasscode).length * PASSCODE_COST + (filter == null ? 0 : FILTERED_COUNT_COST)
}
