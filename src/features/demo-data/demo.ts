import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Role } from '../../auth/viewer'
import { readRow, selectRows } from '../../database/rows'
import type { Platform } from '../../context/context'
import { UserStatus } from '../../provisioning/lifecycle'
import { insertToken, viewerOf } from '../api-token/api-token.service'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { activationLinkOf } from '../onboarding-template/user-verification'
import { insertPartner, listPartners, webexTokenOf } from '../partner/partner.service'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { seedPartner, SYNTHETIC_PASSCODE } from './seed'

const DEMO_PARTNER = 'Demo Telecom'
/** Enough for several pages and for every state, and there in a second. */
const DEMO_USERS = 400

export interface Demo {
  token: string
  /** Of its first template; null when somebody deleted all. */
  activationLink: string | null
  /** Who can sign in there and has everything before them; null when everybody has been at it. */
  signIn: { broadworksId: string; passcode: string } | null
}

/** A folder may have served several databases; those that are long gone need no line. */
const TOKENS_KEPT = 10

/**
 * Fills an empty database with demo data and keeps its token in `data/demo-token`, so that every start prints the same one: a line for
 * each database that was used with the folder, the newest first. The token is written last: a start that was killed is gone on with.
 * Servers that start together at one database do it one after the other, and all but the first find it done.
 * @returns null when the database holds something else than the demo
 */
export function prepareDemo(platform: Platform): Promise<Demo | null> {
  return platform.database.withLock('demo', () => findOrMakeDemo(platform))
}

async function findOrMakeDemo(platform: Platform): Promise<Demo | null> {
  const file = path.join(platform.config.dataDirectory, 'demo-token')
  const kept = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  for (const token of kept) {
    const viewer = await viewerOf(platform, token)
    if (viewer) return { token, ...(await activationOf(platform, viewer.partnerId)) }
  }

  const partners = await listPartners(platform)
  const [only] = partners
  if (partners.length > 1 || (only && only.name !== DEMO_PARTNER)) return null
  const partnerId = only?.id ?? (await platform.database.transaction(tx => insertPartner(platform, tx, DEMO_PARTNER))).partner.id
  const { config, database } = platform
  // With WEBEX_ settings every call carries that token, so the simulator has to know the demo users under it.
  const webexToken = config.webex?.accessToken ?? (await webexTokenOf(database, config.encryptionKeys, partnerId))
  await seedPartner(platform, { partnerId, webexToken, users: DEMO_USERS })
  const acting = { ...platform, actor: { partnerId, name: 'demo', requestId: null } }
  const { secret } = await platform.database.transaction(tx => insertToken(acting, tx, { name: 'Demo administrator', role: Role.ADMIN }))
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, [secret, ...kept].slice(0, TOKENS_KEPT).join('\n') + '\n', { mode: 0o600 })
  return { token: secret, ...(await activationOf(platform, partnerId)) }
}

async function activationOf(platform: Platform, partnerId: string): Promise<Pick<Demo, 'activationLink' | 'signIn'>> {
  const { reader } = platform.database
  const template = await readRow(
    selectRows(reader, OnboardingTemplate, 'row')
      .where('row.partnerId = :partnerId', { partnerId })
      .orderBy('row.createdAt')
      .addOrderBy('row.id')
      .limit(1),
  )
  if (!template) return { activationLink: null, signIn: null }
  const newcomer = await readRow(
    selectRows(reader, ProvisionedUser, 'row')
      .where('row.onboardingTemplateId = :id AND row.unfinished = true', { id: template.id })
      .andWhere('row.status = :status', { status: UserStatus.PENDING_EMAIL_INPUT })
      .orderBy('row.createdAt')
      .addOrderBy('row.id')
      .limit(1),
  )
  return {
    activationLink: activationLinkOf(template, platform.publicUrl()),
    signIn: newcomer && { broadworksId: newcomer.broadworksId, passcode: SYNTHETIC_PASSCODE },
  }
}
