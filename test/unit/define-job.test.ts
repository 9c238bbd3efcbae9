import { readdirSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { Transaction } from '../../src/database/database'
import { JOBS } from '../../src/jobs'
import {
  defineJob,
  enqueue,
  implementJob,
  type JobDefinition,
  type JobImplementation,
  registerWorkers,
  renamed,
  wholeNumber,
} from '../../src/queue/define-job'
import { type JobHandler, type JobPayload, JobPriority, type JobQueue, type NewJob } from '../../src/queue/job-queue'
import { advanceAttemptJob, watchConsentJob } from '../../src/features/activation-attempt/activation-attempt.jobs'
import { advanceBulkOperationJob } from '../../src/features/bulk-operation/bulk-operation.jobs'
import { advanceSyncJob } from '../../src/features/sync/sync.jobs'

const FEATURES = path.resolve(__dirname, '../../src/features')

const greetJob = defineJob({
  name: 'greet',
  aliases: ['salute'],
  payload: renamed({ whom: 'who' }, z.object({ who: z.string(), times: wholeNumber.default(1) })),
  priority: JobPriority.PERSON,
})

/** Keeps what a queue is given: no job of these tests runs. */
function listen() {
  const jobs: NewJob[] = []
  const handlers = new Map<string, { handle: JobHandler; abandon: JobHandler | undefined }>()
  const queue: Pick<JobQueue, 'enqueue' | 'work'> = {
    enqueue: async (_tx, job) => void jobs.push(job),
    work: (name, handle, abandon) => void handlers.set(name, { handle, abandon }),
  }
  return { queue: queue as JobQueue, jobs, handlers }
}

/** What the worker of a definition gets for a stored payload. */
async function received<Payload extends JobPayload>(definition: JobDefinition<Payload>, stored: JobPayload): Promise<Payload> {
  const payloads: Payload[] = []
  await implementJob(definition, async (_: null, payload) => void payloads.push(payload)).run(null, stored)
  return payloads[0] as Payload
}

describe('A payload', () => {
  it('reaches the worker as its schema says, with what the worker depends on', async () => {
    const seen: unknown[] = []
    const job = implementJob(greetJob, async (host: string, { who, times }) => void seen.push([host, who, times]))
    await job.run('host', { who: 'alice', times: 3 })
    expect(seen).toEqual([['host', 'alice', 3]])
  })

  it('of an older version gets the default of a field that it misses, and a field under its old name', async () => {
    expect(await received(greetJob, { whom: 'alice' })).toEqual({ who: 'alice', times: 1 })
    expect(await received(greetJob, { whom: 'alice', times: '12' })).toEqual({ who: 'alice', times: 12 })
  })

  it.each([
    ['misses a field without a default', {}, 'who'],
    ['has a field of another type', { who: 7 }, 'who'],
    ['has a number that is none', { who: 'alice', times: 'often' }, 'times'],
    ['has no number', { who: 'alice', times: null }, 'times'],
  ])('that %s fails the job and reaches no worker', async (_, payload, field) => {
    const work = jest.fn(async () => undefined)
    const job = implementJob(greetJob, work)
    await expect(job.run(null, payload)).rejects.toThrow(/^The payload of the job greet does not match its schema: /)
    await expect(job.run(null, payload)).rejects.toThrow(field)
    expect(work).not.toHaveBeenCalled()
  })

  it('that cannot be read does not keep its job from being buried', async () => {
    const abandoned: unknown[] = []
    const job = implementJob(
      greetJob,
      async () => undefined,
      async (_: null, payload) => void abandoned.push(payload),
    )
    await job.abandon(null, {})
    expect(abandoned).toEqual([])
    await job.abandon(null, { who: 'alice' })
    expect(abandoned).toEqual([{ who: 'alice', times: 1 }])
  })
})

describe('A definition', () => {
  it('is worked under its name and under its aliases, and enqueued under its name', async () => {
    const { queue, jobs, handlers } = listen()
    const seen: unknown[] = []
    registerWorkers(queue, [implementJob(greetJob, async (_: null, { who }) => void seen.push(who))], null)
    await handlers.get('greet')?.handle({ who: 'alice' })
    await handlers.get('salute')?.handle({ whom: 'bob' })
    expect(seen).toEqual(['alice', 'bob'])

    const now = new Date('2026-11-30T10:00:00.000Z')
    const ctx = { queue, clock: { now: () => now } }
    const tx = {} as Transaction
    const payload = { who: 'alice', times: 2 }
    await enqueue(ctx, tx, greetJob, payload)
    await enqueue(ctx, tx, greetJob, payload, { pauseMs: 1500, priority: JobPriority.BULK })
    await enqueue(ctx, tx, greetJob, payload, { runAt: new Date('2026-12-01T00:00:00.000Z') })
    expect(jobs).toEqual([
      { name: 'greet', payload, runAt: undefined, priority: JobPriority.PERSON },
      { name: 'greet', payload, runAt: new Date('2026-11-30T10:00:01.500Z'), priority: JobPriority.BULK },
      { name: 'greet', payload, runAt: new Date('2026-12-01T00:00:00.000Z'), priority: JobPriority.PERSON },
    ])
  })

  it('with a name that another has is refused', () => {
    const { queue } = listen()
    const saluteJob = defineJob({ name: 'salute', payload: z.object({}) })
    const implementations: JobImplementation<null>[] = [greetJob, saluteJob].map(definition =>
      implementJob(definition as JobDefinition<JobPayload>, async () => undefined),
    )
    expect(() => registerWorkers(queue, implementations, null)).toThrow('Two workers have the job name salute.')
  })

  it('of each feature is in the list of jobs', async () => {
    const files = readdirSync(FEATURES, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.jobs.ts'))
    expect(files.length).toBeGreaterThan(5)
    const modules = await Promise.all(files.map(file => import(path.join(FEATURES, file)) as Promise<Record<string, { name?: string }>>))
    const defined = modules.flatMap(module => Object.values(module).flatMap(({ name }) => name ?? []))
    expect(JOBS.map(({ names }) => names[0]).sort()).toEqual([...new Set(defined)].sort())
  })
})

// As `git show 0587826` and `git show 0f75c88` have them: databases of either version hold such jobs.
describe('A job of an older version', () => {
  it('advances the attempt: without a version at its first one, with a turn at that one', async () => {
    expect(await received(advanceAttemptJob, { attemptId: 'attempt' })).toEqual({ attemptId: 'attempt', version: 0 })
    expect(await received(advanceAttemptJob, { attemptId: 'attempt', turn: '7' })).toEqual({ attemptId: 'attempt', version: 7 })
  })

  it('watches for consent, with the time of the mail instead of that of the check', async () => {
    const mailedAt = '2026-10-01T10:00:00.000Z'
    expect(await received(watchConsentJob, { userId: 'user', mailedAt })).toEqual({ userId: 'user', at: null })
  })

  it('has its numbers as text', async () => {
    expect(await received(advanceSyncJob, { partnerId: 'partner', revision: '12' })).toEqual({ partnerId: 'partner', revision: 12 })
    expect(await received(advanceBulkOperationJob, { bulkOperationId: 'bulk', run: '2' })).toEqual({ bulkOperationId: 'bulk', run: 2 })
  })
})
