/**
 * `npm run generate`: everything in the repository that is written by a program, from the sources as they are now. With --check, writes
 * nothing and fails when a file is not what it would write.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { ensureInstalled, giveUp, ROOT } from './project.mjs'

await ensureInstalled()
process.chdir(ROOT)
const require = createRequire(import.meta.url)
// From here on `require` understands TypeScript, so nothing has to be built before.
require('@swc-node/register')
require('reflect-metadata')

const files = await generate()
const stale = files.filter(({ filename, content }) => !existsSync(filename) || readFileSync(filename, 'utf8') !== content)
if (!process.argv.includes('--check')) for (const { filename, content } of stale) writeFileSync(filename, content)
for (const { filename } of stale) process.stderr.write(`${filename}\n`)
if (process.argv.includes('--check') && stale.length > 0) giveUp('Not what the sources say; run `npm run generate` and commit these files.')

async function generate() {
  const { buildActivationSchema, buildPartnerSchemas } = require('../src/graphql/engine/schema')
  const { ACTIVATION_RESOLVERS, RESOLVERS } = require('../src/resolvers')
  const { ENTITY_REFERENCES } = require('../src/features/node/entity-references')
  const { renderApiReference } = require('./generate-api-reference')
  const { renderErrorReference } = require('./generate-error-reference')
  const { renderLifecycleReference } = require('./generate-lifecycle-reference')
  const { sdl, subgraphSdl } = buildPartnerSchemas(RESOLVERS, ENTITY_REFERENCES)
  const schemas = {
    'schema/schema.graphql': sdl,
    'schema/subgraph.graphql': subgraphSdl,
    'schema/activation.graphql': buildActivationSchema(ACTIVATION_RESOLVERS).sdl,
  }
  return [
    ...Object.entries(schemas).map(([filename, content]) => ({ filename, content })),
    ...(await generateTypes(schemas)),
    { filename: 'docs/reference/api.md', content: renderApiReference(sdl, schemas['schema/activation.graphql']) },
    { filename: 'docs/reference/errors.md', content: renderErrorReference() },
    { filename: 'docs/reference/lifecycle.md', content: renderLifecycleReference() },
  ]
}

/** What the configurations ask for, from these SDLs by the names of their files, and not from the files, which may be of yesterday. */
async function generateTypes(schemas) {
  const codegen = await import('@graphql-codegen/cli')
  const written = []
  for (const configFilePath of ['codegen.yml', 'examples/react-list/codegen.yml']) {
    const cwd = path.dirname(path.resolve(configFilePath))
    const { config } = await codegen.loadCodegenConfig({ configFilePath })
    const generates = Object.fromEntries(
      Object.entries(config.generates).map(([filename, output]) => {
        const schema = path.relative(ROOT, path.resolve(cwd, output.schema))
        return [filename, { ...output, schema: schemas[schema] }]
      }),
    )
    const outputs = await codegen.generate({ ...config, cwd, generates, silent: true }, false)
    written.push(...outputs.map(({ filename, content }) => ({ filename: path.relative(ROOT, path.resolve(cwd, filename)), content })))
  }
  return written
}
