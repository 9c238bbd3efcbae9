import type { Customer } from '../../src/features/customer/customer.entity'
import type { OnboardingTemplate } from '../../src/features/onboarding-template/onboarding-template.entity'
import {
  changeOf,
  creationOf,
  fieldsFrom,
  isAsAsked,
  isOurs,
  isUpdated,
  upstreamErrorsOf,
} from '../../src/features/activation-attempt/subscriber-mapping'
import type { ProvisionedUser } from '../../src/features/provisioned-user/provisioned-user.entity'
import { PackageType } from '../../src/provisioning/package-type'
import type { Subscriber } from '../../src/webex/webex-types'

const CUSTOMER = { spEnterpriseId: 'SP1+acme' } as Customer
const TEMPLATE = { provisioningId: 'template', language: null } as OnboardingTemplate
const NAMES = { firstName: 'Anna', lastName: 'Rossi', email: 'anna@example.com' }
const NUMBERS = { primaryPhoneNumber: '+12405551212', mobilePhoneNumber: '+12405551213', extension: '1212' }
const NO_NUMBERS = { primaryPhoneNumber: null, mobilePhoneNumber: null, extension: null }
const IDS = { userId: 'anna@sp.example', spEnterpriseId: 'SP1+acme', provisioningId: 'template' }

function user(fields: Partial<ProvisionedUser> = {}): ProvisionedUser {
  const asked = { requestedPackageType: null, requestedProfile: null }
  return {
    broadworksId: 'anna@sp.example',
    ...NAMES,
    ...NO_NUMBERS,
    packageType: PackageType.STANDARD,
    webexPersonId: null,
    ...asked,
    ...fields,
  } as ProvisionedUser
}

function subscriber(fields: Partial<Subscriber> = {}): Subscriber {
  return {
    ...IDS,
    ...NAMES,
    ...NO_NUMBERS,
    personId: null,
    package: 'standard',
    status: 'provisioned',
    errors: [],
    ...fields,
  } as Subscriber
}

describe('a creation', () => {
  it('says what is known, and nothing of what is not', () => {
    const creation = { ...IDS, ...NAMES, package: 'standard' }
    expect(creationOf(user(), TEMPLATE, CUSTOMER)).toEqual(creation)
    expect(creationOf(user({ ...NO_NUMBERS, extension: '' }), TEMPLATE, CUSTOMER)).toEqual(creation)
    expect(creationOf(user({ email: null }), TEMPLATE, CUSTOMER)).toEqual({ ...creation, email: '' })
    const full = { ...TEMPLATE, language: 'it-IT' }
    expect(creationOf(user(NUMBERS), full, CUSTOMER)).toEqual({ ...creation, ...NUMBERS, language: 'it_IT' })
  })

  it('has the package that was asked for', () => {
    expect(creationOf(user({ requestedPackageType: PackageType.PREMIUM }), TEMPLATE, CUSTOMER).package).toBe('premium')
  })
})

describe('a change', () => {
  const profile = { firstName: 'Bea', extension: '' }

  it('says what was asked for, and the package when nothing was', () => {
    expect(changeOf(user())).toEqual({ package: 'standard' })
    expect(changeOf(user({ requestedPackageType: PackageType.PREMIUM }))).toEqual({ package: 'premium' })
    expect(changeOf(user({ requestedProfile: profile }))).toEqual(profile)
    const both = user({ requestedProfile: profile, requestedPackageType: PackageType.BASIC })
    expect(changeOf(both)).toEqual({ ...profile, package: 'basic' })
  })

  it.each<[boolean, Partial<ProvisionedUser>, Partial<Subscriber>]>([
    [true, {}, {}],
    [false, {}, { package: 'premium' }],
    [false, { requestedPackageType: PackageType.PREMIUM }, {}],
    [true, { requestedPackageType: PackageType.PREMIUM }, { package: 'premium' }],
    [true, { requestedProfile: profile }, { firstName: 'Bea', package: 'premium' }],
    [false, { requestedProfile: profile }, { firstName: 'Bea', extension: '12' }],
    [false, { requestedProfile: profile }, {}],
    [false, { requestedProfile: profile, requestedPackageType: PackageType.PREMIUM }, { firstName: 'Bea' }],
    [false, { requestedProfile: profile, requestedPackageType: PackageType.PREMIUM }, { package: 'premium' }],
  ])('shows: %s for %j in %j', (expected, asked, shown) => expect(isUpdated(subscriber(shown), user(asked))).toBe(expected))
})

describe('a provisioned subscriber', () => {
  it('is what the user has from then on', () => {
    const asked = user({ webexPersonId: 'person', requestedPackageType: PackageType.BASIC, requestedProfile: {} })
    const fields = fieldsFrom(subscriber({ firstName: 'Bea', lastName: 'Bianchi', ...NUMBERS, package: 'premium' }), asked)
    const nothingAsked = { requestedPackageType: null, requestedProfile: null, upstreamErrors: [] }
    const expected = { webexPersonId: 'person', firstName: 'Bea', lastName: 'Bianchi', ...NUMBERS, packageType: PackageType.PREMIUM }
    expect(fields).toEqual({ ...expected, ...nothingAsked })
    expect(fieldsFrom(subscriber({ personId: 'other' }), asked).webexPersonId).toBe('other')
  })

  it('has the errors that it names, else its status', () => {
    const errors = [
      { code: 10022, description: 'In use' },
      { code: null, description: null },
    ]
    expect(upstreamErrorsOf(subscriber({ errors }), 'CISCO_1')).toEqual([
      { code: 10022, httpStatus: null, upstreamText: 'In use', trackingId: 'CISCO_1' },
      { code: null, httpStatus: null, upstreamText: null, trackingId: 'CISCO_1' },
    ])
    expect(upstreamErrorsOf(subscriber({ status: 'error' }), 'CISCO_1')).toEqual([
      { code: null, httpStatus: null, upstreamText: 'status error', trackingId: 'CISCO_1' },
    ])
  })
})

describe('a subscriber that is found', () => {
  it.each<[boolean, Partial<Subscriber>]>([
    [true, {}],
    [true, { email: 'ANNA@example.com' }],
    [true, NUMBERS],
    [false, { email: 'bea@example.com' }],
    [false, { email: null }],
    [false, { package: 'premium' }],
    [false, { firstName: 'anna' }],
    [false, { lastName: 'Bianchi' }],
  ])('is as asked: %s with %j', (expected, shown) => expect(isAsAsked(subscriber(shown), user())).toBe(expected))

  it('is as asked with the package that was asked for, and without an address where there is none', () => {
    expect(isAsAsked(subscriber(), user({ requestedPackageType: PackageType.PREMIUM }))).toBe(false)
    expect(isAsAsked(subscriber({ package: 'premium' }), user({ requestedPackageType: PackageType.PREMIUM }))).toBe(true)
    expect(isAsAsked(subscriber({ email: null }), user({ email: null }))).toBe(true)
    expect(isAsAsked(subscriber(), user({ email: null }))).toBe(false)
  })

  it.each<[boolean, Partial<Subscriber>]>([
    [true, {}],
    [true, { userId: 'Anna@SP.example' }],
    [false, { userId: 'bea@sp.example' }],
    [false, { spEnterpriseId: 'SP1+other' }],
    [false, { provisioningId: 'other' }],
  ])('is ours: %s with %j', (expected, shown) => expect(isOurs(subscriber(shown), user(), CUSTOMER, TEMPLATE)).toBe(expected))
})
