/** `npm run coverage`: statements and branches of `src` that the tests on SQLite reach, the slow ones included, as V8 counts them; arguments go to Jest. */
import { ensureInstalled, runNode } from './project.mjs'

await ensureInstalled()
const c8 = [
  'node_modules/c8/bin/c8.js',
  '--all',
  '--src',
  'src',
  '--include',
  'src/**/*.ts',
  '--reporter',
  'text-summary',
  '--reporter',
  'html',
]
const exitCode = await runNode([...c8, process.execPath, 'node_modules/jest/bin/jest.js', ...process.argv.slice(2)], { TEST_PART: 'all' })
process.exit(exitCode)
