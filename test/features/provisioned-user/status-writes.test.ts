import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import type { UserFields } from '../../../src/features/provisioned-user/user-fields'

const SOURCES = path.join(__dirname, '../../../src')

/** Where users are made, the one place that changes them, the seed, what changes the key of what is encrypted, what gave older rows their cause, and the triggers of the search tables. */
const WRITERS: Record<string, string[]> = {
  'features/provisioned-user/provisioned-user.creation.ts': ['insert ProvisionedUser', 'into ProvisionedUser'],
  'features/provisioned-user/provisioned-user.transition.ts': ['update ProvisionedUser'],
  'features/demo-data/seed.ts': ['into ?'],
  'features/encryption-key/reencryption.service.ts': ['update ?'],
  'database/migrations/0002-search.ts': ['sql ?'],
  'database/migrations/0008-user-counts.ts': ['sql ProvisionedUser'],
}

/** Methods of TypeORM that write, and those that give something to write with. */
const WRITES = ['insert', 'into', 'update', 'upsert', 'save', 'delete', 'remove', 'softDelete', 'softRemove', 'recover', 'restore', 'clear']
const GIVES = ['getRepository', 'getTreeRepository']
const COUNTS = ['increment', 'decrement']
const OF_THE_DATABASE = /\b(manager|dataSource|runner|queryRunner|createQueryBuilder|getRepository|repository)\b/i
const WRITING_SQL =
  /\b(?:insert\s+(?:or\s+\w+\s+)?into|replace\s+into|update(?:\s+or\s+\w+)?(?:\s+only)?|delete\s+from|merge\s+into|truncate(?:\s+table)?)\s+/i
const NAMED = /^(["'`[]?\w+["'`\]]?\.)?["'`[]?provisioned_user\b/i
/** A table name that is put together; `?` stands for the part that is not in the text. */
const PUT_TOGETHER = /^["'`[]?\w*\?/

/** What a source writes to: `<method> <entity>`, with `?` for an entity that the source does not name. */
function writesOf(text: string): string[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true)
  const entities = new Map<string, string>()
  const found: string[] = []

  function visit(node: ts.Node): void {
    if (ts.isImportDeclaration(node)) rememberEntities(node)
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) found.push(...callOf(node, node.expression))
    const sql = sqlOf(node)
    if (sql !== null) found.push(...writesOfSql(sql))
    ts.forEachChild(node, visit)
  }

  function rememberEntities({ moduleSpecifier, importClause }: ts.ImportDeclaration): void {
    const bindings = importClause?.namedBindings
    if (!bindings || !ts.isNamedImports(bindings) || !/\.entity'$/.test(moduleSpecifier.getText(source))) return
    for (const { name, propertyName } of bindings.elements) entities.set(name.text, (propertyName ?? name).text)
  }

  function callOf(call: ts.CallExpression, { name, expression: receiver }: ts.PropertyAccessExpression): string[] {
    const method = name.text
    const [target] = call.arguments
    const named = target && entityOf(target)
    if ([...WRITES, ...COUNTS, ...GIVES].includes(method) && named) return [`${method} ${named}`]
    if (method === 'from' && named) return /\.delete\(\)$/.test(receiver.getText(source)) ? [`delete ${named}`] : []
    if (method === 'save') return ['save ?']
    // `insert()` and `delete()` of a query builder name their table in the call behind them.
    const goesOn = ts.isPropertyAccessExpression(call.parent) && ['into', 'from'].includes(call.parent.name.text)
    if (['insert', 'delete', 'update'].includes(method) && !target && !goesOn) return [`${method} ${entityOfChain(receiver) ?? '?'}`]
    return [...WRITES, ...COUNTS].includes(method) && target && OF_THE_DATABASE.test(receiver.getText(source)) ? [`${method} ?`] : []
  }

  function entityOf(expression: ts.Expression): string | undefined {
    return ts.isIdentifier(expression) ? entities.get(expression.text) : undefined
  }

  /** Of `manager.createQueryBuilder(ProvisionedUser, 'row')`, the entity. */
  function entityOfChain(expression: ts.Expression): string | undefined {
    if (ts.isCallExpression(expression))
      return (expression.arguments[0] && entityOf(expression.arguments[0])) ?? entityOfChain(expression.expression)
    return ts.isPropertyAccessExpression(expression) ? entityOfChain(expression.expression) : undefined
  }

  visit(source)
  return [...new Set(found)].sort()
}

function sqlOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node)) {
    const parent = node.parent
    const continued = ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.PlusToken && parent.left === node
    return continued ? `${node.text}?` : node.text
  }
  return ts.isTemplateExpression(node) ? node.head.text + node.templateSpans.map(span => `?${span.literal.text}`).join('') : null
}

