import { createHash } from 'node:crypto'
import type { Database } from '../database'
import type { BackgroundFault, CallFault, FaultRule } from './fault-rules'
import { TOKEN_PATH } from '../oauth/oauth-tokens'
import type { Call } from '../organisation'

/** A rule as the table holds it: how many calls it was for, and how many of those it hit. */
interface StoredRule {
  position: number
  rule: string
  seen: number
  applied: number
}

export function listFaults(database: Database): (FaultRule & Pick<StoredRule, 'seen' | 'applied'>)[] {
  return storedRules(database).map(({ rule, seen, applied }) => ({ ...(JSON.parse(rule) as FaultRule), seen, applied }))
}

/** In place of all there were; each begins to count anew. */
export function replaceFaults(database: Database, rules: readonly FaultRule[]): void {
  const replace = database.transaction(() => {
    database.exec('DELETE FROM faultRules')
    const statement = database.prepare('INSERT INTO faultRules (position, rule) VALUES (?, ?)')
    rules.forEach((rule, position) => statement.run(position, JSON.stringify(rule)))
  })
  replace.immediate()
}

/** What is to happen to this call, if anything. */
export function drawFault(database: Database, call: Call): Drawn<CallFault> | undefined {
  return draw(database, call, (rule): rule is CallFault => rule.kind !== 'background')
}

/** The code in which the background work of this accepted creation or update is to end, if it is to fail. */
export function drawBackgroundError(database: Database, call: Call): number | undefined {
  return draw(database, call, (rule): rule is BackgroundFault => rule.kind === 'background')?.rule.errorCode
}

/** `chance` is a number from 0 to 1 for whatever else the rule leaves open. */
interface Drawn<Kind extends FaultRule> {
  rule: Kind
  chance: number
}

/** The first rule that is for the call and hits it. A rule is used up or not, and goes on in its row of numbers, across restarts. */
function draw<Kind extends FaultRule>(
  database: Database,
  call: Call,
  isWanted: (rule: FaultRule) => rule is Kind,
): Drawn<Kind> | undefined {
  for (const { position, rule: json, seen, applied } of storedRules(database)) {
    const rule = JSON.parse(json) as FaultRule
    if (!isWanted(rule) || !isFor(rule, call) || applied >= (rule.times ?? Infinity)) continue
    const number = numberFrom(`${rule.seed}:${position}:${seen}`)
    const isHit = number < rule.share
    const count = database.prepare('UPDATE faultRules SET seen = seen + 1, applied = applied + ? WHERE position = ?')
    count.run(isHit ? 1 : 0, position)
    if (isHit) return { rule, chance: number / rule.share }
  }
  return undefined
}

/** A lost answer of the token endpoint costs a partner its connection for good, so only a rule that names the endpoint touches it. */
function isFor({ methods, path, organisation }: FaultRule, call: Call): boolean {
  if (methods && !methods.includes(call.method)) return false
  if (organisation !== undefined && organisation !== call.organisation) return false
  return path === undefined ? !call.url.includes(TOKEN_PATH) : call.url.includes(path)
}

function storedRules(database: Database): StoredRule[] {
  return database.prepare<[], StoredRule>('SELECT * FROM faultRules ORDER BY position').all()
}

/** From 0 to 1, and the same in every run: with the same seed a test meets the same faults. */
function numberFrom(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32LE(0) / 2 ** 32
}
