import { readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openPlatform } from '../../../src/app'
import { loadConfig } from '../../../src/config/config'
import { ApiToken } from '../../../src/features/api-token/api-token.entity'
import { type Demo, prepareDemo } from '../../../src/features/demo-data/demo'
import { Partner } from '../../../src/features/partner/partner.entity'
import type { Platform } from '../../../src/context/context'
import { createTestDatabase, type TestDatabase } from '../../support/world/app'
import { testLogger } from '../../support/jest/test-log'

let here: TestDatabase
let there: TestDatabase
let file: string
let open: Platform[]

beforeEach(async () => {
  ;[here, there] = [await createTestDatabase(), await createTestDatabase()]
  file = path.join(here.directory, 'demo-token')
  open = []
})
afterEach(async () => {
  await Promise.all(open.map(({ database }) => database.close()))
  await Promise.all([here.remove(), there.remove()])
})

/** A database used with the folder of the first, as by a process of its own. */
async function openAt({ url }: TestDatabase): Promise<Platform> {
  const config = { ...loadConfig({ DATABASE_URL: url }, here.directory), dataDirectory: here.directory }
  const platform = await openPlatform(config, { logger: testLogger() })
  open.push(platform)
  return platform
}

async function countsIn({ database }: Platform) {
  return { partners: await database.reader.count(Partner), tokens: await database.reader.count(ApiToken) }
}

describe('The demo', () => {
  it('keeps a token for each database that one folder is used with', async () => {
    const [one, two] = [await openAt(here), await openAt(there)]
    const first = (await prepareDemo(one)) as Demo
    expect(readFileSync(file, 'utf8')).toBe(`${first.token}\n`)
    const second = (await prepareDemo(two)) as Demo
    expect(second.token).not.toBe(first.token)
    expect(readFileSync(file, 'utf8')).toBe(`${second.token}\n${first.token}\n`)

    expect(await prepareDemo(one)).toEqual(first)
    expect(await prepareDemo(two)).toEqual(second)
    for (const platform of [one, two]) expect(await countsIn(platform)).toEqual({ partners: 1, tokens: 1 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('is made once by servers that start together', async () => {
    // A SQLite file has one server; see `lockForServing`.
    const one = await openAt(here)
    const platforms = one.database.kind === 'sqlite' ? [one, one, one] : [one, await openAt(here), await openAt(here)]
    const demos = await Promise.all(platforms.map(prepareDemo))
    expect(new Set(demos.map(demo => demo?.token)).size).toBe(1)
    expect(await countsIn(one)).toEqual({ partners: 1, tokens: 1 })
  })

  it('forgets tokens of databases that are long gone', async () => {
    writeFileSync(file, Array.from({ length: 30 }, (_, index) => `flt_${index}\n`).join(''))
    const demo = (await prepareDemo(await openAt(here))) as Demo
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(10)
    expect(lines[0]).toBe(demo.token)
  })
})
