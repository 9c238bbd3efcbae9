import { networkOf } from '../../../src/http/network'
import { createTestDatabase, startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber } from '../../support/world/builders'
import { type FakeXsp, type FakeXspUser, startFakeXsp } from '../../support/fakes/xsp'
import {
  DeleteUserDocument,
  FindTemplateDocument,
  FindUserDocument,
  RotateActivationLinkDocument,
  UpdateOnboardingTemplateDocument,
} from '../../support/operations/operations.generated'
import { visitPortal } from '../../support/world/portal'

const PASSCODE = 'a-passcode-of-the-tests'

let xsp: FakeXsp
let app: TestApp
let alice: TestPartner
let template: string
let link: string

beforeAll(async () => {
  xsp = await startFakeXsp()
  app = await startTestApp()
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
  link = await linkOf(template)
})
afterAll(async () => {
  await app.stop()
  await xsp.stop()
})

async function linkOf(id: string): Promise<string> {
  const { onboardingTemplate } = await alice.admin.get(FindTemplateDocument, { id })
  return onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? ''
}

function handedOver(onTemplate = template, item: Parameters<typeof makeUser>[2] = {}) {
  return makeUser(alice.operator, onTemplate, { activationPasscode: PASSCODE, spEnterpriseId: `SP1+customer${nextNumber()}`, ...item })
}

const WRONG = { code: 'INVALID', field: null, catalogCode: 100006 }
const LOCKED = { code: 'LIMIT_EXCEEDED', field: null, catalogCode: 200018 }

