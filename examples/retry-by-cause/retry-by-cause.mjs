// @ts-check
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ask, Failure } from './flowthrough.mjs'

const USAGE = `node retry-by-cause.mjs                       why users are stuck
node retry-by-cause.mjs --cause KEY           what a retry of all users of one cause would come to
node retry-by-cause.mjs --cause KEY --yes     retries them
  --expect COUNT   only if they are as many (as the rehearsal said)
  --key KEY        with --expect: the retry of this key again, in case its answer was lost; nobody is retried twice

FLOWTHROUGH_URL is where the API is (http://127.0.0.1:4000), FLOWTHROUGH_TOKEN a token of the role OPERATOR or ADMIN.
The exit code is 0 when all was done or nobody has the cause, 1 when some of it failed or was refused, and 2 when this was used in a wrong way.`

const CAUSES = `query Causes {
  causes(first: 100) { key count code message fixer }
}`

const OPERATION = 'id status total done failed summary { outcome code count }'

const RETRY = `mutation Retry($input: BulkRetryActivationInput!) {
  bulkRetryActivation(input: $input) {
    bulkOperation { ${OPERATION} }
    userErrors { code message }
  }
}`

const PROGRESS = `query Progress($id: ID!) {
  bulkOperation(id: $id) { ${OPERATION} }
}`

const FAILED = `query Failed($id: ID!, $after: String) {
  bulkOperation(id: $id) {
    results(failedOnly: true, first: 100, after: $after) {
      nodes { userId provisionedUser { broadworksId } userErrors { code message } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`

const POLL_PAUSE_MS = 1000
/** More than these of one code nobody reads on a screen. */
const NAMED_MAX = 10

/**
 * @typedef {{ key: string, count: number, code: number | null, message: string, fixer: string }} Cause
 * @typedef {{ outcome: string, code: string | null, count: number }} Summary
 * @typedef {{ id: string, status: string, total: number, done: number, failed: number, summary: Summary[] }} Operation
 * @typedef {{ code: string, message: string }} UserError
 * @typedef {{ userId: string, provisionedUser: { broadworksId: string } | null, userErrors: UserError[] }} Result
 * @typedef {{ nodes: Result[], pageInfo: { hasNextPage: boolean, endCursor: string | null } }} Results
 */

process.exitCode = await main().catch(error => {
  if (!(error instanceof Failure)) throw error
  console.error(error.message)
  return 1
})

async function main() {
  const options = optionsOf(process.argv.slice(2))
  if (typeof options === 'string') {
    console.error(`${options}\n\n${USAGE}`)
    return 2
  }
  const { cause, yes, expect, key = randomUUID() } = options
  if (!cause) return showCauses()

  const total = expect ?? (await rehearse(cause))
  if (total > 0 && yes) return retry(cause, total, key)
  if (total > 0) console.log(`To retry them: node retry-by-cause.mjs --cause ${cause} --yes --expect ${total}`)
  return 0
}

/** @param {string} cause @returns {Promise<number>} how many users it has */
async function rehearse(cause) {
  const { total, summary } = await untilEnded(await start({ filter: { causeKey: cause }, dryRun: true }))
  if (total === 0) {
    console.log('Nobody has this cause (any more).')
  } else {
    console.log(`${total} users have this cause. A retry would come to:`)
    console.table(summary)
  }
  return total
}

/** @param {string[]} args @returns what they say, or what is wrong with them */
function optionsOf(args) {
  try {
    const { values } = parseArgs({
      args,
      options: { cause: { type: 'string' }, yes: { type: 'boolean' }, expect: { type: 'string' }, key: { type: 'string' } },
    })
    const { cause, yes = false, expect, key } = values
    if (!process.env.FLOWTHROUGH_TOKEN) return 'FLOWTHROUGH_TOKEN is missing.'
    if (yes && !cause) return '--yes needs --cause.'
    if (expect !== undefined && (!yes || !/^[1-9]\d*$/.test(expect))) return '--expect is a number above 0 and goes with --yes.'
    // The same key with another number would be another request.
    if (key !== undefined && expect === undefined) return '--key needs the --expect that it was used with.'
    return { cause, yes, key, expect: expect === undefined ? undefined : Number(expect) }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function showCauses() {
  /** @type {{ causes: Cause[] }} */
  const { causes } = await ask(CAUSES)
  if (causes.length === 0) console.log('Nobody is stuck.')
  else console.table(causes, ['count', 'code', 'fixer', 'message', 'key'])
  return 0
}

/** @param {string} cause @param {number} expectedCount @param {string} idempotencyKey @returns exit code */
async function retry(cause, expectedCount, idempotencyKey) {
  console.log(
    `Should the connection break: node retry-by-cause.mjs --cause ${cause} --yes --expect ${expectedCount} --key ${idempotencyKey}`,
  )
  const started = await start({ filter: { causeKey: cause }, expectedCount, idempotencyKey })
  const { id, status, total, done, failed } = await untilEnded(started)
  console.log(`${id} is ${status}: the retry of ${done - failed} of ${total} users was started, that of ${failed} was refused.`)
  if (failed > 0) await showFailed(id)
  return status === 'DONE' && failed === 0 ? 0 : 1
}

/** @param {Record<string, unknown>} input @returns {Promise<Operation>} */
async function start(input) {
  /** @type {{ bulkRetryActivation: { bulkOperation: Operation | null, userErrors: UserError[] } }} */
  const { bulkRetryActivation } = await ask(RETRY, { input })
  const { bulkOperation, userErrors } = bulkRetryActivation
  if (!bulkOperation) throw new Failure(userErrors.map(({ code, message }) => `${code}: ${message}`).join('\n'))
  return bulkOperation
}

/** @param {Operation} operation @returns {Promise<Operation>} as it is when it is done, or somebody has cancelled it */
async function untilEnded(operation) {
  let latest = operation
  while (latest.status === 'RUNNING') {
    console.log(`${latest.done} of ${latest.total} …`)
    await sleep(POLL_PAUSE_MS)
    /** @type {{ bulkOperation: Operation }} */
    const answer = await ask(PROGRESS, { id: latest.id })
    latest = answer.bulkOperation
  }
  return latest
}

/** @param {string} id of a bulk operation */
async function showFailed(id) {
  /** @type {Map<string, string[]>} */
  const byCode = new Map()
  /** @type {string | null} */
  let after = null
  do {
    /** @type {{ bulkOperation: { results: Results } }} */
    const answer = await ask(FAILED, { id, after })
    /** @type {Results} */
    const { nodes, pageInfo } = answer.bulkOperation.results
    for (const { userId, provisionedUser, userErrors } of nodes) {
      const { code, message } = userErrors[0] ?? { code: 'UNKNOWN', message: '' }
      byCode.set(code, [...(byCode.get(code) ?? []), `${provisionedUser?.broadworksId ?? userId}: ${message}`])
    }
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  } while (after !== null)
  for (const [code, lines] of byCode) {
    console.log(`${code}, ${lines.length} users:`)
    for (const line of lines.slice(0, NAMED_MAX)) console.log(`  ${line}`)
    if (lines.length > NAMED_MAX) console.log(`  … and ${lines.length - NAMED_MAX} more`)
  }
}
