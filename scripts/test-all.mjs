/** `npm run test:all`: everything that can be tested on this machine; whatever is too heavy for `npm test` hangs here. */
import { ensureInstalled } from './project.mjs'
import { runSteps } from './steps.mjs'

await ensureInstalled()
await runSteps([
  { name: 'the suite on SQLite', args: ['node_modules/jest/bin/jest.js'], environment: { TEST_DATABASE: 'sqlite', TEST_SLOW: 'on' } },
  { name: 'the suite on PostgreSQL', args: ['node_modules/jest/bin/jest.js'], environment: { TEST_DATABASE: 'postgres', TEST_SLOW: 'on' } },
])
