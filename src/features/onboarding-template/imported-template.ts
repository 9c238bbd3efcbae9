import type { Transaction } from '../../database/database'
import { unlessTaken } from '../../database/transactions'
import type { Acting } from '../../context/context'
import { timestamp } from '../../shared/clock'
import { newId } from '../../shared/ids'
import { recordAudit } from '../audit-event/audit-event.service'
import { PackageType } from '../../provisioning/package-type'
import { OnboardingTemplate, ShareLinkTarget } from './onboarding-template.entity'
import { newActivationKey } from './onboarding-template.service'

/**
 * Makes a template of which Webex told no more than its provisioning ID: no public call reads templates. It trusts no addresses and
 * has no link until somebody completes it.
 */
export async function insertImportedTemplate(ctx: Acting, tx: Transaction, provisioningId: string): Promise<OnboardingTemplate> {
  const now = timestamp(ctx.clock.now())
  const template: OnboardingTemplate = {
    id: newId('OnboardingTemplate'),
    partnerId: ctx.actor.partnerId,
    name: provisioningId,
    provisioningId,
    imported: true,
    activationKey: newActivationKey(),
    countryCode: null,
    language: null,
    serviceProviderAdminEmail: null,
    partnerAdminName: null,
    defaultPackageType: PackageType.STANDARD,
    flowThrough: true,
    enterpriseMode: true,
    xsiActionsUrl: null,
    untrustedEmails: true,
    shareLink: ShareLinkTarget.NONE,
    provisionAdminFirst: false,
    allowSelfActivation: false,
    failureCount: 0,
    pausedAt: null,
    pauseCause: null,
    createdAt: now,
    updatedAt: now,
  }
  await unlessTaken(() => tx.manager.insert(OnboardingTemplate, template))
  await recordAudit(ctx, tx, { action: 'foundAtWebex', targetId: template.id, targetLabel: template.name })
  return template
}
