import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import Sqlite from 'better-sqlite3'
import { TookTooLong } from '../../src/shared/errors'
import { leastBusy, startReaderThread } from '../../src/database/sqlite/reader-thread'
import { createLogger } from '../../src/shared/logger'

type Thread = ReturnType<typeof startReaderThread>

let directory: string
let file: string

beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-reader-'))
  file = path.join(directory, 'test.db')
  new Sqlite(file).exec('CREATE TABLE thing (name TEXT); INSERT INTO thing VALUES (1)').close()
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const NAMES = 'SELECT name FROM thing'
const UNHURRIED = { timeLimitMs: Infinity, endsAt: Infinity }
/** Would go on for ever, were the clock not looked at. */
const ENDLESS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE in_time() = 1'

describe('The reader thread', () => {
  it('fails what it has not read when it ends, and is there again for the next read', async () => {
    const lines: string[] = []
    const logger = createLogger('error', { write: line => void lines.push(line) })
    const sent = jest.spyOn(Worker.prototype, 'postMessage')
    const thread = startReaderThread(file, logger)
    expect(await thread.read(NAMES, [], UNHURRIED)).toEqual([{ name: '1' }])
    const worker = sent.mock.contexts[0] as unknown as Worker
    const ended = worker.terminate()
    // It does nothing any more, and has not said so yet.
    const failures = Promise.all([1, 2].map(() => expect(thread.read(NAMES, [], UNHURRIED)).rejects.toThrow(/ended/)))
    await Promise.all([ended, failures])
    expect(lines).toHaveLength(1)

    expect(await Promise.all([1, 2].map(() => thread.read(NAMES, [], UNHURRIED)))).toEqual([[{ name: '1' }], [{ name: '1' }]])
    expect(new Set(sent.mock.contexts).size).toBe(2)
    sent.mockRestore()
    await thread.stop()
    expect(lines).toHaveLength(1)
  })

  it('goes on after a statement that is wrong, and after a parameter that nobody can send', async () => {
    const thread = startReaderThread(file, createLogger('silent'))
    await expect(thread.read('SELECT nothing', [], UNHURRIED)).rejects.toThrow(/nothing/)
    await expect(thread.read('SELECT ?', [() => 1], UNHURRIED)).rejects.toThrow(/could not be cloned/)
    expect(await thread.read('SELECT ? AS name', ['x'], UNHURRIED)).toEqual([{ name: 'x' }])
    await thread.stop()
  })

  it('refuses to read once it is stopped', async () => {
    const thread = startReaderThread(file, createLogger('silent'))
    expect(await thread.read(NAMES, [], UNHURRIED)).toHaveLength(1)
    await thread.stop()
    await expect(thread.read(NAMES, [], UNHURRIED)).rejects.toThrow('The database is closed.')
  })

  it('ends a statement when its time is over, and does not begin one for which nobody waits any more', async () => {
    const thread = startReaderThread(file, createLogger('silent'))
    for (const limits of [
      { timeLimitMs: 50, endsAt: Infinity },
      { timeLimitMs: Infinity, endsAt: Date.now() + 50 },
    ]) {
      await expect(thread.read(ENDLESS, [], limits)).rejects.toThrow(TookTooLong)
    }
    // It would succeed, having no row that could be asked.
    await expect(thread.read(NAMES, [], { timeLimitMs: Infinity, endsAt: Date.now() - 1 })).rejects.toThrow(TookTooLong)
    expect(await thread.read(NAMES, [], UNHURRIED)).toHaveLength(1)
    await thread.stop()
  })

  it('is chosen by how many reads it has', async () => {
    const [one, other] = [1, 2].map(() => startReaderThread(file, createLogger('silent'))) as [Thread, Thread]
    const reads = Promise.allSettled([one, one, other].map(thread => thread.read(ENDLESS, [], { timeLimitMs: 300, endsAt: Infinity })))
    await new Promise(setImmediate)
    expect([one.waiting, other.waiting, leastBusy([one, other]) === other]).toEqual([2, 1, true])
    expect((await reads).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect([one.waiting, other.waiting]).toEqual([0, 0])
    await Promise.all([one.stop(), other.stop()])
  })
})
