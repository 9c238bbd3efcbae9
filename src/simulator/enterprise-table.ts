import type { Database } from './database'

/** A customer as a seed gives it and as the API shows it. */
export interface EnterpriseRow {
  id: string
  orgId: string
  spEnterpriseId: string
  provisioningId: string
}

export interface EnterpriseFilters {
  spEnterpriseId?: string
  startsWith?: string
}

/** How many were new: one whose id or key the organisation has already is left out. */
export function insertEnterprises(database: Database, organisation: string, enterprises: readonly EnterpriseRow[]): number {
  const names = ['id', 'orgId', 'spEnterpriseId', 'provisioningId']
  const values = names.map(name => `@${name}`)
  const statement = database.prepare(
    `INSERT INTO enterprises (organisation, ${names}) VALUES (@organisation, ${values}) ON CONFLICT DO NOTHING`,
  )
  return enterprises.filter(enterprise => statement.run({ ...enterprise, organisation }).changes > 0).length
}

export function findEnterprise(database: Database, organisation: string, spEnterpriseId: string): EnterpriseRow | undefined {
  return listEnterprises(database, organisation, { spEnterpriseId }, 1)[0]
}

/** In the order of their identifiers; `after` is the last identifier of the page before. */
export function listEnterprises(database: Database, organisation: string, filters: EnterpriseFilters, limit: number, after = '') {
  const conditions = ['organisation = @organisation', 'spEnterpriseId > @after']
  if (filters.spEnterpriseId !== undefined) conditions.push('spEnterpriseId = @spEnterpriseId')
  if (filters.startsWith !== undefined) conditions.push('spEnterpriseId >= @startsWith', 'spEnterpriseId < @startsBefore')
  const statement = database.prepare<unknown[], EnterpriseRow>(
    `SELECT id, orgId, spEnterpriseId, provisioningId FROM enterprises WHERE ${conditions.join(' AND ')} ORDER BY spEnterpriseId LIMIT @limit`,
  )
  return statement.all({ organisation, limit, after, ...filters, startsBefore: `${filters.startsWith}\u{10FFFF}` })
}
