import { newId } from '../../../src/shared/ids'
import { bad, badEmails, badKeys, badNumbers, badSearches, badTexts, type BadValue, growingText, tooMany, unknownIds } from './bad-values'

/** What is there, and what of it the caller must not reach. */
export interface BadInputWorld {
  template: string
  otherTemplate: string
  otherProvisioningId: string
  customer: string
  /** A customer on the other template. */
  otherEnterprise: string
  user: string
  broadworksId: string
  /** With one user who was refused. */
  bulkOperation: string
  mallory: {
    template: string
    customer: string
    user: string
    broadworksId: string
    enterprise: string
    provisioningId: string
    token: string
    bulkOperation: string
  }
}

const refused = (userError: string, field?: string[]) => (field ? { userError, field } : { userError })

const badPhones = badNumbers(32, ['abc', '12-', '+', '++39', '0039x12', '١٢٣٤٥'])
const badLocales = ['de', 'fr-CA'].map(locale => bad(`a language that there is not (${locale})`, locale, refused('INVALID')))
const badExtensions = badNumbers(20, ['12-3', '12a', '-1', '１２３'])

/**
 * The bad values of each place with what they are answered, beyond those of a wrong type; by who declares the place. Cursors are
 * looked after by the test itself.
 */
export function badInputRules(world: BadInputWorld): Record<string, BadValue[]> {
  const { mallory } = world
  const userIds = unknownIds('ProvisionedUser', { "a template's": world.template, "another partner's": mallory.user })
  const operationIds = unknownIds('BulkOperation', { "a user's": world.user, "another partner's": mallory.bulkOperation })
  const templateIds = unknownIds('OnboardingTemplate', { "a user's": world.user, "another partner's": mallory.template })
  const nothing = (cases: BadValue[], wrap: (value: unknown) => unknown = value => value) =>
    cases.map(({ name, value }) => bad(name, wrap(value), 'nothing'))
  const ids = (cases: BadValue[], argument: string) => [
    ...nothing(cases, id => [id]),
    bad('empty', [], 'nothing'),
    tooMany(world.user, argument),
  ]
  const customerIds = unknownIds('Customer', { "a user's": world.user, "another partner's": mallory.customer })
  const one = (place: string, cases: BadValue[], other: string, value: string): BadValue[] => [
    ...nothing(cases),
    bad('missing', undefined, { argument: 'id' }),
    bad('null', null, { argument: 'id' }),
    bad('given beside another', place, { argument: 'id' }, { [other]: value }),
  ]
  const keys = (others: Record<string, string>) => unknownIds('Job', others, 'nothing').filter(({ value }) => typeof value === 'string')
  const representation = (type: string, key: string, value: unknown) =>
    bad(`${type} by ${key} ${String(value).slice(0, 40)}`, [{ __typename: type, [key]: value }], 'nothing')

  return {
    'RetryActivationInput.userId': userIds,
    'RetryActivationInput.email': [
      ...badEmails,
      bad('empty', '', refused('EMAIL_REQUIRED')),
      bad('missing', undefined, refused('EMAIL_REQUIRED')),
    ],
    'RetryActivationInput.idempotencyKey': badKeys,
    'ChangePackageTypeInput.userId': userIds,
    'ChangePackageTypeInput.idempotencyKey': badKeys,
    'DeleteUserInput.userId': userIds,
    'DeleteUserInput.idempotencyKey': badKeys,
    'ResendConsentEmailInput.userId': [
      ...userIds,
      bad('of a user who does not wait for consent', world.user, refused('INVALID_STATE', [])),
    ],
    'ResendValidationEmailInput.userId': [...userIds, bad('of a user who has given no address', world.user, refused('INVALID_STATE', []))],
    'UpdateProvisionedUserInput.userId': userIds,
    'UpdateProvisionedUserInput.firstName': [...badTexts(128, { required: true }), growingText(128)],
    'UpdateProvisionedUserInput.lastName': [...badTexts(128, { required: true }), growingText(128)],
    'UpdateProvisionedUserInput.primaryPhoneNumber': [
      ...badPhones,
      bad('removed with the extension', '', refused('REQUIRED'), { 'input.extension': '' }),
    ],
    'UpdateProvisionedUserInput.mobilePhoneNumber': badPhones,
    'UpdateProvisionedUserInput.extension': badExtensions,
    'UpdateProvisionedUserInput.idempotencyKey': badKeys,

    'ProvisionUserInput.idempotencyKey': badKeys,
    'ProvisionUsersInput.users': [
      bad('empty', [], refused('REQUIRED')),
      bad(
        '101 of them',
        Array.from({ length: 101 }, () => ({
          onboardingTemplateId: world.template,
          broadworksId: 'a',
          spEnterpriseId: 'a+b',
          firstName: 'a',
          lastName: 'b',
        })),
        refused('LIMIT_EXCEEDED'),
      ),
    ],
    'ProvisionUsersInput.idempotencyKey': badKeys,
    'ProvisionUserItem.onboardingTemplateId': templateIds,
    'ProvisionUserItem.broadworksId': [
      ...badTexts(161, { required: true }),
      growingText(161),
      bad('of another user', world.broadworksId, refused('TAKEN')),
      bad('of another user in other letters', world.broadworksId.toUpperCase(), refused('TAKEN')),
    ],
    'ProvisionUserItem.spEnterpriseId': [
      ...badTexts(200, { required: true, tooLong: `SP1+${'a'.repeat(197)}` }),
      ...['acme', '+acme', 'SP1+', 'SP1 acme'].map(value => bad(`malformed (${value})`, value, refused('INVALID'))),
      bad('of a customer on another template', world.otherEnterprise, refused('INVALID')),
    ],
    'ProvisionUserItem.customerName': [...badTexts(200, { required: false }), growingText(200)],
    'ProvisionUserItem.firstName': [...badTexts(128, { required: true }), growingText(128)],
    'ProvisionUserItem.lastName': [...badTexts(128, { required: true }), growingText(128)],
    'ProvisionUserItem.email': badEmails,
    'ProvisionUserItem.primaryPhoneNumber': badPhones,
    'ProvisionUserItem.mobilePhoneNumber': badPhones,
    'ProvisionUserItem.extension': badExtensions,
    'ProvisionUserItem.activationPasscode': [
      bad('too short', '123', refused('INVALID')),
      bad('with half a surrogate pair', '1234\ud800', refused('INVALID')),
      bad('one character too long', 'p'.repeat(129), refused('TOO_LONG')),
      bad('very long', 'p'.repeat(100_000), refused('TOO_LONG')),
    ],

    'PrecheckUsersInput.users': [
      bad('empty', [], refused('REQUIRED')),
      bad('101 of them', Array(101).fill({ email: 'anna@example.com' }), refused('LIMIT_EXCEEDED')),
    ],
    'PrecheckItem.email': [...badEmails, bad('empty', '', refused('REQUIRED'))],
    'PrecheckItem.userId': [...userIds, bad('given beside the fields of a hand-over', world.user, refused('INVALID'))],
    'PrecheckItem.onboardingTemplateId': templateIds,
    'PrecheckItem.broadworksId': [
      ...badTexts(161, { required: false }),
      growingText(161),
      bad('of another user', world.broadworksId, refused('TAKEN')),
      bad('of another user in other letters', world.broadworksId.toUpperCase(), refused('TAKEN')),
    ],
    'PrecheckItem.spEnterpriseId': [
      ...badTexts(200, { required: false, tooLong: `SP1+${'a'.repeat(197)}` }),
      ...['acme', '+acme', 'SP1+', 'SP1 acme'].map(value => bad(`malformed (${value})`, value, refused('INVALID'))),
      bad('of a customer on another template', world.otherEnterprise, refused('INVALID')),
    ],
    'PrecheckItem.firstName': [...badTexts(128, { required: false }), growingText(128)],
    'PrecheckItem.lastName': [...badTexts(128, { required: false }), growingText(128)],
    'PrecheckItem.primaryPhoneNumber': badPhones,
    'PrecheckItem.mobilePhoneNumber': badPhones,
    'PrecheckItem.extension': badExtensions,

    ...Object.fromEntries(
      ['BulkRetryActivationInput', 'BulkDeleteUsersInput', 'BulkChangePackageTypeInput'].flatMap(input => [
        [
          `${input}.userIds`,
          [
            bad('empty', [], refused('REQUIRED')),
            bad('1,001 of them', Array(1001).fill('usr'), refused('LIMIT_EXCEEDED')),
            bad('given beside a filter', [world.user], { argument: 'userIds' }, { 'input.filter': { excludeProvisioned: true } }),
            bad('null, with nothing beside it', null, { argument: 'filter' }),
          ],
        ],
        [`${input}.expectedCount`, [-1, 0, 2, 2 ** 31 - 1].map(count => bad(String(count), count, refused('EXPECTED_COUNT_MISMATCH')))],
        [`${input}.idempotencyKey`, badKeys],
      ]),
    ),
    'BulkDeleteUsersInput.filter': [
      bad('without a condition', {}, { argument: 'filter' }),
      bad('with conditions that say nothing', { createdAt: {}, statuses: null, excludeProvisioned: false }, { argument: 'filter' }),
    ],
    'BulkRetryActivationInput.items': [
      bad('empty', [], refused('REQUIRED')),
      bad('1,001 of them', Array(1001).fill({ userId: 'usr', email: 'anna@example.com' }), refused('LIMIT_EXCEEDED')),
      bad(
        'one user twice',
        ['anna', 'anna.rossi'].map(name => ({ userId: world.user, email: `${name}@example.com` })),
        refused('INVALID', ['items', '1', 'userId']),
      ),
      bad(
        'one address twice',
        ['usr_a', world.user].map(userId => ({ userId, email: 'anna@example.com' })),
        refused('INVALID', ['items', '1', 'email']),
      ),
    ],
    'BulkRetryItem.userId': [bad('given beside a filter', world.user, { argument: 'items' }, { 'input.filter': {} })],
    'BulkRetryItem.email': [...badEmails, bad('empty', '', refused('REQUIRED'))],
    'CancelBulkOperationInput.id': operationIds,
    'ResumeBulkOperationInput.id': operationIds,
    'ExportBulkResultsInput.id': operationIds,
    'ExportBulkResultsInput.locale': badLocales,

    'ExportUsersInput.locale': badLocales,

    ...templateSettings('CreateOnboardingTemplateInput'),
    'CreateOnboardingTemplateInput.provisioningId': [
      ...badTexts(200, { required: false }),
      bad('with a space', 'a b', refused('INVALID')),
      bad('padded', 'YWJj=', refused('INVALID')),
      bad('of another template', world.otherProvisioningId, refused('TAKEN')),
    ],
    ...templateSettings('UpdateOnboardingTemplateInput'),
    'UpdateOnboardingTemplateInput.id': templateIds,
    'DeleteOnboardingTemplateInput.id': [...templateIds, bad('of a template with customers', world.template, refused('TEMPLATE_IN_USE'))],
    'DeleteOnboardingTemplateInput.idempotencyKey': badKeys,
    'RotateActivationLinkInput.id': templateIds,
    'RotateActivationLinkInput.idempotencyKey': badKeys,
    'ResumeOnboardingTemplateInput.id': [
      ...templateIds,
      bad('of a template that is not paused', world.template, refused('INVALID_STATE', [])),
    ],
    'ResumeOnboardingTemplateInput.idempotencyKey': badKeys,

    'CreateApiTokenInput.name': [...badTexts(100, { required: true }), growingText(100)],
    'CreateApiTokenInput.expiresAt': [bad('in the past', '2020-01-01T00:00:00Z', refused('INVALID'))],
    'CreateApiTokenInput.customerIds': [
      ...customerIds.map(({ name, value, expected }) => bad(`one of them ${name}`, [world.customer, value], expected)),
      bad('empty', [], refused('REQUIRED')),
      bad('101 of them', Array(101).fill(world.customer), refused('LIMIT_EXCEEDED')),
    ],
    'CreateApiTokenInput.idempotencyKey': badKeys,
    'RevokeApiTokenInput.id': unknownIds('ApiToken', { "a user's": world.user, "another partner's": mallory.token }),

    'Query.node.id': nothing(
      unknownIds('ProvisionedUser', { "another partner's": mallory.user, "another partner's template": mallory.template }),
    ),
    'Query.nodes.ids': [
      ...nothing(unknownIds('Customer', { "another partner's": mallory.user }), id => [id]),
      bad('101 of them', Array(101).fill(world.user), { argument: 'ids' }),
    ],
    'Query.bulkOperation.id': nothing(operationIds),
    'Query.userChanges.first': [-1, 101, 2 ** 31 - 1].map(value => bad(String(value), value, { argument: 'first' })),
    'UserChangeFilter.customerIds': unseen('customerIds', customerIds),
    'UserChangeFilter.onboardingTemplateIds': unseen('onboardingTemplateIds', templateIds),
    'Subscription.bulkOperationProgressed.id': unseen('id', operationIds, false),
    'Subscription.statusCountsChanged.customerId': unseen('customerId', customerIds, false),
    'Subscription.statusCountsChanged.onboardingTemplateId': unseen('onboardingTemplateId', templateIds, false),

    'Query.causes.first': [-1, 101].map(value => bad(String(value), value, { argument: 'first' })),
    'OnboardingTemplate.causes.first': [-1, 101].map(value => bad(String(value), value, { argument: 'first' })),
    'Query.customer.id': one(world.customer, customerIds, 'spEnterpriseId', 'SP1+acme'),
    'Query.customer.spEnterpriseId': one('SP1+acme', keys({ "another partner's": mallory.enterprise }), 'id', world.customer),
    'Query.onboardingTemplate.id': one(world.template, templateIds, 'provisioningId', world.otherProvisioningId),
    'Query.onboardingTemplate.provisioningId': one(
      world.otherProvisioningId,
      keys({ "another partner's": mallory.provisioningId }),
      'id',
      world.template,
    ),
    'Query.provisionedUser.id': one(world.user, userIds, 'broadworksId', world.broadworksId),
    'Query.provisionedUser.broadworksId': one(world.broadworksId, keys({ "another partner's": mallory.broadworksId }), 'id', world.user),
    'Query._entities.representations': [
      ...['Nope', 'Viewer', 'Node', 'String', 'toString', '', null, 42].map(type =>
        bad(`of the type ${String(type)}`, [{ __typename: type, id: world.user }], { argument: 'representations' }),
      ),
      bad('without a type', [{ id: world.user }], { argument: 'representations' }),
      bad('a text', ['Customer'], { argument: 'representations' }),
      ...['Customer', 'OnboardingTemplate', 'ProvisionedUser'].flatMap(type => [
        representation(type, 'name', 'x'),
        ...nothingKeys(world).map(id => representation(type, 'id', id)),
      ]),
      representation('Customer', 'spEnterpriseId', mallory.enterprise),
      representation('OnboardingTemplate', 'provisioningId', mallory.provisioningId),
      representation('ProvisionedUser', 'broadworksId', mallory.broadworksId),
    ],

    'page.first': pageSizes('first', 'last'),
    'page.last': pageSizes('last', 'last'),

    'ProvisionedUserFilter.statuses': [bad('empty', [], 'nothing'), tooMany('ERROR', 'statuses')],
    'ProvisionedUserFilter.packageTypes': [bad('empty', [], 'nothing'), tooMany('BASIC', 'packageTypes')],
    'ProvisionedUserFilter.customerIds': ids(customerIds, 'customerIds'),
    'ProvisionedUserFilter.onboardingTemplateIds': ids(templateIds, 'onboardingTemplateIds'),
    'ProvisionedUserFilter.errorCodes': [
      bad('empty', [], 'nothing'),
      bad('unknown', [-1, 2 ** 31 - 1], 'nothing'),
      tooMany(1, 'errorCodes'),
    ],
    'ProvisionedUserFilter.causeKey': nothing(keys({ "another partner's": `${mallory.template}:PENDING_EMAIL_INPUT:STANDARD:` })),
    'ProvisionedUserFilter.search': badSearches('search'),
    'DateTimeRange.gte': [bad('in the future', '2999-01-01T00:00:00Z', 'nothing')],
    'DateTimeRange.lt': [bad('before everything', '0000-01-01T00:00:00Z', 'nothing')],
    'CustomerFilter.onboardingTemplateIds': ids(templateIds, 'onboardingTemplateIds'),
    'CustomerFilter.search': badSearches('search'),
    'AuditEventFilter.targetIds': ids(unknownIds('ProvisionedUser', { "another partner's": mallory.user }), 'targetIds'),
    'AuditEventFilter.actions': [...nothing(keys({}), name => [name]), bad('empty', [], 'nothing'), tooMany('x', 'actions')],
    'AuditEventFilter.customerIds': ids(customerIds, 'customerIds'),
    'AuditEventFilter.actors': [...nothing(keys({}), name => [name]), bad('empty', [], 'nothing'), tooMany('x', 'actors')],
  }
}

