const fc = require('fast-check')

// One counterexample kills a mutant: a smaller one is of no use.
fc.configureGlobal({ endOnFailure: true, numRuns: 50 })
