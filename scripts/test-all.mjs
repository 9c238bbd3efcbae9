/** `npm run test:all`: everything that can be tested on this machine; whatever is too heavy for `npm test` hangs here. */
import { ensureInstalled } from './project.mjs'
import { runSteps } from './steps.mjs'

const suite = (name, database, part) => ({
  name,
  args: ['node_modules/jest/bin/jest.js'],
  environment: { TEST_DATABASE: database, TEST_PART: part },
})

await ensureInstalled()
// CI has run `npm test` before, which is the first of these.
const isAfterTest = process.argv.includes('--after-test')
await runSteps([
  ...(isAfterTest ? [] : [suite('the fast suite on SQLite', 'sqlite', 'fast')]),
  suite('the slow suite on SQLite', 'sqlite', 'slow'),
  suite('the suite on PostgreSQL', 'postgres', 'all'),
])
