import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { loadConfig } from '../../src/config/config'
import { seedPartner } from '../../src/features/demo-data/seed'
import { OnboardingTemplate } from '../../src/features/onboarding-template/onboarding-template.entity'
import { settings } from '../../src/config/settings'
import { timestamp } from '../../src/shared/clock'
import { startTestApp, type TestApp } from '../support/world/app'
import { type Command, commandsOf, guides, textOf } from '../support/guides/guide'
import { needlessExceptions, TRIED_ELSEWHERE, trialOf } from '../support/guides/guide-exceptions'
import { createReader, type Reader } from '../support/guides/guide-reader'
import type { UserStatus } from '../support/operations/operations.generated'

/** What people are told to send and to run is sent and run here, as it is written, guide by guide. */
const OWN_GUIDES = guides().filter(guide => !TRIED_ELSEWHERE.includes(guide))
const TESTS = path.resolve(__dirname, '..')
const tried = (guide: string, trial: ReturnType<typeof trialOf>): Command[] =>
  commandsOf(guide).filter(command => trialOf(command) === trial)

/** Enough for more than one page of a hundred, and for several in every state. */
const USERS = 220

/** In what state the user of an operation is, where a guide says "take somebody who …". */
const STATES: Record<string, Record<string, UserStatus>> = {
  'audit-and-erasure.md': { BeforeRetrying: 'ERROR' },
  'errors-and-retries.md': { RetryInVain: 'ERROR', RetryOnce: 'PENDING_EMAIL_INPUT' },
  'finding-stuck-users.md': { Why: 'ERROR' },
  'mending-one.md': {
    WhatCanBeDone: 'ERROR',
    RetryWithAddress: 'PENDING_EMAIL_INPUT',
    RetryAsItWas: 'ERROR',
    RetryWithoutAddress: 'PENDING_EMAIL_INPUT',
    ResendValidationEmail: 'PENDING_EMAIL_VALIDATION',
    ResendConsentEmail: 'PENDING_USER_MIGRATION',
    ChangePackage: 'PROVISIONED',
  },
}

let app: TestApp
/** Of one reader; commands leave their files there. */
let directory: string

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'flowthrough-guides-'))
})
afterEach(() => rm(directory, { recursive: true }))

/** A new reader at a partner of their own, with data like that of the demo. */
async function newReader(guide: string): Promise<Reader> {
  const { admin, partnerId, webexToken } = await app.addPartner('Demo Telecom')
  const { templates, customers, user } = await seedPartner(app.platform, { partnerId, webexToken, users: USERS })
  if (guide === 'operating.md') await pauseTemplates(partnerId)
  const known = { tpl: templates[0]?.id ?? '', cus: customers[0]?.id ?? '', customer: customers[0]?.id ?? '', usr: user(0).id }
  return createReader({ actor: admin, states: STATES[guide] ?? {}, known, directory })
}

/** As after many failures of one kind, which test/features/template-pause.slow.test.ts waits for. */
async function pauseTemplates(partnerId: string): Promise<void> {
  const pauseCause = { code: 200043, httpStatus: 400, upstreamText: 'The customer configuration is incorrect', trackingId: null }
  const paused = { pausedAt: timestamp(new Date()), pauseCause, failureCount: 10 }
  await app.platform.database.transaction(({ manager }) => manager.update(OnboardingTemplate, { partnerId }, paused))
}

describe('the guides', () => {
  it.each(OWN_GUIDES.filter(guide => tried(guide, 'ON_A_SERVER').length > 0))('%s is true, command by command', async guide => {
    const reader = await newReader(guide)
    for (const command of tried(guide, 'ON_A_SERVER')) await reader.follow(command)
  })

  it.each(OWN_GUIDES.filter(guide => tried(guide, 'AS_SETTINGS').length > 0))('%s gives only settings that a server takes', guide => {
    for (const { text } of tried(guide, 'AS_SETTINGS')) {
      const given = text
        .trim()
        .split('\n')
        .map(line => /^(\w+)=(.*)$/.exec(line.replace(/<[^>]+>/g, 'a'))?.slice(1) as [string, string])
      expect(() => loadConfig(Object.fromEntries(given), directory)).not.toThrow()
    }
  })

  it('have no exception that is none any more', () => {
    expect(needlessExceptions(OWN_GUIDES.flatMap(commandsOf))).toEqual([])
  })

  it('that others try are read by them', () => {
    const others = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !file.includes('guide-exceptions'))
      .map(file => readFileSync(path.join(TESTS, file), 'utf8'))
    for (const guide of TRIED_ELSEWHERE.filter(guide => guides().includes(guide))) {
      expect([guide, others.some(text => text.includes(guide))]).toEqual([guide, true])
    }
  })
})

describe('the loops of the guide to pagination', () => {
  it('come to everybody, in a shell and in a program', async () => {
    const reader = await newReader('pagination.md')
    const inLanguage = (wanted: string) => tried('pagination.md', 'ON_A_SERVER').filter(({ language }) => language === wanted)
    for (const command of inLanguage('sh')) await reader.follow(command)
    const pages = readFileSync(path.join(directory, 'pages.jsonl'), 'utf8').trim().split('\n')
    expect(pages).toHaveLength(Math.ceil(USERS / 100))
    const users = pages.flatMap(page => (JSON.parse(page) as { data: { provisionedUsers: Page } }).data.provisionedUsers.nodes)
    expect(new Set(users.map(({ broadworksId }) => broadworksId)).size).toBe(USERS)

    const live = users.filter(({ status }) => status === 'PROVISIONED').length
    for (const command of inLanguage('js')) expect(await reader.follow(command)).toBe(`${live} users are live.\n`)
  })
})

describe('the guide to limits', () => {
  it('tells the defaults of the settings that it names', () => {
    const rows = [...textOf('limits.md').matchAll(/^\|[^|]+\| ([\d,]+) ?(\w*)[^|]*\| `([A-Z_]+)`/gm)]
    const told = rows.map(
      ([, number = '', unit = '', name = '']) => [name, Number(number.replaceAll(',', '')) * (FACTORS[unit] ?? 1)] as const,
    )
    expect(told.length).toBeGreaterThan(10)
    const defaults = settings.parse({}) as Record<string, unknown>
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(told.map(([name]) => [name, defaults[name]])))
  })
})

/** What the settings count in: bytes, milliseconds of a request, and seconds of an idle connection. */
const FACTORS: Record<string, number> = { MB: 1024 ** 2, seconds: 1000, minutes: 60 }

interface Page {
  nodes: { broadworksId: string; status: UserStatus }[]
}
