import { z } from 'zod'
import type { Transaction } from '../database/database'
import type { Clock } from '../shared/clock'
import { type JobPayload, JobPriority, type JobQueue } from './job-queue'

/** One kind of job. It stands next to the feature that owns it; see `implementJob` for the work. */
export interface JobDefinition<Payload extends JobPayload> {
  readonly name: string
  /** Names under which older versions enqueued this job. They are worked, and no longer given. */
  readonly aliases: readonly string[]
  readonly schema: z.ZodType<Payload>
  readonly priority: JobPriority
}

/** What the worker of a definition gets. */
export type PayloadOf<Definition> = Definition extends JobDefinition<infer Payload> ? Payload : never

/**
 * Defines a kind of job. A field that a later version adds to `payload` needs a default, and a renamed field its old name (`renamed`), so that
 * the jobs of an older version still run.
 */
export function defineJob<Payload extends JobPayload>({
  name,
  payload: schema,
  priority = JobPriority.ORDINARY,
  aliases = [],
}: {
  name: string
  payload: z.ZodType<Payload>
  priority?: JobPriority
  aliases?: readonly string[]
}): JobDefinition<Payload> {
  return { name, aliases, schema, priority }
}

export interface EnqueueOptions {
  /** Time to wait before the job may run; it may run at once when left out. */
  pauseMs?: number
  /** Earliest time of the job, instead of `pauseMs`. */
  runAt?: Date
  /** The priority of the definition when left out. */
  priority?: JobPriority
}

/** Enqueues a job in a transaction: it is part of the change that needs it. */
export async function enqueue<Payload extends JobPayload>(
  { queue, clock }: { readonly queue: JobQueue; readonly clock: Clock },
  tx: Transaction,
  { name, priority: usual }: JobDefinition<Payload>,
  payload: Payload,
  { pauseMs = 0, runAt, priority = usual }: EnqueueOptions = {},
): Promise<void> {
  const afterPause = pauseMs > 0 ? new Date(clock.now().getTime() + pauseMs) : undefined
  await queue.enqueue(tx, { name, payload, runAt: runAt ?? afterPause, priority })
}

/** The work of one kind of job, with its payload still to be parsed. `Dependencies` is what workers need, such as the platform. */
export interface JobImplementation<Dependencies> {
  readonly names: readonly string[]
  run(dependencies: Dependencies, payload: JobPayload): Promise<void>
  abandon(dependencies: Dependencies, payload: JobPayload): Promise<void>
}

/**
 * Implements a definition. The worker gets the payload parsed; a payload that does not match the schema fails the job.
 * @param work makes one upstream call or one poll and ends within 30 seconds; a job runs at least once, so it reads the present state first
 * @param abandon runs when the job failed for good, so that its users do not wait for ever
 */
export function implementJob<Dependencies, Payload extends JobPayload>(
  { name, aliases, schema }: JobDefinition<Payload>,
  work: (dependencies: Dependencies, payload: Payload) => Promise<void>,
  abandon?: (dependencies: Dependencies, payload: Payload) => Promise<void>,
): JobImplementation<Dependencies> {
  return {
    names: [name, ...aliases],
    async run(dependencies, payload) {
      const { data, error } = schema.safeParse(payload)
      if (error) throw new Error(`The payload of the job ${name} does not match its schema: ${z.prettifyError(error)}`)
      await work(dependencies, data)
    },
    async abandon(dependencies, payload) {
      const { data, error } = schema.safeParse(payload)
      // A payload that cannot be read names no user to free. The job is kept as dead all the same.
      if (!error) await abandon?.(dependencies, data)
    },
  }
}

/**
 * Registers the workers of a process; before the queue starts.
 * @throws Error when two of them have the same name
 */
export function registerWorkers<Dependencies>(
  queue: JobQueue,
  implementations: readonly JobImplementation<Dependencies>[],
  dependencies: Dependencies,
): void {
  const names = new Set<string>()
  for (const job of implementations) {
    for (const name of job.names) {
      if (names.has(name)) throw new Error(`Two workers have the job name ${name}.`)
      names.add(name)
      queue.work(
        name,
        payload => job.run(dependencies, payload),
        payload => job.abandon(dependencies, payload),
      )
    }
  }
}

/** A whole number. Jobs of older versions have it as text. */
export const wholeNumber = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)])

/** Reads a payload in which an older version named a field differently. */
export function renamed<Schema extends z.ZodType>(names: Readonly<Record<string, string>>, schema: Schema) {
  return z.preprocess(payload => {
    const entries = Object.entries((payload ?? {}) as object)
    return Object.fromEntries(entries.map(([name, value]) => [names[name] ?? name, value]))
  }, schema)
}
