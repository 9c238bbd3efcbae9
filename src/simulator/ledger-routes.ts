import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Database } from './database'
import { listLedger, summariseLedger } from './ledger'
import { nextPageUrl, readCursor, readMax, readQuery } from './subscribers/list-query'
import { readOrganisation } from './organisation'
import { resource } from './resource'

/** What the simulator did, for whoever has to show that nothing was done twice. A page at a time, however long the ledger. */
export function ledgerRoutes(app: FastifyInstance, database: Database): void {
  resource(app, '/ledger', {
    GET(request) {
      const { organisation, max, query } = readLedgerQuery(request)
      const [after] = (readCursor(query, ['number']) ?? []) as [number?]
      const entries = listLedger(database, organisation, max + 1, after)
      const items = entries.slice(0, max).map(entry => ({ ...entry, time: new Date(entry.time).toISOString() }))
      return { items, next: entries.length > max ? nextPageUrl(request, [items.at(-1)?.sequence]) : null }
    },
  })
  resource(app, '/ledger/summary', {
    GET(request) {
      const { organisation, max, query } = readLedgerQuery(request)
      const after = readCursor(query, ['string', 'string']) as [string, string] | undefined
      const users = summariseLedger(database, organisation, max + 1, after)
      const items = users.slice(0, max)
      const last = items.at(-1)
      return { items, next: users.length > max ? nextPageUrl(request, [last?.organisation, last?.userId]) : null }
    },
  })
}

function readLedgerQuery(request: FastifyRequest) {
  const query = readQuery(request)
  const organisation = query.organisation === undefined ? undefined : readOrganisation(query.organisation)
  return { query, organisation, max: readMax(query, 100, 1000) }
}
