import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import {
  type ActivationFragment,
  CurrentActivationDocument,
  SignInDocument,
  type SignInMutation,
  SubmitEmailDocument,
  type SubmitEmailMutation,
  ConfirmEmailDocument,
  TryAgainDocument,
} from '../operations/activation-operations.generated'
import { nextNumber } from './builders'
import type { Answer, TopLevelError } from './actor'
import { eventually } from './waiting'

export type Step = ActivationFragment['step']

/** Somebody at the portal, over real HTTP: with a cookie jar and a network address of their own. */
export interface Visitor {
  /** The session cookie as it was last set, whole; undefined before. */
  readonly cookie: string | undefined
  ask<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables> | string,
    variables?: Variables,
    headers?: Record<string, string>,
  ): Promise<Answer<Data>>
  signIn(link: string, broadworksId: string, password: string): Promise<NonNullable<SignInMutation['signIn']>>
  submitEmail(email: string): Promise<NonNullable<SubmitEmailMutation['submitEmail']>>
  confirmEmail(token: string): Promise<NonNullable<SubmitEmailMutation['submitEmail']>>
  tryAgain(): Promise<NonNullable<SubmitEmailMutation['submitEmail']>>
  activation(): Promise<ActivationFragment | null>
  untilStep(...steps: Step[]): Promise<ActivationFragment>
}

/** @param network from which the requests come, as a proxy tells; one that nobody else has when left out */
export function visitPortal(
  url: string,
  { network = newNetwork(), language = 'en' }: { network?: string; language?: string } = {},
): Visitor {
  let cookie: string | undefined
  const ask: Visitor['ask'] = async (document, variables, headers = {}) => {
    const response = await fetch(`${url}/activation/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'accept-language': language,
        'x-forwarded-for': network,
        ...(cookie === undefined ? {} : { cookie: cookie.split(';')[0] as string }),
        ...headers,
      },
      body: JSON.stringify({ query: typeof document === 'string' ? document : print(document), variables }),
    })
    const [set] = response.headers.getSetCookie()
    if (set !== undefined) cookie = set
    const body = (await response.json()) as { data: never; errors?: TopLevelError[]; extensions?: Record<string, unknown> }
    return { status: response.status, headers: response.headers, data: body.data, errors: body.errors ?? [], extensions: body.extensions }
  }
  async function get<Data, Variables extends Record<string, unknown>>(document: TypedDocumentNode<Data, Variables>, variables?: Variables) {
    const { data, errors } = await ask(document, variables)
    if (errors.length > 0) throw new Error(errors.map(error => `${error.extensions.code}: ${error.message}`).join('\n'))
    return data
  }
  const activation = async () => (await get(CurrentActivationDocument)).activation ?? null
  return {
    get cookie() {
      return cookie
    },
    ask,
    activation,
    signIn: async (link, broadworksId, password) =>
      present((await get(SignInDocument, { input: { link, broadworksId, password } })).signIn),
    submitEmail: async email => present((await get(SubmitEmailDocument, { input: { email } })).submitEmail),
    confirmEmail: async token => present((await get(ConfirmEmailDocument, { input: { token } })).confirmEmail),
    tryAgain: async () => present((await get(TryAgainDocument)).tryAgain),
    untilStep: (...steps) =>
      eventually(async () => {
        const current = await activation()
        return current && steps.includes(current.step) ? current : null
      }),
  }
}

/** One that nobody else of the suite has. */
export function newNetwork(): string {
  const number = nextNumber() % 2 ** 24
  return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`
}

function present<Value>(value: Value | null | undefined): Value {
  if (value == null) throw new Error('The server answered nothing.')
  return value
}
