import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface FakeXspUser {
  /** With its domain, as BroadWorks has it. */
  userId: string
  password: string
  /** Another ID under which the user may sign in. */
  alternateId?: string
  firstName?: string
  lastName?: string
  groupId?: string
  serviceProviderId?: string
  isEnterprise?: boolean
  number?: string
  extension?: string
  mobile?: string
  emailAddress?: string
}

/** One request and the means to answer it; what is not answered hangs. */
export interface XspExchange {
  /** With its query, without `/com.broadsoft.xsi-actions`. */
  path: string
  headers: IncomingMessage['headers']
  answer(status: number, body?: string | Buffer, headers?: Record<string, string>): void
  /** Breaks the connection instead of an answer. */
  drop(): void
}

/**
 * BroadWorks' server for user interfaces (XSP), as far as a sign-in goes: HTTP Basic, and the profile of whoever signed in, as XML
 * unless JSON is asked for.
 */
export interface FakeXsp {
  /** What a template has as `xsiActionsUrl`. */
  url: string
  users: FakeXspUser[]
  /** Path of everything that was asked, in order. */
  requests: string[]
  /** Deals with the next request in place of the usual answer. */
  next(deal: (exchange: XspExchange) => void): void
  stop(): Promise<void>
}

/** @param tls key and certificate in PEM, for HTTPS */
export async function startFakeXsp(tls?: { key: string; cert: string }): Promise<FakeXsp> {
  const users: FakeXspUser[] = []
  const requests: string[] = []
  const waiting: ((exchange: XspExchange) => void)[] = []

  function receive(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '').replace(/^\/com\.broadsoft\.xsi-actions/, '')
    requests.push(path)
    const exchange: XspExchange = {
      path,
      headers: request.headers,
      answer: (status, body = '', headers = {}) => void response.writeHead(status, headers).end(body),
      drop: () => void request.socket.destroy(),
    }
    const deal = waiting.shift() ?? (dealt => answerProfile(users, dealt))
    deal(exchange)
  }

  const server = tls ? createTlsServer(tls, receive) : createServer(receive)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/com.broadsoft.xsi-actions/`,
    users,
    requests,
    next: deal => void waiting.push(deal),
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** The profile as BroadWorks writes it in JSON. */
export function xspProfile(user: Omit<FakeXspUser, 'password' | 'alternateId'>) {
  const { userId, firstName = 'Anna', lastName = 'Rossi', groupId = 'acme', serviceProviderId = 'SP1', isEnterprise = true } = user
  const { number, extension, mobile, emailAddress } = user
  return {
    Profile: {
      '@xmlns': { $: 'http://schema.broadsoft.com/xsi' },
      details: {
        ...elements({ userId, firstName, lastName, groupId }),
        serviceProvider: { '@isEnterprise': String(isEnterprise), $: serviceProviderId },
        ...elements({ number, extension }),
      },
      additionalDetails: elements({ mobile, emailAddress }),
      ...elements({ passwordExpiresDays: '2147483647', fac: `/v2.0/user/${userId}/profile/Fac`, countryCode: '1' }),
    },
  }
}

function elements(texts: Record<string, string | undefined>) {
  return Object.fromEntries(Object.entries(texts).flatMap(([name, $]) => ($ === undefined ? [] : [[name, { $ }]])))
}

function answerProfile(users: FakeXspUser[], { path, headers, answer }: XspExchange): void {
  const [, userId = '', password = ''] = /^([^:]*):(.*)$/s.exec(credentials(headers.authorization)) ?? []
  const user = users.find(each => namesOf(each).includes(userId.toLowerCase()) && each.password === password)
  if (!user) return answer(401, '', { 'www-authenticate': 'Basic realm="XtendedServicesInterface"' })
  const { pathname, searchParams } = new URL(path, 'http://fake.invalid')
  const asked = /^\/v2\.0\/user\/([^/]+)\/profile$/.exec(pathname)?.[1]
  if (asked === undefined) return answer(404)
  if (!namesOf(user).includes(decodeURIComponent(asked).toLowerCase())) return answer(403)
  if (searchParams.get('format') !== 'json') return answer(200, '<?xml version="1.0"?><Profile/>', { 'content-type': 'application/xml' })
  answer(200, JSON.stringify(xspProfile(user)), { 'content-type': 'application/json;charset=UTF-8' })
}

/** BroadWorks minds no capitals in IDs, and completes one without a domain. */
function namesOf({ userId, alternateId = userId }: FakeXspUser): string[] {
  return [userId, userId.replace(/@.*/, ''), alternateId].map(name => name.toLowerCase())
}

function credentials(authorization = ''): string {
  return Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString()
}
