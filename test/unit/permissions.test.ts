import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type Action, authorize, may, PERMISSIONS } from '../../src/auth/permissions'
import { Role, type Viewer } from '../../src/auth/viewer'
import { Forbidden } from '../../src/shared/errors'

const ACTIONS = Object.keys(PERMISSIONS) as Action[]
const ROLES = [Role.VIEWER, Role.OPERATOR, Role.ADMIN]
const PAGE = path.resolve(__dirname, '../../docs/reference/permissions.md')

function viewer(role: Role, customerIds: string[] | null = null): Viewer {
  return { partnerId: 'par_1', name: 'test', role, callerId: 'tok_1', customerIds }
}

/** The rows of the page: the action, and yes or no for each role and for the need of a token for the whole partner. */
function rowsOfPage(): Map<string, string[]> {
  const lines = readFileSync(PAGE, 'utf8').split('\n')
  const rows = lines.filter(line => line.startsWith('| `')).map(line => line.split('|').map(cell => cell.trim()))
  return new Map(rows.map(([, action = '', ...cells]) => [action.replaceAll('`', ''), cells.slice(0, 4)]))
}

describe('the page of the permissions', () => {
  const rows = rowsOfPage()

  it('explains exactly the actions that are authorized', () => {
    expect([...rows.keys()]).toEqual(ACTIONS)
  })

  it.each(ACTIONS)('tells who may do %s', action => {
    const yesOrNo = (value: boolean) => (value ? 'yes' : 'no')
    const roles = ROLES.map(role => yesOrNo(may(viewer(role), action)))
    expect(rows.get(action)).toEqual([...roles, yesOrNo(!may(viewer(Role.ADMIN, ['cus_1']), action))])
  })
})

describe('a caller', () => {
  it.each(ACTIONS)('is authorized for %s exactly when it may do it', action => {
    for (const role of ROLES) {
      for (const customerIds of [null, ['cus_1']]) {
        const caller = viewer(role, customerIds)
        const attempt = () => authorize({ viewer: caller }, action)
        if (may(caller, action)) expect(attempt).not.toThrow()
        else expect(attempt).toThrow(Forbidden)
      }
    }
  })

  it('is told the role that it needs and the one that it has', () => {
    const words = 'This action needs the role ADMIN; the token has OPERATOR.'
    expect(() => authorize({ viewer: viewer(Role.OPERATOR) }, 'bulkDeleteUsers')).toThrow(words)
    expect(() => authorize({ viewer: viewer(Role.OPERATOR, ['cus_1']) }, 'bulkDeleteUsers')).toThrow(words)
    expect(() => authorize({ viewer: viewer(Role.OPERATOR) }, 'manageApiTokens')).toThrow(words)
  })

  it('is told that a token for the whole partner is needed', () => {
    const words = 'This token is restricted to some customers; this action needs one for the whole partner.'
    expect(() => authorize({ viewer: viewer(Role.ADMIN, ['cus_1']) }, 'manageApiTokens')).toThrow(words)
  })
})
