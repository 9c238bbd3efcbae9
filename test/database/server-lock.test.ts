import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { lockForServing } from '../../src/database/sqlite/server-lock'

let directory: string

beforeEach(() => (directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-lock-'))))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('The lock of a server on its SQLite file', () => {
  it('is held by one at a time', () => {
    const file = path.join(directory, 'new/place/test.db')
    const unlock = lockForServing(file)
    expect(lockForServing(file)).toBe(null)
    unlock?.()
    const again = lockForServing(file)
    expect(again).not.toBe(null)
    again?.()
  })

  it('does not take another fault for a second server', () => {
    const file = path.join(directory, 'test.db')
    writeFileSync(`${file}.lock`, 'This is no database, and long enough to be seen as none. '.repeat(20))
    expect(() => lockForServing(file)).toThrow(/not a database/)
    const folder = path.join(directory, 'folder.db')
    mkdirSync(`${folder}.lock`)
    expect(() => lockForServing(folder)).toThrow(/unable to open/)
  })
})
