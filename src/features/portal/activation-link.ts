import type { EntityManager } from 'typeorm'
import { readById, readRow, selectRows } from '../../database/rows'
import type { Platform } from '../../context/context'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { isReady } from '../onboarding-template/user-verification'
import { Partner } from '../partner/partner.entity'
import type { ActivationLink } from './portal.types'

/** The template whose activation link has this key; null when the key is unknown or was replaced. */
export function templateOfLink(manager: EntityManager, key: string): Promise<OnboardingTemplate | null> {
  return readRow(selectRows(manager, OnboardingTemplate, 'row').where('row.activationKey = :key', { key }))
}

/** What the page shows about an activation link before a sign-in; null for an unknown key. */
export async function findLink({ database }: Platform, key: string): Promise<ActivationLink | null> {
  const template = await templateOfLink(database.reader, key)
  const partner = template && (await readById(database.reader, Partner, template.partnerId))
  return partner && { partnerName: partner.name, ready: isReady(template) }
}
