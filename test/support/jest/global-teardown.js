const { checkLogs } = require('./log-check')

/** Stops the PostgreSQL of the run, which removes its own files; then no log may have a secret, or the run has failed. */
module.exports = async (run, { testMatch }) => {
  const server = globalThis.__postgresServer
  if (server) {
    const ended = new Promise(resolve => server.once('exit', resolve))
    server.stdin.end()
    await ended
  }
  const isPart = run.testPathPatterns.isSet() || Boolean(run.testNamePattern || run.onlyChanged || run.onlyFailures || run.shard)
  // What the chaos tests log comes from servers of their own, at the level of errors.
  checkLogs(process.env.TEST_LOGS, !isPart && testMatch.includes('**/*.test.ts'))
}
