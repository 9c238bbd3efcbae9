/**
 * Holds the entities against the SDL. Nothing here runs: `npm run check` fails where a property of an entity is published under its own
 * name and cannot be what the SDL says, for example null where the SDL says that it is never null.
 */
import type { ActivationAttempt } from '../../src/features/activation-attempt/activation-attempt.entity'
import type { AttemptStep } from '../../src/features/activation-attempt/attempt-step'
import type { ApiToken } from '../../src/features/api-token/api-token.entity'
import type { AuditChange, AuditEvent } from '../../src/features/audit-event/audit-event.entity'
import type { Customer } from '../../src/features/customer/customer.entity'
import type { OnboardingTemplate } from '../../src/features/onboarding-template/onboarding-template.entity'
import type { Partner } from '../../src/features/partner/partner.entity'
import type { ProvisionedUser } from '../../src/features/provisioned-user/provisioned-user.entity'
import type * as Sdl from '../support/operations/schema.generated'

type Scalar = string | number | boolean | null | undefined

/** The values of an enum are its members for TypeScript, and texts for the SDL. */
type Plain<Value> = Value extends string ? `${Value}` : Value

/** The shared names whose values disagree. What the SDL makes of an object, resolvers make too, and their types are checked as code. */
type Disagreements<Entity, Published> = {
  [Key in keyof Entity & keyof Published]: Published[Key] extends Scalar | readonly Scalar[]
    ? Plain<Entity[Key]> extends Published[Key]
      ? never
      : Key
    : never
}[keyof Entity & keyof Published]

type Holds<Claim extends true> = Claim
type Same<One, Other> = [One, Other] extends [Other, One] ? true : false

/** Names what disagrees in the error: "Type 'webexOrgId' does not satisfy the constraint 'true'". */
type Agrees<Entity, Published> = [keyof Entity & keyof Published] extends [never]
  ? 'they share no name'
  : [Disagreements<Entity, Published>] extends [never]
    ? true
    : Disagreements<Entity, Published>

export type Agreements = [
  Holds<Agrees<Partner, Sdl.Partner>>,
  Holds<Agrees<ApiToken, Sdl.ApiToken>>,
  Holds<Agrees<OnboardingTemplate, Sdl.OnboardingTemplate>>,
  Holds<Agrees<Customer, Sdl.Customer>>,
  Holds<Agrees<ProvisionedUser, Sdl.ProvisionedUser>>,
  Holds<Agrees<ActivationAttempt, Sdl.ActivationAttempt>>,
  Holds<Agrees<AttemptStep, Sdl.AttemptStep>>,
  Holds<Agrees<AuditEvent, Sdl.AuditEvent>>,
  Holds<Agrees<AuditChange, Sdl.AuditChange>>,
]

/** The comparison itself finds a null too many, another kind of value, an unknown member, and a list of the wrong things. */
export type Comparison = [
  Holds<Same<Disagreements<{ name: string | null }, { name: string }>, 'name'>>,
  Holds<Same<Disagreements<{ name: number; age: number }, { name: string; age: number }>, 'name'>>,
  Holds<Same<Disagreements<{ role: 'ADMIN' | 'GUEST' }, { role: Sdl.Role }>, 'role'>>,
  Holds<Same<Disagreements<{ ids: number[] }, { ids: string[] }>, 'ids'>>,
  Holds<Same<Agrees<{ mine: string }, { theirs: string }>, 'they share no name'>>,
]
