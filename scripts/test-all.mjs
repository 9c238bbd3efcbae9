/** `npm run test:all`: everything that can be tested on this machine; whatever is too heavy for `npm test` hangs here. */
import { ensureInstalled } from './project.mjs'
import { runSteps } from './steps.mjs'

/** More hostile requests than in `npm test`, and others; what the environment says goes before. */
const hostile = runs => ({ FUZZ_RUNS: process.env.FUZZ_RUNS ?? String(runs), FUZZ_SEED: process.env.FUZZ_SEED ?? '2' })

const suite = (name, database, part, hostileRuns) => ({
  name,
  args: ['node_modules/jest/bin/jest.js'],
  environment: { TEST_DATABASE: database, TEST_PART: part, ...hostile(hostileRuns) },
})

await ensureInstalled()
// CI has run `npm test` before, which is the first of these.
const isAfterTest = process.argv.includes('--after-test')
await runSteps([
  ...(isAfterTest ? [] : [suite('the fast suite on SQLite', 'sqlite', 'fast', 1000)]),
  suite('the slow suite on SQLite', 'sqlite', 'slow', 10_000),
  suite('the suite on PostgreSQL', 'postgres', 'all', 1000),
])
