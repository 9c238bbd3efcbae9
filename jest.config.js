const os = require('node:os')

const swc = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: false },
    },
    module: { type: 'commonjs' },
  },
]

const isPostgres = process.env.TEST_DATABASE === 'postgres'

/** What no database is asked for. */
const OF_HTTP_ALONE = [
  'error-paths',
  'other-sites',
  'security-headers',
  'production',
  'graphql-http-audit',
  'xsi-client',
  'mail-transport',
  'outbox',
  'composition',
]

/** What others build on the API, and the pages, see nothing of a database. */
const OF_THE_API_ALONE = [
  '/test/web/example-react-list',
  '/test/web/portal',
  '/test/e2e/(guides|example-federation|example-billing|federating-guide|generating-a-client)',
]

/** What takes long and rarely breaks alone waits for `npm run test:all`; what has no database is tested once, with SQLite. */
const LEFT_OUT = [
  ...(process.env.TEST_SLOW === 'on' ? [] : ['\\.slow\\.test\\.ts$']),
  ...(isPostgres
    ? ['/test/unit/', '/test/web/(activation-page|playground)', ...OF_THE_API_ALONE, `/test/features/(${OF_HTTP_ALONE.join('|')})\\.`]
    : []),
]

/**
 * One suite for every database: TEST_DATABASE=postgres runs it on a PostgreSQL that is started for the run.
 * @type {import('jest').Config}
 */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...LEFT_OUT],
  transform: { '\\.ts$': swc },
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
  // Far more than any test needs: on a busy machine a slow test is no failed one.
  testTimeout: 60_000,
  // Tests wait for the simulator and for each other's processes: two of them leave a quarter of two cores unused. PostgreSQL has connections for six.
  maxWorkers: Math.min(6, Math.max(3, os.availableParallelism())),
}
