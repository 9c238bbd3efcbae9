/** Installs everything that is missing, for commands that are no script of ours: `node scripts/install.mjs && …`. */
import { ensureInstalled } from './project.mjs'

await ensureInstalled()
