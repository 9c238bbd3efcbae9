import { testHostileRequests } from '../support/fuzz/hostile-requests'

testHostileRequests({ runs: process.env['TEST_DATABASE'] === 'postgres' ? 1000 : 10_000, seed: 2 })