function writesOfSql(sql: string): string[] {
  const tables = sql.split(WRITING_SQL)
  if (tables.length === 1) return []
  if (tables.slice(1).some(table => NAMED.test(table))) return ['sql ProvisionedUser']
  return tables.slice(1).some(table => PUT_TOGETHER.test(table)) ? ['sql ?'] : []
}

describe('the rows of users', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => file.split(path.sep).join('/'))
  const mayWriteUsers = (write: string) => / (ProvisionedUser|\?)$/.test(write)
  const writes = Object.fromEntries(
    files
      .map(file => [file, writesOf(readFileSync(path.join(SOURCES, file), 'utf8')).filter(mayWriteUsers)] as const)
      .filter(([, found]) => found.length > 0),
  )

  it('are written by the one function that asks the lifecycle, and by the seed, and by nothing else', () => {
    expect(files.length).toBeGreaterThan(100)
    expect(writes).toEqual(WRITERS)
  })

  it('get their status from the lifecycle only: no caller can give one', () => {
    // Types are checked by `npm run check`: this is no type any more when a status may be given.
    const status: 'status' extends keyof UserFields ? never : 'not given' = 'not given'
    const deletion: 'deletedAt' extends keyof UserFields ? never : 'not given' = 'not given'
    expect([status, deletion]).toEqual(['not given', 'not given'])
  })
})

describe('the search for writes', () => {
  const imported = `import { ProvisionedUser } from './provisioned-user.entity'\nimport { Customer } from './customer.entity'\n`

  it.each([
    ['manager.insert(ProvisionedUser, user)', 'insert ProvisionedUser'],
    ['const { manager: m } = tx; m.update(ProvisionedUser, { id }, { status })', 'update ProvisionedUser'],
    ['manager.upsert(ProvisionedUser, user, ["id"])', 'upsert ProvisionedUser'],
    ['manager.increment(ProvisionedUser, { id }, "revision", 1)', 'increment ProvisionedUser'],
    ['manager.delete(ProvisionedUser, { id })', 'delete ProvisionedUser'],
    ['manager.createQueryBuilder().insert().into(ProvisionedUser).values(user)', 'into ProvisionedUser'],
    ['manager.createQueryBuilder().update(ProvisionedUser).set({ status })', 'update ProvisionedUser'],
    ['manager.createQueryBuilder(ProvisionedUser, "row").update().set({ status })', 'update ProvisionedUser'],
    ['manager.createQueryBuilder().delete().from(ProvisionedUser)', 'delete ProvisionedUser'],
    ['dataSource.getRepository(ProvisionedUser)', 'getRepository ProvisionedUser'],
    ['users.save(user)', 'save ?'],
    ['query.update().set({ status })', 'update ?'],
    ['tx.manager.insert(entity, row)', 'insert ?'],
    ['manager.createQueryBuilder().insert().into(entity).values(row)', 'into ?'],
    ['manager.query(`UPDATE "provisioned_user" SET status = $1`)', 'sql ProvisionedUser'],
    ["manager.query('insert or ignore into provisioned_user (id) values (?)')", 'sql ProvisionedUser'],
    ['manager.query(`WITH x AS (SELECT 1) DELETE FROM public.provisioned_user WHERE id = ${id}`)', 'sql ProvisionedUser'],
    ['manager.query(`UPDATE\n  ${table} SET status = 1`)', 'sql ?'],
    ["manager.query('UPDATE \"' + table + '\" SET status = 1')", 'sql ?'],
  ])('finds %s', (code, write) => {
    expect(writesOf(imported + code)).toEqual([write])
  })

  it('sees through another name that an import gave', () => {
    expect(writesOf(`import { ProvisionedUser as Person } from './provisioned-user.entity'\nm.update(Person, {}, {})`)).toEqual([
      'update ProvisionedUser',
    ])
  })

  it.each([
    "createHash('sha256').update(text).digest('hex')",
    'waiting.delete(id)',
    'this.restore(number)',
    'manager.createQueryBuilder(ProvisionedUser, "row").where("row.id = :id", { id }).getExists()',
    'manager.createQueryBuilder().select().from(ProvisionedUser, "row")',
    'manager.query(`INSERT INTO "provisioned_user_search" ("id") VALUES (new."id")`)',
    'manager.query(`CREATE TRIGGER x AFTER UPDATE OF "search_text" ON "provisioned_user" BEGIN SELECT 1; END`)',
    'const words = "Ask for an update of provisioned_user rows"',
  ])('leaves %s alone', code => {
    expect(writesOf(imported + code)).toEqual([])
  })

  it('tells the rows of other tables by their name', () => {
    expect(writesOf(`${imported}tx.manager.insert(Customer, row)`)).toEqual(['insert Customer'])
  })
})
