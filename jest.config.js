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

/** Tests that no database takes part in run once, with SQLite. */
const WITHOUT_DATABASE = [
  '/test/unit/',
  '/test/web/(activation-page|playground|example-react-list|portal)',
  '/test/e2e/(guide|example-federation|example-billing|federating-guide|generating-a-client|start)',
  '/test/http/(error-paths|other-sites|security-headers|production|graphql-http-audit)',
  '/test/database/(reader-thread|server-lock)',
  '/test/features/portal/(outbox|portal-sentences|validation-mail|xsi-client)',
  '/test/features/provisioning-request/csv',
  '/test/features/node/composition',
  '/test/features/provisioned-user/status-writes',
]

const SLOW = '\\.slow\\.test\\.ts$'

/** `npm test` leaves the slow tests to `npm run test:all`, which sets TEST_PART: `fast`, `slow` or `all`. */
const LEFT_OUT = {
  fast: [SLOW],
  slow: ['(?<!\\.slow)\\.test\\.ts$'],
  all: [],
}

/**
 * One suite for every database: TEST_DATABASE=postgres runs it on a PostgreSQL that is started for the run.
 * @type {import('jest').Config}
 */
module.exports = {
  testEnvironment: 'node',
  testEnvironmentOptions: { globalsCleanup: 'off' },
  runtime: '<rootDir>/test/support/jest/runtime.js',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...LEFT_OUT[process.env.TEST_PART ?? 'fast'], ...(isPostgres ? WITHOUT_DATABASE : [])],
  transform: { '\\.ts$': swc },
  globalSetup: '<rootDir>/test/support/jest/global-setup.js',
  globalTeardown: '<rootDir>/test/support/jest/global-teardown.js',
  // Far more than any test needs: on a busy machine a slow test is no failed one.
  testTimeout: 60_000,
  // Tests wait for the simulator and for each other's processes: two of them leave a quarter of two cores unused. PostgreSQL has connections for six.
  maxWorkers: Math.min(6, Math.max(3, os.availableParallelism())),
}
