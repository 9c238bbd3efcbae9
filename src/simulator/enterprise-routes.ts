import type { FastifyInstance } from 'fastify'
import type { Database } from './database'
import { listEnterprises, type EnterpriseRow } from './enterprise-table'
import { linkNextPage, readCursor, readMax, readQuery } from './subscribers/list-query'
import { organisationOf } from './organisation'
import { resource } from './resource'

export function enterpriseRoutes(app: FastifyInstance, database: Database): void {
  resource(app, '/broadworks/enterprises', {
    GET(request, reply) {
      const query = readQuery(request)
      const max = readMax(query, 100, 1000)
      const { spEnterpriseId, startsWith } = query
      const [after] = (readCursor(query, ['string']) ?? []) as [string?]
      const rows = listEnterprises(database, organisationOf(request), { spEnterpriseId, startsWith }, max + 1, after)
      const last = rows[max - 1]
      if (rows.length > max && last) linkNextPage(request, reply, [last.spEnterpriseId])
      return { items: rows.slice(0, max).map(enterpriseResource) }
    },
  })
}

/** Directory sync is no part of the simulator, so every enterprise says that it never ran. */
function enterpriseResource(enterprise: EnterpriseRow) {
  return { ...enterprise, broadworksDirectorySync: { enableDirSync: false, directorySyncStatus: { syncStatus: 'NOT_SYNCED' } } }
}
