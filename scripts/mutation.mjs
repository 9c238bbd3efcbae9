/**
 * `npm run mutation`: StrykerJS changes the pure modules, one small fault at a time, and runs their unit tests against each. Its packages are
 * in test/mutation, apart from those of the project. Arguments go to StrykerJS: `npm run mutation -- --mutate src/graphql/cursor.ts`.
 */
import { spawnSync } from 'node:child_process'
import os from 'node:os'
import { ensureInstalled, giveUp, ROOT } from './project.mjs'

await ensureInstalled()
// The npm that runs this script; by itself it would be npm.cmd on Windows.
const npm = process.env.npm_execpath ?? giveUp('Run it by npm: npm run mutation.')
run([npm, 'ci', '--prefix', 'test/mutation', '--prefer-offline', '--no-audit', '--no-fund'])
// It takes a core for an hour; whatever else runs goes first.
os.setPriority(os.constants.priority.PRIORITY_LOW)
run([
  'test/mutation/node_modules/@stryker-mutator/core/bin/stryker.js',
  ...['run', 'test/mutation/stryker.config.mjs', ...process.argv.slice(2)],
])

function run(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
