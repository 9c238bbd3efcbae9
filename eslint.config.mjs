import { readdirSync } from 'node:fs'
import graphql from '@graphql-eslint/eslint-plugin'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import imports from 'eslint-plugin-import-x'
import { defineConfig } from 'eslint/config'
import typescript from 'typescript-eslint'

/** What each folder of src may import besides itself, lowest first. A folder or file that is missing here may import anything. */
const LAYERS = {
  shared: [],
  config: ['shared'],
  database: ['config', 'shared'],
  provisioning: ['shared'],
  auth: ['database', 'config', 'shared'],
  mail: ['config', 'shared'],
  webex: ['provisioning', 'config', 'shared'],
  broadworks: ['config', 'shared'],
  simulator: ['webex', 'provisioning', 'database', 'config', 'shared'],
  queue: ['database', 'config', 'shared'],
  context: ['queue', 'webex', 'broadworks', 'provisioning', 'mail', 'auth', 'database', 'config', 'shared'],
  graphql: ['context', 'queue', 'webex', 'broadworks', 'provisioning', 'mail', 'auth', 'database', 'config', 'shared'],
  http: ['graphql', 'context', 'queue', 'webex', 'broadworks', 'provisioning', 'mail', 'auth', 'database', 'config', 'shared'],
  features: [
    'http',
    'graphql',
    'context',
    'queue',
    'simulator',
    'webex',
    'broadworks',
    'provisioning',
    'mail',
    'auth',
    'database',
    'config',
    'shared',
  ],
  'resolvers.ts': ['features'],
  'entities.ts': ['features', 'queue', 'context', 'database'],
  'jobs.ts': ['features', 'context', 'queue'],
  'periodic-tasks.ts': ['features', 'context', 'queue', 'database'],
}

/** The order of the features, lowest first. A feature may import those of lower levels, and of its own level where no cycle comes of it. */
const FEATURE_LEVELS = [
  ['audit-event', 'change-log'],
  ['partner'],
  ['onboarding-template'],
  ['customer'],
  ['provisioned-user'],
  ['activation-attempt', 'audit-trail', 'user-change', 'download', 'api-token', 'oidc-caller', 'encryption-key'],
  ['user-action', 'provisioning-request', 'stuck-cause'],
  ['sync', 'bulk-operation', 'portal', 'precheck', 'export', 'demo-data'],
  ['erasure', 'node'],
]

/** Imports go downward only, between folders and between features. `root` is src, or a fixture that breaks the rules. */
function layering(root, levels) {
  const layers = Object.entries(LAYERS).map(([layer, allowed]) => ({
    target: `${root}/${layer}`,
    from: root,
    except: [layer, ...allowed].map(name => `./${name}`),
    message: `${layer} may import ${allowed.length > 0 ? `only ${allowed.join(', ')}` : 'nothing above it'}.`,
  }))
  const order = levels.flatMap((level, index) =>
    level.map(feature => ({
      target: `${root}/features/${feature}`,
      from: `${root}/features`,
      except: levels.slice(0, index + 1).flatMap(names => names.map(name => `./${name}`)),
      message: `${feature} may not import a feature above it; see FEATURE_LEVELS in eslint.config.mjs.`,
    })),
  )
  const internals = levels.flat().map(feature => ({
    target: `${root}/features/${feature}`,
    from: `${root}/features/!(${feature})/**/*.@(resolver|inputs).ts`,
    message: "A feature may use another's entity, service or loaders, never its resolvers or inputs.",
  }))
  return { files: [`${root}/**`], rules: { 'import-x/no-restricted-paths': ['error', { zones: [...layers, ...order, ...internals] }] } }
}

/** Every feature has a level; a new folder has to be given one. */
for (const feature of readdirSync(new URL('src/features', import.meta.url))) {
  if (!FEATURE_LEVELS.flat().includes(feature))
    throw new Error(`src/features/${feature} has no level in FEATURE_LEVELS of eslint.config.mjs.`)
}

/** Only src/config looks at the environment; everybody else is told. */
function environmentInOnePlace(root) {
  const message = 'Only src/config reads the environment: validated, typed, all problems at once.'
  return {
    files: [`${root}/**`],
    ignores: [`${root}/config/**`],
    rules: {
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message }],
      'no-restricted-imports': [
        'error',
        { paths: ['process', 'node:process'].map(name => ({ name, importNames: ['env', 'default'], message })) },
      ],
    },
  }
}

const SCHEMA = 'schema/schema.graphql'

