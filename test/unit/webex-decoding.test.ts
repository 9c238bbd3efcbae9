import {
  decodeEnterprisePage,
  decodeEnterprises,
  decodePrecheck,
  decodeRefusal,
  decodeSubscriber,
  decodeSubscriberPage,
  decodeSubscribers,
} from '../../src/webex/webex-decoding'

const SUBSCRIBER = {
  id: 'subscriber',
  personId: 'person',
  userId: '95547321@sp.com',
  spEnterpriseId: 'SP1+acme',
  provisioningId: 'dGVzdHM6dGVtcGxhdGU',
  firstName: 'Anna',
  lastName: 'Rossi',
  email: 'anna@example.com',
  primaryPhoneNumber: '+1-240-555-1212',
  mobilePhoneNumber: '+1-240-555-1213',
  extension: '1212',
  package: 'standard',
  status: 'provisioned',
  errors: [],
  created: '2026-10-30T09:00:00.000Z',
  lastStatusChange: '2026-11-01T10:00:00.000Z',
  selfActivated: false,
}

const decoded = (changed: object) => decodeSubscriber({ ...SUBSCRIBER, ...changed })
const without = (field: string) => Object.fromEntries(Object.entries(SUBSCRIBER).filter(([name]) => name !== field))

describe('a subscriber', () => {
  it('is read as it is', () => expect(decoded({})).toEqual(SUBSCRIBER))

  it.each(['personId', 'email', 'primaryPhoneNumber', 'mobilePhoneNumber', 'extension', 'created', 'lastStatusChange'])(
    'has null for no %s, whether it is absent, null or empty, and a number as text',
    field => {
      for (const absent of [undefined, null, '']) expect(decoded({ [field]: absent })).toEqual({ ...SUBSCRIBER, [field]: null })
      expect(decoded({ [field]: 1212 })).toEqual({ ...SUBSCRIBER, [field]: '1212' })
    },
  )

  it.each(['id', 'userId', 'spEnterpriseId', 'provisioningId', 'firstName', 'lastName', 'package', 'status'])(
    'cannot be read without %s',
    field => expect(() => decodeSubscriber(without(field))).toThrow(field),
  )

  it.each<[string, object, object]>([
    ['no quotes around its ID', { id: `"'subscriber'"` }, { id: 'subscriber' }],
    ['quotes within its ID', { id: `sub'scri"ber` }, { id: `sub'scri"ber` }],
    ['no quotes around the ID of its person', { personId: `'"person"'` }, { personId: 'person' }],
    ['quotes within the ID of its person', { personId: `per'"son` }, { personId: `per'"son` }],
    ['status and package in lower case', { status: 'PROVISIONED', package: 'Premium' }, { status: 'provisioned', package: 'premium' }],
    ['a status that is not documented', { status: 'RESTING' }, { status: 'resting' }],
    ['no NUL in names', { firstName: 'An\0na\0', lastName: '\0Rossi' }, { firstName: 'Anna', lastName: 'Rossi' }],
    ['no NUL in numbers', { primaryPhoneNumber: '+1\0', extension: '1\0' + '2' }, { primaryPhoneNumber: '+1', extension: '12' }],
    [
      'names of 128 characters at most',
      { firstName: 'a'.repeat(129), lastName: 'b'.repeat(128) },
      { firstName: 'a'.repeat(128), lastName: 'b'.repeat(128) },
    ],
    [
      'phone numbers of 32 characters at most',
      { primaryPhoneNumber: '1'.repeat(33), mobilePhoneNumber: '2'.repeat(33) },
      { primaryPhoneNumber: '1'.repeat(32), mobilePhoneNumber: '2'.repeat(32) },
    ],
    ['an extension of 20 characters at most', { extension: '1'.repeat(21) }, { extension: '1'.repeat(20) }],
    ['no time of creation that cannot be read', { created: { at: 1 } }, { created: null }],
    ['selfActivated from a text', { selfActivated: 'true' }, { selfActivated: true }],
    ['selfActivated as it is', { selfActivated: true }, { selfActivated: true }],
    ['selfActivated false for another text', { selfActivated: 'no' }, { selfActivated: false }],
    ['selfActivated false for null', { selfActivated: null }, { selfActivated: false }],
    ['no errors for null', { errors: null }, { errors: [] }],
  ])('has %s', (_, changed, expected) => expect(decoded(changed)).toEqual({ ...SUBSCRIBER, ...expected }))

  it.each(['softphone', 'basic', 'standard', 'premium'])('has the package %s', name =>
    expect(decoded({ package: name }).package).toBe(name),
  )

  it('has no other package', () => expect(() => decoded({ package: 'gold' })).toThrow('softphone'))

  it.each<[string, unknown, number | null]>([
    ['a number', 10022, 10022],
    ['a text', '10022', 10022],
    ['nothing', undefined, null],
    ['null', null, null],
    ['a text that is no number', 'E1', null],
    ['a fraction', 1.5, null],
    ['the largest that 32 bits hold', 2 ** 31 - 1, 2 ** 31 - 1],
    ['one more than 32 bits hold', 2 ** 31, null],
    ['the least that is read', -(2 ** 31) + 1, -(2 ** 31) + 1],
    ['less than that', -(2 ** 31), null],
  ])('has the code of an error from %s', (_, value, code) => {
    expect(decoded({ errors: [{ errorCode: value, description: 'x' }] }).errors).toEqual([{ code, description: 'x' }])
    expect(decoded({ errors: [{ code: value, description: 'x' }] }).errors).toEqual([{ code, description: 'x' }])
    expect(decodePrecheck({ info: { infoCode: value } })).toEqual([{ code, description: null }])
  })

  it('has the code of an error from its first name where both are there', () => {
    expect(decoded({ errors: [{ errorCode: 1, code: 2 }] }).errors).toEqual([{ code: 1, description: null }])
    expect(decoded({ errors: [{ errorCode: null, code: 2 }] }).errors).toEqual([{ code: 2, description: null }])
  })
})

