import {
  createSourceEventStream,
  execute,
  type ExecutionResult,
  type FormattedExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  OperationTypeNode,
} from 'graphql'
import type { Context } from '../../context/context'
import { withFreshLoaders } from '../../context/loaders'
import { currentRequest } from '../../shared/current-request'
import { runWithDeadline } from '../../shared/deadline'
import { asBadInput, documentOptions, readDocument } from './document'
import { errorFormatter } from './errors'
import { mappedStream } from './mapped-stream'
import { charged, costOf, type Executable, settle } from './limits/charge'
import { refuseTooComplex } from './limits/limits'

export interface Operation {
  query: string
  variables: Record<string, unknown>
  operationName: string | undefined
}

/** An operation that was not refused, and its response: of a subscription, a stream of them unless it failed to start. */
export interface StartedOperation extends Executable {
  response: FormattedExecutionResult | AsyncIterableIterator<FormattedExecutionResult>
}

/** An error in the format for clients. */
export class ClientError extends GraphQLError {
  readonly formatted: GraphQLFormattedError

  constructor(formatted: GraphQLFormattedError) {
    super(formatted.message)
    this.formatted = formatted
  }

  override toJSON(): GraphQLFormattedError {
    return this.formatted
  }
}

export interface Operations {
  /** @returns the errors, when the operation is refused before its execution */
  start(ctx: Context, operation: Operation): Promise<StartedOperation | ClientError[]>
}

/** Executes operations that come over WebSocket, with the validation, limits, costs, deadline and error format that Apollo has for HTTP. */
export function createOperations(schema: GraphQLSchema, { logger, config }: Pick<Context, 'logger' | 'config'>): Operations {
  const options = documentOptions(config)
  const format = errorFormatter({ logger, production: config.production })
  const clientError = (error: unknown): ClientError =>
    new ClientError(format(error instanceof GraphQLError ? error.toJSON() : { message: (error as Error).message }, error))

  /** The engine's errors about variables come without data and without a path; those of a resolver have a path. */
  const formatted = ({ errors, ...result }: ExecutionResult): FormattedExecutionResult => {
    const isRefused = (error: GraphQLError) => result.data === undefined && !error.path
    const toFormatted = (error: GraphQLError) => clientError(isRefused(error) ? asBadInput(error) : error).formatted
    return errors ? { errors: errors.map(toFormatted), ...result } : result
  }

  /** Validates the operation, checks its limits, and takes its maximum cost from the budget. */
  async function admit(
    ctx: Context,
    { query, variables, operationName }: Operation,
  ): Promise<(Executable & { maxCost: number }) | unknown[]> {
    const document = readDocument(schema, query, options)
    if (Array.isArray(document)) return document
    const operation = getOperationAST(document, operationName)
    // Nothing is executed: the result says why there is no operation.
    if (!operation) return ((await execute({ schema, document, operationName: operationName ?? null })).errors ?? []).map(asBadInput)
    try {
      const maxCost = refuseTooComplex(schema, document, operation, variables, config.limits.query)
      await ctx.budget.take(maxCost)
      return { document, operation, variables, maxCost }
    } catch (error) {
      return [error]
    }
  }

  async function subscribe(ctx: Context, executable: Executable, maxCost: number): Promise<StartedOperation['response']> {
    // Each event is charged by itself.
    await settle(ctx.budget, logger, 0)
    const args = argsOf(schema, executable)
    const source = await createSourceEventStream({ ...args, contextValue: ctx })
    if (!(Symbol.asyncIterator in source)) return formatted(source)
    return mappedStream(source[Symbol.asyncIterator](), {
      // Fresh loaders, because hours may pass between two events.
      value: rootValue =>
        asRequest(ctx, async () => {
          const result = await execute({ ...args, rootValue, contextValue: withFreshLoaders(ctx) })
          await ctx.budget.pay(costOf(executable, result, maxCost))
          return formatted(result)
        }),
      error: cause => asRequest(ctx, async () => clientError(cause)),
    })
  }

  return {
    start: (ctx, given) =>
      asRequest(ctx, async () => {
        const admitted = await admit(ctx, given)
        if (Array.isArray(admitted)) {
          await settle(ctx.budget, logger, 0)
          return admitted.map(clientError)
        }
        const { maxCost, ...executable } = admitted
        if (executable.operation.operation === OperationTypeNode.SUBSCRIPTION)
          return { ...executable, response: await subscribe(ctx, executable, maxCost) }
        const result = formatted(await execute({ ...argsOf(schema, executable), contextValue: ctx }))
        return { ...executable, response: await charged(ctx.budget, logger, executable, maxCost, result) }
      }),
  }
}

function argsOf(schema: GraphQLSchema, { document, operation, variables }: Executable) {
  return { schema, document, variableValues: variables, operationName: operation.name?.value ?? null }
}

/** The start of an operation and each event of a subscription have a deadline of their own. */
function asRequest<Result>({ requestId, config }: Context, work: () => Promise<Result>): Promise<Result> {
  return currentRequest.run({ requestId }, () => runWithDeadline(config.limits.requestTimeoutMs, work))
}
