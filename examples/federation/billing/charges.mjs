import { readFileSync } from 'node:fs'
import { GraphQLError } from 'graphql'

const { currency, pricePerMonthCents } = JSON.parse(readFileSync(new URL('prices.json', import.meta.url), 'utf8'))

/**
 * Beginning and end of a month in UTC, `YYYY-MM`.
 * @throws {GraphQLError} BAD_USER_INPUT, in the form that Flowthrough gives it
 */
export function monthOf(text) {
  const [, year, month] = /^(20\d\d)-(0[1-9]|1[0-2])$/.exec(text) ?? []
  if (!year) {
    const message = '`month` must be a year from 2000 on and a month, `YYYY-MM`, for example `2026-11`.'
    throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', argument: 'month' } })
  }
  const beginningOf = index => new Date(Date.UTC(Number(year), index)).toISOString()
  return { start: beginningOf(Number(month) - 1), end: beginningOf(Number(month)) }
}

/** What a row of the ledger comes to in a month that it touches. */
export function chargeOf({ packageType, since, until }, { start, end }) {
  const now = new Date().toISOString()
  const [from] = [since, start].sort().reverse()
  const [to] = [until ?? now, end].sort()
  const part = Math.max(0, Date.parse(to) - Date.parse(from)) / (Date.parse(end) - Date.parse(start))
  return {
    packageType,
    from,
    until: until === null && to === now ? null : to,
    amountCents: Math.round(part * priceOf(packageType)),
    currency,
  }
}

/** What rows of one customer come to in a month, a package each. */
export function packageUsesOf(rows, month) {
  const packageTypes = [...new Set(rows.map(({ packageType }) => packageType))].sort()
  return packageTypes.map(packageType => {
    const own = rows.filter(row => row.packageType === packageType)
    return {
      packageType,
      users: new Set(own.map(({ userId }) => userId)).size,
      pricePerMonthCents: priceOf(packageType),
      amountCents: own.reduce((sum, row) => sum + chargeOf(row, month).amountCents, 0),
      currency,
    }
  })
}

function priceOf(packageType) {
  const price = pricePerMonthCents[packageType]
  if (price === undefined) throw new Error(`prices.json has no price for ${packageType}.`)
  return price
}