describe('an activation link', () => {
  const ARRIVAL = 'query ($link: String!) { activationLink(link: $link) { partnerName ready } }'
  const arrival = async (key: string) => {
    const { data } = await visitPortal(app.url).ask<{ activationLink: unknown }, { link: string }>(ARRIVAL, { link: key })
    return data.activationLink
  }

  it('says whose it is', async () => {
    expect(await arrival(link)).toEqual({ partnerName: 'Alice Telecom', ready: true })
  })

  it.each(['', 'wrong', 'a'.repeat(10_000), 'confirm', "' OR 1=1 --"])('that is wrong leads nowhere: %j', async key => {
    expect(await arrival(key)).toBeNull()
    const { activation, userErrors } = await visitPortal(app.url).signIn(key, 'anna', PASSCODE)
    expect({ activation, userErrors }).toMatchObject({ activation: null, userErrors: [{ code: 'NOT_FOUND', field: ['link'] }] })
  })

  it('that was rotated leads nowhere, and the new one does', async () => {
    const rotated = await makeTemplate(alice.admin)
    const { broadworksId } = await handedOver(rotated)
    const old = await linkOf(rotated)
    await alice.admin.get(RotateActivationLinkDocument, { input: { id: rotated } })
    expect(await arrival(old)).toBeNull()
    expect((await visitPortal(app.url).signIn(old, broadworksId, PASSCODE)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    expect((await visitPortal(app.url).signIn(await linkOf(rotated), broadworksId, PASSCODE)).userErrors).toEqual([])
  })

  it.each([{ untrustedEmails: false }, { shareLink: 'NONE' as const }])('of a template with %j lets nobody in', async userVerification => {
    const unready = await makeTemplate(alice.admin)
    const { broadworksId } = await handedOver(unready)
    const key = await linkOf(unready)
    await alice.admin.get(UpdateOnboardingTemplateDocument, { input: { id: unready, userVerification } })
    expect(await arrival(key)).toEqual({ partnerName: 'Alice Telecom', ready: false })
    const { userErrors } = await visitPortal(app.url).signIn(key, broadworksId, PASSCODE)
    expect(userErrors).toMatchObject([{ code: 'INVALID_STATE', field: ['link'] }])
  })
})

describe('signing in with a passcode', () => {
  it.concurrent('opens a session in a cookie that no script and no other site can use', async () => {
    const { broadworksId } = await handedOver()
    const visitor = visitPortal(app.url)
    await visitor.signIn(link, ` ${broadworksId} `, PASSCODE)
    expect(visitor.cookie).toMatch(/^__Host-activation=[\w.-]+; Max-Age=1800; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    expect(visitor.cookie).not.toContain(broadworksId)
    await visitor.ask('mutation { signOut { userErrors { code } } }')
    expect(visitor.cookie).toMatch(/^__Host-activation=; /)
    expect(await visitor.activation()).toBeNull()
  })

  it.concurrent('tells a wrong ID from a wrong passcode in no word', async () => {
    const { broadworksId } = await handedOver()
    const without = await handedOver(template, { activationPasscode: null })
    const elsewhere = await handedOver(await makeTemplate(alice.admin))
    const answers = await Promise.all(
      [
        [broadworksId, 'another-passcode'],
        [`nobody-${nextNumber()}@provider.example`, PASSCODE],
        [without.broadworksId, PASSCODE],
        [elsewhere.broadworksId, PASSCODE],
        [broadworksId, 'x'.repeat(10_000)],
        ['x'.repeat(10_000), PASSCODE],
      ].map(async ([id = '', passcode = '']) => {
        const visitor = visitPortal(app.url)
        const answer = await visitor.signIn(link, id, passcode)
        expect(visitor.cookie).toBeUndefined()
        return answer
      }),
    )
    expect(answers[0]).toMatchObject({ activation: null, userErrors: [WRONG] })
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  it.concurrent.each([
    ['broadworksId', '', PASSCODE],
    ['password', 'anna', ''],
  ])('needs a %s', async (field, broadworksId, password) => {
    expect((await visitPortal(app.url).signIn(link, broadworksId, password)).userErrors).toMatchObject([
      { code: 'REQUIRED', field: [field] },
    ])
  })

  it.concurrent('does as much work for an ID that nobody has', async () => {
    const { broadworksId } = await handedOver()
    const time = async (id: string) => {
      const startedAt = performance.now()
      await visitPortal(app.url).signIn(link, id, 'a-wrong-passcode')
      return performance.now() - startedAt
    }
    const times = { known: [] as number[], unknown: [] as number[] }
    for (let round = 0; round < 5; round += 1) {
      times.known.push(await time(broadworksId))
      times.unknown.push(await time(`nobody-${nextNumber()}`))
    }
    // A hash takes tens of milliseconds; without one, an unknown ID would be answered within a few.
    expect(Math.min(...times.unknown)).toBeGreaterThan(Math.min(...times.known) / 3)
  })

  it.concurrent('is locked after ten wrong tries, for the user and for nobody else', async () => {
    const { broadworksId } = await handedOver()
    // From ten networks: it is the user who is locked.
    for (let wrong = 0; wrong < 10; wrong += 1) {
      expect((await visitPortal(app.url).signIn(link, broadworksId, `wrong-${wrong}`)).userErrors).toMatchObject([WRONG])
    }
    expect((await visitPortal(app.url).signIn(link, broadworksId.toUpperCase(), PASSCODE)).userErrors).toMatchObject([LOCKED])
    const other = await handedOver()
    expect((await visitPortal(app.url).signIn(link, other.broadworksId, PASSCODE)).userErrors).toEqual([])
  })

  it.concurrent('is locked after ten wrong tries from one network, whomever they were about', async () => {
    const network = '2001:db8:17:42'
    for (let wrong = 0; wrong < 10; wrong += 1) {
      const visitor = visitPortal(app.url, { network: `${network}::${wrong + 1}` })
      expect((await visitor.signIn(link, `nobody-${nextNumber()}`, PASSCODE)).userErrors).toMatchObject([WRONG])
    }
    const { broadworksId } = await handedOver()
    expect((await visitPortal(app.url, { network: `${network}:a:b:c:d` }).signIn(link, broadworksId, PASSCODE)).userErrors).toMatchObject([
      LOCKED,
    ])
    expect((await visitPortal(app.url).signIn(link, broadworksId, PASSCODE)).userErrors).toEqual([])
  })

  it.concurrent('is not locked for a user by a network that is', async () => {
    const network = '198.51.100.7'
    for (let wrong = 0; wrong < 10; wrong += 1) await visitPortal(app.url, { network }).signIn(link, `nobody-${nextNumber()}`, PASSCODE)
    const { broadworksId } = await handedOver()
    for (let time = 0; time < 10; time += 1) {
      expect((await visitPortal(app.url, { network }).signIn(link, broadworksId, PASSCODE)).userErrors).toMatchObject([LOCKED])
    }
    expect((await visitPortal(app.url).signIn(link, broadworksId, PASSCODE)).userErrors).toEqual([])
  })

  it.concurrent('lets no more than ten wrong tries through that come at once', async () => {
    const { broadworksId } = await handedOver()
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, wrong) => visitPortal(app.url).signIn(link, broadworksId, `wrong-${wrong}`)),
    )
    expect(answers.filter(({ userErrors }) => userErrors[0]?.catalogCode === 100006)).toHaveLength(10)
    expect(answers.filter(({ userErrors }) => userErrors[0]?.catalogCode === 200018)).toHaveLength(15)
  })

  it.concurrent('forgets the wrong tries of a user who gets in', async () => {
    const { broadworksId } = await handedOver()
    for (let round = 0; round < 3; round += 1) {
      for (let wrong = 0; wrong < 5; wrong += 1) await visitPortal(app.url).signIn(link, broadworksId, 'wrong-passcode')
      expect((await visitPortal(app.url).signIn(link, broadworksId, PASSCODE)).userErrors).toEqual([])
    }
  })

  it.concurrent.each<[string, RegExp]>([
    ['it-IT,it;q=0.9', /password/i],
    ['de', /Passwort/],
    ['fr-CA', /mot de passe/i],
    ['es', /contraseña/i],
    ['en-GB', /password/i],
    ['ja', /password/i],
    ['', /password/i],
  ])('answers in the language of %j', async (language, words) => {
    const { userErrors } = await visitPortal(app.url, { language }).signIn(link, `nobody-${nextNumber()}`, PASSCODE)
    expect(userErrors[0]?.message).toMatch(words)
  })
})

describe('signing in at BroadWorks', () => {
  let atXsp: string
  let key: string
  beforeAll(async () => {
    atXsp = await makeTemplate(alice.admin, { xsiActionsUrl: xsp.url })
    key = await linkOf(atXsp)
  })

  function known(fields: Partial<FakeXspUser> = {}): FakeXspUser {
    const number = nextNumber()
    const user = {
      userId: `user.${number}@provider.example`,
      password: `pw-${number}`,
      serviceProviderId: `SP${number}`,
      extension: '12',
      ...fields,
    }
    xsp.users.push(user)
    return user
  }

  it.concurrent('takes the password that BroadWorks takes, and not the passcode', async () => {
    const { userId, password } = known()
    const { id } = await handedOver(atXsp, { broadworksId: userId })
    expect((await visitPortal(app.url).signIn(key, userId, PASSCODE)).userErrors).toMatchObject([WRONG])
    const visitor = visitPortal(app.url)
    expect((await visitor.signIn(key, userId, password)).activation).toMatchObject({ step: 'ENTER_EMAIL', broadworksId: userId })
    const { provisionedUser } = await alice.viewer.get(FindUserDocument, { broadworksId: userId })
    expect(provisionedUser?.id).toBe(id)
  })

  it.concurrent('lets a whole office in at once, however long BroadWorks takes', async () => {
    const users = Array.from({ length: 25 }, () => known())
    const network = '203.0.113.9'
    const answers = await Promise.all(users.map(({ userId, password }) => visitPortal(app.url, { network }).signIn(key, userId, password)))
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([])
  })

  it.concurrent('counts an ID with and without its domain as one user', async () => {
    const { userId, password } = known()
    for (let wrong = 0; wrong < 5; wrong += 1) {
      for (const typed of [userId, userId.replace(/@.*/, '')]) await visitPortal(app.url).signIn(key, typed, `wrong-${wrong}`)
    }
    expect((await visitPortal(app.url).signIn(key, userId, password)).userErrors).toMatchObject([LOCKED])
  })

  it.concurrent('leaves out what BroadWorks has in its optional fields that would not do', async () => {
    const { userId, password } = known({ emailAddress: 'n/a', mobile: '+39 333 x12', number: 'see extension' })
    expect((await visitPortal(app.url).signIn(key, userId, password)).activation).toMatchObject({ step: 'ENTER_EMAIL', email: null })
    const { provisionedUser } = await alice.viewer.get(FindUserDocument, { broadworksId: userId })
    expect(provisionedUser).toMatchObject({ mobilePhoneNumber: null, primaryPhoneNumber: null, extension: '12' })
  })

  it.concurrent('makes a user of whom nobody handed over, from the profile', async () => {
    const { userId, password, serviceProviderId } = known({
      firstName: 'Giulia',
      lastName: 'Bianchi',
      groupId: 'sales',
      emailAddress: 'giulia@example.com',
    })
    const { activation } = await visitPortal(app.url).signIn(key, userId, password)
    expect(activation).toMatchObject({ step: 'ENTER_EMAIL', broadworksId: userId, firstName: 'Giulia', email: 'giulia@example.com' })
    const { provisionedUser } = await alice.viewer.get(FindUserDocument, { broadworksId: userId })
    expect(provisionedUser).toMatchObject({ lastName: 'Bianchi', extension: '12', status: 'PENDING_EMAIL_INPUT' })
    const { data } = await alice.viewer.ask<
      { provisionedUser: { selfActivated: boolean; customer: { spEnterpriseId: string } } },
      { id: string }
    >('query ($id: ID!) { provisionedUser(id: $id) { selfActivated customer { spEnterpriseId } } }', { id: provisionedUser?.id ?? '' })
    // The templates of these tests are of enterprise mode, in which BroadWorks has the enterprise for the service provider.
    expect(data.provisionedUser).toEqual({ selfActivated: true, customer: { spEnterpriseId: `${serviceProviderId}+${serviceProviderId}` } })
    // Signing in again finds the same user.
    await visitPortal(app.url).signIn(key, userId, password)
    expect((await alice.viewer.get(FindUserDocument, { broadworksId: userId })).provisionedUser?.id).toBe(provisionedUser?.id)
  })

  it.concurrent('makes one user of two sign-ins at once', async () => {
    const { userId, password } = known()
    const answers = await Promise.all([1, 2, 3].map(() => visitPortal(app.url).signIn(key, userId, password)))
    for (const { userErrors } of answers) expect(userErrors).toEqual([])
    const { data } = await alice.viewer.ask<{ provisionedUsers: { totalCount: number } }, { search: string }>(
      'query ($search: String) { provisionedUsers(filter: { search: $search }) { totalCount } }',
      { search: userId },
    )
    expect(data.provisionedUsers.totalCount).toBe(1)
  })

  it.concurrent('makes who was deleted anew', async () => {
    const { userId, password } = known()
    await visitPortal(app.url).signIn(key, userId, password)
    const { provisionedUser } = await alice.viewer.get(FindUserDocument, { broadworksId: userId })
    await alice.operator.get(DeleteUserDocument, { input: { userId: provisionedUser?.id ?? '' } })
    expect((await visitPortal(app.url).signIn(key, userId, password)).activation).toMatchObject({ step: 'ENTER_EMAIL' })
    const again = (await alice.viewer.get(FindUserDocument, { broadworksId: userId })).provisionedUser
    expect(again?.id).not.toBe(provisionedUser?.id)
  })

  it.concurrent('refuses who belongs to another template', async () => {
    const { userId, password } = known()
    await handedOver(template, { broadworksId: userId })
    expect((await visitPortal(app.url).signIn(key, userId, password)).userErrors).toMatchObject([{ code: 'INVALID', catalogCode: 200040 }])
  })

  it.concurrent('refuses who is of an enterprise on another template, with the code of that', async () => {
    const { userId, password, serviceProviderId } = known()
    await handedOver(template, { spEnterpriseId: `${serviceProviderId}+${serviceProviderId}` })
    expect((await visitPortal(app.url).signIn(key, userId, password)).userErrors).toMatchObject([{ code: 'INVALID', catalogCode: 200050 }])
  })

  it.concurrent('refuses a profile that cannot be activated', async () => {
    const { userId, password } = known({ extension: undefined, number: undefined } as Partial<FakeXspUser>)
    expect((await visitPortal(app.url).signIn(key, userId, password)).userErrors).toMatchObject([{ code: 'INVALID', catalogCode: 200019 }])
    expect((await alice.viewer.get(FindUserDocument, { broadworksId: userId })).provisionedUser).toBeNull()
  })
})

describe('several servers at one database', () => {
  it('count wrong tries together, where several can be', async () => {
    const database = await createTestDatabase()
    // One server at a time on SQLite: then there is nobody to share with.
    const isShared = database.url.startsWith('postgres:')
    const one = await startTestApp({ database })
    const other = isShared ? await startTestApp({ database }) : one
    const bob = await one.addPartner('Bob Telecom')
    const id = await makeTemplate(bob.admin)
    const { broadworksId } = await makeUser(bob.operator, id, { activationPasscode: PASSCODE })
    const { onboardingTemplate } = await bob.admin.get(FindTemplateDocument, { id })
    const key = onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? ''
    for (let wrong = 0; wrong < 10; wrong += 1) {
      const { url } = wrong % 2 === 0 ? one : other
      expect((await visitPortal(url).signIn(key, broadworksId, `wrong-${wrong}`)).userErrors).toMatchObject([WRONG])
    }
    for (const { url } of [one, other]) {
      expect((await visitPortal(url).signIn(key, broadworksId, PASSCODE)).userErrors).toMatchObject([LOCKED])
    }
    // Who was tried cannot be read from the counters.
    if (isShared)
      expect(JSON.stringify(await one.platform.database.backgroundRead('SELECT * FROM rate_limit', []))).not.toContain(broadworksId)
    if (isShared) await other.stop()
    await one.stop()
    await database.remove()
  })

  it("read each other's sessions, where they have the same key", async () => {
    const database = await createTestDatabase()
    const one = await startTestApp({ database })
    const bob = await one.addPartner('Bob Telecom')
    const id = await makeTemplate(bob.admin)
    const { broadworksId } = await makeUser(bob.operator, id, { activationPasscode: PASSCODE })
    const { onboardingTemplate } = await bob.admin.get(FindTemplateDocument, { id })
    const visitor = visitPortal(one.url)
    await visitor.signIn(onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? '', broadworksId, PASSCODE)
    const cookie = visitor.cookie?.split(';')[0] ?? ''
    await one.stop()
    const next = await startTestApp({ database })
    const { data } = await visitPortal(next.url).ask<{ activation: unknown }, Record<string, never>>('{ activation { step } }', undefined, {
      cookie,
    })
    expect(data.activation).toEqual({ step: 'ENTER_EMAIL' })
    await next.stop()
    // A server with another key does not start at this database; see encryption-key.slow.test.ts.
    await database.remove()
  })
})

describe('a BroadWorks that does not answer', () => {
  it('is not held against the user', async () => {
    const away = await startFakeXsp()
    const key = await linkOf(await makeTemplate(alice.admin, { xsiActionsUrl: away.url }))
    await away.stop()
    const visitor = visitPortal(app.url)
    for (let time = 0; time < 12; time += 1) {
      expect((await visitor.signIn(key, 'anna', 'secret')).userErrors).toMatchObject([{ code: 'UPSTREAM_REFUSED', field: null }])
    }
  })
})

describe('a link that is tried too often', () => {
  const TEN = Array.from(
    { length: 10 },
    (_, index) => `t${index}: signIn(input: { link: $link, broadworksId: "${index}", password: "x" }) { userErrors { code } }`,
  )
  const tryTenTimes = (key: string, network?: string) =>
    visitPortal(app.url, { network, language: 'it' }).ask<Record<string, { userErrors: { code: string }[] }>, { link: string }>(
      `mutation ($link: String!) { ${TEN.join(' ').replaceAll('broadworksId: "', `broadworksId: "${nextNumber()}-`)} }`,
      { link: key },
    )

  it('says when to try again, and cannot be shut by one network that is locked', async () => {
    const key = await linkOf(await makeTemplate(alice.admin, { xsiActionsUrl: xsp.url }))
    const network = '192.0.2.77'
    for (let times = 0; times < 61; times += 1) await tryTenTimes(key, network)
    expect((await tryTenTimes(key)).errors).toEqual([])

    for (let networks = 0; networks < 58; networks += 1) await tryTenTimes(key)
    const { status, headers, errors } = await tryTenTimes(key)
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(errors[0]).toMatchObject({
      message: expect.stringMatching(/\bpiù|troppe|Troppe/) as string,
      extensions: { code: 'RATE_LIMITED' },
    })
  })
})

describe('where a request comes from', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:51234', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['[2001:db8:1:2:3:4:5:6]:443', '2001:db8:1:2::'],
    ['unknown', 'unknown'],
  ])('%s is counted as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

describe('the activation API', () => {
  it('knows nothing of the partner API', async () => {
    const { errors } = await visitPortal(app.url).ask('{ provisionedUsers { totalCount } }')
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    const asPartner = await visitPortal(app.url).ask('{ viewer { name } }', {}, { authorization: `Bearer ${alice.admin.token}` })
    expect(asPartner.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  it.each(['{ activation { step } }', 'mutation { tryAgain { userErrors { code } } }'])(
    'takes no session that it did not make: %s',
    async document => {
      for (const cookie of ['', 'garbage', 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA']) {
        const { data, errors } = await visitPortal(app.url).ask<Record<string, unknown>, Record<string, never>>(document, undefined, {
          cookie: `__Host-activation=${cookie}`,
        })
        if (document.startsWith('{')) expect(data).toEqual({ activation: null })
        else expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
      }
    },
  )

  it('takes no form, which another site could send', async () => {
    for (const contentType of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const response = await fetch(`${app.url}/activation/graphql`, {
        method: 'POST',
        headers: { 'content-type': contentType },
        body: '{"query":"mutation { signOut { userErrors { code } } }"}',
      })
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
    }
    expect((await fetch(`${app.url}/activation/graphql?query={activation{step}}`)).status).toBe(405)
  })

  it('answers who asks too much when to ask again', async () => {
    const visitor = visitPortal(app.url)
    const statuses = await Promise.all(
      Array.from({ length: 610 }, async () => {
        const { status, headers, errors } = await visitor.ask('{ activation { step } }')
        if (status === 429) {
          expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
          expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
        }
        return status
      }),
    )
    expect(statuses.filter(status => status === 429)).toHaveLength(10)
    expect((await visitPortal(app.url).ask('{ activation { step } }')).status).toBe(200)
  })
})
