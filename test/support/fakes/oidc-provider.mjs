/**
 * Starts an OpenID Connect provider of its own from npm. It takes its port (0 for a free one), its private key and its clients as one line of JSON,
 * prints its issuer as another, then a line for each time that its public keys are fetched, and stops when its standard input ends.
 */
import { createServer } from 'node:http'
import readline from 'node:readline'
import Provider from 'oidc-provider'

const input = readline.createInterface({ input: process.stdin })
const { port, key, clients } = JSON.parse((await input[Symbol.asyncIterator]().next()).value)
const server = createServer()
await new Promise(resolve => server.listen(port, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${server.address().port}`

const provider = new Provider(issuer, {
  jwks: { keys: [key] },
  clients: clients.map(id => ({
    client_id: id,
    client_secret: 'secret',
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
    redirect_uris: [],
    response_types: [],
  })),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (ctx, audience) => ({
        scope: '',
        audience,
        accessTokenFormat: 'jwt',
        accessTokenTTL: Number(ctx.oidc.body.seconds),
        jwt: { sign: { alg: key.alg } },
      }),
    },
  },
  // What a real one would take from its directory, whoever asks for a token says here.
  extraTokenClaims: ctx => JSON.parse(ctx.oidc.body.claims),
})

const answer = provider.callback()
server.on('request', (request, response) => {
  if (request.url === '/jwks') process.stdout.write('keys\n')
  answer(request, response)
})
process.stdout.write(`${issuer}\n`)
input.on('close', () => process.exit(0))
