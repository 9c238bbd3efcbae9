import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { Url } from '../../graphql/scalars'
import type { CatalogLocale } from '../../provisioning/error-catalog'
import { type OnboardingTemplate, ShareLinkTarget } from './onboarding-template.entity'

export enum VerificationCheckCode {
  UNTRUSTED_EMAILS = 'UNTRUSTED_EMAILS',
  SHARE_LINK = 'SHARE_LINK',
  FLOW_THROUGH = 'FLOW_THROUGH',
  SETTINGS_KNOWN = 'SETTINGS_KNOWN',
}

registerEnumType(VerificationCheckCode, {
  name: 'VerificationCheckCode',
  description: 'What has to be so before users can activate alone with untrusted e-mails.',
  valuesConfig: {
    UNTRUSTED_EMAILS: { description: 'User verification is set to untrusted e-mails.' },
    SHARE_LINK: { description: 'The share link leads to the activation portal.' },
    FLOW_THROUGH: { description: 'BroadWorks hands users over, or they may activate without having been handed over.' },
    SETTINGS_KNOWN: { description: 'The settings that an imported template lacks have been completed.' },
  },
})

@ObjectType({
  description: 'One of the conditions for activation with untrusted e-mails, and what to do when it is not met.',
  simpleResolvers: true,
})
export class VerificationCheck {
  @Field(() => VerificationCheckCode, { description: 'Which condition.' })
  code: VerificationCheckCode

  @Field(() => Boolean, { description: 'Whether it is met.' })
  passed: boolean

  @Field(() => String, { description: 'How it stands, in one sentence in the language of `Accept-Language` (en, it).' })
  message: string

  @Field(() => String, { nullable: true, description: 'What to do; null when the condition is met.' })
  action: string | null
}

@ObjectType({
  description: 'The User Verification settings of a template, and whether users can activate alone with them.',
  simpleResolvers: true,
})
export class UserVerification {
  @Field(() => Boolean, { description: 'Users type and confirm their address themselves; else what BroadWorks hands over is trusted.' })
  untrustedEmails: boolean

  @Field(() => ShareLinkTarget, { description: 'Where the share link leads.' })
  shareLink: ShareLinkTarget

  @Field(() => Url, {
    description: 'Link that users get: the User Activation Portal of this template. Treat it as a secret of the partner.',
  })
  activationLink: string

  @Field(() => Boolean, { description: 'Nobody else can finish until the first user of a customer is live.' })
  provisionAdminFirst: boolean

  @Field(() => Boolean, { description: 'Users who were never handed over may activate by the link.' })
  allowSelfActivation: boolean

  @Field(() => Boolean, { description: 'All checks are passed.' })
  ready: boolean

  @Field(() => [VerificationCheck], { description: 'The conditions, each with how it stands.' })
  checks: VerificationCheck[]
}

export function userVerificationOf(template: OnboardingTemplate, publicUrl: string, locale: CatalogLocale): UserVerification {
  const checks = checksOf(template).map(([code, passed]) => ({
    code,
    passed,
    message: TEXTS[locale][code][passed ? 'passed' : 'failed'],
    action: passed ? null : TEXTS[locale][code].action,
  }))
  const { untrustedEmails, shareLink, provisionAdminFirst, allowSelfActivation } = template
  return {
    untrustedEmails,
    shareLink,
    activationLink: activationLinkOf(template, publicUrl),
    provisionAdminFirst,
    allowSelfActivation,
    ready: checks.every(check => check.passed),
    checks,
  }
}

/** Whether users can activate alone with the template. */
export function isReady(template: OnboardingTemplate): boolean {
  return checksOf(template).every(([, passed]) => passed)
}

export function activationLinkOf({ activationKey }: OnboardingTemplate, publicUrl: string): string {
  return `${publicUrl}/activate/${activationKey}`
}

function checksOf(template: OnboardingTemplate): [VerificationCheckCode, boolean][] {
  const { countryCode, language, serviceProviderAdminEmail, partnerAdminName } = template
  return [
    [VerificationCheckCode.UNTRUSTED_EMAILS, template.untrustedEmails],
    [VerificationCheckCode.SHARE_LINK, template.shareLink === ShareLinkTarget.ACTIVATION],
    [VerificationCheckCode.FLOW_THROUGH, template.flowThrough || template.allowSelfActivation],
    [VerificationCheckCode.SETTINGS_KNOWN, [countryCode, language, serviceProviderAdminEmail, partnerAdminName].every(Boolean)],
  ]
}

type CheckTexts = Record<VerificationCheckCode, { passed: string; failed: string; action: string }>

const TEXTS: Record<CatalogLocale, CheckTexts> = {
  en: {
    UNTRUSTED_EMAILS: {
      passed: 'User verification is set to untrusted e-mails.',
      failed: 'User verification trusts the addresses that BroadWorks hands over, so users are not asked for one.',
      action: 'Set `untrustedEmails` to true, here and in the template in Partner Hub.',
    },
    SHARE_LINK: {
      passed: 'The share link leads to the activation portal.',
      failed: 'The share link does not lead to the activation portal.',
      action: 'Set `shareLink` to ACTIVATION.',
    },
    FLOW_THROUGH: {
      passed: 'Users come to be here: BroadWorks hands them over, or they may activate without.',
      failed: 'BroadWorks does not hand users over, and nobody may activate without.',
      action: 'Set `flowThrough` to true, or allow users to self-activate.',
    },
    SETTINGS_KNOWN: {
      passed: 'Country, language and administrator are known.',
      failed: 'The template was found at Webex; some of country, language, administrator address and name are not known.',
      action: 'Complete the template with updateOnboardingTemplate.',
    },
  },
  it: {
    UNTRUSTED_EMAILS: {
      passed: 'La verifica utente è impostata su e-mail non attendibili.',
      failed:
        'La verifica utente considera attendibili gli indirizzi trasmessi da BroadWorks: agli utenti non viene chiesto alcun indirizzo.',
      action: 'Impostare `untrustedEmails` su true, qui e nel modello in Partner Hub.',
    },
    SHARE_LINK: {
      passed: 'Il collegamento da condividere porta al portale di attivazione.',
      failed: 'Il collegamento da condividere non porta al portale di attivazione.',
      action: 'Impostare `shareLink` su ACTIVATION.',
    },
    FLOW_THROUGH: {
      passed: 'Gli utenti arrivano qui: li trasmette BroadWorks, oppure possono attivarsi da soli.',
      failed: 'BroadWorks non trasmette gli utenti e nessuno può attivarsi da solo.',
      action: "Impostare `flowThrough` su true, oppure consentire l'autoattivazione.",
    },
    SETTINGS_KNOWN: {
      passed: 'Paese, lingua e amministratore sono noti.',
      failed: "Il modello è stato trovato in Webex; mancano alcuni dati tra paese, lingua, indirizzo e nome dell'amministratore.",
      action: 'Completare il modello con updateOnboardingTemplate.',
    },
  },
}
