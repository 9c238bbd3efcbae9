import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import Sqlite from 'better-sqlite3'
import { startReaderThread } from '../../src/database/sqlite-reader-thread'
import { createLogger } from '../../src/shared/logger'

let directory: string
let file: string

beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-reader-'))
  file = path.join(directory, 'test.db')
  new Sqlite(file).exec('CREATE TABLE thing (name TEXT); INSERT INTO thing VALUES (1)').close()
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const NAMES = 'SELECT name FROM thing'

describe('The reader thread', () => {
  it('fails what it has not read when it ends, and is there again for the next read', async () => {
    const lines: string[] = []
    const logger = createLogger('error', { write: line => void lines.push(line) })
    const sent = jest.spyOn(Worker.prototype, 'postMessage')
    const thread = startReaderThread(file, logger)
    expect(await thread.read(NAMES, [])).toEqual([{ name: '1' }])
    const worker = sent.mock.contexts[0] as unknown as Worker
    const ended = worker.terminate()
    // It does nothing any more, and has not said so yet.
    const failures = Promise.all([1, 2].map(() => expect(thread.read(NAMES, [])).rejects.toThrow(/ended/)))
    await Promise.all([ended, failures])
    expect(lines).toHaveLength(1)

    expect(await Promise.all([1, 2].map(() => thread.read(NAMES, [])))).toEqual([[{ name: '1' }], [{ name: '1' }]])
    expect(new Set(sent.mock.contexts).size).toBe(2)
    sent.mockRestore()
    await thread.stop()
    expect(lines).toHaveLength(1)
  })

  it('goes on after a statement that is wrong, and after a parameter that nobody can send', async () => {
    const thread = startReaderThread(file, createLogger('silent'))
    await expect(thread.read('SELECT nothing', [])).rejects.toThrow(/nothing/)
    await expect(thread.read('SELECT ?', [() => 1])).rejects.toThrow(/could not be cloned/)
    expect(await thread.read('SELECT ? AS name', ['x'])).toEqual([{ name: 'x' }])
    await thread.stop()
  })

  it('refuses to read once it is stopped', async () => {
    const thread = startReaderThread(file, createLogger('silent'))
    expect(await thread.read(NAMES, [])).toHaveLength(1)
    await thread.stop()
    await expect(thread.read(NAMES, [])).rejects.toThrow('The database is closed.')
  })
})
