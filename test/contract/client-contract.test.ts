import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { startTestApp } from '../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../support/world/builders'
import {
  ChangePackageTypeDocument,
  DeleteUserDocument,
  FindCustomerDocument,
  ResendConsentEmailDocument,
  RetryActivationDocument,
  UpdateProvisionedUserDocument,
} from '../support/operations/operations.generated'
import { startUpstream } from '../support/fakes/upstream'
import { eventually } from '../support/world/waiting'
import { type Contract, loadContract } from './openapi'

const contract = loadContract()
/** The document is not ours to ship, so this test runs where it lies beside the checkout and is shown as skipped elsewhere. */
const contractIt = contract ? it : it.skip

interface Recorded {
  method: string
  target: string
  body: unknown
  headers: NodeJS.Dict<string | string[]>
}

/** Passes everything on, and keeps what was asked; loses the answer of the requests that it is told to lose. */
async function startRecorder(baseUrl: string) {
  const requests: Recorded[] = []
  const lost = new Set<string>()
  const { origin } = new URL(baseUrl)
  const server = createServer((request, response) => {
    void (async () => {
      const { method = '', url: target = '', headers } = request
      const sent = await text(request)
      requests.push({ method, target, body: sent === '' ? undefined : (JSON.parse(sent) as unknown), headers })
      const { authorization = '', 'content-type': type = 'application/json' } = headers
      const answer = await fetch(origin + target, { method, headers: { authorization, 'content-type': type }, body: sent || null })
      const isLost = [...lost].some(part => sent.includes(part) && lost.delete(part))
      if (isLost) return request.socket.destroy()
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(await answer.text())
    })()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    loseAnswerTo: (part: string) => void lost.add(part),
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

contractIt('every request that the server makes is one that the published contract documents', async () => {
  const upstream = await startUpstream()
  const recorder = await startRecorder(upstream.environment['WEBEX_BASE_URL'] ?? '')
  const app = await startTestApp({ environment: { ...upstream.environment, WEBEX_BASE_URL: recorder.url } })
  try {
    const { admin, operator } = await app.addPartner()
    const template = await makeTemplate(admin, { provisioningId: upstream.provisioningId, language: 'pt-BR' })
    const email = (rule: string) => `${rule}-${nextNumber()}@example.com`

    // A user with every field, whose creation is looked up, who is changed in every field, and deleted.
    const broadworksId = `anna+${nextNumber()}/é@sp.com`
    recorder.loseAnswerTo(broadworksId)
    const all = {
      broadworksId,
      email: email('anna'),
      mobilePhoneNumber: '+39-347-5550188',
      extension: '12',
      packageType: 'SOFTPHONE' as const,
    }
    const anna = await makeUser(operator, template, all)
    await untilStatus(operator, anna.id, 'PROVISIONED')
    await eventually(async () => (await operator.get(FindCustomerDocument, { id: anna.customer.id })).customer?.webexOrgId)
    await operator.get(ChangePackageTypeDocument, { input: { userId: anna.id, packageType: 'PREMIUM' } })
    await untilStatus(operator, anna.id, 'PROVISIONED')
    const change = { firstName: 'A', lastName: 'R', primaryPhoneNumber: '', mobilePhoneNumber: '', extension: '13' }
    await operator.get(UpdateProvisionedUserDocument, { input: { userId: anna.id, ...change } })
    await untilStatus(operator, anna.id, 'PROVISIONED')
    await operator.get(DeleteUserDocument, { input: { userId: anna.id } })
    await eventually(async () => (await upstream.find(broadworksId)).length === 0)

    // A user who waits for consent, gets the mail again, and is replaced by one with another address.
    const bruno = await makeUser(operator, template, { email: email('consumer') })
    await untilStatus(operator, bruno.id, 'PENDING_USER_MIGRATION')
    await operator.get(ResendConsentEmailDocument, { input: { userId: bruno.id } })
    await operator.get(RetryActivationDocument, { input: { userId: bruno.id, email: email('bruno') } })
    await untilStatus(operator, bruno.id, 'PROVISIONED')
  } finally {
    await app.stop()
    await recorder.stop()
    await upstream.stop()
  }

  const { checkRequest } = contract as Contract
  for (const { method, target, body, headers } of recorder.requests) {
    expect([method, target, checkRequest(method, target, body)]).toEqual([method, target, []])
    expect(headers).toMatchObject({
      accept: 'application/json',
      authorization: expect.stringMatching(/^Bearer \S+$/) as string,
      trackingid: expect.stringMatching(/^FLOWTHROUGH_/) as string,
    })
  }
  const seen = recorder.requests.map(
    ({ method, target }) => `${method} ${target.replace(/\?.*/, '').replace(/(?<=\/subscribers\/)(?!validate)[^/]+/, '{id}')}`,
  )
  expect([...new Set(seen)].sort()).toEqual([
    'DELETE /v1/broadworks/subscribers/{id}',
    'GET /v1/broadworks/enterprises',
    'GET /v1/broadworks/subscribers',
    'GET /v1/broadworks/subscribers/{id}',
    'POST /v1/broadworks/subscribers',
    'POST /v1/broadworks/subscribers/validate',
    'POST /v1/subscribers/{id}/emails/consentMove',
    'PUT /v1/broadworks/subscribers/{id}',
  ])
})
