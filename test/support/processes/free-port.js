const { randomInt } = require('node:crypto')
const { createServer } = require('node:net')

/** A port that nobody listens on, for a program that takes none. */
async function freePort() {
  for (;;) {
    // Below the ports that systems give to whoever asks for any: those may be taken before this one is listened at.
    const port = 20_000 + randomInt(10_000)
    const server = createServer()
    const isFree = await new Promise(resolve => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise(resolve => server.close(resolve))
    return port
  }
}

module.exports = { freePort }
