/** `npm start`: installs and builds what is missing, then serves, all in this process, so that signals and the exit code are its own. */
import { createRequire } from 'node:module'
import { ensureBuilt } from './dist.mjs'
import { ensureInstalled } from './project.mjs'

await ensureInstalled({ dev: false, meanwhile: ensureBuilt })
const { fail, serve } = createRequire(import.meta.url)('../dist/main.js')
await serve().catch(fail)
