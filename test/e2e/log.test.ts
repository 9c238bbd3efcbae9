import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { BUILD_TIMEOUT_MS, ensureBuilt } from '../support/processes/processes'

beforeAll(ensureBuilt, BUILD_TIMEOUT_MS)

const LOGGER = path.resolve(__dirname, '../../dist/shared/logger.js')

/** Logs more than a pipe holds, says that it did, and ends when it is asked to. */
const TALKATIVE = `
  const { createLogger, endLog, standardError } = require(${JSON.stringify(LOGGER)})
  const log = standardError()
  const logger = createLogger('info', log)
  for (let line = 0; line < 1200; line += 1) logger.info({ line }, 'x'.repeat(200))
  process.on('SIGTERM', () => {
    logger.info('The last line.')
    void endLog(log).then(() => process.exit(0))
  })
  setInterval(() => undefined, 1000)
  process.stdout.write('ready')
`

function startTalkative() {
  const child = spawn(process.execPath, ['-e', TALKATIVE], { stdio: ['ignore', 'pipe', 'pipe'] })
  const end = async () => {
    child.kill('SIGTERM')
    return once(child, 'exit')
  }
  return { child, ready: once(child.stdout, 'data'), end }
}

describe('the log of a process that ends', () => {
  it('is written to its last line', async () => {
    const { child, ready, end } = startTalkative()
    const written = text(child.stderr)
    await ready
    expect(await end()).toEqual([0, null])
    const lines = (await written).trim().split('\n')
    expect(lines).toHaveLength(1201)
    expect(JSON.parse(lines[1200] as string)).toMatchObject({ msg: 'The last line.' })
  })

  it('does not keep it from ending when its reader is stuck', async () => {
    const { ready, end } = startTalkative()
    await ready
    expect(await end()).toEqual([0, null])
  })

  it('does not keep it from ending when its reader is gone', async () => {
    const { child, ready, end } = startTalkative()
    await ready
    child.stderr.destroy()
    expect(await end()).toEqual([0, null])
  })
})
