import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { type DocumentNode, print } from 'graphql'

export interface Answer<Data> {
  /** HTTP status. */
  status: number
  data: Data
  errors: TopLevelError[]
  headers: Headers
  extensions: Record<string, unknown> | undefined
}

export interface TopLevelError {
  message: string
  path?: (string | number)[]
  extensions: { code: string; requestId: string; argument?: string }
}

/** Somebody with a token, over real HTTP. */
export interface Actor {
  /** Address of the server. */
  url: string
  token: string
  /** Answers whatever the server answers, errors too. */
  ask<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables> | DocumentNode | string,
    variables?: Variables,
    headers?: Record<string, string>,
  ): Promise<Answer<Data>>
  /** Answers the data; throws when there are top-level errors. */
  get<Data, Variables extends Record<string, unknown>>(document: TypedDocumentNode<Data, Variables>, variables?: Variables): Promise<Data>
}

export function createActor(url: string, token: string): Actor {
  const ask: Actor['ask'] = async (document, variables, headers = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify({ query: typeof document === 'string' ? document : print(document), variables }),
    })
    const body = (await response.json()) as { data: never; errors?: TopLevelError[]; extensions?: Record<string, unknown> }
    return { status: response.status, headers: response.headers, data: body.data, errors: body.errors ?? [], extensions: body.extensions }
  }
  return {
    url,
    token,
    ask,
    async get(document, variables) {
      const { data, errors } = await ask(document, variables)
      if (errors.length > 0) throw new Error(errors.map(error => `${error.extensions.code}: ${error.message}`).join('\n'))
      return data
    },
  }
}
