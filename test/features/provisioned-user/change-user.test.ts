import { changeUser } from '../../../src/features/provisioned-user/change-user'
import { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { amendUser } from '../../../src/features/provisioned-user/provisioned-user.transition'
import { DeleteUserDocument, UpdateProvisionedUserDocument } from '../../support/operations/operations.generated'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser } from '../../support/world/builders'

let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
})
afterAll(() => app?.stop())

async function readNewUser(): Promise<ProvisionedUser> {
  const { id } = await makeUser(alice.operator, template)
  return app.platform.database.reader.findOneByOrFail(ProvisionedUser, { id })
}

/** Writes the user, and keeps what each run of the transaction got. */
function amend(user: ProvisionedUser) {
  const ctx = { ...app.platform, actor: { partnerId: alice.partnerId, name: 'test', requestId: null } }
  const got: (ProvisionedUser | null)[] = []
  const changed = changeUser(app.platform.database, user, async (tx, current) => {
    got.push(current)
    return current && amendUser(ctx, tx, current, { email: 'anna@example.com' })
  })
  return changed.then(after => ({ got, after }))
}

describe('a change of a user who was read before', () => {
  it('does not read the user again', async () => {
    const user = await readNewUser()
    const { got, after } = await amend(user)
    expect(got).toEqual([user])
    expect(got[0]).toBe(user)
    expect(after).toMatchObject({ email: 'anna@example.com', revision: user.revision + 1 })
  })

  it('starts over with the row as it is now, when it has changed since', async () => {
    const user = await readNewUser()
    await alice.operator.get(UpdateProvisionedUserDocument, { input: { userId: user.id, firstName: 'Giulia' } })
    const { got, after } = await amend(user)
    expect(got).toMatchObject([{ firstName: 'Anna' }, { firstName: 'Giulia', revision: user.revision + 1 }])
    expect(after).toMatchObject({ firstName: 'Giulia', email: 'anna@example.com', revision: user.revision + 2 })
  })

  it('finds out that the user was deleted', async () => {
    const user = await readNewUser()
    await alice.operator.get(DeleteUserDocument, { input: { userId: user.id } })
    const { got, after } = await amend(user)
    expect(got).toEqual([user, null])
    expect(after).toBeNull()
  })
})
