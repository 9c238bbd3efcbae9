import http from 'node:http'
import net from 'node:net'
import { Readable } from 'node:stream'
import { WebSocket } from 'ws'
import { ImportHeaderError, importUsers } from '../../../src/features/provisioning-request/import.service'
import type { OnboardingTemplate } from '../../../src/features/onboarding-template/onboarding-template.entity'
import type { Acting } from '../../../src/context/context'
import { socketUrl } from '../world/socket'
import type { FuzzCase } from './cases'

/** What came of one try. */
export interface Outcome {
  /** What is wrong with the answer; nothing of it may ever be. */
  faults: string[]
  /** Nothing was to be done, or it was refused: no row may have changed. */
  refused: boolean
}

export interface Means {
  url: string
  agent: http.Agent
  acting: Acting
  template: OnboardingTemplate
  /** Says who somebody else's users are, and is in no answer. */
  secret: string
}

/** Far more than the dearest request needs, on a busy machine too. */
const ANSWER_MAX_MS = 10_000
const CODES = ['BAD_USER_INPUT', 'UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'QUERY_TOO_COMPLEX', 'NOT_FOUND', 'GONE']
/** What only our own code, its engine or the database would say. */
const INSIDE = /node_modules|\n +at |SQLITE_|QueryFailed|syntax error at or near|INSERT INTO|SELECT .{1,200} FROM |Maximum call stack/

/** Sends one and judges the answer. */
export async function tryOut(tried: FuzzCase, means: Means): Promise<Outcome> {
  const start = performance.now()
  const outcome = await withinTime(carryOut(tried, means))
  const took = performance.now() - start
  if (took > ANSWER_MAX_MS) outcome.faults.push(`It took ${Math.round(took)} ms.`)
  return outcome
}

function carryOut(tried: FuzzCase, means: Means): Promise<Outcome> {
  if (tried.kind === 'http') return overHttp(tried, means)
  if (tried.kind === 'socket') return overSocket(tried, means)
  return tried.kind === 'import' ? asImport(tried.file, means) : overConnection(tried.bytes, means)
}

async function withinTime(work: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Outcome>(resolve => {
    timer = setTimeout(() => resolve({ faults: [`No answer within ${ANSWER_MAX_MS} ms.`], refused: false }), ANSWER_MAX_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function overHttp({ method, path, headers, body }: FuzzCase & { kind: 'http' }, means: Means): Promise<Outcome> {
  const { hostname, port } = new URL(means.url)
  return new Promise(resolve => {
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const request = http.request({ hostname, port, method, path, headers: { ...headers, ...length }, agent: means.agent })
    request.once('response', response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('close', () => resolve(judge(response, Buffer.concat(chunks).toString(), method, means.secret)))
    })
    // Whoever is told that a body is too large may be cut off while it is being sent.
    request.once('error', (error: NodeJS.ErrnoException) => {
      // What is too broken to be read is answered with a body, also where HEAD was asked.
      const isRead = isCutOff(error) || (method === 'HEAD' && error.code === 'HPE_CLOSED_CONNECTION')
      resolve({ faults: isRead ? [] : [`${error.code}: ${error.message}`], refused: true })
    })
    request.end(body)
  })
}

function isCutOff({ code = '' }: NodeJS.ErrnoException): boolean {
  return ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(code)
}

function judge({ statusCode = 0, headers }: http.IncomingMessage, text: string, method: string, secret: string): Outcome {
  const told = `${statusCode} ${text.slice(0, 500)}`
  const faults: string[] = []
  if (statusCode >= 500) faults.push(`HTTP ${told}`)
  if (text.includes(secret)) faults.push(`The answer tells of another partner: ${told}`)
  const isPage = /^text\/|javascript|image/.test(String(headers['content-type']))
  if (method === 'HEAD' || isPage || statusCode === 304) return { faults, refused: headers['content-disposition'] === undefined }
  const answer = parsed(text)
  if (statusCode >= 400 && !Array.isArray(answer?.['errors'])) faults.push(`Not in the documented form: ${told}`)
  const errors = (answer?.['errors'] ?? []) as ToldError[]
  faults.push(...faultsOf(errors, String(headers['x-request-id'])))
  return { faults, refused: isRefused(answer) }
}

interface ToldError {
  message?: unknown
  extensions?: { code?: unknown; requestId?: unknown }
}

function faultsOf(errors: ToldError[], requestId: string | null): string[] {
  return errors.flatMap(error => {
    const told = JSON.stringify(error).slice(0, 500)
    const { code, requestId: toldId } = error.extensions ?? {}
    const faults: string[] = []
    if (typeof error.message !== 'string' || !CODES.includes(String(code))) faults.push(`Not a documented error: ${told}`)
    if (typeof toldId !== 'string' || (requestId !== null && toldId !== requestId)) faults.push(`Without the ID of its request: ${told}`)
    if (INSIDE.test(String(error.message))) faults.push(`Tells what is inside: ${told}`)
    return faults
  })
}

/** Only an answer that has something of a mutation, and no user errors with it, may have changed a row. */
function isRefused(answer: Record<string, unknown> | null): boolean {
  const fields = Object.values((answer?.['data'] ?? {}) as Record<string, unknown>)
  return !fields.some(field => Array.isArray((field as { userErrors?: unknown[] } | null)?.userErrors) && !hasUserErrors(field))
}

function hasUserErrors(field: unknown): boolean {
  return (field as { userErrors: unknown[] }).userErrors.length > 0
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** Closes by what the protocol says, or what WebSocket says of bad frames; not because something went wrong on our side. */
const CLOSED_FOR_REASON = [1000, 1005, 1006, 1007, 1009, 4400, 4401, 4403, 4408, 4409, 4429]
const LAST = 'the last one'

function overSocket({ token, frames }: FuzzCase & { kind: 'socket' }, { url, secret }: Means): Promise<Outcome> {
  return new Promise(resolve => {
    const socket = new WebSocket(socketUrl(url), 'graphql-transport-ws')
    const faults: string[] = []
    let refused = true
    socket.once('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: token === null ? {} : { authorization: `Bearer ${token}` } })),
    )
    socket.on('message', (data: Buffer) => {
      const text = String(data)
      const { id, type, payload } = parsed(text) ?? {}
      if (text.includes(secret)) faults.push(`The answer tells of another partner: ${text.slice(0, 500)}`)
      if (type === 'connection_ack') {
        const last = { id: LAST, type: 'subscribe', payload: { query: '{ __typename }' } }
        for (const frame of [...frames, JSON.stringify(last)]) socket.send(frame)
      }
      if (type === 'error') faults.push(...faultsOf(payload as ToldError[], null))
      if (type === 'next') {
        faults.push(...faultsOf(((payload as Record<string, unknown>)['errors'] ?? []) as ToldError[], null))
        refused &&= isRefused(payload as Record<string, unknown>)
      }
      // What was said before has been heard by then, though perhaps not answered; that is not waited for, as most people would.
      if (type === 'complete' && id === LAST) socket.close()
    })
    socket.once('close', (code, reason) => {
      if (!CLOSED_FOR_REASON.includes(code)) faults.push(`Closed with ${code} ${String(reason)}`)
      resolve({ faults, refused })
    })
    socket.once('error', error => faults.push(String(error)))
  })
}

/** What is no HTTP is answered as such or cut off; whether the server lives is seen by the next try. */
function overConnection(bytes: string, { url }: Means): Promise<Outcome> {
  const { hostname, port } = new URL(url)
  return new Promise(resolve => {
    const connection = net.connect(Number(port), hostname, () => connection.end(bytes, 'latin1'))
    let answer = ''
    connection.on('data', data => {
      answer += String(data)
      // An answer of HTTP that was not asked to be the last leaves the connection open.
      connection.destroySoon()
    })
    connection.on('error', () => undefined)
    // A request that is cut short gets no answer, as long as more of it may come.
    const timer = setTimeout(() => connection.destroy(), 50)
    connection.once('close', () => {
      clearTimeout(timer)
      const failed = /^HTTP\/1\.1 5/.test(answer) && !/^HTTP\/1\.1 505/.test(answer)
      resolve({ faults: failed || INSIDE.test(answer) ? [answer.slice(0, 500)] : [], refused: true })
    })
  })
}

async function asImport(file: string, { acting, template }: Means): Promise<Outcome> {
  try {
    const chunks = [Buffer.from(file.slice(0, 7)), Buffer.from(file.slice(7))]
    const { created } = await importUsers(acting, template, Readable.from(chunks), () => undefined)
    return { faults: [], refused: created === 0 }
  } catch (error) {
    const isTold = error instanceof ImportHeaderError || /^The file has a line of more than/.test(String((error as Error).message))
    return { faults: isTold ? [] : [String((error as Error).stack)], refused: true }
  }
}
