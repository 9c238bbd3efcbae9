/** `npm test`: installs what is missing and runs Jest on SQLite; arguments go to Jest: `npm test -- test/unit`. */
import { ensureInstalled } from './project.mjs'

await ensureInstalled()
await import('../node_modules/jest/bin/jest.js')
