const { transform } = require('../../jest.config.js')

const TESTS = [
  ...['attempt-decisions', 'cursor', 'lifecycle', 'permissions', 'redaction', 'retry-policy', 'setback', 'subscriber-mapping'],
  ...['webex-decoding'],
]

/** The unit tests of the modules that StrykerJS mutates; they need no server and no database. */
module.exports = {
  rootDir: '../..',
  // StrykerJS adds the folder of the module that it mutates.
  roots: ['<rootDir>/test/unit'],
  // To run `find` for each mutant costs more than the test does.
  haste: { forceNodeFilesystemAPI: true },
  testEnvironment: 'node',
  testEnvironmentOptions: { globalsCleanup: 'off' },
  runtime: '<rootDir>/test/mutation/runtime.js',
  setupFiles: ['<rootDir>/test/mutation/setup.js'],
  transform,
  testMatch: [`**/test/unit/(${TESTS.join('|')}).test.ts`],
}