/** Whatever else is an object has a global ID. These are parts of another object, or an answer that nobody can ask for again. */
const VALUES_WITHOUT_ID = {
  types: [
    ...['AttemptStep', 'AuditChange', 'Diagnosis', 'ProvisioningError', 'TemplatePause', 'UserVerification', 'VerificationCheck'],
    ...['ProvisionUserResult', 'PrecheckResult', 'BulkSummary', 'UserStatusCount', 'UserError'],
    // A cause has its key; a change of a user is told by its cursor.
    ...['StuckCause', 'UserChange', 'UserChangePage'],
    // Errors of Cisco's are known by their codes; the viewer is whoever asks, and has one sync; PageInfo is Relay's own.
    ...['CatalogEntry', 'Viewer', 'RateLimit', 'SyncStatus', 'PageInfo'],
  ],
  suffixes: ['Connection', 'Edge', 'Payload'],
}

/** The plugin takes one such configuration for the whole run. The operations of each part know nothing of the others'. */
const GRAPHQL_PROJECTS = {
  published: { schema: SCHEMA, include: SCHEMA },
  tests: { schema: SCHEMA, documents: 'test/support/operations/*.graphql' },
  examples: { schema: SCHEMA, documents: 'schema/examples/*.graphql' },
  playground: { schema: SCHEMA, documents: 'web/playground/examples/*.graphql' },
  activation: { schema: 'schema/activation.graphql', documents: 'web/activation/api/*.graphql' },
  activationExamples: { schema: 'schema/activation.graphql', documents: 'schema/examples/activation/*.graphql' },
}

const FIXTURE = 'test/fixtures/lint/src'

export default defineConfig(
  // The fixtures break rules on purpose; test/unit/lint.slow.test.ts holds that they are found.
  {
    ignores: [
      '**/dist/',
      '**/data/',
      'coverage/',
      '.cache/',
      'test/fixtures/lint/',
      '**/*.generated.ts',
      'examples/react-list/src/gql/',
      'schema/subgraph.graphql',
      'schema/released/',
    ],
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [typescript.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': imports },
    settings: {
      // Without a resolver of this kind no-cycle finds nothing and says nothing.
      'import-x/resolver-next': [
        createTypeScriptImportResolver({
          project: ['tsconfig.json', 'web/tsconfig.json', 'examples/react-list/tsconfig.json'],
          noWarnOnMultipleProjects: true,
        }),
      ],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-unresolved': 'error',
      'import-x/no-duplicates': ['error', { 'prefer-inline': true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // An async function without await is how a synchronous answer meets an interface of promises.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowArray: true, allowNumber: true, allow: ['URLSearchParams'] }],
      // It takes every `unknown` for an object.
      '@typescript-eslint/no-base-to-string': 'off',
      // It takes assertions away that the compiler cannot do without.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
  },
  {
    // What a test reads from an answer is what it is about to assert, and a wrong guess fails there. Its helpers are closures.
    files: ['test/**/*.ts'],
    rules: Object.fromEntries(
      [
        ...['assignment', 'member-access', 'argument', 'return', 'call', 'enum-comparison'].map(name => `no-unsafe-${name}`),
        'unbound-method',
      ].map(name => [`@typescript-eslint/${name}`, 'off']),
    ),
  },
  {
    // One function of each is sent into a thread as text, so it can use nothing that its module imports.
    files: ['src/database/sqlite/reader-thread.ts', 'src/database/sqlite/row-stream.ts'],
    rules: {
      ...Object.fromEntries(['assignment', 'member-access', 'argument'].map(name => [`@typescript-eslint/no-unsafe-${name}`, 'off'])),
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/consistent-type-imports': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'module', 'require', '__dirname', 'performance', 'URL', 'fetch', 'console', 'AbortController', 'AbortSignal'].map(
          name => [name, 'readonly'],
        ),
      ),
    },
    rules: { 'no-undef': 'error', 'no-unused-vars': 'error', eqeqeq: 'error' },
  },
  {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { projects: GRAPHQL_PROJECTS } } },
  },
  {
    files: [SCHEMA],
    extends: [graphql.configs['flat/schema-recommended'], graphql.configs['flat/schema-relay']],
    rules: {
      '@graphql-eslint/strict-id-in-types': ['error', { exceptions: VALUES_WITHOUT_ID }],
      // Lists of values are no connections, and `nodes` of a connection is a list by design.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
  {
    files: ['tests', 'examples', 'playground', 'activation', 'activationExamples'].map(project => GRAPHQL_PROJECTS[project].documents),
    extends: [graphql.configs['flat/operations-recommended']],
  },
  {
    // That rule is for caches of clients. A test asks for what it asserts.
    files: [GRAPHQL_PROJECTS.tests.documents],
    rules: { '@graphql-eslint/require-selections': 'off' },
  },
  layering('src', FEATURE_LEVELS),
  layering(FIXTURE, [['alpha'], ['beta']]),
  environmentInOnePlace('src'),
  environmentInOnePlace(FIXTURE),
)
