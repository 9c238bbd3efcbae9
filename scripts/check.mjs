/** `npm run check`: everything that is wrong without a server running, all of it at once. */
import { ensureInstalled } from './project.mjs'
import { runSteps } from './steps.mjs'

await ensureInstalled()
await runSteps([
  { name: 'types of the server, the tests and the scripts', args: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
  { name: 'types of the pages', args: ['node_modules/typescript/bin/tsc', '-p', 'web/tsconfig.json'] },
  { name: 'types of the example of a page', args: ['node_modules/typescript/bin/tsc', '-p', 'examples/react-list/tsconfig.json'] },
  { name: 'lint', args: ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.'] },
  { name: 'unused files, exports and packages', args: ['node_modules/knip/bin/knip.js'] },
  { name: 'format', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'] },
  { name: 'generated files', args: ['scripts/generate.mjs', '--check'] },
  { name: 'schema against the last release', args: ['-r', '@swc-node/register', 'scripts/check-schema.ts'] },
  { name: 'migrations', args: ['node_modules/jest/bin/jest.js', 'test/database/migrations.test.ts'] },
])