describe('a list', () => {
  it('of subscribers is read whole or not at all', () => {
    expect(decodeSubscribers({ items: [SUBSCRIBER] })).toEqual([SUBSCRIBER])
    expect(() => decodeSubscribers({ items: [SUBSCRIBER, { id: 1 }] })).toThrow('items')
    expect(() => decodeSubscribers({})).toThrow('items')
  })

  it('of subscribers as a page leaves out what cannot be read, and counts it', () => {
    expect(decodeSubscriberPage({ items: [{}, SUBSCRIBER, null] })).toEqual({ items: [SUBSCRIBER], unreadable: 2 })
    expect(() => decodeSubscriberPage({})).toThrow('items')
  })

  it('of enterprises has null for what customers of other offers lack', () => {
    const bare = { spEnterpriseId: 'SP1+acme' }
    const full = { ...bare, orgId: 'org', provisioningId: 'template' }
    const items = [{ ...bare, orgId: null, provisioningId: null }, full]
    expect(decodeEnterprises({ items: [bare, full] })).toEqual(items)
    expect(decodeEnterprisePage({ items: [bare, {}, full] })).toEqual({ items, unreadable: 1 })
    expect(() => decodeEnterprises({ items: [{}] })).toThrow('spEnterpriseId')
    expect(() => decodeEnterprises({})).toThrow('items')
  })
})

describe('a precheck that passed', () => {
  it.each<[string, unknown, unknown]>([
    ['a list', { info: [{ infoCode: 100, description: 'Fine' }] }, [{ code: 100, description: 'Fine' }]],
    ['one object', { info: { infoCode: '100', description: '' } }, [{ code: 100, description: null }]],
    ['a description that cannot be read', { info: [{ infoCode: 100, description: {} }] }, [{ code: 100, description: null }]],
    [
      'no code',
      { info: [{ infoCode: null, description: 'Fine' }, {}] },
      [
        { code: null, description: 'Fine' },
        { code: null, description: null },
      ],
    ],
    ['remarks that cannot be read among others', { info: ['Fine', { infoCode: {} }, { infoCode: 1 }] }, [{ code: 1, description: null }]],
    ['none', {}, []],
    ['no body', undefined, []],
    ['a text for a body', 'Fine', []],
  ])('may have for remarks %s', (_, body, expected) => expect(decodePrecheck(body)).toEqual(expected))
})

describe('a refusal', () => {
  const UNREADABLE = { message: null, errors: [], trackingId: null }

  it.each<[string, unknown, unknown]>([
    [
      'documented',
      { message: 'Conflict', errors: [{ errorCode: 1, description: 'In use' }], trackingId: 'CISCO_1' },
      { message: 'Conflict', errors: [{ code: 1, description: 'In use' }], trackingId: 'CISCO_1' },
    ],
    ['without errors', { message: 'Conflict' }, { message: 'Conflict', errors: [], trackingId: null }],
    ['with errors that cannot be read', { message: 'Conflict', errors: 'many' }, { message: 'Conflict', errors: [], trackingId: null }],
    ['with a message that cannot be read', { message: {}, trackingId: 'CISCO_1' }, UNREADABLE],
    ['a text', 'Bad Request', UNREADABLE],
    ['absent', undefined, UNREADABLE],
  ])('has a body that is %s', (_, body, expected) => expect(decodeRefusal(body)).toEqual(expected))
})
