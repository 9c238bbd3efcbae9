/** Part of `npm run check`: refuses what breaks clients of the last release, and lists what may surprise them. */
import { changesSinceRelease } from './schema-changes'

void changesSinceRelease(new Date()).then(({ refused, dangerous }) => {
  for (const change of dangerous) process.stderr.write(`Dangerous: ${change}\n`)
  for (const change of refused) process.stderr.write(`Refused: ${change}\n`)
  if (refused.length === 0) return
  process.stderr.write('Deprecate first, with a date, release, and remove after it; see "Change the API" in CONTRIBUTING.md.\n')
  process.exitCode = 1
})
