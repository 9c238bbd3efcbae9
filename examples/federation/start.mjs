/** `npm start`: Flowthrough, billing and the gateway, each a process of its own, until Ctrl-C or until one of them ends. */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const HERE = import.meta.dirname
const FLOWTHROUGH = path.join(HERE, '../../scripts/start.mjs')
/** In Flowthrough's repository, the packages of the examples are development packages, which its own start leaves out. */
const INSTALL = path.join(HERE, '../../scripts/install.mjs')
const { GATEWAY_PORT = '4100', BILLING_PORT = '0', FLOWTHROUGH_PORT = '0', FLOWTHROUGH_URL, FLOWTHROUGH_TOKEN } = process.env
/** Where Flowthrough and billing keep what is theirs; to begin anew, delete it. */
const DATA = path.resolve(HERE, process.env.DATA_DIRECTORY ?? 'data')
const BILLING_TOKEN = path.join(DATA, 'billing-token')

/** The other two look themselves whether this process is still there. */
const ENDS_WITH_US = 'data:text/javascript,process.once("disconnect",()=>process.kill(process.pid,"SIGTERM"))'

const children = []
let stopping = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0))

try {
  await startAll()
} catch (error) {
  await stop(1, error.message)
}

async function startAll() {
  const { url, token, billingToken, gatewayToken } = FLOWTHROUGH_URL ? runningFlowthrough() : await startFlowthrough()
  const common = { FLOWTHROUGH_URL: url, ...(gatewayToken ? { GATEWAY_TOKEN: gatewayToken } : {}) }
  const billing = { ...common, FLOWTHROUGH_TOKEN: billingToken, PORT: BILLING_PORT, LEDGER: path.join(DATA, 'ledger.db') }
  const [billingUrl] = await start('Billing', 'billing/server.mjs', billing, /^Billing (\S+)$/m)
  const gateway = { ...common, BILLING_URL: billingUrl, PORT: GATEWAY_PORT }
  const [gatewayUrl] = await start('The gateway', 'gateway.mjs', gateway, /^Gateway (\S+)$/m)
  process.stdout.write(`Gateway      ${gatewayUrl}
Flowthrough  ${url}
Billing      ${billingUrl}
Token        ${token}

A question that both answer:

${questionFor(gatewayUrl, token)}

Ctrl-C stops all of them.
`)
}

/** Flowthrough on data of its own, with the demo's users. */
async function startFlowthrough() {
  if (!existsSync(FLOWTHROUGH)) throw new Error('There is no Flowthrough here: say FLOWTHROUGH_URL and FLOWTHROUGH_TOKEN of a running one.')
  const { status } = spawnSync(process.execPath, [INSTALL], { stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('The packages of the examples could not be installed.')
  const gatewayToken = randomBytes(24).toString('hex')
  const settings = {
    PORT: FLOWTHROUGH_PORT,
    DATABASE_URL: `sqlite:${path.join(DATA, 'flowthrough.db')}`,
    DEMO_DATA: 'on',
    GATEWAY_TOKENS: gatewayToken,
  }
  const quiet = { LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' }
  const printed = /^API +(\S+)$[^]*^Token +(flt_\S+)$/m
  const [url, token] = await start('Flowthrough', FLOWTHROUGH, { ...settings, ...quiet }, printed, ['--import', ENDS_WITH_US])
  return { url, token, billingToken: await makeBillingToken(url, token), gatewayToken }
}

function runningFlowthrough() {
  if (!FLOWTHROUGH_TOKEN) throw new Error('FLOWTHROUGH_URL needs FLOWTHROUGH_TOKEN beside it, of a VIEWER at least.')
  return { url: FLOWTHROUGH_URL, token: FLOWTHROUGH_TOKEN, billingToken: FLOWTHROUGH_TOKEN, gatewayToken: process.env.GATEWAY_TOKEN }
}

/** Billing has a token of its own, which may read and nothing else; it is made once. */
async function makeBillingToken(url, adminToken) {
  // Not at the top of this file: on a fresh clone, the packages that it imports are installed first.
  const { askFlowthrough } = await import('./billing/flowthrough.mjs')
  const as = token => ({ authorization: `Bearer ${token}` })
  const kept = existsSync(BILLING_TOKEN) ? readFileSync(BILLING_TOKEN, 'utf8') : null
  const isValid = kept && (await askFlowthrough(url, as(kept), '{ viewer { role } }').catch(() => null))
  if (isValid) return kept
  const mutation = 'mutation { createApiToken(input: { name: "Billing", role: VIEWER }) { secret } }'
  const { secret } = (await askFlowthrough(url, as(adminToken), mutation)).createApiToken
  writeFileSync(BILLING_TOKEN, secret, { mode: 0o600 })
  return secret
}

function questionFor(gatewayUrl, token) {
  const month = `month: \\"${new Date().toISOString().slice(0, 7)}\\"`
  const users = `provisionedUsers(first: 2) { nodes { broadworksId status charges(${month}) { packageType from until amountCents } } }`
  const customers = `customers(first: 2) { nodes { name packagesInUse(${month}) { packageType users amountCents currency } ${users} } }`
  return `curl -sS ${gatewayUrl} \\
  -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' \\
  --data '{"query": "{ ${customers} }"}'`
}

/** Starts a process and waits until it has printed what it prints when it serves. @returns the groups of the pattern */
function start(name, script, environment, printed, nodeOptions = []) {
  // Nothing new once the others were told to end.
  if (stopping) return new Promise(() => undefined)
  const child = spawn(process.execPath, [...nodeOptions, script], {
    cwd: HERE,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const ended = new Promise(resolve => child.once('close', resolve))
  children.push({ child, ended })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    ended.then(() => stop(1, `${name} has ended, so the others end, too.`))
    let output = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      output += text
      const [, ...groups] = printed.exec(output) ?? []
      if (groups.length > 0) resolve(groups)
    })
  })
}

async function stop(exitCode, message) {
  if (stopping) return
  stopping = true
  if (message) process.stderr.write(`${message}\n`)
  for (const { child } of children) child.kill()
  await Promise.all(children.map(({ ended }) => ended))
  process.exit(exitCode)
}
