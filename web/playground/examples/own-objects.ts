import { postOperation } from '../fetcher'
import type { ExampleOperation } from './example-operations'
import query from './own-objects.graphql?raw'

/** What of the caller's own data can stand in an example, by its placeholder. */
export interface OwnObjects {
  ids: Record<string, string | undefined>
  /** Users for mutations that are only for users in a certain state. */
  userFor: Record<string, string | undefined>
}

/** Which example answers what a placeholder stands for. */
export const SOURCES: Record<string, string> = {
  'usr_…': 'provisionedUsers',
  'cus_…': 'customers',
  'tpl_…': 'onboardingTemplates',
  'blk_…': 'bulkOperations',
  'key_…': 'causes',
  // Left to the caller, always: the newest token may be the one that is in use, and the example is for revoking it.
  'tok_…': 'apiTokens',
}

interface Page {
  nodes: { id: string }[]
}

interface UserPage {
  nodes: { id: string; customer: { id: string }; onboardingTemplate: { id: string } }[]
}

interface Answer {
  stuck: UserPage
  anybody: UserPage
  confirming: Page
  consenting: Page
  customers: Page
  onboardingTemplates: Page
  bulkOperations: Page
  causes: { key: string }[]
}

/** One of each that the caller has; a user, best a stuck one, with its own customer and template, so that examples show something. Nothing when it fails. */
export async function findOwnObjects(token: string, signal: AbortSignal): Promise<OwnObjects | null> {
  try {
    const response = await postOperation(token, { query }, { signal })
    const { data } = (await response.json()) as { data?: Answer | null }
    return data ? ownObjectsOf(data) : null
  } catch {
    return null
  }
}

function ownObjectsOf({
  stuck,
  anybody,
  confirming,
  consenting,
  customers,
  onboardingTemplates,
  bulkOperations,
  causes,
}: Answer): OwnObjects {
  const [user = anybody.nodes[0]] = stuck.nodes
  return {
    ids: {
      'usr_…': user?.id,
      'cus_…': user?.customer.id ?? customers.nodes[0]?.id,
      'tpl_…': user?.onboardingTemplate.id ?? onboardingTemplates.nodes[0]?.id,
      'blk_…': bulkOperations.nodes[0]?.id,
      'key_…': causes[0]?.key,
    },
    userFor: { resendValidationEmail: confirming.nodes[0]?.id, resendConsentEmail: consenting.nodes[0]?.id },
  }
}

export interface FilledVariables {
  variables?: string
  /** Placeholders that stay, because the caller has no such object. */
  missing: string[]
}

/** The variables of an example with the caller's own objects in the places of the placeholders. */
export function fillVariables({ rootField, variables }: ExampleOperation, own: OwnObjects | null): FilledVariables {
  const missing = new Set<string>()
  const filled = variables?.replaceAll(/[a-z]{3}_…/g, placeholder => {
    const isSpecial = own !== null && placeholder === 'usr_…' && rootField in own.userFor
    const id = isSpecial ? own.userFor[rootField] : own?.ids[placeholder]
    if (id === undefined) missing.add(placeholder)
    return id ?? placeholder
  })
  return { variables: filled, missing: [...missing] }
}
