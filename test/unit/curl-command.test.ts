import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { parse, print } from 'graphql'
import { curlCommand } from '../../schema/curl-command'
import { paste } from '../support/guides/shell'

/** What a shell, JSON or GraphQL could stumble over. */
const AWKWARD = `it's "quoted" 'twice', $TOKEN \${HOME} \`date\` $(date) !! \\n \\ \\\\ %s\nnext line\ttab  two blanks, è … 漢字 🙂`

let server: Server
let url: string
let received: { headers: IncomingHttpHeaders; body: { query: string; variables?: unknown; operationName?: string } }

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then(body => {
      received = { headers: request.headers, body: JSON.parse(body) }
      response.end('answered')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
})
afterAll(() => void server.close())

describe('a curl command', () => {
  it('brings every character of operation, variables and token through the shell', async () => {
    const operation = `query Awkward($text: String) { echo(text: $text, other: ${JSON.stringify(AWKWARD)}) }`
    const command = curlCommand({ url, token: "a'b$c", operation, variables: { text: AWKWARD, list: [AWKWARD] }, operationName: 'Awkward' })
    expect(await paste(command)).toBe('answered')
    expect(received.headers).toMatchObject({ authorization: "Bearer a'b$c", 'content-type': 'application/json' })
    expect(received.body).toMatchObject({ variables: { text: AWKWARD, list: [AWKWARD] }, operationName: 'Awkward' })
    expect(print(parse(received.body.query))).toBe(print(parse(operation)))
  })

  it('takes the token from the shell where none is given', async () => {
    await paste(curlCommand({ url, operation: '{ viewer { name } }' }), { environment: { TOKEN: 'flt_of the shell' } })
    expect(received.headers.authorization).toBe('Bearer flt_of the shell')
    expect(received.body).toEqual({ query: '{ viewer { name } }' })
  })

  it('brings further headers, and leaves those that it has itself alone', async () => {
    const headers = { 'Accept-Language': 'it', 'X-Odd': "it's", authorization: 'Bearer other', 'CONTENT-TYPE': 'text/plain' }
    await paste(curlCommand({ url, token: 'flt_1', operation: '{ viewer { name } }', headers }))
    expect(received.headers).toMatchObject({
      'accept-language': 'it',
      'x-odd': "it's",
      authorization: 'Bearer flt_1',
      'content-type': 'application/json',
    })
  })

  it('says the operation in one line without comments, and leaves the inside of texts alone', async () => {
    const operation = '# First this.\nquery A {\n  a(b: "two  blanks # no comment") {\n    # And that.\n    c\n  }\n}\n'
    await paste(curlCommand({ url, token: 'flt_1', operation }))
    expect(received.body.query).toBe('query A { a(b: "two  blanks # no comment") { c } }')
    const withBlock = 'query A { a(b: """\none\n  two\n""") }'
    await paste(curlCommand({ url, token: 'flt_1', operation: withBlock }))
    expect(print(parse(received.body.query))).toBe(print(parse(withBlock)))
  })

  it('sends what is no operation as it stands', async () => {
    await paste(curlCommand({ url, token: 'flt_1', operation: "query {\n  it's wrong\n" }))
    expect(received.body.query).toBe("query {\n  it's wrong\n")
  })
})
