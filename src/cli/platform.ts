import { openPlatform } from '../app'
import { loadConfig } from '../config/config'
import type { Partner } from '../features/partner/partner.entity'
import { listPartners } from '../features/partner/partner.service'
import type { Platform } from '../context/context'
import { CloserStack } from '../shared/closer-stack'
import { decrypt } from '../shared/encryption'
import { createLogger } from '../shared/logger'

/**
 * Runs a command on the database that the settings name, migrated first; a server runs the jobs that it enqueues.
 * @param simulatorUrl where the command lets a simulator listen, if it speaks to Webex itself
 */
export async function withPlatform<Result>(work: (platform: Platform) => Promise<Result>, simulatorUrl?: () => string): Promise<Result> {
  const config = loadConfig()
  const closers = new CloserStack()
  try {
    return await work(await openPlatform(config, { logger: createLogger(config.logLevel) }, { closers, simulatorUrl }))
  } finally {
    await closers.close()
  }
}

/** The partner that `--partner` names by ID or name; it may be left out while there is one. */
export async function choosePartner(platform: Platform, given: string | undefined): Promise<Partner> {
  const partners = await listPartners(platform)
  const matching = given === undefined ? partners : partners.filter(({ id, name }) => id === given || name === given)
  const [only] = matching
  if (matching.length === 1 && only) return only
  if (partners.length === 0) throw new Error('There is no partner yet; make one with: flowthrough partner create --name NAME')
  const list = partners.map(({ id, name }) => `  ${id}  ${name}`).join('\n')
  throw new Error(
    given === undefined
      ? `There are several partners; choose one with --partner:\n${list}`
      : `No single partner has the ID or name ${given}. There are:\n${list}`,
  )
}

/**
 * For commands that make or change users, each of whom has a key that is encrypted: with another key than the server's, the server could not
 * read what they write.
 * @throws Error in plain words when it is another one
 */
export function requireServersKey({ config }: Platform, { encryptedWebexToken }: Partner): void {
  decrypt(config.encryptionKeys, encryptedWebexToken)
}
