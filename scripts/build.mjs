/** `npm run build`: the server and the pages that it serves, into dist. With --if-stale, only when the sources have changed since. */
import { ensureBuilt } from './dist.mjs'
import { ensureInstalled } from './project.mjs'

await ensureInstalled({ dev: false, meanwhile: () => ensureBuilt({ force: !process.argv.includes('--if-stale') }) })
