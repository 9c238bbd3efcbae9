import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Settings } from './settings'

/** The settings that may come from a file, as orchestrators mount secrets: `NAME_FILE` names it in place of `NAME`. */
export const SECRETS = [
  'DATABASE_URL',
  'WEBEX_ACCESS_TOKEN',
  'WEBEX_CLIENT_SECRET',
  'WEBEX_REFRESH_TOKEN',
  'SMTP_URL',
  'ENCRYPTION_KEY',
  'ENCRYPTION_KEYS_OLD',
  'GATEWAY_TOKENS',
] as const satisfies (keyof Settings)[]

interface WithSecrets {
  given: Record<string, string>
  /** A sentence each; none repeats what a variable or a file contains, since either may be the secret itself. */
  problems: string[]
}

/**
 * The settings with the secrets that are in files, whose last line break is no part of them.
 * @param directory from which relative paths are taken
 */
export function readSecretFiles(settings: Record<string, string>, directory: string): WithSecrets {
  const given = { ...settings }
  const problems: string[] = []
  for (const name of SECRETS) {
    const variable = `${name}_FILE`
    const file = settings[variable]
    if (file === undefined) continue
    if (settings[name] !== undefined) {
      problems.push(`${variable}: is set beside ${name}; use one of them`)
      continue
    }
    try {
      const secret = readFileSync(path.resolve(directory, file), 'utf8').replace(/\r?\n$/, '')
      if (secret === '') problems.push(`${variable}: names an empty file`)
      else given[name] = secret
    } catch (error) {
      problems.push(
        `${variable}: must name a file that can be read; this one cannot (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      )
    }
  }
  return { given, problems }
}
