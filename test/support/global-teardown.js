/** Stops the PostgreSQL of the run; it removes its own files. */
module.exports = async () => {
  const server = globalThis.__postgresServer
  if (!server) return
  const ended = new Promise(resolve => server.once('exit', resolve))
  server.stdin.end()
  await ended
}
