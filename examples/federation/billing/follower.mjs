import { setTimeout as sleep } from 'node:timers/promises'
import { MAY_BE_IN_USE } from './ledger.mjs'

const PAGE_SIZE = 100

const USED = 'fragment Used on ProvisionedUser { id status packageType lastStatusChange webexPersonId customer { id } }'

const LATEST = 'query LatestCursor { userChanges(first: 0) { latestCursor } }'

const USERS = `query UsersWithPackage($statuses: [UserStatus!], $first: Int!, $after: String) {
  provisionedUsers(filter: { statuses: $statuses }, first: $first, after: $after) {
    nodes { ...Used }
    pageInfo { hasNextPage endCursor }
  }
} ${USED}`

const CHANGES = `query Changes($first: Int!, $after: String) {
  userChanges(first: $first, after: $after) {
    changes { userId provisionedUser { ...Used } }
    endCursor
    hasMore
  }
} ${USED}`

/**
 * Keeps the ledger up to date with Flowthrough, as its guide on live updates says. What fails is said, and tried again.
 * @param {(query: string, variables?: object) => Promise<any>} ask asks Flowthrough with the service token
 * @param {{ pauseMs: number, signal: AbortSignal, caughtUp: () => void }} options `caughtUp` is called every time that nothing was left
 */
export async function follow(ledger, ask, { pauseMs, signal, caughtUp }) {
  while (!signal.aborted) {
    try {
      await catchUp(ledger, (query, variables) => askPatiently(ask, signal, query, variables))
      caughtUp()
    } catch (error) {
      process.stderr.write(`Billing could not catch up with Flowthrough and tries again: ${error.message}\n`)
    }
    // It ends early by the signal alone.
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

/** A first reading of everybody may take more than a minute's budget: it waits and goes on where it was, rather than begin again. */
async function askPatiently(ask, signal, query, variables) {
  for (;;) {
    try {
      return await ask(query, variables)
    } catch (error) {
      const seconds = error.extensions?.retryAfterSeconds
      if (!seconds) throw error
      await sleep(seconds * 1000, undefined, { signal })
    }
  }
}

async function catchUp(ledger, ask) {
  if (ledger.cursor() === undefined) return startAfresh(ledger, ask)
  try {
    for (let hasMore = true; hasMore;) {
      const { userChanges } = await ask(CHANGES, { first: PAGE_SIZE, after: ledger.cursor() })
      ledger.follow(userChanges.changes, userChanges.endCursor)
      hasMore = userChanges.hasMore
    }
  } catch (error) {
    // The cursor is none any more, for example because nobody asked for more than seven days.
    if (error.extensions?.code !== 'BAD_USER_INPUT' || error.extensions.argument !== 'after') throw error
    await startAfresh(ledger, ask)
  }
}

/** The cursor first, then the list: what happens meanwhile comes after the cursor, and is told next time. */
async function startAfresh(ledger, ask) {
  const { latestCursor } = (await ask(LATEST)).userChanges
  const users = []
  for (let after = null, hasMore = true; hasMore;) {
    const { nodes, pageInfo } = (await ask(USERS, { statuses: MAY_BE_IN_USE, first: PAGE_SIZE, after })).provisionedUsers
    users.push(...nodes)
    after = pageInfo.endCursor
    hasMore = pageInfo.hasNextPage
  }
  ledger.startAfresh(users, latestCursor)
}
