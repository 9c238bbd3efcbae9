const { createRequire } = require('node:module')
const { default: Runtime } = require('jest-runtime')

/**
 * Loads the sources and tests through Jest, where StrykerJS switches a mutant on, and packages through Node's own `require`: once per
 * process instead of once per mutant.
 */
module.exports = class MutationRuntime extends Runtime {
  requireModuleOrMock(from, name) {
    const isPackage = !name.startsWith('.') && name !== '@jest/globals'
    return isPackage ? createRequire(from)(name) : super.requireModuleOrMock(from, name)
  }
}