/** What a subscription may not name, because its caller would wait for ever. */
function unseen(argument: string, cases: BadValue[], list = true): BadValue[] {
  const refusals = cases.map(({ name, value }) => bad(name, list ? [value] : value, { argument }))
  return list ? [...refusals, tooMany('x', argument)] : refusals
}

function templateSettings(input: string): Record<string, BadValue[]> {
  const malformed = (...values: string[]) => values.map(value => bad(`malformed (${value})`, value, refused('INVALID')))
  return {
    [`${input}.name`]: [...badTexts(200, { required: true }), growingText(200)],
    [`${input}.countryCode`]: [...badTexts(2, { required: true }), ...malformed('I', 'XX', '12', 'I\u0007', 'é!')],
    [`${input}.language`]: [...badTexts(35, { required: true }), ...malformed('it_IT', 'italian language', '12', 'x')],
    [`${input}.serviceProviderAdminEmail`]: [
      ...badEmails,
      bad('empty', '', refused('REQUIRED')),
      bad('only spaces', '  ', refused('REQUIRED')),
    ],
    [`${input}.partnerAdminName`]: [...badTexts(200, { required: true }), growingText(200)],
    [`${input}.xsiActionsUrl`]: [
      ...badTexts(500, { required: false, tooLong: `https://example.com/${'a'.repeat(481)}` }),
      ...malformed(
        'http://xsi.example.com',
        'xsi.example.com',
        'https://',
        'javascript:alert(1)',
        'https://exa mple.com',
        'ftp://example.com',
      ),
    ],
    [`${input}.idempotencyKey`]: badKeys,
  }
}

function pageSizes(argument: 'first' | 'last', together: string): BadValue[] {
  const other = argument === 'first' ? 'last' : 'first'
  return [
    ...[-1, 101, 2 ** 31 - 1, -(2 ** 31)].map(value => bad(String(value), value, { argument })),
    bad('given beside the other', 1, { argument: together }, { [other]: 1 }),
    bad('0', 0, 'nothing'),
  ]
}

const nothingKeys = (world: BadInputWorld) => [
  '',
  'x',
  42,
  null,
  newId('Customer'),
  newId('ProvisionedUser'),
  world.mallory.user,
  world.mallory.customer,
  world.mallory.template,
]
