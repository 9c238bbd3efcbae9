import { readFileSync } from 'node:fs'
import path from 'node:path'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { buildSchema, graphql } from 'graphql'
import { registerPortalPage } from '../../../src/features/portal/portal-page'
import type { ActivationFragment, UserErrorFragment } from '../operations/activation-operations.generated'

export const LINK = 'Xk3v9QmPz7RbT2'
/** Of another provider's. */
export const OTHER_LINK = 'Qq5b2WnYt8LcJ6'
const LINKS = [LINK, OTHER_LINK]
export const PASSWORD = 'right-password'
export const TOKEN = 'good-token'

/** Stands in for the activation API: what leaves the page is checked against the SDL, and answered as the test says. */
export interface FakeActivationApi {
  url: string
  /** Of the only user; a test changes what it is about. */
  activation: ActivationFragment
  /** Of both links. */
  link: { partnerName: string; ready: boolean }
  /** What the next mutation complains about, as often as it is asked. */
  userErrors: Partial<UserErrorFragment>[]
  /** Answers every request to the API with this instead; 'nothing' closes the connection. */
  outage: { status: number; headers?: Record<string, string>; body: string } | 'nothing' | null
  /** Names of the operations, in the order in which they came. */
  operations: string[]
  /** The Accept-Language of the last request. */
  language: string
  endSessions(): void
  stop(): Promise<void>
}

const SCHEMA = buildSchema(readFileSync(path.resolve(__dirname, '../../../schema/activation.graphql'), 'utf8'))

export async function startFakeActivationApi(): Promise<FakeActivationApi> {
  const server = fastify({ forceCloseConnections: true })
  const sessions = new Set<string>()
  const api: FakeActivationApi = {
    url: '',
    link: { partnerName: 'Alice Telecom', ready: true },
    activation: activationAt('ENTER_EMAIL'),
    userErrors: [],
    outage: null,
    operations: [],
    language: '',
    endSessions: () => sessions.clear(),
    stop: () => server.close(),
  }

  await registerPortalPage(server, async key => LINKS.includes(key))
  server.post<{ Body: { query: string; variables: Record<string, unknown> } }>('/activation/graphql', async (request, reply) => {
    const { query, variables } = request.body
    api.operations.push(/(?:query|mutation) (\w+)/.exec(query)?.[1] ?? query)
    api.language = request.headers['accept-language'] ?? ''
    if (api.outage === 'nothing') return void reply.hijack().raw.destroy()
    if (api.outage)
      return reply
        .code(api.outage.status)
        .headers(api.outage.headers ?? {})
        .send(api.outage.body)
    const answer = await graphql({ schema: SCHEMA, source: query, variableValues: variables, rootValue: answersTo(request, reply) })
    return JSON.parse(JSON.stringify(answer)) as unknown
  })
  api.url = await server.listen({ host: '127.0.0.1', port: 0 })
  return api

  /** The session is a cookie, so that another browser has none. */
  function answersTo(request: FastifyRequest, reply: FastifyReply) {
    const session = /session=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
    const isSignedIn = () => sessions.has(session)
    const say = (text: string) => sentence(text, api.language)
    // Who only has a mail is not told of whom it is.
    const current = (isSession = true) => {
      const { broadworksId, emailWarning, error } = api.activation
      return {
        ...api.activation,
        broadworksId: isSession ? broadworksId : null,
        emailWarning: emailWarning === null ? null : say(emailWarning),
        error: error && { ...error, message: say(error.message) },
        activationLink: isSession ? `https://portal.example/activate/${LINK}` : null,
      }
    }
    const refuse = (...userErrors: Partial<UserErrorFragment>[]) => ({
      activation: null,
      userErrors: userErrors.map(({ message = 'No.', ...error }) => ({ code: 'INVALID', ...error, message: say(message) })),
    })
    const change = (changes: Partial<ActivationFragment>, isSession = true) => {
      if (api.userErrors.length > 0) return refuse(...api.userErrors)
      Object.assign(api.activation, changes)
      return { activation: current(isSession), userErrors: [] }
    }
    const changeOwn = (changes: Partial<ActivationFragment>) => {
      if (!isSignedIn()) throw new Unauthenticated()
      return change(changes)
    }
    return {
      activationLink: ({ link }: { link: string }) => (LINKS.includes(link) ? api.link : null),
      activation: () => (isSignedIn() ? current() : null),
      signIn({ input }: { input: { password: string } }) {
        if (input.password !== PASSWORD) return refuse({ message: 'The ID or the password is wrong.', catalogCode: 100006 })
        const opened = String(sessions.size + 1)
        sessions.add(opened)
        void reply.header('set-cookie', `session=${opened}; Path=/; HttpOnly; SameSite=Strict`)
        return change({})
      },
      signOut() {
        sessions.delete(session)
        return { userErrors: [] }
      },
      submitEmail: ({ input }: { input: { email: string } }) => changeOwn({ ...activationAt('CONFIRM_EMAIL'), email: input.email }),
      confirmEmail: ({ input }: { input: { token: string } }) =>
        input.token === TOKEN
          ? change(activationAt('PROVISIONING'), isSignedIn())
          : refuse({ message: 'This link was used already.', field: ['token'] }),
      tryAgain: () => changeOwn(activationAt('ENTER_EMAIL')),
      resendConsentEmail: () => changeOwn({}),
    }
  }
}

/** What the server says is in the language of the request: one can see in which it was asked. */
function sentence(text: string, language: string): string {
  return language === 'en' ? text : `«${language}»`
}

class Unauthenticated extends Error {
  readonly extensions = { code: 'UNAUTHENTICATED' }
}

/** What stands in an activation at this step. */
export function activationAt(step: ActivationFragment['step'], changes: Partial<ActivationFragment> = {}): ActivationFragment {
  return {
    step,
    broadworksId: 'anna.rossi@sp1.example',
    firstName: 'Anna',
    partnerName: 'Alice Telecom',
    email: step === 'ENTER_EMAIL' ? null : 'anna.rossi@mail.example',
    emailWarning: null,
    linkExpiresAt: step === 'CONFIRM_EMAIL' ? '2099-11-22T13:30:00.000Z' : null,
    error: null,
    canTryAgain: step === 'ERROR',
    activationLink: '',
    ...changes,
  }
}
