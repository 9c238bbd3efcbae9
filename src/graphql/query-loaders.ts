import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { decodeRows } from '../database/rows'
import type { Context } from '../context/context'
import { defineLoader } from '../context/loaders'

type Query = SelectQueryBuilder<ObjectLiteral>
type RawRow = Record<string, unknown>

/**
 * Lists that one request asks for together (the users of each of fifty customers, say) differ in their parameters only. These
 * loaders run all of them as one statement, a UNION ALL of the single queries, each with its own limit and its own index walk.
 */
export const rowsOf = defineLoader<{ query: SelectQueryBuilder<never> | Query; inBackground: boolean }, ObjectLiteral[]>(
  async (ctx, keys) => {
    const answers = await runTogether(
      ctx,
      keys.map(({ query, inBackground }) => ({ query, sql: query.getQuery(), inBackground })),
    )
    return answers.map((rows, index) => decodeRows((keys[index] as { query: Query }).query, rows))
  },
  { cache: false },
)

/** How many rows a query has; with a limit, no more than one beyond it is counted. */
export const countOf = defineLoader<{ query: SelectQueryBuilder<never> | Query; limit: number | null }, number>(
  async (ctx, keys) => {
    const answers = await runTogether(
      ctx,
      keys.map(({ query, limit }) => {
        const counted = (query as Query).clone().select('1', 'one').orderBy()
        if (limit !== null) counted.limit(limit + 1)
        return { query: counted, sql: `SELECT COUNT(*) AS "count" FROM (${counted.getQuery()}) "counted"`, inBackground: true }
      }),
    )
    return answers.map(([row]) => Number(row?.['count'] ?? 0))
  },
  { cache: false },
)

interface Part {
  query: Query
  sql: string
  inBackground: boolean
}

async function runTogether(ctx: Context, parts: Part[]): Promise<RawRow[][]> {
  const answers: RawRow[][] = parts.map(() => [])
  const groups = new Map<string, (Part & { index: number })[]>()
  parts.forEach((part, index) => {
    const shape = `${part.inBackground}:${shapeOf(part)}`
    groups.set(shape, [...(groups.get(shape) ?? []), { ...part, index }])
  })
  await Promise.all(
    [...groups.values()].flatMap(inStatements).map(async group => {
      const parameters: ObjectLiteral = {}
      const branches = group.map(({ query, sql, index }) => {
        for (const [name, value] of Object.entries<unknown>(query.getParameters())) parameters[`${name}_${index}`] = value
        return `SELECT ${index} AS "part", "branch".* FROM (${renameParameters(sql, query, index)}) "branch"`
      })
      const [sql, values] = ctx.database.reader.dataSource.driver.escapeQueryWithParameters(branches.join(' UNION ALL '), parameters)
      const { database, viewer } = ctx
      const rows = group[0]?.inBackground
        ? await database.backgroundRead(sql, values, { partnerId: viewer.partnerId })
        : await database.reader.query<RawRow[]>(sql, values)
      for (const { part, ...row } of rows) answers[Number(part)]?.push(row)
    }),
  )
  return answers
}

/** As many as a page has objects; SQLite would take 500 in one statement. */
const PARTS_MAX = 100
/** SQLite takes 32,766 in one statement, PostgreSQL 65,535. */
const PARAMETERS_MAX = 30_000

function inStatements<Each extends Part>(group: Each[]): Each[][] {
  const statements: Each[][] = []
  let parameters = 0
  for (const part of group) {
    const own = Object.values<unknown>(part.query.getParameters()).flat().length
    const current = statements.at(-1)
    if (current && current.length < PARTS_MAX && parameters + own <= PARAMETERS_MAX) {
      current.push(part)
      parameters += own
    } else {
      statements.push([part])
      parameters = own
    }
  }
  return statements
}

/** Queries can share a statement when they give the same columns. */
function shapeOf({ query, sql }: Part): string {
  const columns = query.expressionMap.selects.map(select => select.aliasName).join()
  return sql.startsWith('SELECT COUNT(*)') ? 'count' : `${query.expressionMap.mainAlias?.metadata.name}:${columns}`
}

function renameParameters(sql: string, query: Query, index: number): string {
  const names = Object.keys(query.getParameters())
  return names.reduce((text, name) => text.replace(new RegExp(`:(\\.\\.\\.)?${name}\\b`, 'g'), `:$1${name}_${index}`), sql)
}
