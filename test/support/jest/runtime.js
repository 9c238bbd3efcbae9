const { createRequire } = require('node:module')
const path = require('node:path')
const { default: Runtime } = require('jest-runtime')
// From here on Node's own `require` understands TypeScript.
require('@swc-node/register')

const TESTS = path.resolve(__dirname, '../..') + path.sep

/**
 * Loads test files and test/support through Jest, and everything else (the server, packages) through Node's own `require`: once per worker
 * instead of once per test file. Loading the server takes two seconds of CPU, and code that stays loaded stays compiled.
 */
module.exports = class WorkerRuntime extends Runtime {
  constructor(config, environment, ...others) {
    super(config, environment, ...others)
    // The server and its packages know errors and dates by `instanceof`, so those of a test have to be of their realm.
    environment.global.Error = Error
    environment.global.Date = Date
  }

  requireModuleOrMock(from, name) {
    const isRelative = name.startsWith('.')
    const isOfTests = isRelative && path.resolve(path.dirname(from), name).startsWith(TESTS)
    return isOfTests || name === '@jest/globals' ? super.requireModuleOrMock(from, name) : createRequire(from)(name)
  }
}
