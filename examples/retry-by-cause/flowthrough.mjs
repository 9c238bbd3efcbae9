// @ts-check
import { setTimeout as sleep } from 'node:timers/promises'

/** Ends the script with a sentence for whoever runs it. */
export class Failure extends Error {}

const { FLOWTHROUGH_URL = 'http://127.0.0.1:4000', FLOWTHROUGH_TOKEN = '' } = process.env
const ADDRESS = `${FLOWTHROUGH_URL.replace(/\/+$/, '')}/graphql`
/** What a bearer token consists of (RFC 6750). For another, such as `flt_…`, `fetch` throws as if there were no server. */
const TOKEN = /^[\w.~+/-]+=*$/
const TRIES_MAX = 5
/** Where the server says to wait and not for how long. */
const WAIT_SECONDS = 5
const SENTENCES = new Map([
  ['UNAUTHENTICATED', 'The server does not accept FLOWTHROUGH_TOKEN. It may have been revoked, or some of it is missing.'],
  ['FORBIDDEN', 'The token may not do that; a retry needs the role OPERATOR or ADMIN.'],
])

/**
 * Asks the API. Has the server too much to do, or the token asked for too much, nothing was done: this waits for as long as the server
 * says and asks again.
 * @template Data what the query selects; the caller says it
 * @param {string} query
 * @param {Record<string, unknown>} [variables]
 * @returns {Promise<Data>}
 * @throws {Failure} when there is no answer, or one with errors
 */
export async function ask(query, variables = {}) {
  for (let tries = 1; ; tries++) {
    const response = await send(query, variables)
    if ((response.status !== 429 && response.status !== 503) || tries === TRIES_MAX) return dataOf(response)
    const seconds = Number(response.headers.get('retry-after')) || WAIT_SECONDS
    console.error(`The server asks to wait for ${seconds} s.`)
    await sleep(seconds * 1000)
  }
}

/** @param {string} query @param {Record<string, unknown>} variables */
async function send(query, variables) {
  if (!TOKEN.test(FLOWTHROUGH_TOKEN))
    throw new Failure('FLOWTHROUGH_TOKEN is no token. Put in the one that Flowthrough printed, all of it.')
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${FLOWTHROUGH_TOKEN}` }
  try {
    return await fetch(ADDRESS, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
  } catch {
    throw new Failure(`${FLOWTHROUGH_URL} does not answer. Is it the address of Flowthrough, and is it running?`)
  }
}

/** @param {Response} response */
async function dataOf(response) {
  const { data, errors } = await response.json().catch(() => {
    throw new Failure(`The connection broke, or ${FLOWTHROUGH_URL} is not the address of Flowthrough (HTTP ${response.status}).`)
  })
  if (!errors) return data
  const [{ message, extensions }] = errors
  throw new Failure(SENTENCES.get(extensions?.code) ?? `${message} (request ${extensions?.requestId})`)
}
