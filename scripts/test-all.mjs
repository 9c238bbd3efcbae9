/** `npm run test:all`: everything that can be tested on this machine; whatever is too heavy for `npm test` hangs here. */
import { ensureInstalled } from './project.mjs'
import { runSteps } from './steps.mjs'

/** More hostile requests than in `npm test`, and others; what the environment says goes before. */
const hostile = runs => ({ FUZZ_RUNS: process.env.FUZZ_RUNS ?? String(runs), FUZZ_SEED: process.env.FUZZ_SEED ?? '2' })

await ensureInstalled()
await runSteps([
  {
    name: 'the suite on SQLite',
    args: ['node_modules/jest/bin/jest.js'],
    environment: { TEST_DATABASE: 'sqlite', TEST_SLOW: 'on', ...hostile(10_000) },
  },
  {
    name: 'the suite on PostgreSQL',
    args: ['node_modules/jest/bin/jest.js'],
    environment: { TEST_DATABASE: 'postgres', TEST_SLOW: 'on', ...hostile(1000) },
  },
])
