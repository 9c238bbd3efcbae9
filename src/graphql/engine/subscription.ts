import type { ApolloServer } from '@apollo/server'
import {
  createSourceEventStream,
  type DocumentNode,
  execute,
  type ExecutionResult,
  type FormattedExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import { runWithDeadline } from '../../shared/deadline'
import { currentRequest } from '../../shared/current-request'
import { actualCost } from './limits/actual-cost'
import { answerLength, LENGTH_FOR_A_POINT } from './limits/answer-size'
import { refuseTooComplex } from './limits/limits'
import type { Checked } from './apollo'
import type { Context } from '../../context/context'
import { errorFormatter } from './errors'
import { withFreshLoaders } from '../../context/loaders'

export interface Operation {
  query: string
  variables: Record<string, unknown>
  operationName: string | undefined
}

/** An operation that was let in. Of a subscription there is no answer yet. */
export interface Admitted extends Operation {
  ctx: Context
  document: DocumentNode
  answer: FormattedExecutionResult
}

/** An error as the client is told of it. */
export class ToldError extends GraphQLError {
  readonly told: GraphQLFormattedError

  constructor(told: GraphQLFormattedError) {
    super(told.message)
    this.told = told
  }

  override toJSON(): GraphQLFormattedError {
    return this.told
  }
}

export interface Operations {
  /** Answers a query or a mutation, and looks whether a subscription is one; with the errors where it is refused altogether. */
  admit(ctx: Context, operation: Operation): Promise<Admitted | ToldError[]>
  subscribe(admitted: Admitted): Promise<AsyncIterableIterator<FormattedExecutionResult> | FormattedExecutionResult>
}

/**
 * Carries operations out that do not come over HTTP, with every limit that HTTP has: Apollo answers them, and lets subscriptions as far as
 * the execution, which it does not know.
 */
export function createOperations(
  apollo: ApolloServer<Context>,
  schema: GraphQLSchema,
  { logger, config: { production, limits } }: Pick<Context, 'logger' | 'config'>,
): Operations {
  const format = errorFormatter({ logger, production })

  const toldResult = ({ errors, ...result }: ExecutionResult): FormattedExecutionResult => ({
    ...result,
    ...(errors ? { errors: errors.map(error => format(error.toJSON(), error)) } : {}),
  })
  /** Before the first event, what the engine itself says has no code: it is about the variables. */
  const refusal = ({ errors = [] }: ExecutionResult): FormattedExecutionResult => ({
    errors: errors.map(error => format({ extensions: { code: 'BAD_USER_INPUT' }, ...error.toJSON() }, error)),
  })

  return {
    admit: (ctx, operation) =>
      asRequest(ctx, async () => {
        let document: DocumentNode | undefined
        const contextValue: Context & Checked = { ...ctx, checked: checked => (document = checked) }
        const { body } = await apollo.executeOperation({ ...operation }, { contextValue })
        if (body.kind !== 'single') throw new Error('An answer in parts was not asked for.')
        const answer = body.singleResult as FormattedExecutionResult
        return document ? { ...operation, ctx, document, answer } : (answer.errors ?? []).map(error => new ToldError(error))
      }),

    subscribe({ ctx, document, variables, operationName }) {
      const operation = getOperationAST(document, operationName) as OperationDefinitionNode
      const mayCost = refuseTooComplex(schema, document, operation, variables, limits.query)
      // An error makes null of what is around it, and the event does not show what was read for that.
      const costOf = ({ data, errors }: ExecutionResult) =>
        Math.max(errors ? mayCost : actualCost(document, operation, variables, data), answerLength(data) / LENGTH_FOR_A_POINT)
      const asCaller = <Result>(work: () => Promise<Result>): Promise<Result> => asRequest(ctx, work)
      const args = { schema, document, variableValues: variables, operationName: operationName ?? null }
      return asCaller(async () => {
        const source = await createSourceEventStream({ ...args, contextValue: ctx })
        if (!(Symbol.asyncIterator in source)) return refusal(source)
        return mapped(source[Symbol.asyncIterator](), {
          // The loaders of one event know nothing of the next, which may be hours later.
          value: rootValue =>
            asCaller(async () => {
              const result = await execute({ ...args, rootValue, contextValue: withFreshLoaders(ctx) })
              await ctx.budget.pay(costOf(result))
              return toldResult(result)
            }),
          error: cause => asCaller(async () => new ToldError(format({ message: cause.message }, cause))),
        })
      })
    },
  }
}

/** Its answer has a deadline of its own, that of each event, too. */
function asRequest<Result>({ requestId, config }: Context, work: () => Promise<Result>): Promise<Result> {
  return currentRequest.run({ requestId }, () => runWithDeadline(config.limits.requestTimeoutMs, work))
}

/** The library's own does the same, but with one context for all values. */
function mapped<Value>(
  source: AsyncIterator<unknown>,
  to: { value: (value: unknown) => Promise<Value>; error: (error: Error) => Promise<Error> },
): AsyncIterableIterator<Value> {
  return {
    async next() {
      try {
        const result = await source.next()
        return result.done ? { done: true, value: undefined } : { done: false, value: await to.value(result.value) }
      } catch (error) {
        await source.return?.()
        throw await to.error(error as Error)
      }
    },
    async return() {
      await source.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
