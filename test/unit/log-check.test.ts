import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { checkLogs } from '../support/jest/log-check'

let folder: string

beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-log-check-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('The look through the logs of a run', () => {
  it.each([
    ['an API token', 'the token flt_aB3-_xyz0123456789 is unknown'],
    ['a JSON Web Token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.sJ3-Vq'],
    ['a bearer token', '"authorization":"Bearer x1"'],
    ['an access token of Webex', 'simulated-0123456789abcdef'],
    ['an e-mail address', 'no row for anna@provider.example'],
    ['an e-mail address', '?userId=anna%40provider.example'],
    ['a phone number', 'the number +39-02-5550123 is taken'],
    ['a phone number', '"+390255501234"'],
    ['a name and a password in a URL', 'postgres://alice:hidden@localhost/flow'],
    ['a password or a passcode', 'tried correct horse'],
    ['a password by its field', '{"password":"4711"}'],
    ['a name of a person', '"lastName":"Rossi"'],
  ])('finds %s, says where, and does not repeat it: %s', (kind, line) => {
    writeFileSync(path.join(folder, '1.log'), `{"level":30}\n${line}\n`)
    let message = ''
    try {
      checkLogs(folder, false)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toContain(`1.log:2 has ${kind} at column `)
    expect(message).not.toContain(line)
    // Left for whoever is to mend it.
    expect(readdirSync(folder)).toEqual(['1.log'])
  })

  it('finds nothing where nothing is, and removes the logs', () => {
    const line = {
      level: 50,
      time: 1_700_000_000_000,
      email: '[redacted]',
      err: { stack: 'Error: x\n    at /app/node_modules/@apollo/server:1:23' },
    }
    writeFileSync(path.join(folder, '1.log'), `${JSON.stringify(line)}\n`.repeat(2000))
    checkLogs(folder, true)
    expect(() => readdirSync(folder)).toThrow(/ENOENT/)
  })

  it.each([
    ['no folder', () => rmSync(folder, { recursive: true }), /ENOENT/],
    ['no file', () => undefined, /has 0 lines/],
    ['an empty file', () => writeFileSync(path.join(folder, '1.log'), ''), /has 0 lines/],
  ])('is not content with logs that are missing after a run of all tests: %s', (_name, prepare, problem) => {
    prepare()
    expect(() => checkLogs(folder, true)).toThrow(problem)
  })
})
