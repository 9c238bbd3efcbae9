import DataLoader from 'dataloader'
import { chargeOf, monthOf, packageUsesOf } from './charges.mjs'

/** As many as Flowthrough takes in one request. */
const REPRESENTATIONS_MAX = 1000

const VISIBLE = `query Visible($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }`

export const resolvers = {
  Customer: {
    __resolveReference: ({ id }, { ifVisible }) => ifVisible('Customer', id),
    packagesInUse: async ({ id }, args, { rowsOfCustomer }) => {
      const month = monthOf(args.month)
      return packageUsesOf(await rowsOfCustomer(args.month).load(id), month)
    },
  },
  ProvisionedUser: {
    __resolveReference: ({ id }, { ifVisible }) => ifVisible('ProvisionedUser', id),
    charges: async ({ id }, args, { rowsOfUser }) => {
      const month = monthOf(args.month)
      return (await rowsOfUser(args.month).load(id)).map(row => chargeOf(row, month))
    },
  },
}

/**
 * What the resolvers of one request share, so that a whole list takes one statement a field, and one question to Flowthrough.
 * @param {(query: string, variables?: object) => Promise<any>} ask asks Flowthrough with the token of the caller
 */
export function contextFor(ledger, ask) {
  const visibility = new DataLoader(
    async representations => (await ask(VISIBLE, { representations }))._entities.map(entity => entity !== null),
    { maxBatchSize: REPRESENTATIONS_MAX, cacheKeyFn: ({ id }) => id },
  )
  return {
    /** Billing has no rights of its own: what the caller may not see at Flowthrough does not exist here. */
    ifVisible: async (__typename, id) => ((await visibility.load({ __typename, id })) ? { id } : null),
    rowsOfCustomer: byMonth((ids, month) => ledger.ofCustomers(ids, month)),
    rowsOfUser: byMonth((ids, month) => ledger.ofUsers(ids, month)),
  }
}

/** A loader for each month that is asked for, of all rows by ID. */
function byMonth(readMonth) {
  const loaders = new Map()
  // Of a month to come nothing is known, who has a package now included.
  const read = (ids, month) => (month.start > new Date().toISOString() ? [] : readMonth(ids, month))
  return month => {
    const loader = loaders.get(month) ?? new DataLoader(async ids => rowsById(read(ids, monthOf(month)), ids))
    loaders.set(month, loader)
    return loader
  }
}

function rowsById(rows, ids) {
  const byId = new Map(ids.map(id => [id, []]))
  for (const row of rows) byId.get(row.id).push(row)
  return ids.map(id => byId.get(id))
}
