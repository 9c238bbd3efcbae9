/** `npm run test:chaos`: what takes too long for `npm test` and `test:all`; arguments go to Jest: `npm run test:chaos -- faults`. */
import { ensureInstalled } from './project.mjs'
import { runSteps } from './steps.mjs'

await ensureInstalled()
const args = ['node_modules/jest/bin/jest.js', '-c', 'test/chaos/jest.config.js', ...process.argv.slice(2)]
await runSteps([
  { name: 'chaos on SQLite', args, environment: { TEST_DATABASE: 'sqlite' } },
  { name: 'chaos on PostgreSQL', args, environment: { TEST_DATABASE: 'postgres' } },
])
