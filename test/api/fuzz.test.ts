import { testHostileRequests } from '../support/fuzz/hostile-requests'

testHostileRequests({ runs: 250, seed: 1 })
