import type { Command } from './guide'

/** Guides that are about programs of their own, which the tests of those programs take from there and run. */
export const TRIED_ELSEWHERE = ['federating.md', 'generating-a-client.md']

/** Commands that no test can try, by how they begin, with the reason. */
const NEVER_TRIED: Record<string, Record<string, string>> = {
  'connecting-to-webex.md': {
    'curl -sS https://webexapis.com/v1/access_token': 'needs the consent of a person at developer.webex.com',
  },
  'operating.md': {
    'npm ci --omit=dev && npm run build': 'installs, and needs the PostgreSQL and the Webex of an installation; test/e2e tries its parts',
    'sqlite3 data/flowthrough.db': 'needs the tool of SQLite, which is not there everywhere',
  },
}

/** What begins so needs the built tool, and is tried by test/e2e/guide-commands.slow.test.ts. */
const OF_THE_TOOL = /^(npm run cli -- |node dist\/cli\/main\.js |flowthrough )/

export type Trial = 'ON_A_SERVER' | 'WITH_THE_TOOL' | 'AS_SETTINGS' | 'NEVER'

/** Where a command is tried: everything that is not excepted is tried on a server. */
export function trialOf({ guide, language, text }: Command): Trial {
  if (Object.keys(NEVER_TRIED[guide] ?? {}).some(start => text.startsWith(start))) return 'NEVER'
  if (language !== 'sh') return 'ON_A_SERVER'
  if (OF_THE_TOOL.test(text)) return 'WITH_THE_TOOL'
  return text.split('\n').every(line => line === '' || /^[A-Z][A-Z_]+=/.test(line)) ? 'AS_SETTINGS' : 'ON_A_SERVER'
}

/** The exceptions that are no exceptions any more. */
export function needlessExceptions(commands: Command[]): string[] {
  return Object.entries(NEVER_TRIED).flatMap(([guide, starts]) =>
    Object.keys(starts).filter(start => !commands.some(command => command.guide === guide && command.text.startsWith(start))),
  )
}
