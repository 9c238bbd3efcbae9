const { spawn } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const readline = require('node:readline')

/**
 * Makes the folder for the logs of the run. With TEST_DATABASE=postgres, starts a real PostgreSQL for the whole run; each test file makes
 * a database of its own in it.
 */
module.exports = async () => {
  process.env.TEST_LOGS = fs.mkdtempSync(path.join(os.tmpdir(), 'flowthrough-logs-'))
  if (process.env.TEST_DATABASE !== 'postgres') return
  const server = spawn(process.execPath, [path.join(__dirname, 'postgres-server.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const line = await new Promise((resolve, reject) => {
    readline.createInterface({ input: server.stdout }).once('line', resolve)
    server.once('exit', code => reject(new Error(`PostgreSQL did not start (exit code ${code}).`)))
  })
  process.env.TEST_POSTGRES_URL = JSON.parse(line).url
  process.env.TEST_POSTGRES_PROCESS = String(server.pid)
  globalThis.__postgresServer = server
}
