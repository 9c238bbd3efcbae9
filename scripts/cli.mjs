/** `npm run cli -- …`: the command-line tool from the sources as they are now. */
import { createRequire } from 'node:module'
import { ensureBuilt } from './dist.mjs'
import { ensureInstalled } from './project.mjs'

await ensureInstalled({ dev: false, meanwhile: ensureBuilt })
createRequire(import.meta.url)('../dist/cli/main.js')
